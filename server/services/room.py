"""Room on this machine's disks: what may be used, and what is kept for what frees room.

Uploads and what is made of them end before the reserve is touched. Deleting, cancelling, playing,
answering and the database go on in it.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from server.errors import StorageFull

MIB = 2**20
SHARE = 20  # a twentieth of the disk, within these bounds
LEAST_RESERVE_BYTES, MOST_RESERVE_BYTES = 32 * MIB, 2048 * MIB
WARN_FROM = (95, 90, 80)  # per cent; root's own blocks count as used


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The file system of a folder, at this moment."""

    folder: Path
    total_bytes: int
    free_bytes: int
    reserved_bytes: int

    @property
    def left_bytes(self) -> int:
        """What may be used before the reserve is touched; below 0 it is."""
        return self.free_bytes - self.reserved_bytes

    @property
    def used_percent(self) -> int:
        """How full it is, rounded down."""
        return 100 * (self.total_bytes - self.free_bytes) // max(self.total_bytes, 1)

    @property
    def warned_percent(self) -> int | None:
        """The highest mark that is reached: 80, 90 or 95; None below, and 100 for a full one."""
        if self.left_bytes <= 0:
            return 100
        return next((mark for mark in WARN_FROM if self.used_percent >= mark), None)


@dataclass(frozen=True, slots=True)
class Room:
    """The disks that hold some folders. Asking costs microseconds, so it is asked often."""

    folders: tuple[Path, ...]
    reserved_bytes: int | None = None  # None: a share of each disk

    def disks(self) -> list[Disk]:
        """Return each disk once, the fullest first."""
        by_device: dict[int, Disk] = {}
        for folder in self.folders:
            there = _nearest(folder)
            by_device.setdefault(there.stat().st_dev, self._disk(there))
        return sorted(by_device.values(), key=lambda disk: disk.left_bytes)

    @property
    def left_bytes(self) -> int:
        """What may be used on the fullest disk before its reserve is touched."""
        return self.disks()[0].left_bytes

    @property
    def is_pressed(self) -> bool:
        """Tell whether half of a reserve is gone: what began when there was room has to stop."""
        return any(disk.left_bytes < -disk.reserved_bytes // 2 for disk in self.disks())

    def reserve_beside(self, folder: Path) -> int:
        """Return what stays free where `folder` is: nothing on a disk that holds none of ours."""
        device = _nearest(folder).stat().st_dev
        shared = [disk for disk in self.disks() if disk.folder.stat().st_dev == device]
        return shared[0].reserved_bytes if shared else 0

    def check(self, needed_bytes: int = 1) -> None:
        """Make sure that this much may be written for what needs room. Raises StorageFull."""
        left_bytes = self.left_bytes
        if needed_bytes > left_bytes:
            raise StorageFull(
                f"{needed_bytes} bytes are wanted, {left_bytes} are left before the reserve",
                needed_bytes=needed_bytes,
                left_bytes=max(left_bytes, 0),
            )

    def _disk(self, folder: Path) -> Disk:
        usage = shutil.disk_usage(folder)
        reserved_bytes = self.reserved_bytes
        if reserved_bytes is None:
            reserved_bytes = reserve_of(usage.total)
        return Disk(
            folder=folder,
            total_bytes=usage.total,
            free_bytes=usage.free,
            reserved_bytes=reserved_bytes,
        )


def reserve_of(total_bytes: int) -> int:
    """Return how much of a disk is kept free: a twentieth, but of a tiny one not more than half."""
    reserve_bytes = min(max(total_bytes // SHARE, LEAST_RESERVE_BYTES), MOST_RESERVE_BYTES)
    return min(reserve_bytes, total_bytes // 2)


def folders_of(data_path: Path, object_store_url: str) -> Iterable[Path]:
    """Return where uploads and what is made of them are written on this machine."""
    yield data_path
    if object_store_url.startswith("file:"):
        yield Path(object_store_url.removeprefix("file:"))


def _nearest(folder: Path) -> Path:
    """Return the folder, or the one in which it is still to be made."""
    return next(each for each in (folder, *folder.parents) if each.exists())
