"""Terms and their postings as arrays in one file, read where it lies: nothing of it is parsed.

What the file holds, one after the other:
    the header          sizes of what follows
    entries, weights    of all postings, term by term, entries ascending
    term_starts         of each term: its first posting
    text_starts, texts  of each term: its text, sorted within a field
    fields              of each field: its first and its last term
"""

import json
import mmap
import struct
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Weights = NDArray[np.float32]
Postings = tuple[Ids, Weights]
HEADER = struct.Struct("<8sQQQ")  # magic, postings, terms, bytes of all texts
MAGIC = b"khlterm1"
NONE: Postings = (np.empty(0, np.int32), np.empty(0, np.float32))


class TermFile:
    """One such file. It may be removed while it is open."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        _, posting_count, term_count, text_size = HEADER.unpack_from(self._bytes)
        self._entries = np.frombuffer(self._bytes, np.int32, posting_count, HEADER.size)
        at = HEADER.size + self._entries.nbytes
        self._weights = np.frombuffer(self._bytes, np.float32, posting_count, at)
        at += self._weights.nbytes
        self._starts = np.frombuffer(self._bytes, np.int64, term_count + 1, at)
        at += self._starts.nbytes
        self._texts_at = at + self._starts.nbytes
        self._text_starts = memoryview(self._bytes)[at : self._texts_at].cast("q")
        fields: dict[str, list[int]] = json.loads(self._bytes[self._texts_at + text_size :])
        self._fields = {name: (first, last) for name, (first, last) in fields.items()}

    def fields(self) -> list[str]:
        """Return the fields that have terms."""
        return list(self._fields)

    def texts(self, field: str) -> list[str]:
        """Return all terms of a field, sorted."""
        first, last = self._fields.get(field, (0, 0))
        starts = self._text_starts[first : last + 1].tolist()
        start = starts[0]
        texts = self._bytes[self._texts_at + start : self._texts_at + starts[-1]]
        ends = pairwise(starts)
        return [texts[begin - start : end - start].decode() for begin, end in ends]

    def place(self, field: str, text: str) -> tuple[int, int]:
        """Return where the postings of a term begin and end."""
        sought = text.encode()
        low, last = self._fields.get(field, (0, 0))
        high = last
        while low < high:
            middle = (low + high) // 2
            if self._text(middle) < sought:
                low = middle + 1
            else:
                high = middle
        if low == last or self._text(low) != sought:
            return 0, 0
        return int(self._starts[low]), int(self._starts[low + 1])

    def postings(self, start: int, end: int) -> Postings:
        """Return the postings between two places."""
        return self._entries[start:end], self._weights[start:end]

    def counts(self, field: str) -> tuple[int, NDArray[np.int64]]:
        """Return where the postings of a field begin, and how many each of its terms has."""
        first, last = self._fields[field]
        starts = self._starts[first : last + 1]
        return int(starts[0]), np.diff(starts)

    def _text(self, number: int) -> bytes:
        starts = self._text_starts
        return self._bytes[self._texts_at + starts[number] : self._texts_at + starts[number + 1]]


def write_head(file: BinaryIO, posting_count: int, term_count: int, text_size: int) -> None:
    """Begin a file; the arrays of postings follow."""
    file.write(HEADER.pack(MAGIC, posting_count, term_count, text_size))


def write_terms(file: BinaryIO, starts: NDArray[np.int64], fields: dict[str, list[bytes]]) -> None:
    """Write what follows the postings: the terms of each field, and where theirs begin."""
    texts = [text for of_field in fields.values() for text in of_field]
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    file.write(starts.tobytes())
    file.write(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64).tobytes())
    file.writelines(texts)
    ranges, first = {}, 0
    for name, of_field in fields.items():
        ranges[name] = (first, first + len(of_field))
        first += len(of_field)
    file.write(json.dumps(ranges).encode())
