"""Folders of an index that is rebuilt beside the one in use.

ROOT/current        names the folder in use and the versions it was made with; replaced in one step
ROOT/<number>/      one index
ROOT/rebuild.lock   held by the process that rebuilds; the system frees it when that process dies
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from search.disk import sync
from search.index import IndexFault

LOCK_ATTEMPTS = 40
LOCK_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What `current` says: the folder in use, and the rules by which its terms were made."""

    folder: int
    schema: int
    rules: int
    dictionary: str


class IndexFolder:
    """Where indexes lie and which is in use."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def marker(self) -> Marker | None:
        """Return what is in use; None if there was never an index. Raises IndexFault."""
        try:
            return Marker(**json.loads((self._root / "current").read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise IndexFault(f"{self._root / 'current'} is damaged: run khlang reindex") from error

    def in_use(self) -> Path:
        """Return the folder in use. Raises IndexFault if there is none."""
        marker = self.marker()
        if marker is None:
            raise IndexFault("there is no index yet: run khlang reindex")
        return self._root / str(marker.folder)

    @contextmanager
    def swapped_folder(self, marker: Marker) -> Iterator[Path]:
        """Give an empty folder; put it in use at the end, or remove it on failure.

        The folder that was in use before stays until the next swap, for those who open it now.
        """
        numbers = self._numbers()
        path = self._root / str(1 + max(numbers, default=0))
        path.mkdir()
        try:
            yield path
            replaced = self._number_in_use()
            self._put_in_use(replace(marker, folder=int(path.name)))
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        for number in numbers:
            if number != replaced:
                shutil.rmtree(self._root / str(number), ignore_errors=True)

    @contextmanager
    def rebuild_lock(self) -> Iterator[None]:
        """Hold the lock. Raises IndexFault if another process keeps it."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "rebuild.lock").open("a") as file:
            for _ in range(LOCK_ATTEMPTS):
                if _try_lock(file, fcntl.LOCK_EX):
                    break
                time.sleep(LOCK_PAUSE_S)  # somebody may only be asking
            else:
                raise IndexFault("another process is rebuilding the index")
            yield

    def is_rebuild_locked(self) -> bool:
        """Tell whether somebody rebuilds; those who ask do not disturb each other."""
        try:
            with (self._root / "rebuild.lock").open() as file:
                return not _try_lock(file, fcntl.LOCK_SH)
        except FileNotFoundError:
            return False

    def _put_in_use(self, marker: Marker) -> None:
        path = self._root / "current.new"
        with path.open("w") as file:
            json.dump(asdict(marker), file)
            file.flush()
            os.fsync(file.fileno())
        path.replace(self._root / "current")
        sync(self._root)  # before the folder that was in use is removed

    def _number_in_use(self) -> int | None:
        """Return the folder's number, also of a marker that another version wrote."""
        try:
            return int(json.loads((self._root / "current").read_text())["folder"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _numbers(self) -> list[int]:
        return [int(path.name) for path in self._root.iterdir() if path.name.isdecimal()]


def _try_lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
