"""A caption file → its cues, everything that is wrong with it, and what was mended.

Strict where a guess could show words at a wrong time; lenient where there is one meaning only.
Runs in one pass over at most a few megabytes, whatever the file holds.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from media_pipeline.caption_decoding import NOT_OURS, decode_captions
from media_pipeline.caption_times import Times, has_arrow, looks_timed, read_times
from media_pipeline.caption_words import LONGEST_LINE, clean_line, has_other_tags, shown_text

MAX_CUES = 20_000
MOST_FAULTS = 50
LONGEST_TEXT = 2_000  # characters in one cue
SLIP_MS = 1_000  # as far as ends slip past the next cue or the end of the recording by rounding
SKIPPED_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words on the screen from one moment to another."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCue:
    """One cue as it stands in a file, with a time of None where none can be read."""

    line: int = 0
    start_ms: int | None
    end_ms: int | None
    text: str  # as a person edits it
    start_column: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionFault:
    """What must be corrected by a person. Lines and columns count from 1; `cue` from 0."""

    code: str
    line: int = 0
    column: int = 1
    cue: int | None = None


@dataclass(slots=True, kw_only=True)
class Mend:
    """What was put right without a person, and where first."""

    count: int
    line: int


@dataclass(slots=True, kw_only=True)
class Reading:
    """Everything that a file holds. `cues` are to be shown only where there are no faults."""

    cues: list[Cue] = field(default_factory=list)
    drafts: list[DraftCue] = field(default_factory=list)
    faults: list[CaptionFault] = field(default_factory=list)
    mends: dict[str, Mend] = field(default_factory=dict)
    has_more_faults: bool = False

    def blame(self, code: str, line: int, column: int = 1, *, is_in_cue: bool = False) -> None:
        """Note a fault; after the first fifty only that there are more."""
        if len(self.faults) >= MOST_FAULTS:
            self.has_more_faults = True
            return
        cue = len(self.drafts) - 1 if is_in_cue else None
        self.faults.append(CaptionFault(code=code, line=line, column=column, cue=cue))

    def mend(self, code: str, line: int = 0) -> None:
        """Note that something was put right."""
        noted = self.mends.setdefault(code, Mend(count=0, line=line))
        noted.count += 1


def read_captions(raw: bytes, *, duration_ms: int = 0) -> Reading:
    """Read a file of any kind and encoding. Never fails; see `faults`.

    With the length of the recording, what comes after its end is a fault too.
    """
    decoded = decode_captions(raw)
    reading = Reading()
    if not decoded.is_text:
        reading.blame("not_text", 1)
        return reading
    if decoded.encoding != "utf-8":
        reading.mend(decoded.encoding)
    elif decoded.has_mark:
        reading.mend("mark")
    _Scan(decoded.lines, reading).run()
    is_untimed = {fault.code for fault in reading.faults} == {"no_times"}
    if is_untimed and not any(map(_is_timed, reading.drafts)):
        reading.faults, reading.has_more_faults = [], False
        reading.blame("no_cues", 1)
    _settle(reading, duration_ms)
    _place_bad_bytes(reading)
    return reading


def check_drafts(drafts: Sequence[DraftCue], *, duration_ms: int = 0) -> Reading:
    """Check cues that a person wrote in the editor, by the same rules as files."""
    reading = Reading()
    for number, draft in enumerate(drafts, start=1):
        if number > MAX_CUES:
            reading.blame("too_many_cues", number)
            break
        reading.drafts.append(draft)
        for at_ms, column in ((draft.start_ms, 1), (draft.end_ms, 2)):
            if at_ms is None:
                reading.blame("missing_time", number, column, is_in_cue=True)
            elif at_ms < 0:
                reading.blame("negative_time", number, column, is_in_cue=True)
        if _is_backwards(draft):
            reading.blame("bad_order", number, 2, is_in_cue=True)
    _settle(reading, duration_ms)
    return reading


def _is_timed(draft: DraftCue) -> bool:
    return draft.start_ms is not None or draft.end_ms is not None


def _place_bad_bytes(reading: Reading) -> None:
    """Say in which cue each damaged sign stands; they were found before the cues."""
    begins = [draft.line for draft in reading.drafts]
    reading.faults = [
        replace(fault, cue=bisect_right(begins, fault.line) - 1)
        if fault.code == "bad_bytes" and begins and fault.line >= begins[0]
        else fault
        for fault in reading.faults
    ]
    reading.faults.sort(key=lambda fault: (fault.line, fault.column))


def _is_backwards(draft: DraftCue) -> bool:
    return (
        draft.start_ms is not None and draft.end_ms is not None and draft.end_ms <= draft.start_ms
    )


@dataclass(slots=True)
class _Scan:
    """One pass over the lines of a file."""

    lines: list[str]
    reading: Reading
    at: int = 0
    is_webvtt: bool = False

    def run(self) -> None:
        self._note_bad_bytes()
        self._skip_header()
        while self.at < len(self.lines):
            if len(self.reading.drafts) >= MAX_CUES:
                self.reading.blame("too_many_cues", self.at + 1)
                return
            self._take_block()

    def _note_bad_bytes(self) -> None:
        for number, line in enumerate(self.lines, start=1):
            if NOT_OURS in line:
                self.reading.blame("bad_bytes", number, line.index(NOT_OURS) + 1)

    def _skip_header(self) -> None:
        while self.at < len(self.lines) and not self.lines[self.at].strip():
            self.at += 1
        if self.at < len(self.lines) and self.lines[self.at].startswith("WEBVTT"):
            self.is_webvtt = True
            self._skip_block()

    def _skip_block(self) -> None:
        self.at += 1
        while self.at < len(self.lines) and self.lines[self.at].strip():
            if has_arrow(self.lines[self.at]) and self.lines[self.at - 1].startswith("WEBVTT"):
                return  # the empty line below the header is missing
            self.at += 1

    def _take_block(self) -> None:
        line = self.lines[self.at]
        if not line.strip():
            self.at += 1
        elif line.split(" ")[0].strip() in SKIPPED_BLOCKS:
            self._skip_block()
        elif looks_timed(line):
            self._take_cue()
        elif self._is_name():
            self.at += 1
        else:
            self._take_untimed()

    def _is_name(self) -> bool:
        """Tell whether this line is a cue's number or name: times stand below it."""
        below = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        if looks_timed(below):
            return True
        is_lone_number = self.lines[self.at].strip().isdigit() and not below.strip()
        if is_lone_number:
            self.reading.mend("lone_number", self.at + 1)
        return is_lone_number

    def _take_untimed(self) -> None:
        """Words without times: a person has to say when, or that they belong to the cue above."""
        began = self.at
        words = self._words()
        if words and words[0].isdigit() and len(words) > 1:
            words = words[1:]
        self._draft(began + 1, None, words)
        self.reading.blame("no_times", began + 1, is_in_cue=True)

    def _take_cue(self) -> None:
        line_number = self.at + 1
        times = read_times(self.lines[self.at])
        self.at += 1
        words = self._words()
        is_faulty = bool(times.start.fault or times.end.fault)
        if not any(words) and not is_faulty:
            self.reading.mend("empty", line_number)
            return
        self._draft(line_number, times, words)
        for column, code in times.faults():
            self.reading.blame(code, line_number, column, is_in_cue=True)
        if not is_faulty:
            self._note_writing(times, line_number)

    def _note_writing(self, times: Times, line_number: int) -> None:
        if not times.has_arrow:
            self.reading.mend("arrow", line_number)
        signs = {times.start.sign, times.end.sign}
        if "" in signs:
            self.reading.mend("fraction", line_number)
        if "," in signs and self.is_webvtt:
            self.reading.mend("comma", line_number)
        if "." in signs and not self.is_webvtt:
            self.reading.mend("header", line_number)

    def _words(self) -> list[str]:
        """Take lines up to an empty one, or up to the next cue where that is missing."""
        words: list[str] = []
        began, length = self.at + 1, 0
        while self.at < len(self.lines) and self.lines[self.at].strip():
            line = self.lines[self.at]
            if has_arrow(line):
                self.reading.mend("blank_line", self.at + 1)
                return words[:-1] if words and words[-1].isdigit() else words
            if length <= LONGEST_TEXT:
                words.append(self._cleaned(line))
                length += len(words[-1]) + 1
            self.at += 1
        if length > LONGEST_TEXT:
            self.reading.mend("cut", began)
        return words

    def _cleaned(self, line: str) -> str:
        if len(line) > LONGEST_LINE:
            self.reading.mend("cut", self.at + 1)
        if has_other_tags(line):
            self.reading.mend("tags", self.at + 1)
        return clean_line(line)

    def _draft(self, line: int, times: Times | None, words: list[str]) -> None:
        text = "\n".join(filter(None, words))
        draft = DraftCue(
            line=line,
            start_ms=times.start.at_ms if times else None,
            end_ms=times.end.at_ms if times else None,
            text=shown_text(text[:LONGEST_TEXT]),
            start_column=times.start.column if times else 1,
            end_column=times.end.column if times else 1,
        )
        self.reading.drafts.append(draft)


