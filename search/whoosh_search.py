"""One query against one state of a Whoosh index.

Postings are added up here and not by Whoosh's collectors: its nested Or returns a wrong best ten
and ignores `minmatch`, and a word is fulfilled by any of its terms, once.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any

from whoosh.reading import IndexReader, TermNotFound

from search.index import (
    FACETS,
    MAX_COUNTED,
    Hit,
    Passage,
    QueryWord,
    SearchQuery,
    SearchResult,
    Term,
)
from search.whoosh_schema import facet_field

K1, B = 1.2, 0.5  # BM25: how soon repetition stops to count; how much long texts are held back
# Part of a query's information that a lesson must hold: of a few words, and of questions.
MIN_COVERAGE_OF_FEW, MIN_COVERAGE_OF_MANY, FEW = 0.5, 0.35, 4
TELLING_LENGTH = 4  # a shorter word tells less: nonsense falls apart into words of two letters
MIN_GRAM_COVERAGE = 0.55  # likewise for misspelt words, by pieces of the title
PASSAGE_WEIGHT = 0.6  # what stands in the title or description goes before what is said somewhere
GRAM_WEIGHT = 0.3
WHOLE = 0.95  # coverage from which nothing is taken for misspelt
PLACE_WEIGHT = 0.4  # of the title's own score for a lesson that is found by a passage
SHOWN_PASSAGES = 3


@dataclass(slots=True)
class Scores:
    """Entries that hold words of the query: their scores, and which words (a bit each)."""

    of: dict[int, float] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """One lesson while it is ranked; `entry` is any entry of it: all have the same facets."""

    entry: int
    score: float
    passages: list[int] = field(default_factory=list)


class Snapshot:
    """The index as of one commit. For one thread at a time: Whoosh's files have one position."""

    def __init__(self, reader: IndexReader, generation: str) -> None:
        self.reader = reader
        self.generation = generation
        self._size = reader.doc_count_all()
        self._lesson_column: Any = reader.column_reader("lesson_id") if self._size else ()
        self._published_column: Any = reader.column_reader("published_at") if self._size else ()
        self._bitmaps: dict[tuple[str, str], int] = {}
        self._facet_values: dict[str, list[str]] = {}

    def search(self, query: SearchQuery) -> SearchResult:
        """Return one page of lessons, best first."""
        allowed = self._allowed(query)
        if not allowed or not (query.words or query.grams):
            return SearchResult()
        found = self._rank(query, allowed.to_bytes(self._size // 8 + 1, "little"))
        best = nlargest(MAX_COUNTED, found, key=lambda lesson_id: self._worth(found[lesson_id]))
        page = best[query.offset : query.offset + query.limit]
        return SearchResult(
            hits=tuple(self._hit(lesson_id, found[lesson_id]) for lesson_id in page),
            total=len(best),
            facets=self._count_facets([found[lesson_id].entry for lesson_id in best]),
        )

    def close(self) -> None:
        """Let go of the files."""
        self.reader.close()

    def _rank(self, query: SearchQuery, allowed: bytes) -> dict[str, Found]:
        importance = [self._importance(word) for word in query.words]
        lessons = self._add_up("lesson_terms", query.words, allowed)
        passages = self._add_up("passage_terms", query.words, allowed)
        found = self._lessons_covering(lessons, passages, importance)
        total = sum(importance)
        if not any(_sum_of(held, importance) > WHOLE * total for held in lessons.held.values()):
            self._add_misspelt(found, query.grams, allowed, lessons)
        return found

    def _lessons_covering(
        self, lessons: Scores, passages: Scores, importance: list[float]
    ) -> dict[str, Found]:
        """Keep lessons whose own entry, or it and one of its passages, hold enough of the query."""
        is_short = len(importance) <= FEW
        total = sum(importance) or 1.0
        enough = total * (MIN_COVERAGE_OF_FEW if is_short else MIN_COVERAGE_OF_MANY)
        found: dict[str, Found] = {}
        for entry, score in lessons.of.items():
            covered = _sum_of(lessons.held[entry], importance)
            if covered >= enough:
                found[self._lesson_of(entry)] = Found(entry, score * (0.5 + covered / total))
        for entry in nlargest(MAX_COUNTED, passages.of, key=passages.of.__getitem__):
            lesson_id = self._lesson_of(entry)
            own = self._entry_of(lesson_id)
            covered = _sum_of(passages.held[entry] | lessons.held.get(own, 0), importance)
            if covered < enough:
                continue
            score = PASSAGE_WEIGHT * passages.of[entry] + PLACE_WEIGHT * lessons.of.get(own, 0.0)
            lesson = found.setdefault(lesson_id, Found(entry, 0.0))
            lesson.score = max(lesson.score, score * (0.5 + covered / total))
            lesson.passages.append(entry)
        return found

    def _add_misspelt(
        self, found: dict[str, Found], grams: tuple[str, ...], allowed: bytes, lessons: Scores
    ) -> None:
        words = tuple(QueryWord((Term((gram,)),)) for gram in grams)
        importance = [self._idf(self._frequency("grams", gram)) for gram in grams]
        near = self._add_up("grams", words, allowed)
        for entry, held in near.held.items():
            if held.bit_count() >= MIN_GRAM_COVERAGE * len(grams):  # unweighed: the wrong are rare
                score = GRAM_WEIGHT * _sum_of(held, importance) + lessons.of.get(entry, 0.0)
                lesson = found.setdefault(self._lesson_of(entry), Found(entry, 0.0))
                lesson.score = max(lesson.score, score)

    def _add_up(self, field_name: str, words: tuple[QueryWord, ...], allowed: bytes) -> Scores:
        """Add BM25 over words; of a word's terms the best one counts."""
        scores = Scores()
        for bit, word in enumerate(words):
            best: dict[int, float] = {}
            for term in word.terms:
                for entry, score in self._term_scores(field_name, term, allowed).items():
                    best[entry] = max(score, best.get(entry, 0.0))
            for entry, score in best.items():
                scores.of[entry] = scores.of.get(entry, 0.0) + score
                scores.held[entry] = scores.held.get(entry, 0) | 1 << bit
        return scores

    def _term_scores(self, field_name: str, term: Term, allowed: bytes) -> dict[int, float]:
        """Return the entries that hold all texts of the term, and what they score."""
        scores = self._text_scores(field_name, term.texts[0], allowed)
        for text in term.texts[1:]:
            more = self._text_scores(field_name, text, allowed)
            scores = {entry: scores[entry] + more[entry] for entry in scores.keys() & more.keys()}
        return {entry: term.weight * score for entry, score in scores.items()}

    def _text_scores(self, field_name: str, text: str, allowed: bytes) -> dict[int, float]:
        idf = self._idf(self._frequency(field_name, text)) * (K1 + 1)
        mean_length = self._mean_length(field_name)
        length_of = self.reader.doc_field_length
        scores = {}
        for entry, count in self._postings(field_name, text):
            if allowed[entry >> 3] >> (entry & 7) & 1:
                length = length_of(entry, field_name) / mean_length
                scores[entry] = idf * count / (count + K1 * (1 - B + B * length))
        return scores

    def _mean_length(self, field_name: str) -> float:
        return self.reader.field_length(field_name) / max(1, self.reader.doc_count()) or 1.0

    def _importance(self, word: QueryWord) -> float:
        """Return how much a word tells; a word that the index does not know tells most."""
        names = ("lesson_terms", "passage_terms")
        frequencies = [
            max(min(self._frequency(name, text) for text in term.texts) for name in names)
            for term in word.terms
        ]
        length = max(len(text) for text in word.terms[0].texts)
        return self._idf(max(frequencies)) * min(1.0, length / TELLING_LENGTH)

    def _idf(self, frequency: int) -> float:
        # Whoosh counts deleted entries in frequencies until it merges: so they count in the size.
        return math.log(1 + (self._size - frequency + 0.5) / (frequency + 0.5))

    def _frequency(self, field_name: str, text: str) -> int:
        return int(self.reader.doc_frequency(field_name, text))

    def _postings(self, field_name: str, text: str) -> Iterator[tuple[int, float]]:
        try:
            matcher = self.reader.postings(field_name, text)
        except TermNotFound:
            return
        while matcher.is_active():
            yield matcher.id(), matcher.weight()
            matcher.next()

    def _bitmap(self, field_name: str, text: str) -> int:
        """Return the entries with this value, a bit each; kept as long as this snapshot."""
        key = (field_name, text)
        if key not in self._bitmaps:
            bits = bytearray(self._size // 8 + 1)
            for entry, _ in self._postings(field_name, text):
                bits[entry >> 3] |= 1 << (entry & 7)
            self._bitmaps[key] = int.from_bytes(bits, "little")
        return self._bitmaps[key]

    def _allowed(self, query: SearchQuery) -> int:
        allowed = 0
        for audience in query.audiences:
            allowed |= self._bitmap("audience", audience)
        for name, values in query.filters.items():
            wanted = 0
            for value in values:
                wanted |= self._bitmap(facet_field(name), value)
            allowed &= wanted
        return allowed

    def _count_facets(self, entries: list[int]) -> Mapping[str, Mapping[str, int]]:
        bits = bytearray(self._size // 8 + 1)
        for entry in entries:
            bits[entry >> 3] |= 1 << (entry & 7)
        found = int.from_bytes(bits, "little")
        counts = {
            name: {
                value: (found & self._bitmap(facet_field(name), value)).bit_count()
                for value in self._values_of(name)
            }
            for name in FACETS
        }
        return {
            name: {value: count for value, count in values.items() if count}
            for name, values in counts.items()
        }

    def _values_of(self, facet: str) -> list[str]:
        if facet not in self._facet_values:
            name = facet_field(facet)
            self._facet_values[facet] = [text.decode() for text in self.reader.lexicon(name)]
        return self._facet_values[facet]

    def _worth(self, lesson: Found) -> tuple[float, int, int]:
        """Return what lessons are ordered by: score, then the newer one."""
        return round(lesson.score, 3), int(self._published_column[lesson.entry]), lesson.entry

    def _lesson_of(self, entry: int) -> str:
        return str(self._lesson_column[entry])

    def _entry_of(self, lesson_id: str) -> int:
        """Return the lesson's own entry, or -1."""
        return next((entry for entry, _ in self._postings("id", lesson_id)), -1)

    def _hit(self, lesson_id: str, found: Found) -> Hit:
        passages = []
        for entry in found.passages[:SHOWN_PASSAGES]:
            snippet, at_s, page = self.reader.stored_fields(entry)["shown"]
            passages.append(Passage(snippet=snippet, at_s=at_s, page=page))
        return Hit(lesson_id=lesson_id, score=found.score, passages=tuple(passages))


def _sum_of(held: int, importance: list[float]) -> float:
    return sum(value for bit, value in enumerate(importance) if held >> bit & 1)
