"""The search index as a folder on disk, by Whoosh: one writer, any number of readers.

WhooshIndex finds the newest state, writes batches and swaps; index_folder knows what lies where.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from whoosh.index import EmptyIndexError, FileIndex, exists_in, open_dir
from whoosh.writing import LockError

from search.index import Changes, IndexFault, SearchDocument, SearchQuery, SearchResult, Suggestion
from search.index_folder import IndexFolder, Marker
from search.suggesting import suggest
from search.thai import dictionary_version
from search.whoosh_schema import SCHEMA_VERSION, entry_of
from search.whoosh_search import Snapshot
from search.whoosh_segments import OpenSegments
from search.whoosh_writing import EntryWriter, open_to_write
from search.words import RULES_VERSION

WRITER_WAIT_S = 30
READ_ATTEMPTS = 10  # a writer or a rebuild may remove files between finding and opening them


class WhooshIndex:
    """SearchIndex in a folder. Safe for threads; nothing is opened before the first call."""

    def __init__(self, root: Path) -> None:
        self._folder = IndexFolder(root)
        self._lock = threading.Lock()  # Whoosh's readers are not safe for threads
        self._index: FileIndex | None = None
        self._segments = OpenSegments()
        self._snapshot: Snapshot | None = None
        self._generation = ""

    def apply(self, changes: Changes) -> None:
        """Replace the lessons' entries in one commit."""
        if self._folder.marker() is None:
            self.rebuild([])
        with _writer(self._folder.in_use()) as writer:
            writer.delete_lessons(changes.lesson_ids)
            for document in changes.documents:
                writer.add_entry(entry_of(document))

    def search(self, query: SearchQuery) -> SearchResult:
        """Search the newest state; an index that was never made holds nothing."""
        with self._lock:
            snapshot = self._newest()
            return snapshot.search(query) if snapshot else SearchResult()

    def count(
        self, audiences: frozenset[str], filters: Mapping[str, frozenset[str]]
    ) -> dict[str, dict[str, int]]:
        """Count in the newest state."""
        with self._lock:
            snapshot = self._newest()
            return snapshot.count_facets(snapshot.allowed(audiences, filters)) if snapshot else {}

    def suggest(self, text: str, audiences: frozenset[str], limit: int) -> tuple[Suggestion, ...]:
        """Suggest from the newest state."""
        with self._lock:
            snapshot = self._newest()
            if snapshot is None:
                return ()
            return suggest(snapshot, text, snapshot.allowed(audiences), limit)

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Write a new folder, then point to it."""
        count = 0
        with (
            self._folder.rebuild_lock(),
            self._folder.swapped_folder(_marker(0)) as path,
            _writer(path, is_new=True) as writer,
        ):
            for document in documents:
                writer.add_entry(entry_of(document))
                count += 1
        return count

    def needs_rebuild(self) -> bool:
        """Compare the versions that the folder was made with."""
        try:
            marker = self._folder.marker()
        except IndexFault:
            return True
        if marker is None or marker != _marker(marker.folder):
            return True
        return not exists_in(str(self._folder.in_use()))

    def is_rebuilding(self) -> bool:
        """Tell whether the rebuild lock is held by anyone."""
        return self._folder.is_rebuild_locked()

    def lesson_ids(self) -> frozenset[str]:
        """Read the terms of one field; those of deleted entries stay until segments are merged."""
        with self._lock:
            snapshot = self._newest()
            if snapshot is None:
                return frozenset()
            known = {text for segment in snapshot.segments for text in segment.values("lesson_id")}
            return frozenset(text for text in known if snapshot.is_held(text))

    def generation(self) -> str:
        """Return folder and commit number."""
        with self._lock:
            index = self._index_in_use()
            return _generation_of(index) if index else "0.0"

    def check(self) -> list[str]:
        """Open the newest state and compare versions."""
        try:
            with self._lock:
                self._newest()
            if self.needs_rebuild():
                return ["the index is missing or of another version: run khlang reindex"]
        except IndexFault as fault:
            return [str(fault)]
        return []

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            self._segments.close()
            self._snapshot = self._index = None

    def _newest(self) -> Snapshot | None:
        for _ in range(READ_ATTEMPTS):
            with suppress(FileNotFoundError, EmptyIndexError):
                return self._reopened()
        raise IndexFault("the files of the index vanish while they are opened")

    def _reopened(self) -> Snapshot | None:
        """Return the open snapshot if it is the newest, else open the newest."""
        index = self._index_in_use()
        if index is None:
            return None
        generation = _generation_of(index)
        if self._snapshot is None or self._generation != generation:
            self._snapshot = self._segments.snapshot(index)
            self._generation = generation
        return self._snapshot

    def _index_in_use(self) -> FileIndex | None:
        """Return the index that the marker names: Whoosh's refresh() stays with the old folder."""
        marker = self._folder.marker()
        if marker is None:
            return None
        if marker.schema != SCHEMA_VERSION:
            raise IndexFault("the index was made by another version: run khlang reindex")
        path = self._folder.in_use()
        if self._index is None or self._index.storage.folder != str(path):
            self._index = open_dir(str(path))
        return self._index


@contextmanager
def _writer(path: Path, *, is_new: bool = False) -> Iterator[EntryWriter]:
    """Give a writer that commits at the end, or leaves the index as it was."""
    try:
        index = open_to_write(path, is_new=is_new)
        writer = EntryWriter(index, timeout_s=WRITER_WAIT_S)
    except LockError as error:
        raise IndexFault("another process is writing to the index") from error
    except (EmptyIndexError, OSError) as error:
        raise IndexFault("the index cannot be opened: run khlang reindex") from error
    try:
        yield writer
    except BaseException:
        writer.cancel()
        raise
    writer.commit(mergetype=writer.merge_tiers)


def _marker(folder: int) -> Marker:
    return Marker(
        folder=folder, schema=SCHEMA_VERSION, rules=RULES_VERSION, dictionary=dictionary_version()
    )


def _generation_of(index: FileIndex) -> str:
    return f"{Path(index.storage.folder).name}.{index.latest_generation()}"
