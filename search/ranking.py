"""Which lessons answer a query, and how well: BM25 over words, and how much of it a lesson holds.

An engine gives postings as arrays; a word is fulfilled by any of its terms, once. Lessons and
passages have numbers from 0; every passage has a lesson.
"""

import time
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from search.index import QueryWord, SearchQuery, Term
from search.weighing import rarity

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]
Bits = NDArray[np.int32]
Field = Literal["lesson_terms", "passage_terms", "title_terms", "grams"]

# Part of a query's information that a lesson must hold: of a few words, and of questions.
MIN_COVERAGE_OF_FEW, MIN_COVERAGE_OF_MANY, FEW = 0.5, 0.35, 4
TELLING_LENGTH = 4  # a shorter word tells less: nonsense falls apart into words of two letters
PASSAGE_WEIGHT = 0.6  # what stands in the title or description goes before what is said somewhere
NEAR_WEIGHT = 0.9
OWN_WEIGHT = 0.4  # of the lesson's own score where it is found by a passage
SURE_WORDS = 8  # of a query; of more, those that tell least go when they stand nearly everywhere
MOST_POSTINGS = 1_500_000
BITS_AT_ONCE = 8


class Entries(Protocol):
    """What ranking asks of an engine."""

    lesson_count: int
    owners: Ids  # of each entry: the number of its lesson

    def postings(self, field: Field, text: str) -> tuple[Ids, Floats]:
        """Return which entries hold a term and its weights; lessons for fields of lessons."""

    def frequency(self, field: Field, text: str) -> int:
        """Return how many entries hold a term."""

    def size(self, field: Field) -> int:
        """Return how many entries have this field."""


@dataclass(slots=True)
class Scores:
    """What words give to entries: their sum, and which words they hold (a bit each)."""

    total: Floats
    held: Bits
    is_complete: bool = True


@dataclass(slots=True, kw_only=True)
class Ranked:
    """Scores by lesson, 0 for those that do not answer; `passages` scores by entry."""

    lessons: Floats
    passages: Floats
    is_complete: bool = True
    coverage: float = 0.0  # the greatest part of the query that a lesson holds

    def merge(self, near: "Ranked") -> None:
        """Add what is found for words that are nearly those of the query."""
        self.lessons = np.maximum(self.lessons, near.lessons * NEAR_WEIGHT)
        self.passages = np.maximum(self.passages, near.passages * NEAR_WEIGHT)
        self.is_complete &= near.is_complete


def rank(entries: Entries, query: SearchQuery, allowed: NDArray[np.bool_]) -> Ranked:
    """Return the scores of all allowed lessons; what would take too long is left out."""
    deadline = time.monotonic() + query.time_limit_s
    words = affordable(entries, query.words)
    importance = [importance_of(entries, word) for word in words]
    own = add_up(entries, "lesson_terms", words, deadline)
    said = add_up(entries, "passage_terms", words, deadline)
    own.total *= allowed
    whole = sum(importance) or 1.0
    is_few = len(importance) <= FEW
    enough = whole * (MIN_COVERAGE_OF_FEW if is_few else MIN_COVERAGE_OF_MANY)

    covered = _covered(own.held, importance)
    lessons = np.where(
        (own.total > 0) & (covered >= enough), own.total * (0.5 + covered / whole), 0
    ).astype(np.float32)
    coverage = float(covered[own.total > 0].max(initial=0.0)) / whole

    passages = np.zeros_like(said.total)
    found = np.flatnonzero(said.total > 0)  # truths are looked through ten times as fast
    found = found[allowed[entries.owners[found]]]
    owners = entries.owners[found]
    covered = _covered(said.held[found] | own.held[owners], importance)
    score = PASSAGE_WEIGHT * said.total[found] + OWN_WEIGHT * own.total[owners]
    score *= (covered >= enough) * (0.5 + covered / whole)
    passages[found] = score
    np.maximum.at(lessons, owners, score.astype(np.float32))
    coverage = max(coverage, float(covered.max(initial=0.0)) / whole)
    return Ranked(
        lessons=lessons,
        passages=passages,
        is_complete=own.is_complete and said.is_complete and words == query.words,
        coverage=coverage,
    )


