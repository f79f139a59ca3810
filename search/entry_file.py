"""What is kept of each entry beside its terms, in one file that is read where it lies.

What the file holds, one after the other:
    the header          sizes of what follows
    shown               of each entry what shows it, packed
    starts              of each entry where that begins
    numbers             of each entry those of NUMBERS
"""

import mmap
import os
import struct
from array import array
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.term_file import Ids

HEADER = struct.Struct("<8sQQ")  # magic, entries, bytes of what is shown
MAGIC = b"khlentr1"
NUMBERS = ("is_lesson", "published_at", "view_count")


class EntryFile:
    """One such file. It may be removed while it is open."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        _, self.count, size = HEADER.unpack_from(self.bytes)
        at = HEADER.size + size
        self.starts = np.frombuffer(self.bytes, np.int64, self.count + 1, at)
        at += self.starts.nbytes
        shape = (self.count, len(NUMBERS))
        self.numbers = np.frombuffer(self.bytes, np.int64, shape[0] * shape[1], at).reshape(shape)

    def column(self, name: str) -> NDArray[np.int64]:
        """Return one number of each entry."""
        return self.numbers[:, NUMBERS.index(name)]

    def shown(self, entry: int) -> bytes:
        """Return what shows an entry, packed."""
        return self.bytes[int(self.starts[entry]) : int(self.starts[entry + 1])]


class EntryFileWriter:
    """Writes such a file entry by entry; it is whole when `finish` has returned."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(bytes(HEADER.size))
        self._sizes = array("q")
        self._numbers = array("q")

    def add(self, shown: bytes, numbers: Mapping[str, int]) -> None:
        """Add one entry."""
        self._file.write(shown)
        self._sizes.append(len(shown))
        self._numbers.extend(numbers.get(name, 0) for name in NUMBERS)

    def add_file(self, file: EntryFile, kept: Ids) -> None:
        """Add some entries of another file, in their order."""
        starts, ends = file.starts[kept], file.starts[kept + 1]
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            self._file.write(file.bytes[start:end])
        self._sizes.frombytes((ends - starts).tobytes())
        self._numbers.frombytes(file.numbers[kept].tobytes())

    def finish(self) -> None:
        """Write what follows the entries."""
        starts = np.cumsum(np.array([HEADER.size, *self._sizes], np.int64))
        gap = -int(starts[-1]) % starts.itemsize
        self._file.write(bytes(gap))
        self._file.write(starts.tobytes())
        self._numbers.tofile(self._file)
        self._file.seek(0)
        size = int(starts[-1]) + gap - HEADER.size
        self._file.write(HEADER.pack(MAGIC, len(self._sizes), size))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def close(self) -> None:
        """Let go of the file, finished or not."""
        self._file.close()
