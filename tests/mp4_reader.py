"""Just enough of MP4 to see where a part's frames stand in time."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

FOLDERS = (b"moov", b"trak", b"mdia", b"moof", b"traf")


@dataclass(frozen=True, slots=True)
class Fragment:
    """One moof: when its first frame is shown and how many frames it holds."""

    first_shown_s: float
    frame_count: int


def boxes(content: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, body) of every box, entering the ones that hold what is looked for."""
    at = start
    end = len(content) if end is None else end
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, at)
        assert size >= 8, f"box {kind!r} of {size} bytes"
        if kind in FOLDERS:
            yield from boxes(content, at + 8, at + size)
        else:
            yield kind, content[at + 8 : at + size]
        at += size


def has_box(content: bytes, wanted: bytes) -> bool:
    """Tell whether there is such a box in the file."""
    return any(kind == wanted for kind, _body in boxes(content))


def read_fragments(content: bytes) -> list[Fragment]:
    """Return every fragment of a part, from tfdt and the first composition offset."""
    timescale = 1
    decode_time = 0
    fragments = []
    for kind, body in boxes(content):
        if kind == b"mdhd":
            (timescale,) = struct.unpack_from(">I", body, 20 if body[0] else 12)
        elif kind == b"tfdt":
            (decode_time,) = struct.unpack_from(">Q" if body[0] else ">I", body, 4)
        elif kind == b"trun":
            frame_count, offset = _first_offset(body)
            fragments.append(Fragment((decode_time + offset) / timescale, frame_count))
    return fragments


def _first_offset(trun: bytes) -> tuple[int, int]:
    flags, frame_count = struct.unpack_from(">II", trun, 0)
    flags &= 0xFFFFFF
    at = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    at += sum(4 for bit in (0x100, 0x200, 0x400) if flags & bit)
    return frame_count, struct.unpack_from(">i", trun, at)[0] if flags & 0x800 else 0
