"""How Whoosh writes here: without what our fields do not need, and in segments that grow by tiers.

What Whoosh does by itself asks the file system once for each posting whether lengths of fields
are kept (they never are), and merges so often that a small change costs half a second.
"""

import marshal
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby, islice
from operator import itemgetter
from typing import IO, Any

from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3PostingsWriter, W3Segment
from whoosh.fields import Schema
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import PostingPool, SegmentWriter

BLOCK_POSTINGS = 4_096  # read at once: a common word has a hundred thousand
POSTINGS_IN_MEMORY, WRITTEN_AT_ONCE = 500_000, 5_000  # 200 bytes each
TIER = 6  # segments of about one size that become one


class _PlainPostingsWriter(W3PostingsWriter):  # type: ignore[misc]  # Whoosh has no types
    """Takes the postings of a term at once, and their types as they are."""

    def add_all(self, postings: Sequence[tuple[str, bytes, int, float, bytes]]) -> None:
        """Write the postings of the term that was begun, in their order."""
        for start in range(0, len(postings), self._blocklimit):
            if start:
                self._write_block()
            part = postings[start : start + self._blocklimit]
            self._ids.extend([posting[2] for posting in part])
            self._weights.extend([posting[3] for posting in part])
            self._maxweight = max(self._weights)


class _PlainFieldWriter(W3FieldWriter):  # type: ignore[misc]
    """Writes postings term by term, without asking for lengths."""

    def add_postings(self, schema: Schema, _lengths: object, items: Iterable[Any]) -> None:
        """Write postings that come sorted by field and term."""
        for name, of_field in groupby(items, key=itemgetter(0)):
            self.start_field(name, schema[name])
            for text, postings in groupby(of_field, key=itemgetter(1)):
                self.start_term(text)
                self._postwriter.add_all(list(postings))
                self.finish_term()
            self.finish_field()


class PlainCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec with long blocks of postings that are not compressed: fast to read."""

    def __init__(self) -> None:
        super().__init__(blocklimit=BLOCK_POSTINGS, compression=0)

    def field_writer(self, storage: Any, segment: W3Segment) -> W3FieldWriter:  # noqa: ANN401
        """Return the writer without lengths."""
        return _PlainFieldWriter(self, storage, segment)

    def postings_writer(self, file: Any, *, byteids: bool = False) -> W3PostingsWriter:  # noqa: ANN401
        """Return the writer that takes a term at once."""
        return _PlainPostingsWriter(file, blocklimit=BLOCK_POSTINGS, byteids=byteids, compression=0)


class _PlainPool(PostingPool):  # type: ignore[misc]
    """Collects postings to sort them; those that do not fit go to disk by the thousand."""

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Take one posting."""
        self.current.append(item)
        if len(self.current) >= POSTINGS_IN_MEMORY:
            self.save()

    def _write_run(self, file: IO[bytes], items: Iterable[Any]) -> None:
        rest = iter(items)
        while some := list(islice(rest, WRITTEN_AT_ONCE)):
            marshal.dump(some, file)
        file.close()

    def _read_run(self, path: str) -> Iterator[Any]:
        with suppress(EOFError), self._open_run(path) as file:
            while True:
                yield from marshal.load(file)  # noqa: S302 (what this process has just written)
        self._remove_run(path)


def open_writer(index: FileIndex, *, timeout_s: float) -> SegmentWriter:
    """Return a writer for one batch. Raises whoosh.writing.LockError."""
    writer = index.writer(timeout=timeout_s, codec=PlainCodec())
    writer.pool = _PlainPool(writer.pool.tempstore, writer.newsegment)
    return writer


def merge_tiers(writer: SegmentWriter, segments: Sequence[W3Segment]) -> list[W3Segment]:
    """Merge segments of one tier once there are many; return those that stay.

    So every entry is written anew a few times in its life, and there are few segments to read.
    """
    tiers: dict[int, list[W3Segment]] = {}
    for segment in segments:
        tiers.setdefault(int(math.log(max(segment.doc_count(), 1), TIER)), []).append(segment)
    merged: list[W3Segment] = []
    for tier in sorted(tiers):
        if len(tiers[tier]) >= TIER:
            merged += tiers[tier]
    merged += [one for one in segments if not one.doc_count() and one not in merged]
    for segment in (one for one in segments if one in merged):
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in merged]
