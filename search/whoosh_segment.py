"""One Whoosh segment, read in bulk. A segment never changes but for what is deleted from it.

So what was read stays valid while other segments come and go.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader, TermNotFound

from search.lexicon import Lexicon
from search.synonyms import built_in

Ids = NDArray[np.int32]
Weights = NDArray[np.float32]
Postings = tuple[Ids, Weights]
KEPT_POSTINGS = 4_000_000  # of a segment in memory: 8 bytes each
KEPT_FREQUENCIES = 20_000
NONE: Postings = (np.empty(0, np.int32), np.empty(0, np.float32))


class Segment:
    """Postings and columns of one segment. Numbers of entries count from its own 0."""

    def __init__(self, reader: SegmentReader) -> None:
        self.reader = reader
        self.size = int(reader.doc_count_all())
        self._kept: OrderedDict[tuple[str, str], Postings] = OrderedDict()
        self._kept_count = 0
        self._frequencies: dict[tuple[str, str], int] = {}
        self.lessons = np.flatnonzero(self._column("is_lesson", ">u1")).astype(np.int32)
        self.owners = self._owners()
        self.published_at = self._column("published_at", ">i8")[self.lessons]
        self.view_counts = self._column("view_count", ">i8")[self.lessons]

    def lesson_postings(self, field: str, text: str) -> Postings:
        """Return which lessons hold a term, numbered among the lessons, and its weights."""
        entries, weights = self.postings(field, text)
        return self.owners[entries], weights

    def postings(self, field: str, text: str) -> Postings:
        """Return the entries that hold a term, deleted ones too, and its weights."""
        key = (field, text)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        found = self._read(field, text)
        self._keep(key, found)
        return found

    def frequency(self, field: str, text: str) -> int:
        """Return how many entries hold a term."""
        known = self._frequencies.get((field, text))
        if known is None:
            known = int(self.reader.doc_frequency(field, text))
            if len(self._frequencies) > KEPT_FREQUENCIES:
                self._frequencies.clear()
            self._frequencies[field, text] = known
        return known

    def values(self, field: str) -> list[str]:
        """Return all terms of a field, also of what is deleted."""
        return [text.decode() for text in self.reader.lexicon(field)]

    def close(self) -> None:
        """Let go of the files."""
        self.reader.close()

    def _keep(self, key: tuple[str, str], found: Postings) -> None:
        self._kept[key] = found
        self._kept_count += found[0].size + 32  # an entry costs something, however short
        while self._kept_count > KEPT_POSTINGS and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._kept_count -= gone[0].size + 32

    def _read(self, field: str, text: str) -> Postings:
        try:
            matcher: Any = self.reader.postings(field, text)
        except TermNotFound:
            return NONE
        while hasattr(matcher, "child"):  # without the filter of what is deleted
            matcher = matcher.child
        if not hasattr(matcher, "_read_ids"):  # a single posting stands in the list of terms
            return _arrays(matcher._ids, matcher._weights)  # noqa: SLF001
        matcher.reset()  # the filter went on to the first that is not deleted
        blocks = []
        while matcher.is_active():
            matcher._read_ids()  # noqa: SLF001 (Whoosh's own way is one call for each posting)
            matcher._read_weights()  # noqa: SLF001
            blocks.append(_arrays(matcher._ids, matcher._weights))  # noqa: SLF001
            matcher._next_block()  # noqa: SLF001
        return np.concatenate([a for a, _ in blocks]), np.concatenate([b for _, b in blocks])

    def _column(self, name: str, kind: str) -> NDArray[np.int64]:
        """Return a column of numbers; its end may be missing, where only zeros would be."""
        found = np.zeros(self.size, np.int64)
        if self.reader.has_column(name):
            column: Any = self.reader.column_reader(name, translate=False)
            count, width = column._count, column._fixedlen  # noqa: SLF001 (else one call a number)
            raw = column._dbfile.get(column._basepos, count * width)  # noqa: SLF001
            found[:count] = np.frombuffer(raw, kind)
        return found

    def _owners(self) -> Ids:
        """Return for each entry the number of its lesson among the lessons."""
        marks = np.zeros(self.size, np.int32)
        marks[self.lessons] = 1
        return (np.cumsum(marks) - 1).astype(np.int32)


class SegmentWords:
    """The words of segments: each segment is read once."""

    def __init__(self) -> None:
        self._lexicon = Lexicon()
        self._lexicon.add(name for group in built_in() for name in group if " " not in name)
        self._read: set[Segment] = set()

    def of(self, segments: Iterable[Segment]) -> Lexicon:
        """Return a lexicon that knows the words of these segments, and of former ones."""
        for segment in set(segments) - self._read:
            for field in ("lesson_terms", "passage_terms"):
                self._lexicon.add(segment.values(field))
        self._read = set(segments)
        return self._lexicon


def _arrays(ids: Any, weights: Any) -> Postings:  # noqa: ANN401 (what Whoosh unpickles)
    return np.array(ids, np.int32), np.array(weights, np.float32)
