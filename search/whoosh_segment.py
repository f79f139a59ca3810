"""One Whoosh segment, read in bulk. A segment never changes but for what is deleted from it.

So what was read stays valid while other segments come and go.
"""

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from whoosh.codec.whoosh3 import W3Segment

from search.lexicon import Lexicon
from search.synonyms import built_in
from search.term_file import Ids, Postings
from search.whoosh_schema import Shown, unpacked
from search.whoosh_writing import open_entries, open_terms

KEPT_PLACES = 50_000


class Segment:
    """Postings and numbers of one segment. Numbers of entries count from its own 0.

    Its files are opened here: a merge may remove them afterwards.
    """

    def __init__(self, storage: Any, segment: W3Segment) -> None:  # noqa: ANN401 (Whoosh's own)
        self.size = int(segment.doc_count_all())
        self._terms = open_terms(storage, segment)
        self._places: dict[tuple[str, str], tuple[int, int]] = {}
        self._entries = open_entries(storage, segment)
        self.lessons = np.flatnonzero(self._entries.column("is_lesson")).astype(np.int32)
        self.owners = self._owners()
        self.published_at = self._entries.column("published_at")[self.lessons]
        self.view_counts = self._entries.column("view_count")[self.lessons]

    def lesson_postings(self, field: str, text: str) -> Postings:
        """Return which lessons hold a term, numbered among the lessons, and its weights."""
        entries, weights = self.postings(field, text)
        return self.owners[entries], weights

    def postings(self, field: str, text: str) -> Postings:
        """Return the entries that hold a term, deleted ones too, and its weights."""
        return self._terms.postings(*self._place(field, text))

    def frequency(self, field: str, text: str) -> int:
        """Return how many entries hold a term."""
        start, end = self._place(field, text)
        return end - start

    def values(self, field: str) -> list[str]:
        """Return all terms of a field, also of what is deleted."""
        return self._terms.texts(field)

    def shown(self, entry: int) -> Shown:
        """Return what is kept of an entry to show it."""
        return unpacked(self._entries.shown(entry))

    def _place(self, field: str, text: str) -> tuple[int, int]:
        known = self._places.get((field, text))
        if known is None:
            if len(self._places) > KEPT_PLACES:
                self._places.clear()
            known = self._places[field, text] = self._terms.place(field, text)
        return known

    def _owners(self) -> Ids:
        """Return for each entry the number of its lesson among the lessons."""
        marks = np.zeros(self.size, np.int32)
        marks[self.lessons] = 1
        return (np.cumsum(marks) - 1).astype(np.int32)


class SegmentWords:
    """The words of segments: each segment is read once."""

    def __init__(self) -> None:
        self._lexicon = Lexicon()
        self._knows_built_in = False
        self._of_titles: set[str] = set()
        self._read: set[Segment] = set()

    def of(self, segments: Iterable[Segment]) -> Lexicon:
        """Return a lexicon that knows the words of these segments, and of former ones."""
        self._read_new(segments)
        return self._lexicon

    def of_titles(self, segments: Iterable[Segment]) -> Collection[str]:
        """Return the words of the titles of these segments, and of former ones."""
        self._read_new(segments)
        return self._of_titles

    def _read_new(self, segments: Iterable[Segment]) -> None:
        if not self._knows_built_in:  # not sooner: most processes that open the index never ask
            self._lexicon.add(name for group in built_in() for name in group if " " not in name)
            self._knows_built_in = True
        for segment in set(segments) - self._read:
            for field in ("lesson_terms", "passage_terms"):
                self._lexicon.add(segment.values(field))
            self._of_titles.update(segment.values("title_terms"))
        self._read = set(segments)
