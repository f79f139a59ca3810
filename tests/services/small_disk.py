"""A file system of a few hundred MiB of its own, and a stranger who fills it. Needs root."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MIB = 2**20
BLOCK = bytes(MIB)


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """Where it is mounted."""

    path: Path

    @property
    def free_bytes(self) -> int:
        return shutil.disk_usage(self.path).free

    @property
    def _stranger(self) -> Path:
        return self.path / "somebody_elses.log"

    def fill(self, *, leave_bytes: int = 0) -> None:
        """Have a stranger fill it, to the last byte if nothing is to be left."""
        with self._stranger.open("ab", buffering=0) as file:
            while (room_bytes := self.free_bytes - leave_bytes) > 0:
                try:
                    file.write(BLOCK[: min(room_bytes, MIB)])
                except OSError:
                    return

    def clear(self) -> None:
        """Have the stranger go."""
        self._stranger.unlink(missing_ok=True)


@contextmanager
def a_small_disk(folder: Path, *, size_bytes: int) -> Iterator[SmallDisk]:
    """Mount an ext4 of this size in a new folder; a tmpfs where no loop device is to be had."""
    if os.geteuid() != 0:
        pytest.skip("a file system of its own needs root")
    place, image = folder / "disk", folder / "disk.img"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(size_bytes)
    _run("mkfs.ext4", "-q", "-m", "0", image)  # -m: root, who runs this, is kept no blocks
    if not _mounts("-o", "loop", image, place):
        size = f"size={size_bytes}"
        if not _mounts("-t", "tmpfs", "-o", size, "tmpfs", place):
            pytest.skip("nothing can be mounted here")
    try:
        yield SmallDisk(place)
    finally:
        _run("umount", "--lazy", place)


def _mounts(*arguments: str | Path) -> bool:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0


def _run(*argv: str | Path) -> None:
    subprocess.run(argv, check=True, capture_output=True)