def _settle(reading: Reading, duration_ms: int) -> None:
    """Make cues of what can be timed; put them in order, and their ends."""
    cues: list[tuple[Cue, int]] = []
    for number, draft in enumerate(reading.drafts):
        cue = _cue_of(draft, number, reading, duration_ms)
        if cue:
            cues.append((cue, draft.line or number + 1))
    if not cues and not reading.faults:
        reading.blame("no_cues", 1)
    ordered = sorted(cues, key=lambda each: each[0].start_ms)
    if ordered != cues:
        reading.mend("order", _first_moved(cues))
    reading.cues = _parted([cue for cue, _ in ordered], [line for _, line in ordered], reading)


def _cue_of(draft: DraftCue, number: int, reading: Reading, duration_ms: int) -> Cue | None:
    start_ms, end_ms = draft.start_ms, draft.end_ms
    if start_ms is None or end_ms is None or not 0 <= start_ms < end_ms:
        return None
    line = draft.line or number + 1
    if duration_ms and end_ms > duration_ms:
        is_late = start_ms >= duration_ms
        if is_late or end_ms > duration_ms + SLIP_MS:
            column = draft.start_column if is_late else draft.end_column
            fault = CaptionFault(code="past_end", line=line, column=column, cue=number)
            if len(reading.faults) < MOST_FAULTS:
                reading.faults.append(fault)
            else:
                reading.has_more_faults = True
            return None
        reading.mend("past_end", line)
        end_ms = duration_ms
    text = "\n".join(filter(None, map(clean_line, draft.text.split("\n"))))
    return Cue(start_ms, end_ms, text) if text else None


def _first_moved(cues: list[tuple[Cue, int]]) -> int:
    pairs = pairwise(cues)
    return next(after[1] for before, after in pairs if after[0].start_ms < before[0].start_ms)


def _parted(cues: list[Cue], lines: list[int], reading: Reading) -> list[Cue]:
    """End cues where the next begins, if that is a slip; longer overlaps are two voices."""
    made: list[Cue] = []
    for number, cue in enumerate(cues):
        after = cues[number + 1] if number + 1 < len(cues) else None
        ends_late = after is not None and cue.start_ms < after.start_ms < cue.end_ms
        if after is None or not ends_late:
            made.append(cue)
        elif cue.end_ms - after.start_ms <= SLIP_MS:
            reading.mend("overlap", lines[number])
            made.append(Cue(cue.start_ms, after.start_ms, cue.text))
        else:
            reading.mend("together", lines[number])
            made.append(cue)
    return made
