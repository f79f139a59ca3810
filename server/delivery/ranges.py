"""Which bytes a request asks for: decisions only."""

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes=(?:([0-9]{1,19})-([0-9]{0,19})|-([0-9]{1,19}))")


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes `start` to before `end` of an object; `is_part` if the client asked for a range."""

    start: int
    end: int
    is_part: bool


def choose_extent(header: str, size_bytes: int) -> Extent | None:
    """Return what to send for a Range header; None when it cannot be satisfied (416).

    Several ranges, other units and nonsense are ignored, as HTTP allows: all is sent.
    """
    whole = Extent(0, size_bytes, is_part=False)
    found = _SINGLE.fullmatch(header.strip())
    if found is None:
        return whole
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size_bytes)
        return Extent(size_bytes - length, size_bytes, is_part=True) if length else None
    if last and int(last) < int(first):
        return whole
    if int(first) >= size_bytes:
        return None
    return Extent(int(first), min(int(last) + 1 if last else size_bytes, size_bytes), is_part=True)
