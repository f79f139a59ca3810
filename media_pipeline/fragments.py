"""Parts → the tables of their samples: where each lies, how long it lasts, when it is shown.

Reads what this pipeline has written (fragmented MP4 with one track), not any MP4.
"""

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import byteorder

from media_pipeline.errors import MediaFailed

Read = Callable[[str, int, int], bytes]  # (object, from, length) → its bytes
HEAD_BYTES = 16 * 1024  # holds the moof of four seconds
BOX_BYTES = 8  # its size and kind
NOT_SYNC = 0x10000
_FOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_BASE, _DESCRIPTION, _DURATION, _SIZE, _FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20  # of tfhd
_OFFSET, _FIRST_FLAGS = 0x1, 0x4  # of trun
_FIELDS = (0x100, 0x200, 0x400, 0x800)  # duration, size, flags, composition offset


@dataclass(frozen=True, slots=True)
class StoredPart:
    """An object: its init and the (offset, length) of those of its segments that are wanted.

    `moved_s` is by how much they are shown earlier than in the original: something is cut out.
    """

    name: str
    init_bytes: int
    segments: Sequence[tuple[int, int]]
    moved_s: float = 0.0


@dataclass(slots=True)
class Fragment:
    """Samples that lie one behind the other in an object."""

    name: str
    offset: int
    decode_time: int
    description: bytes  # as in stsd
    durations: "array[int]"
    sizes: "array[int]"
    compositions: "array[int]"
    sync: list[int]  # numbers of the samples that need no other, from 0

    @property
    def end_time(self) -> int:
        """When the next one would be decoded."""
        return self.decode_time + sum(self.durations)


@dataclass(frozen=True, slots=True)
class Init:
    """What a part says before its first fragment, as bodies of boxes."""

    timescale: int
    description: bytes
    boxes: dict[bytes, bytes]


PartTables = tuple[Init, list[Fragment]]
# The builtin map, or that of an executor.
ForEach = Callable[[Callable[[StoredPart], PartTables], Iterable[StoredPart]], Iterable[PartTables]]


def read_part(part: StoredPart, read: Read) -> PartTables:
    """Return init and fragments of one part. Raises MediaFailed when it is not ours."""
    try:
        init = read_init(read(part.name, 0, part.init_bytes))
        return init, [
            fragment
            for offset, length in part.segments
            for fragment in _fragments(part, init, offset, offset + length, read)
        ]
    except (struct.error, KeyError, IndexError) as error:
        raise MediaFailed(f"{part.name}: {error!r}") from error


def read_init(content: bytes) -> Init:
    """Return what ftyp + moov say. Raises KeyError when something of it is missing."""
    found = dict(_boxes(content, 0, len(content)))
    at = 20 if found[b"mdhd"][0] else 12
    (timescale,) = struct.unpack_from(">I", found[b"mdhd"], at)
    return Init(timescale, _without_rate(found[b"stsd"][8:]), found)


def _without_rate(entry: bytes) -> bytes:
    """Return a sample description without `btrt`, which differs from part to part."""
    at = entry.find(b"btrt")
    if at < 0:
        return entry
    (size,) = struct.unpack_from(">I", entry, at - 4)
    shorter = entry[: at - 4] + entry[at - 4 + size :]
    return struct.pack(">I", len(shorter)) + shorter[4:]


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, body) of every box, entering those that only hold others."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, start)
        if size < BOX_BYTES:
            raise MediaFailed(f"a box {kind!r} of {size} bytes")
        if kind in _FOLDERS:
            yield from _boxes(content, start + 8, min(start + size, end))
        else:
            yield kind, content[start + 8 : start + size]
        start += size