def affordable(entries: Entries, words: tuple[QueryWord, ...]) -> tuple[QueryWord, ...]:
    """Return the words, in their order; of very many, the rarest that MOST_POSTINGS allow."""
    if len(words) <= SURE_WORDS:
        return words
    left, kept = MOST_POSTINGS, set()
    by_cost = sorted((_posting_count(entries, word), at) for at, word in enumerate(words))
    for place, (cost, at) in enumerate(by_cost):
        left -= cost
        if place < SURE_WORDS or left >= 0:
            kept.add(at)
    return tuple(word for at, word in enumerate(words) if at in kept)


def add_up(entries: Entries, field: Field, words: tuple[QueryWord, ...], deadline: float) -> Scores:
    """Add the scores of words, rare ones first; of a word's terms the best one counts."""
    size = entries.lesson_count if field != "passage_terms" else entries.owners.size
    scores = Scores(np.zeros(size, np.float32), np.zeros(size, np.int32))
    order = sorted(range(len(words)), key=lambda at: _commonness(entries, field, words[at]))
    for bit in order:
        if time.monotonic() > deadline:
            scores.is_complete = False
            break
        ids, weights = word_scores(entries, field, words[bit])
        scores.total[ids] += weights
        scores.held[ids] |= np.int32(1 << bit)
    return scores


def word_scores(entries: Entries, field: Field, word: QueryWord) -> tuple[Ids, Floats]:
    """Return the entries that hold a word and what it gives them."""
    found = [_term_scores(entries, field, term) for term in word.terms]
    found = [(ids, weights) for ids, weights in found if ids.size]
    if len(found) == 1:
        return found[0]
    size = entries.lesson_count if field != "passage_terms" else entries.owners.size
    best = np.zeros(size, np.float32)
    for ids, weights in found:
        best[ids] = np.maximum(best[ids], weights)
    ids = np.flatnonzero(best > 0).astype(np.int32)
    return ids, best[ids]


def word_shares(
    entries: Entries, query: SearchQuery, lesson: int, passage: int
) -> tuple[float, ...]:
    """Return what each word gives to a lesson, by its own entry or by one passage of it."""

    def share(field: Field, word: QueryWord, number: int) -> float:
        ids, scores = word_scores(entries, field, word)
        return float(scores[ids == number].sum())

    return tuple(
        max(
            share("lesson_terms", word, lesson),
            PASSAGE_WEIGHT * share("passage_terms", word, passage),
        )
        for word in query.words
    )


def importance_of(entries: Entries, word: QueryWord) -> float:
    """Return how much a word tells; a word that the index does not know tells most."""
    rarities = [
        rarity(frequency, entries.size(field))
        for field in ("lesson_terms", "passage_terms")
        if (frequency := _commonness(entries, field, word))
    ]
    length = max(len(text) for text in word.terms[0].texts)
    if not rarities:
        return rarity(0, entries.size("lesson_terms"))
    return min(rarities) * min(1.0, length / TELLING_LENGTH)


def _commonness(entries: Entries, field: Field, word: QueryWord) -> int:
    return max(min(entries.frequency(field, text) for text in term.texts) for term in word.terms)


def _posting_count(entries: Entries, word: QueryWord) -> int:
    texts = [text for term in word.terms for text in term.texts]
    return sum(entries.frequency("passage_terms", text) for text in texts)


def _term_scores(entries: Entries, field: Field, term: Term) -> tuple[Ids, Floats]:
    """Return the entries that hold all texts of the term, and what they score."""
    size = entries.size(field)
    texts = sorted(term.texts, key=lambda text: entries.frequency(field, text))
    ids, total = entries.postings(field, texts[0])
    total = total * (rarity(ids.size, size) * term.weight)
    for text in texts[1:]:
        if not ids.size:
            break
        others, weights = entries.postings(field, text)
        at = np.searchsorted(others, ids).clip(max=max(others.size - 1, 0))
        both = others[at] == ids if others.size else np.zeros(ids.size, bool)
        ids, at = ids[both], at[both]
        total = total[both] + weights[at] * (rarity(others.size, size) * term.weight)
    return ids, total.astype(np.float32)


def _covered(held: Bits, importance: list[float]) -> Floats:
    """Return how much of the query's information each entry holds."""
    covered = np.zeros(held.size, np.float32)
    for first in range(0, len(importance), BITS_AT_ONCE):
        table = _sums(importance[first : first + BITS_AT_ONCE])
        covered += table[(held >> first) & (table.size - 1)]
    return covered


def _sums(values: list[float]) -> Floats:
    """Return the sum for each set of values, a bit each."""
    sums = np.zeros(1, np.float32)
    for value in values:
        sums = np.concatenate([sums, sums + np.float32(value)])
    return sums
