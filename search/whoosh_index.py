"""The search index as a folder on disk, by Whoosh: one writer, any number of readers.

ROOT/current        names the folder in use and the versions it was made with; replaced at once when swapping
ROOT/<number>/      one Whoosh index
ROOT/rebuild.lock   held by the process that rebuilds; the system lets go of it when that process dies
"""

import fcntl
import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from whoosh.index import FileIndex, IndexError, create_in, open_dir  # noqa: A004 (Whoosh's name)
from whoosh.query import Term as WhooshTerm
from whoosh.writing import LockError

from search.index import (
    Changes,
    IndexFault,
    SearchDocument,
    SearchQuery,
    SearchResult,
)
from search.thai import dictionary_version
from search.whoosh_schema import SCHEMA_VERSION, entry_of, make_schema
from search.whoosh_search import Snapshot

WRITER_WAIT_S = 30
READ_ATTEMPTS = 5


class WhooshIndex:
    """SearchIndex in a folder. Safe for threads; nothing is opened or made before the first call."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._index: FileIndex | None = None
        self._snapshot: Snapshot | None = None

    def apply(self, changes: Changes) -> None:
        """Replace the lessons' entries in one commit."""
        index = self._open_index()
        try:
            writer = index.writer(timeout=WRITER_WAIT_S)
        except LockError as error:
            raise IndexFault("another process is writing to the index") from error
        try:
            for lesson_id in changes.lesson_ids:
                writer.delete_by_query(WhooshTerm("lesson_id", lesson_id))
            for document in changes.documents:
                writer.add_document(**entry_of(document))
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    def search(self, query: SearchQuery) -> SearchResult:
        """Search the newest state."""
        with self._lock:
            return self._newest().search(query)

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Write a new folder, then point to it. The one before stays for those who are still reading it."""
        with self._rebuild_lock():
            number = 1 + max(self._folder_numbers(), default=0)
            count = self._write_folder(self._root / str(number), documents)
            replaced = self._current_number()
            self._point_to(number)
            for old in self._folder_numbers():
                if old not in (number, replaced):
                    shutil.rmtree(self._root / str(old), ignore_errors=True)
        return count

    def is_rebuilding(self) -> bool:
        """Tell whether the rebuild lock is held by anyone."""
        try:
            with self._rebuild_lock():
                return False
        except IndexFault:
            return True

    def generation(self) -> str:
        """Return folder and commit number."""
        return self._generation_of(self._open_index())

    def check(self) -> list[str]:
        """Read the newest state and its versions."""
        try:
            with self._lock:
                self._newest()
        except IndexFault as fault:
            return [str(fault)]
        return []

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            if self._snapshot:
                self._snapshot.close()
            self._snapshot = self._index = None

    def _newest(self) -> Snapshot:
        """Return the newest state; tried again when a writer or a rebuild removed files meanwhile."""
        for attempt in range(READ_ATTEMPTS):
            index = self._open_index()
            generation = self._generation_of(index)
            if self._snapshot and self._snapshot.generation == generation:
                return self._snapshot
            try:
                fresh = Snapshot(index.reader(), generation)
            except OSError as error:
                if attempt == READ_ATTEMPTS - 1:
                    raise IndexFault(f"the index in {self._root} cannot be read") from error
                continue
            if self._snapshot:
                self._snapshot.close()
            self._snapshot = fresh
        return self._newest_or_fault()

    def _newest_or_fault(self) -> Snapshot:
        if self._snapshot is None:
            raise IndexFault(f"the index in {self._root} cannot be read")
        return self._snapshot

    def _open_index(self) -> FileIndex:
        """Return the index that `current` names, made empty if there is none yet."""
        number = self._current_number()
        folder = self._root / str(number)
        if self._index is None or Path(self._index.storage.folder) != folder:
            try:
                self._index = open_dir(folder)
            except (IndexError, OSError) as error:
                raise IndexFault(f"the index in {folder} cannot be opened") from error
        return self._index

    def _current_number(self) -> int:
        marker = self._read_marker()
        if marker is None:
            self._make_first()
            marker = self._read_marker() or {}
        if marker.get("versions") != _versions():
            raise IndexFault("the index was made by another version of the program; run khlang reindex")
        return int(marker["folder"])

    def _read_marker(self) -> dict[str, object] | None:
        try:
            return dict(json.loads((self._root / "current").read_text()))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise IndexFault(f"{self._root / 'current'} is damaged") from error

    def _generation_of(self, index: FileIndex) -> str:
        return f"{Path(index.storage.folder).name}.{index.latest_generation()}"
