"""How Whoosh writes here: its segments, commits and locks, and what is in a segment as arrays.

Whoosh takes, writes and merges one posting after the other: a lesson of a thousand words took it a
quarter of a second. A segment is two files here (search.term_file, search.entry_file), made and
merged as arrays; segments grow by tiers.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from search.disk import sync
from search.entry_file import EntryFile, EntryFileWriter
from search.term_file import TermFile
from search.term_pool import TermPool
from search.whoosh_schema import Entry

TIER = 3  # segments of about one size that become one


class _NoWriter:
    """What Whoosh has instead of its own writers."""

    is_closed = True


class PlainCodec(W3Codec):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's codec without its files."""

    def field_writer(self, _storage: object, _segment: object) -> _NoWriter:
        """Return what writes no terms."""
        return _NoWriter()

    def per_document_writer(self, _storage: object, _segment: object) -> _NoWriter:
        """Return what writes no columns."""
        return _NoWriter()


class SyncedStorage(FileStorage):  # type: ignore[misc]
    """Whoosh's folder, in which a list of segments outlives a power cut once it has its name.

    The segments' own files are on the disk before that, those of earlier ones are removed after.
    """

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: FBT001, FBT002 (inherited)
        """Rename; the bytes are on the disk before, the name is afterwards."""
        sync(Path(self.folder, oldname))
        super().rename_file(oldname, newname, safe)
        sync(Path(self.folder))


def open_to_write(path: Path, *, is_new: bool = False) -> FileIndex:
    """Return an index whose commits last; a new one is empty. Raises EmptyIndexError, OSError."""
    storage = SyncedStorage(str(path))
    if is_new:
        return FileIndex.create(storage, Schema(), "MAIN")
    return FileIndex(storage)


class EntryWriter(SegmentWriter):  # type: ignore[misc]
    """Writes one batch. Raises whoosh.writing.LockError."""

    def __init__(self, index: FileIndex, *, timeout_s: float) -> None:
        super().__init__(index, timeout=timeout_s, codec=PlainCodec(), compound=False)
        self._terms = TermPool(Path(self.storage.folder))
        self._entries = EntryFileWriter(_path(self.storage, self.newsegment, ".entries"))

    def add_entry(self, entry: Entry) -> None:
        """Add an entry after those before."""
        for field, weights in entry.terms.items():
            self._terms.add(self.docnum, field, weights)
        self._entries.add(entry.shown, entry.numbers)
        self._go_on(1)

    def delete_lessons(self, lesson_ids: Iterable[str]) -> None:
        """Delete all entries of these lessons that earlier batches wrote."""
        files = [(one, open_terms(self.storage, one)) for one in self.segments]
        for lesson_id in lesson_ids:
            for segment, terms in files:
                entries, _ = terms.postings(*terms.place("lesson_id", lesson_id))
                for number in entries.tolist():
                    segment.delete_document(number)

    def merge_tiers(self, _writer: SegmentWriter, segments: Sequence[W3Segment]) -> list[W3Segment]:
        """Merge segments of one tier once there are many; return those that stay.

        So every entry is written anew a few times in its life, and there are few segments to read.
        """
        tiers: dict[int, list[W3Segment]] = {}
        for segment in segments:
            tiers.setdefault(int(math.log(max(segment.doc_count(), 1), TIER)), []).append(segment)
        merged = {one for tier in tiers.values() if len(tier) >= TIER for one in tier}
        merged |= {one for one in segments if not one.doc_count()}
        for segment in (one for one in segments if one in merged):
            self._add_segment(segment)
        return [segment for segment in segments if segment not in merged]

    def _add_segment(self, segment: W3Segment) -> None:
        """Add what is not deleted from a segment."""
        is_kept = np.ones(segment.doc_count_all(), bool)
        is_kept[list(segment.deleted_docs())] = False
        kept = np.flatnonzero(is_kept).astype(np.int32)
        entries = np.full(is_kept.size, -1, np.int32)
        entries[kept] = np.arange(self.docnum, self.docnum + kept.size, dtype=np.int32)
        self._terms.add_file(open_terms(self.storage, segment), entries)
        self._entries.add_file(open_entries(self.storage, segment), kept)
        self._go_on(kept.size)

    def _go_on(self, count: int) -> None:
        self.docnum += count
        if count:
            self._added = True

    def _flush_segment(self) -> None:
        self._terms.write(_path(self.storage, self.newsegment, ".terms"))
        self._entries.finish()

    def _close_segment(self) -> None:
        self._entries.close()
        super()._close_segment()


def open_terms(storage: Any, segment: W3Segment) -> TermFile:  # noqa: ANN401 (Whoosh's own)
    """Return the terms of a segment. Raises FileNotFoundError."""
    return TermFile(_path(storage, segment, ".terms"))


def open_entries(storage: Any, segment: W3Segment) -> EntryFile:  # noqa: ANN401
    """Return what is kept of a segment's entries. Raises FileNotFoundError."""
    return EntryFile(_path(storage, segment, ".entries"))


def _path(storage: Any, segment: W3Segment, ending: str) -> Path:  # noqa: ANN401
    return Path(storage.folder, segment.make_filename(ending))
