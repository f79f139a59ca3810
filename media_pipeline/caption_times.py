"""The line of a caption file that says from when to when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

TimeFault = Literal["bad_time", "missing_time", "negative_time", "bad_order"]
ARROW = "-->"
SIXTY = 60
LONGEST_TIMES = 300  # characters; positions and the like follow the times
_LIKE_ARROW = re.compile(r"-{1,3} ?>|[–—]>|[→⟶]|=>")
_TIMED = re.compile(r"\s*[-−]?\s*\d{1,3}\s?:\s?\d")
_TIME = re.compile(r"([-−]\s?)?(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:([.,])(\d{1,3}))?(?=\s|$)")
_SPACED = re.compile(r"(?<=\d) ?([:.,]) ?(?=\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two times: as milliseconds, or what is wrong with it."""

    text: str
    column: int
    at_ms: int | None = None
    fault: TimeFault | None = None
    sign: str = ""  # between seconds and their fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """From when to when, as the line says it."""

    start: Side
    end: Side
    has_arrow: bool  # written as it should be

    def faults(self) -> Iterator[tuple[int, TimeFault]]:
        """Yield column and code of what is wrong."""
        for side in (self.start, self.end):
            if side.fault:
                yield side.column, side.fault
        start_ms, end_ms = self.start.at_ms, self.end.at_ms
        if start_ms is not None and end_ms is not None and end_ms <= start_ms:
            yield self.end.column, "bad_order"


def has_arrow(line: str) -> bool:
    """Tell whether this line ends a cue's text: an arrow, or nearly one between two times."""
    return ARROW in line or bool(_TIMED.match(line) and _LIKE_ARROW.search(line[:LONGEST_TIMES]))


def looks_timed(line: str) -> bool:
    """Tell whether a line that begins a block means times."""
    return has_arrow(line) or bool(_TIMED.match(line))


def read_times(line: str) -> Times:
    """Return both times of a line, however they are written."""
    line = line[:LONGEST_TIMES]
    arrow = _arrow_in(line)
    if arrow is None:
        first = _side(line, 0)
        rest = line[len(line) - len(line.lstrip()) + len(first.text) :]
        return Times(
            start=first, end=_side(rest, len(line) - len(rest)), has_arrow=not rest.strip()
        )
    start, end = arrow
    left = _side(line[:start], 0)
    return Times(start=left, end=_side(line[end:], end), has_arrow=line[start:end] == ARROW)


def _arrow_in(line: str) -> tuple[int, int] | None:
    at = line.find(ARROW)
    if at >= 0:
        return at, at + len(ARROW)
    found = _LIKE_ARROW.search(line)
    return found.span() if found else None


def _side(piece: str, offset: int) -> Side:
    """Read one time at the beginning of `piece`; settings may follow the second one."""
    column = offset + len(piece) - len(piece.lstrip()) + 1
    wanted = _SPACED.sub(r"\1", piece.strip())
    if not wanted:
        return Side(text="", column=offset + 1, fault="missing_time")
    found = _TIME.match(wanted)
    if found is None:
        return Side(text=wanted.split()[0][:40], column=column, fault="bad_time")
    minus, hours, minutes, seconds, sign, fraction = found.groups()
    if minus:
        return Side(text=found[0], column=column, fault="negative_time")
    if max(int(minutes), int(seconds)) >= SIXTY:
        return Side(text=found[0], column=column, fault="bad_time")
    whole_s = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    at_ms = whole_s * 1000 + int((fraction or "0").ljust(3, "0"))
    return Side(text=found[0], column=column, at_ms=at_ms, sign=sign or "")
