"""A file that is given up when the disk is full, so that the database can go on writing.

The reserve (room.py) keeps Khlang itself from filling the disk. Others fill it too: logs, another
program, a backup that was put there. Then this file goes, before a write would fail; what the
database needs beyond its spare pages (spare_pages.py) and for starting anew comes from it.
"""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20
LEAST_BYTES, MOST_BYTES = 4 * MIB, 64 * MIB
SHARE = 32  # of the disk
LOW_BYTES = MIB


@dataclass(frozen=True, slots=True)
class Ballast:
    """The file; several processes may hold it and give it up."""

    path: Path

    @property
    def size_bytes(self) -> int:
        """How large it is made."""
        total_bytes = shutil.disk_usage(self.path.parent).total
        return min(max(total_bytes // SHARE, LEAST_BYTES), MOST_BYTES)

    def ease(self) -> None:
        """Give it up if next to nothing is free: called before the database is used.

        Not earlier: who fills the disk would have it, too.
        """
        with suppress(OSError):  # the folder is not there yet, or is gone: the write will tell
            if shutil.disk_usage(self.path.parent).free < LOW_BYTES:
                self.give_up()

    def give_up(self) -> None:
        """Free its room at once."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def fill(self, left_bytes: int) -> None:
        """Make it if it is not there and this much room, beside the reserve, takes it."""
        with suppress(OSError):  # tried again by and by
            if self.path.exists() or left_bytes < self.size_bytes:
                return
            arriving = self.path.with_name(f".{self.path.name}.{os.getpid()}")
            try:
                with arriving.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, self.size_bytes)  # blocks, no hole
                arriving.replace(self.path)
            finally:
                arriving.unlink(missing_ok=True)


def ballast_of(database_url: str) -> Ballast | None:
    """Return what is kept beside an SQLite file; other databases keep their own house."""
    path = Path(database_url.removeprefix("sqlite:///"))
    return Ballast(path.with_name(f"{path.name}.ballast")) if "sqlite:" in database_url else None
