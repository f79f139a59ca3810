"""Between the time of an original and the time that is shown of it: the one place that converts.

A trim is a list of (from, to) ranges of the original that are shown one after the other. Rows keep
original time: captions, chapters, places where people stopped, hits of the search.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from media_pipeline.caption_reading import Cue
from media_pipeline.plan import SEGMENT_S

Range = tuple[float, float]
SAME_S = 0.02  # less than a frame
SHORTEST_S = 0.5  # a shorter range between two cuts is a slip of the finger
LEAST_CHAPTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """The ranges of an original that are shown, in order and apart; no ranges: all of it."""

    ranges: tuple[Range, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[Sequence[float]]) -> "Timeline":
        """Return the timeline of rows as the database has them."""
        return cls(tuple((float(row[0]), float(row[1])) for row in rows))

    def to_rows(self) -> list[list[float]]:
        """Return the ranges as JSON values."""
        return [[from_s, to_s] for from_s, to_s in self.ranges]

    def to_shown(self, original_s: float) -> float:
        """Return when a moment is shown; of one that is cut out, when the cut is."""
        if not self.ranges:
            return original_s
        before_s = 0.0
        for from_s, to_s in self.ranges:
            if original_s < to_s:
                return before_s + max(0.0, original_s - from_s)
            before_s += to_s - from_s
        return before_s

    def moved_s(self, range_number: int) -> float:
        """Return by how much a range is shown earlier than in the original."""
        if not self.ranges:
            return 0.0
        from_s = self.ranges[range_number][0]
        return from_s - self.to_shown(from_s)

    def to_original(self, shown_s: float) -> float:
        """Return the moment that is shown then; at a cut, the one after it."""
        left_s = shown_s
        for from_s, to_s in self.ranges:
            if left_s < to_s - from_s:
                return from_s + left_s
            left_s -= to_s - from_s
        return self.ranges[-1][1] if self.ranges else shown_s

    def is_shown(self, original_s: float) -> bool:
        """Tell whether a moment is not cut out."""
        return not self.ranges or any(one[0] <= original_s < one[1] for one in self.ranges)

    def shown_spans(self, begin_s: float, end_s: float) -> list[Range]:
        """Return when a stretch of the original is shown; what touches is one."""
        if not self.ranges:
            return [(begin_s, end_s)]
        spans: list[Range] = []
        for from_s, to_s in self.ranges:
            first_s, last_s = max(begin_s, from_s), min(end_s, to_s)
            if first_s >= last_s:
                continue
            at_s = self.to_shown(first_s)
            until_s = at_s + last_s - first_s
            if spans and at_s - spans[-1][1] < SAME_S:
                spans[-1] = (spans[-1][0], until_s)
            else:
                spans.append((at_s, until_s))
        return spans

    def covers(self, other: "Timeline") -> bool:
        """Tell whether everything that `other` shows is shown here, too."""
        if not self.ranges or not other.ranges:
            return not self.ranges
        return all(
            any(one[0] - SAME_S <= begin_s and end_s <= one[1] + SAME_S for one in self.ranges)
            for begin_s, end_s in other.ranges
        )

    def at_segments(self, duration_s: float) -> "Timeline | None":
        """Return what can be shown without encoding: whole segments, nothing that is cut out.

        None where no whole segment is left.
        """
        inner = [
            (_next_border(from_s), _last_border(to_s, duration_s)) for from_s, to_s in self.ranges
        ]
        left = tuple(one for one in inner if one[1] - one[0] > SAME_S)
        return Timeline(left) if left else None


WHOLE = Timeline()


def _next_border(at_s: float) -> float:
    return float(SEGMENT_S * math.ceil((at_s - SAME_S) / SEGMENT_S))


def _last_border(at_s: float, duration_s: float) -> float:
    if at_s >= duration_s - SAME_S:
        return at_s
    return float(SEGMENT_S * math.floor((at_s + SAME_S) / SEGMENT_S))


def kept_ranges(duration_s: float, cut_out: Iterable[Range]) -> tuple[Range, ...]:
    """Return what is left of a recording; cuts may overlap. Nothing left: no ranges."""
    kept: list[Range] = []
    at_s = 0.0
    for from_s, to_s in sorted(cut_out):
        if from_s - at_s >= SHORTEST_S:
            kept.append((round(at_s, 3), round(from_s, 3)))
        at_s = max(at_s, to_s)
    if duration_s - at_s >= SHORTEST_S:
        kept.append((round(at_s, 3), round(duration_s, 3)))
    return tuple(kept)


def cut_ranges(duration_s: float, kept: Sequence[Range]) -> tuple[Range, ...]:
    """Return what is cut out of a recording, the other way round; nothing kept: nothing cut."""
    borders = [0.0, *(second for one in kept for second in one), duration_s]
    pairs = zip(borders[::2], borders[1::2], strict=True)
    return tuple(pair for pair in pairs if pair[1] - pair[0] > SAME_S) if kept else ()


def shown_cues(cues: Iterable[Cue], timeline: Timeline) -> list[Cue]:
    """Return captions moved and cut to what is shown, in order."""
    return [
        replace(cue, start_ms=round(begin_s * 1000), end_ms=round(end_s * 1000))
        for cue in cues
        for begin_s, end_s in timeline.shown_spans(cue.start_ms / 1000, cue.end_ms / 1000)
    ]


def shown_chapters(
    chapters: Iterable[tuple[float, str]], timeline: Timeline
) -> list[tuple[float, str]]:
    """Return (second shown, title) of the chapters of which more than a moment is shown."""
    ordered = sorted(chapters)
    ends_s = [start_s for start_s, _ in ordered[1:]] + [math.inf]
    return [
        (round(timeline.to_shown(start_s), 3), title)
        for (start_s, title), end_s in zip(ordered, ends_s, strict=False)
        if sum(span[1] - span[0] for span in timeline.shown_spans(start_s, end_s)) > LEAST_CHAPTER_S
    ]
