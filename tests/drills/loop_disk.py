"""A disk of its own for the product, of which is left after a power cut what had reached it.

An ext4 in a file, behind a loop device. What programs have written and not synced is in the memory
of the system, not in that file: a copy of the file is what a machine finds when the power is back.
"""

import os
import subprocess
from pathlib import Path

import pytest

SIZE_BYTES = 2 * 2**30  # sparse
# The journal is not written by itself meanwhile, so that nothing lasts but what is synced.
OPTIONS = "loop,commit=600"


class LoopDisk:
    """Mounted at `path`; needs root and loop devices."""

    def __init__(self, folder: Path) -> None:
        """Make an empty one in `folder` and mount it. Skips the test where that is not allowed."""
        if os.geteuid() != 0:
            pytest.skip("mounting a disk needs root; test_order_of_syncs tells the same by strace")
        self.path = folder / "disk"
        self._image, self._after_cut = folder / "disk.image", folder / "cut.image"
        self.path.mkdir()
        with self._image.open("wb") as file:
            file.truncate(SIZE_BYTES)
        _run("mkfs.ext4", "-q", "-E", "lazy_itable_init=1,lazy_journal_init=1", str(self._image))
        try:
            self._mount()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no loop devices here; test_order_of_syncs stands in: {error.stderr}")

    def cut(self) -> None:
        """Note what is on the disk now; whoever writes to it stands still."""
        _run("cp", "--sparse=always", str(self._image), str(self._after_cut))

    def boot(self) -> None:
        """Mount what was there at the cut; nobody has anything open on it any more."""
        _run("umount", str(self.path))
        self._after_cut.replace(self._image)
        self._mount()

    def let_go(self) -> None:
        """End its time, also if somebody has something open."""
        _run("umount", "--lazy", str(self.path))

    def _mount(self) -> None:
        _run("mount", "-t", "ext4", "-o", OPTIONS, str(self._image), str(self.path))


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True, text=True)
