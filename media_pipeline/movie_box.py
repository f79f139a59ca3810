"""Boxes of an ordinary MP4: one moov in front, tables of all samples, no fragments."""

import struct
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from sys import byteorder

UNITY = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)  # not turned
MOST_SMALL = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackTables:
    """Everything that a track's boxes say; times in its own timescale, media time from 0."""

    boxes: dict[bytes, bytes]  # of the parts' init: tkhd, mdhd, hdlr, vmhd or smhd, dinf
    timescale: int
    start_time: int  # media time of the movie's beginning; below 0, the track begins later
    duration: int
    descriptions: Sequence[bytes]
    durations: "array[int]"
    compositions: "array[int]"  # none below 0
    sizes: "array[int]"
    sync: Sequence[int]  # from 1; empty when every sample is one
    chunks: Sequence[tuple[int, int]]  # (samples, number of the description from 1)
    chunk_offsets: Sequence[int]


def box(kind: bytes, *bodies: bytes) -> bytes:
    """Return one box."""
    return struct.pack(">I4s", 8 + sum(map(len, bodies)), kind) + b"".join(bodies)


def full_box(kind: bytes, *bodies: bytes, version: int = 0, flags: int = 0) -> bytes:
    """Return a box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *bodies)


def file_type(*, is_sound: bool) -> bytes:
    """Return ftyp."""
    brands = b"M4A \0\0\2\0M4A isomiso2mp42" if is_sound else b"isom\0\0\2\0isomiso2avc1mp41"
    return box(b"ftyp", brands)


def data_header(size_bytes: int) -> bytes:
    """Return the head of mdat for this many bytes behind it."""
    if size_bytes + 8 <= MOST_SMALL:
        return struct.pack(">I4s", size_bytes + 8, b"mdat")
    return struct.pack(">I4sQ", 1, b"mdat", size_bytes + 16)


def movie(tracks: Sequence[TrackTables], *, is_large: bool) -> bytes:
    """Return moov; the movie counts time as its first track does. Large: offsets of 64 bits."""
    timescale = tracks[0].timescale
    length = max(_shown(track, timescale) for track in tracks)
    wide = int(length > MOST_SMALL)
    times = struct.pack(">QQIQ" if wide else ">IIII", 0, 0, timescale, length)
    rest = struct.pack(">IH10x", 0x10000, 0x100) + UNITY + bytes(24)
    header = full_box(b"mvhd", times, rest, struct.pack(">I", len(tracks) + 1), version=wide)
    boxes = [
        _track(track, number, timescale, is_large=is_large)
        for number, track in enumerate(tracks, 1)
    ]
    return box(b"moov", header, *boxes)


def _shown(track: TrackTables, timescale: int) -> int:
    """Return when the track ends, in the movie's time, rounded up: nothing is cut off."""
    return -((track.start_time - track.duration) * timescale // track.timescale)


def _track(track: TrackTables, number: int, timescale: int, *, is_large: bool) -> bytes:
    length = _shown(track, timescale)
    wide = int(length > MOST_SMALL)
    source = track.boxes[b"tkhd"]
    times = struct.pack(">QQI4xQ" if wide else ">III4xI", 0, 0, number, length)
    volume_and_shape = source[-52:]  # layer, group, volume, matrix, width, height follow 8 zeros
    header = full_box(b"tkhd", times, bytes(8), volume_and_shape, version=wide, flags=3)
    return box(b"trak", header, _edits(track, timescale), _media(track, is_large=is_large))


def _edits(track: TrackTables, timescale: int) -> bytes:
    """Return where play begins: encoder delay is passed over, a late start is waited for."""
    edits = []
    if track.start_time < 0:
        edits.append((-track.start_time * timescale // track.timescale, -1))
    shown = -((max(track.start_time, 0) - track.duration) * timescale // track.timescale)
    edits.append((shown, max(track.start_time, 0)))
    wide = int(max(max(edit) for edit in edits) > MOST_SMALL // 2)
    rows = (struct.pack(">QqI" if wide else ">IiI", *edit, 0x10000) for edit in edits)
    return box(b"edts", full_box(b"elst", _count(len(edits)), *rows, version=wide))


def _media(track: TrackTables, *, is_large: bool) -> bytes:
    wide = int(track.duration > MOST_SMALL)
    times = struct.pack(">QQIQ" if wide else ">IIII", 0, 0, track.timescale, track.duration)
    header = full_box(b"mdhd", times, track.boxes[b"mdhd"][-4:], version=wide)
    kept = [
        box(kind, track.boxes[kind]) for kind in (b"vmhd", b"smhd", b"dinf") if kind in track.boxes
    ]
    handler = box(b"hdlr", track.boxes[b"hdlr"])
    return box(b"mdia", header, handler, box(b"minf", *kept, _samples(track, is_large=is_large)))


def _samples(track: TrackTables, *, is_large: bool) -> bytes:
    counted = _count(len(track.descriptions))
    tables = [
        full_box(b"stsd", counted, *track.descriptions),
        full_box(b"stts", _runs(track.durations)),
    ]
    if any(track.compositions):
        tables.append(full_box(b"ctts", _runs(track.compositions)))
    if track.sync:
        tables.append(full_box(b"stss", _count(len(track.sync)), _words(array("I", track.sync))))
    sizes = struct.pack(">II", 0, len(track.sizes))
    tables += [
        full_box(b"stsc", _chunk_runs(track.chunks)),
        full_box(b"stsz", sizes, _words(track.sizes)),
        _offsets(track.chunk_offsets, is_large=is_large),
    ]
    return box(b"stbl", *tables)


def _runs(values: Iterable[int]) -> bytes:
    """Return (how many, value) of equal values that follow each other."""
    runs = array("I")
    for value, equal in groupby(values):
        runs.extend((sum(1 for _ in equal), value))
    return _count(len(runs) // 2) + _words(runs)


def _chunk_runs(chunks: Sequence[tuple[int, int]]) -> bytes:
    """Return (first chunk, samples, description) where either changes."""
    runs = array("I")
    before = None
    for number, chunk in enumerate(chunks, 1):
        if chunk != before:
            runs.extend((number, *chunk))
            before = chunk
    return _count(len(runs) // 3) + _words(runs)


def _offsets(offsets: Sequence[int], *, is_large: bool) -> bytes:
    if is_large:
        return full_box(b"co64", _count(len(offsets)), struct.pack(f">{len(offsets)}Q", *offsets))
    return full_box(b"stco", _count(len(offsets)), _words(array("I", offsets)))


def _count(number: int) -> bytes:
    return struct.pack(">I", number)


def _words(values: "array[int]") -> bytes:
    """Return numbers of 32 bits as MP4 has them."""
    if byteorder == "big":
        return values.tobytes()
    swapped = values[:]
    swapped.byteswap()
    return swapped.tobytes()