def _fragments(
    part: StoredPart, init: Init, start: int, end: int, read: Read
) -> Iterator[Fragment]:
    """Yield the fragments between two offsets, reading little but their moof."""
    name = part.name
    while start + 8 <= end:
        head = read(name, start, min(HEAD_BYTES, end - start))
        at = 0
        while at + 8 <= len(head):
            size, kind = struct.unpack_from(">I4s", head, at)
            if size < BOX_BYTES:
                raise MediaFailed(f"{name}: a box {kind!r} of {size} bytes")
            if kind == b"moof":
                whole = at + size <= len(head)
                moof = head[at : at + size] if whole else read(name, start + at, size)
                yield _fragment(part, init, start + at, moof)
            at += size
        start += at


def _fragment(part: StoredPart, init: Init, start: int, moof: bytes) -> Fragment:
    found = list(_boxes(moof, 0, len(moof)))
    bodies = dict(found)
    defaults = _defaults(bodies[b"tfhd"])
    tfdt = bodies[b"tfdt"]
    (decode_time,) = struct.unpack_from(">Q" if tfdt[0] else ">I", tfdt, 4)
    runs = [_run(body, defaults) for kind, body in found if kind == b"trun"]
    if len(runs) != 1:
        raise MediaFailed(f"{part.name}: {len(runs)} runs in one fragment")
    offset, durations, sizes, compositions, sync = runs[0]
    return Fragment(
        name=part.name,
        offset=start + offset,
        decode_time=decode_time - round(part.moved_s * init.timescale),
        description=init.description,
        durations=durations,
        sizes=sizes,
        compositions=compositions,
        sync=sync,
    )


def _defaults(tfhd: bytes) -> tuple[int, int, int]:
    """Return duration, size and flags of samples that say nothing of their own."""
    (flags,) = struct.unpack_from(">I", tfhd, 0)
    at = 8 + (8 if flags & _BASE else 0) + (4 if flags & _DESCRIPTION else 0)
    values = []
    for bit in (_DURATION, _SIZE, _FLAGS):
        values.append(struct.unpack_from(">I", tfhd, at)[0] if flags & bit else 0)
        at += 4 if flags & bit else 0
    return values[0], values[1], values[2]


def _run(
    trun: bytes, defaults: tuple[int, int, int]
) -> tuple[int, "array[int]", "array[int]", "array[int]", list[int]]:
    """Return data offset, durations, sizes, composition offsets and sync samples."""
    flags, count = struct.unpack_from(">II", trun, 0)
    at = 8
    offset = struct.unpack_from(">i", trun, at)[0] if flags & _OFFSET else 0
    at += 4 if flags & _OFFSET else 0
    first = struct.unpack_from(">I", trun, at)[0] if flags & _FIRST_FLAGS else None
    at += 4 if flags & _FIRST_FLAGS else 0
    present = [bit for bit in _FIELDS if flags & bit]
    table = array("I")
    table.frombytes(trun[at : at + 4 * count * len(present)])
    if byteorder == "little":
        table.byteswap()

    def column(bit: int, otherwise: int) -> "array[int]":
        found: array[int] = (
            table[present.index(bit) :: len(present)]
            if bit in present
            else array("I", [otherwise]) * count
        )
        return found

    sample_flags = column(_FIELDS[2], defaults[2])
    if first is not None and count:
        sample_flags[0] = first
    compositions = array("i")
    compositions.frombytes(column(_FIELDS[3], 0).tobytes())
    sync = [number for number, each in enumerate(sample_flags) if not each & NOT_SYNC]
    return (
        offset,
        column(_FIELDS[0], defaults[0]),
        column(_FIELDS[1], defaults[1]),
        compositions,
        sync,
    )


def read_parts(parts: Sequence[StoredPart], read: Read, each: ForEach) -> PartTables:
    """Return the first init and all fragments of the parts of one rendition, in order."""
    inits, fragments = [], []
    for init, found in each(lambda part: read_part(part, read), parts):
        inits.append(init)
        fragments += found
    if len({init.timescale for init in inits}) != 1:
        raise MediaFailed("the parts do not share one timescale")
    return inits[0], fragments
