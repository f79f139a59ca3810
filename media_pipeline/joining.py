"""Stored parts → one ordinary MP4 or M4A, without encoding and without making it first.

The layout follows from the tables of the parts alone: a moov in front, then the samples of picture
and sound in turns of a second. So every byte of the file is known before any of it is copied: its
size, and any range of it, as often as it is asked for.
"""

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from media_pipeline.errors import MediaFailed
from media_pipeline.fragments import ForEach, Fragment, Init, Read, StoredPart, read_parts
from media_pipeline.movie_box import TrackTables, data_header, file_type, movie
from media_pipeline.parts import TIMELINE_START_S

VERSION = 1  # of the layout: one more whenever the bytes of the same parts change
LARGE_BYTES = 3 * 2**30  # offsets are written longer well before 4 GiB, with room for the head
TURN_S = 1  # players on sticks and television sets read ahead little


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of an object that stand in the joined file, one behind the other."""

    name: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """A file that is not there: its head, and where the rest of it lies."""

    head: bytes
    pieces: Sequence[Piece]
    starts: Sequence[int]  # of the pieces in the file
    size_bytes: int

    def extents(self, start: int, end: int) -> Iterator[bytes | Piece]:
        """Yield what stands between two offsets: bytes of the head, then pieces of objects."""
        if start < len(self.head):
            yield self.head[start:end]
        for at in range(max(0, bisect_right(self.starts, start) - 1), len(self.pieces)):
            piece, piece_start = self.pieces[at], self.starts[at]
            if piece_start >= end:
                return
            skipped = max(0, start - piece_start)
            length = min(piece.length, end - piece_start) - skipped
            if length > 0:
                yield Piece(piece.name, piece.offset + skipped, length)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Samples of one track that stand together: about a second."""

    time_s: float
    track: int
    sample_count: int
    description: int
    piece: Piece


def etag_of(renditions: Sequence[Sequence[StoredPart]]) -> str:
    """Return by what the joined file of these parts is known, before it is laid out."""
    named = repr(
        (
            VERSION,
            [[(part.name, part.segments, part.moved_s) for part in parts] for parts in renditions],
        )
    )
    return hashlib.sha256(repr((VERSION, named)).encode()).hexdigest()[:32]


def join_parts(
    renditions: Sequence[Sequence[StoredPart]], read: Read, each: ForEach = map
) -> JoinedFile:
    """Return the file that holds these renditions, picture first.

    Reads the heads of fragments only; `each` may read several parts at a time. Raises MediaFailed
    when there is nothing, or nothing of ours.
    """
    if not renditions or not all(renditions):
        raise MediaFailed("nothing to join")
    sources = [read_parts(parts, read, each) for parts in renditions]
    descriptions = [_descriptions(fragments) for _init, fragments in sources]
    chunks = list(
        merge(
            *(
                _chunks(number, init, fragments, descriptions[number])
                for number, (init, fragments) in enumerate(sources)
            ),
            key=lambda chunk: (chunk.time_s, chunk.track),
        )
    )
    return _lay_out(sources, descriptions, chunks)


def _descriptions(fragments: Sequence[Fragment]) -> list[bytes]:
    """Return the different sample descriptions: one, if the same encoder made all parts."""
    return list(dict.fromkeys(fragment.description for fragment in fragments))


def _chunks(
    track: int, init: Init, fragments: Sequence[Fragment], descriptions: list[bytes]
) -> Iterator[_Chunk]:
    for fragment in fragments:
        description = descriptions.index(fragment.description) + 1
        offset, time, first = fragment.offset, fragment.decode_time, 0
        turn = init.timescale * TURN_S
        while first < len(fragment.sizes):
            last, length_time = first, 0
            while last < len(fragment.sizes) and length_time < turn:
                length_time += fragment.durations[last]
                last += 1
            length = sum(fragment.sizes[first:last])
            piece = Piece(fragment.name, offset, length)
            yield _Chunk(time / init.timescale, track, last - first, description, piece)
            offset, time, first = offset + length, time + length_time, last


def _lay_out(
    sources: Sequence[tuple[Init, Sequence[Fragment]]],
    descriptions: Sequence[list[bytes]],
    chunks: Sequence[_Chunk],
) -> JoinedFile:
    """Place the chunks behind a head whose size does not depend on where they stand."""
    data_bytes = sum(chunk.piece.length for chunk in chunks)
    is_sound = b"vmhd" not in sources[0][0].boxes

    def head(start: int) -> bytes:
        tables = [
            _tables(*source, descriptions[number], _placed(chunks, number, start))
            for number, source in enumerate(sources)
        ]
        moov = movie(tables, is_large=data_bytes > LARGE_BYTES)
        return file_type(is_sound=is_sound) + moov + data_header(data_bytes)

    made = head(len(head(0)))
    starts, at = [], len(made)
    for chunk in chunks:
        starts.append(at)
        at += chunk.piece.length
    return JoinedFile(made, [chunk.piece for chunk in chunks], starts, at)


def _placed(chunks: Sequence[_Chunk], track: int, start: int) -> list[tuple[_Chunk, int]]:
    """Return the chunks of a track with where they stand when the data begins at `start`."""
    placed = []
    for chunk in chunks:
        if chunk.track == track:
            placed.append((chunk, start))
        start += chunk.piece.length
    return placed


def _tables(
    init: Init,
    fragments: Sequence[Fragment],
    descriptions: list[bytes],
    placed: Sequence[tuple[_Chunk, int]],
) -> TrackTables:
    durations, compositions = _timeline(fragments)
    sizes, sync = array("I"), array("I")
    for fragment in fragments:
        sync.extend(len(sizes) + number + 1 for number in fragment.sync)
        sizes.extend(fragment.sizes)
    earliest = min(compositions, default=0)
    delay = -min(earliest, 0)  # old players do not know offsets below 0
    return TrackTables(
        boxes=init.boxes,
        timescale=init.timescale,
        start_time=TIMELINE_START_S * init.timescale - fragments[0].decode_time + delay,
        duration=sum(durations) + delay,
        descriptions=descriptions,
        durations=durations,
        compositions=array("I", (offset + delay for offset in compositions)),
        sizes=sizes,
        sync=() if len(sync) == len(sizes) else sync,
        chunks=[(chunk.sample_count, chunk.description) for chunk, _start in placed],
        chunk_offsets=[start for _chunk, start in placed],
    )


def _timeline(fragments: Sequence[Fragment]) -> tuple["array[int]", "array[int]"]:
    """Return durations and composition offsets on one line of time without overlap.

    Where samples are missing between two fragments the last one stands still; where two overlap
    the later is decoded later, but shown when it was; sound, which has no such offset, is late by
    as much until the next gap.
    """
    durations, compositions = array("I"), array("i")
    is_reordered = any(any(fragment.compositions) for fragment in fragments)
    clock = fragments[0].decode_time
    for fragment in fragments:
        late = clock - fragment.decode_time
        if late < 0 and durations:
            durations[-1] -= late
            late = 0
        durations.extend(fragment.durations)
        moved = late if is_reordered else 0
        compositions.extend(offset - moved for offset in fragment.compositions)
        clock = fragment.end_time + late
    return durations, compositions
