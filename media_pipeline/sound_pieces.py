"""A piece of one segment of our own sound, frame by frame, without encoding.

AAC frames of 32 ms stand alone, so a cut is at most half of one away from where it was wished; the
fragment says exactly where it stands, and so players keep sound and picture together.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from media_pipeline.errors import MediaFailed
from media_pipeline.parts import TIMELINE_START_S

_HAS_DATA_OFFSET, _HAS_FIRST_FLAGS, _HAS_SIZES = 0x1, 0x4, 0x200
_ENTRY_FIELDS = (0x100, _HAS_SIZES, 0x400, 0x800)  # of a trun's entries, in their order
_HEADER_BYTES = 8


@dataclass(frozen=True, slots=True)
class SoundPiece:
    """Bytes of a part with one segment."""

    content: bytes
    init_bytes: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class _Frames:
    """The frames of one fragment: where they begin in time, how long and large each is."""

    tfhd: bytes
    begin: int
    length: int
    sizes: tuple[int, ...]
    data: bytes

    def at(self, original_s: float, scale: int) -> int:
        """Return the number of the frame that begins nearest to this second of the original."""
        begin_s = self.begin / scale - TIMELINE_START_S
        return round((original_s - begin_s) * scale / self.length)


def cut_sound(
    init: bytes, segment: bytes, *, from_s: float | None, to_s: float | None
) -> SoundPiece:
    """Return the frames of `segment` from one second of the original to another.

    None is the segment's own border, which may lie a frame beside the picture's. Raises MediaFailed
    for what is no fragment of ours.
    """
    try:
        scale, frames = _timescale(init), _frames_of(segment)
        first = 0 if from_s is None else frames.at(from_s, scale)
        last = len(frames.sizes) if to_s is None else frames.at(to_s, scale)
    except (struct.error, KeyError, ZeroDivisionError) as error:
        raise MediaFailed("no fragment of sound") from error
    first = min(max(first, 0), len(frames.sizes) - 1)
    last = min(max(last, first + 1), len(frames.sizes))
    fragment = _fragment(frames, first, last)
    return SoundPiece(init + fragment, len(init), (last - first) * frames.length / scale)


def _boxes(content: bytes, *inside: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, body) of the boxes, and of those within the kinds `inside`."""
    at = 0
    while at + _HEADER_BYTES <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        if size < _HEADER_BYTES:
            raise struct.error(f"box of {size} bytes")
        body = content[at + _HEADER_BYTES : at + size]
        if kind in inside:
            yield from _boxes(body, *inside)
        else:
            yield kind, body
        at += size


def _timescale(init: bytes) -> int:
    found = dict(_boxes(init, b"moov", b"trak", b"mdia"))
    header = found[b"mdhd"]
    (scale,) = struct.unpack_from(">I", header, 20 if header[0] else 12)
    return int(scale)


def _frames_of(segment: bytes) -> _Frames:
    found = dict(_boxes(segment, b"moof", b"traf"))
    tfhd, tfdt, trun = found[b"tfhd"], found[b"tfdt"], found[b"trun"]
    (begin,) = struct.unpack_from(">Q" if tfdt[0] else ">I", tfdt, 4)
    length, size = struct.unpack_from(">II", tfhd, 8)  # our muxer always writes both defaults
    return _Frames(tfhd, begin, length, _sizes(trun, size), found[b"mdat"])


def _sizes(trun: bytes, default: int) -> tuple[int, ...]:
    flags, count = struct.unpack_from(">II", trun)
    if not flags & _HAS_SIZES:
        return (default,) * int(count)
    at = 8 + 4 * bool(flags & _HAS_DATA_OFFSET) + 4 * bool(flags & _HAS_FIRST_FLAGS)
    fields = [bit for bit in _ENTRY_FIELDS if flags & bit]
    values: tuple[int, ...] = struct.unpack_from(f">{count * len(fields)}I", trun, at)
    return tuple(values[fields.index(_HAS_SIZES) :: len(fields)])


def _fragment(frames: _Frames, first: int, last: int) -> bytes:
    ends = [0, *accumulate(frames.sizes)]
    data = frames.data[ends[first] : ends[last]]
    sizes = frames.sizes[first:last]
    begin = frames.begin + first * frames.length
    entries = struct.pack(f">{len(sizes)}I", *sizes)
    trun_bytes = 20 + len(entries)
    traf_bytes = 8 + 8 + len(frames.tfhd) + 20 + trun_bytes
    moof_bytes = 8 + 16 + traf_bytes
    flags = _HAS_DATA_OFFSET | _HAS_SIZES
    return b"".join(
        (
            struct.pack(">I4s", moof_bytes, b"moof"),
            struct.pack(">I4sII", 16, b"mfhd", 0, 1),
            struct.pack(">I4s", traf_bytes, b"traf"),
            struct.pack(">I4s", 8 + len(frames.tfhd), b"tfhd"),
            frames.tfhd,
            struct.pack(">I4sIQ", 20, b"tfdt", 1 << 24, begin),
            struct.pack(">I4sIIi", trun_bytes, b"trun", flags, len(sizes), moof_bytes + 8),
            entries,
            struct.pack(">I4s", 8 + len(data), b"mdat"),
            data,
        )
    )
