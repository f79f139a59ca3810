"""Originals as files: where they are, or a copy that the jobs of one asset share."""

import fcntl
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.store import HasPaths, ObjectStore
from storage.syncing import sync

logger = logging.getLogger(__name__)
UNUSED_S = 24 * 3600
IN_USE_S = 600  # a copy touched in the last ten minutes is not removed to make room


class OriginalFiles:
    """Opens originals; a store far away is asked once per original and machine."""

    def __init__(self, store: ObjectStore, folder: Path, *, max_bytes: int) -> None:
        """Keep copies in `folder`, which other workers of this machine may use too."""
        self._store = store
        self._folder = folder
        self._max_bytes = max_bytes

    def path_of(self, key: str) -> Path:
        """Return a file with the original's bytes. Raises StoreError."""
        if isinstance(self._store, HasPaths):
            return self._store.path_of(key)
        copy = self._folder / key.rpartition("/")[2]
        with self._turn(copy.name):
            if not copy.exists():
                self._fetch(key, copy)
            copy.touch()
        return copy

    def mended_path_of(self, key: str, write: Callable[[Path, Path], None]) -> Path:
        """Return a copy in which every moment can be found; `write` makes it of the original."""
        original = self.path_of(key)
        copy = self._folder / f"{key.rpartition('/')[2]}.mended"
        with self._turn(copy.name):
            if not copy.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                self._make_room(original.stat().st_size)
                with self._arriving(copy) as arriving:
                    write(original, arriving)
            copy.touch()
        return copy

    def drop_unused(self) -> None:
        """Remove copies that no job of this machine has used for a day: theirs may be deleted."""
        for copy in self._folder.glob("*"):
            with suppress(FileNotFoundError):
                if copy.stat().st_mtime < time.time() - UNUSED_S:
                    copy.unlink()

    def drop_idle(self) -> None:
        """Remove copies that no job uses just now: the disk is full, and they come again."""
        for copy in self._folder.glob("*"):
            with suppress(FileNotFoundError):
                if copy.stat().st_mtime < time.time() - IN_USE_S:
                    copy.unlink()

    @contextmanager
    def _arriving(self, copy: Path) -> Iterator[Path]:
        """Give a name for a file that takes its place when it is whole."""
        arriving = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}.part")
        try:
            yield arriving
            sync(arriving)  # or a power cut leaves a torn copy under a name that is believed
            arriving.replace(copy)
        finally:
            arriving.unlink(missing_ok=True)

    @contextmanager
    def _turn(self, name: str) -> Iterator[None]:
        """Let threads and processes that want the same copy wait for one that fetches it."""
        locks = self._folder.with_name(f"{self._folder.name}.locks")
        locks.mkdir(parents=True, exist_ok=True)
        with (locks / name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _fetch(self, key: str, copy: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._make_room(self._store.stat(key).size_bytes)
        with self._arriving(copy) as arriving:
            self._store.get_file(key, arriving)
            logger.info("fetched %s", key)

    def _make_room(self, size_bytes: int) -> None:
        """Remove copies, least used first, until there is room, and what killed workers left."""
        with suppress(FileNotFoundError):  # another worker of this machine makes room too
            copies = sorted((found.stat().st_mtime, found) for found in self._folder.iterdir())
            total_bytes = sum(found.stat().st_size for _, found in copies) + size_bytes
            for used_at, found in copies:
                if total_bytes <= self._max_bytes or used_at > time.time() - IN_USE_S:
                    return
                total_bytes -= found.stat().st_size
                found.unlink()
