"""Originals as files: where they are, or a copy that the jobs of one asset share."""

import os
import threading
import time
from pathlib import Path

from storage.store import HasPaths, ObjectStore

MAX_BYTES = 64 * 2**30
IN_USE_S = 3600  # a copy touched in the last hour is not removed to make room


class OriginalFiles:
    """Opens originals; a store far away is asked once per original and machine."""

    def __init__(self, store: ObjectStore, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        """Keep copies in `folder`, which other workers of this machine may use too."""
        self._store = store
        self._folder = folder
        self._max_bytes = max_bytes
        self._one_at_a_time = threading.Lock()

    def path_of(self, key: str) -> Path:
        """Return a file with the original's bytes. Raises StoreError."""
        if isinstance(self._store, HasPaths):
            return self._store.path_of(key)
        copy = self._folder / key.rpartition("/")[2]
        with self._one_at_a_time:
            if not copy.exists():
                self._fetch(key, copy)
            copy.touch()
        return copy

    def _fetch(self, key: str, copy: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._make_room(self._store.stat(key).size_bytes)
        arriving = copy.with_name(f"{copy.name}.{os.getpid()}.part")
        try:
            self._store.get_file(key, arriving)
            arriving.replace(copy)
        finally:
            arriving.unlink(missing_ok=True)

    def _make_room(self, size_bytes: int) -> None:
        copies = sorted((path.stat().st_mtime, path) for path in self._folder.iterdir())
        total_bytes = sum(path.stat().st_size for _, path in copies) + size_bytes
        for used_at, path in copies:
            if total_bytes <= self._max_bytes or used_at > time.time() - IN_USE_S:
                return
            total_bytes -= path.stat().st_size
            path.unlink(missing_ok=True)
