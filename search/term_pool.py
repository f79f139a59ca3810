"""Postings as they come, entry by entry, put in the order of a term file."""

import os
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.term_file import HEADER, Ids, TermFile, Weights, write_head, write_terms

POSTINGS_IN_A_RUN = 2_000_000  # 12 bytes each; what is more lies in files until it is written
Run = NDArray[np.int32]  # three rows: terms, entries, weights (their bits)


class _Numbers(dict[str, int]):
    """Gives each text of a field a number when it comes for the first time."""

    def __init__(self, numbers: "count[int]") -> None:
        super().__init__()
        self._next = numbers

    def __missing__(self, text: str) -> int:
        number = self[text] = next(self._next)
        return number


class TermPool:
    """Collects the postings of one new segment. Entries come in ascending order."""

    def __init__(self, folder: Path, *, run_size: int = POSTINGS_IN_A_RUN) -> None:
        self._folder, self._run_size = folder, run_size
        self._count = count()
        self._numbers: dict[str, _Numbers] = defaultdict(lambda: _Numbers(self._count))
        self._runs: list[Run] = []
        self._begin_run()

    def add(self, entry: int, field: str, weights: Mapping[str, float]) -> None:
        """Take the terms of one field of an entry, and their weights."""
        self._terms.extend(map(self._numbers[field].__getitem__, weights))
        self._weights.extend(weights.values())
        self._entries.append(entry)
        self._entry_counts.append(len(weights))
        if len(self._terms) >= self._run_size:
            self._end_run()

    def add_file(self, file: TermFile, entries: Ids) -> None:
        """Take all postings of another segment, under the new numbers of its entries (-1: none)."""
        self._end_run()
        for field in file.fields():
            numbers = list(map(self._numbers[field].__getitem__, file.texts(field)))
            start, counts = file.counts(field)
            olds, weights = file.postings(start, start + int(counts.sum()))
            terms, news = np.repeat(np.array(numbers, np.int32), counts), entries[olds]
            is_kept = news >= 0
            self._keep(terms[is_kept], news[is_kept], weights[is_kept])

    def write(self, path: Path) -> None:
        """Write all that was taken."""
        self._end_run()
        counts = self._counted()
        kept = {name: _sorted(numbers, counts) for name, numbers in self._numbers.items()}
        order = [self._numbers[name][text] for name, texts in kept.items() for text in texts]
        ends = np.cumsum(counts[order])
        starts = np.zeros(counts.size, np.int64)
        starts[order] = ends - counts[order]
        texts = {name: [text.encode() for text in of_field] for name, of_field in kept.items()}
        posting_count = int(counts.sum())
        with path.open("w+b") as file:
            size = sum(len(text) for of_field in texts.values() for text in of_field)
            write_head(file, posting_count, len(order), size)
            file.flush()
            self._write_postings(path, starts, posting_count)
            file.seek(HEADER.size + 8 * posting_count)
            write_terms(file, np.concatenate([[0], ends]).astype(np.int64), texts)
            file.flush()
            os.fsync(file.fileno())  # also what was written through the memory map

    def _begin_run(self) -> None:
        self._terms, self._weights = array("i"), array("f")
        self._entries, self._entry_counts = array("i"), array("i")

    def _end_run(self) -> None:
        if not self._terms:
            return
        self._keep(
            np.frombuffer(self._terms, np.int32),
            np.repeat(np.array(self._entries, np.int32), self._entry_counts),
            np.frombuffer(self._weights, np.float32),
        )
        self._begin_run()

    def _keep(self, terms: Ids, entries: Ids, weights: Weights) -> None:
        shape = (3, terms.size)
        if terms.size < self._run_size:
            run = np.empty(shape, np.int32)
        else:
            with tempfile.TemporaryFile(dir=self._folder) as file:
                run = np.memmap(file, np.int32, "w+", shape=shape)
        run[0], run[1], run[2] = terms, entries, weights.view(np.int32)
        self._runs.append(run)

    def _counted(self) -> NDArray[np.int64]:
        counts = np.zeros(sum(map(len, self._numbers.values())), np.int64)
        for run in self._runs:
            counts += np.bincount(run[0], minlength=counts.size)
        return counts

    def _write_postings(self, path: Path, free: NDArray[np.int64], posting_count: int) -> None:
        """Put each run where its terms have their next free places."""
        if not posting_count:
            return
        shape = (2, posting_count)
        written = np.memmap(path, np.int32, "r+", offset=HEADER.size, shape=shape)
        for run in self._runs:
            order = np.argsort(run[0], kind="stable")
            counts = np.bincount(run[0], minlength=free.size)
            firsts = np.cumsum(counts) - counts
            terms = run[0][order]
            places = (free - firsts)[terms] + np.arange(terms.size)
            written[0, places] = run[1][order]
            written[1, places] = run[2][order]
            free += counts
        written.flush()


def _sorted(numbers: Mapping[str, int], counts: NDArray[np.int64]) -> list[str]:
    """Return the texts that have postings, in the order of their bytes."""
    return sorted(text for text, number in numbers.items() if counts[number])
