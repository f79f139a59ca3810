"""Which segments a trimmed rendition is made of, and the pieces of segments at its cuts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from media_pipeline.coding import DRAWN, FILMED, H264
from media_pipeline.encode import encode_piece
from media_pipeline.ladder import RenditionSpec
from media_pipeline.parts import MadePart, decoder_settings, part_of_bytes
from media_pipeline.plan import StretchSpec
from media_pipeline.playlist import PartPiece
from media_pipeline.sound_pieces import cut_sound
from media_pipeline.timeline import SAME_S, Timeline
from media_pipeline.tools import Tools

SOUND_FRAME_S = 0.04  # sound is cut between frames: what is nearer to a segment's border is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is shown of one segment; `is_piece` when that is not all of it."""

    range_number: int
    part: PartPiece
    segment: Sequence[float]
    segment_s: float
    from_s: float
    to_s: float
    is_piece: bool


def taken_segments(
    parts: Sequence[tuple[float, PartPiece]], timeline: Timeline, *, near_s: float = SAME_S
) -> Iterator[Taken]:
    """Yield what `timeline` shows of the segments of (second of the original, part), in order.

    What is nearer than `near_s` to a segment's border is taken as there.
    """
    segments = [
        (part, segment, begin_s)
        for start_s, part in parts
        for segment, begin_s in _timed(start_s, part)
    ]
    for number, (from_s, to_s) in enumerate(timeline.ranges):
        for part, segment, begin_s in segments:
            end_s = begin_s + segment[0]
            first_s, last_s = max(begin_s, from_s), min(end_s, to_s)
            shown_s = last_s - first_s
            if shown_s <= 0 or shown_s < near_s < segment[0]:
                continue
            is_all = first_s - begin_s < near_s and end_s - last_s < near_s
            yield Taken(
                range_number=number,
                part=part,
                segment=segment,
                segment_s=begin_s,
                from_s=begin_s if is_all else first_s,
                to_s=end_s if is_all else last_s,
                is_piece=not is_all,
            )


def _timed(start_s: float, part: PartPiece) -> Iterator[tuple[Sequence[float], float]]:
    at_s = start_s
    for segment in part.segments:
        yield segment, at_s
        at_s += segment[0]


def joined(taken: Sequence[tuple[Taken, PartPiece | None]]) -> list[PartPiece]:
    """Return the pieces of a playlist, neighbours in one part together.

    Each comes with the part that was made for it; whole segments come with none.
    """
    pieces: list[PartPiece] = []
    for (number, _url), group in groupby(taken, key=_place):
        (first, made), *others = group
        segments = [first.segment, *(one.segment for one, _made in others)]
        piece = made or replace(first.part, segments=segments)
        pieces.append(replace(piece, range_number=number))
    return pieces


def _place(one: tuple[Taken, PartPiece | None]) -> tuple[int, str]:
    taken, made = one
    return taken.range_number, (made or taken.part).url


def cut_picture(  # noqa: PLR0913 (a segment, what is wanted of it, and the place to work)
    init: bytes,
    segment: bytes,
    taken: Taken,
    spec: RenditionSpec,
    work_path: Path,
    tools: Tools,
    *,
    nice: int,
) -> MadePart:
    """Encode a piece of one segment again, with the same size and in its place in time.

    From the segment, not from the original: that may be gone, or far away; and so what is shown is
    what was shown before. Raises MediaFailed and its kinds.
    """
    source = work_path / "segment.mp4"
    source.write_bytes(init + segment)
    # Whole frames, so that the piece touches the segment beside it.
    first = round((taken.from_s - taken.segment_s) * spec.fps)
    last = round((taken.to_s - taken.segment_s) * spec.fps)
    stretch = StretchSpec(
        number=0,
        start_s=taken.segment_s + first / spec.fps,
        duration_s=max(1, last - first) / spec.fps,
        is_last=False,
    )
    for coding in (FILMED, DRAWN) if isinstance(spec.coding, H264) else (spec.coding,):
        coded = replace(spec, coding=coding)
        made = encode_piece(source, stretch, coded, work_path, tools, skipped=first, nice=nice)
        if decoder_settings(made.path.read_bytes()[: made.init_bytes]) == decoder_settings(init):
            break  # some players read these once, and would garble the piece
    return made


def cut_sound_part(init: bytes, segment: bytes, taken: Taken, work_path: Path) -> MadePart:
    """Take the frames of a piece of sound. Raises MediaFailed."""
    piece = cut_sound(
        init,
        segment,
        from_s=None if taken.from_s == taken.segment_s else taken.from_s,
        to_s=None if taken.to_s == taken.segment_s + taken.segment[0] else taken.to_s,
    )
    path = work_path / "piece.m4s"
    path.write_bytes(piece.content)
    return part_of_bytes(
        path, init_bytes=piece.init_bytes, start_s=taken.from_s, duration_s=piece.duration_s
    )
