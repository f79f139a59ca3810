"""Lessons for misspelt and unfinished queries: by the index's own words, and by whole titles."""

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from search.folding import GRAM_LENGTH, grams
from search.index import SearchQuery
from search.lexicon import Lexicon
from search.near import nearest
from search.ranking import Entries, Ranked, rank
from search.reading import read_text, read_words
from search.weighing import rarity
from search.words import query_words

MIN_GRAM_COVERAGE = 0.3  # part of the pieces of a query that a title must hold to be looked at
MIN_LIKENESS = 0.75  # part of its letters that must stand there, in order
MOST_NEAR_TITLES = 60
GRAM_WEIGHT = 0.7
MOST_PREFERRED, WITHIN, EQUAL = 40, 1.2, 1.4
Mask = NDArray[np.bool_]


class Titled(Entries, Protocol):
    """What else is asked of an engine here."""

    def folded_title(self, lesson: int) -> str:
        """Return the title of a lesson by its number, folded."""

    def lexicon(self) -> Lexicon:
        """Return the words of the index."""

    def is_known(self, word: str, allowed: Mask) -> bool:
        """Tell whether an allowed lesson holds the word: nobody reads words of others."""


def add_near(entries: Titled, ranked: Ranked, query: SearchQuery, allowed: Mask) -> str:
    """Add lessons with words or titles that are nearly what was typed; return the words."""
    readings = entries.lexicon().read(query.near, lambda word: _may_mean(entries, word, allowed))
    words = read_words(query, readings)
    if words:
        codes = tuple(word for word in query.words if word.terms[0].texts[0][0] == "#")
        ranked.merge(rank(entries, replace(query, words=(*codes, *words)), allowed))
    _add_near_titles(entries, ranked, query, allowed)
    return read_text(readings) if words else ""


def prefer_titles(entries: Titled, ranked: Ranked, query: SearchQuery) -> None:
    """Raise, of the best lessons, those whose title stands in the query, or the query in it."""
    best = np.argsort(-ranked.lessons)[:MOST_PREFERRED]
    for lesson in best[ranked.lessons[best] > 0]:
        title = entries.folded_title(int(lesson))
        if len(query.near) > GRAM_LENGTH and query.near in title:
            ranked.lessons[lesson] *= EQUAL if query.near == title else WITHIN
        elif len(title) > GRAM_LENGTH and title in query.near:
            ranked.lessons[lesson] *= WITHIN


def _may_mean(entries: Titled, word: str, allowed: Mask) -> bool:
    """Tell whether the word, or what means the same, is known to these people."""
    terms = (term for meant in query_words(word) for term in meant.terms)
    return any(all(entries.is_known(text, allowed) for text in term.texts) for term in terms)


def _add_near_titles(entries: Titled, ranked: Ranked, query: SearchQuery, allowed: Mask) -> None:
    """Add lessons whose titles hold nearly all letters of the query, one after the other."""
    pieces = grams(query.near)
    if not pieces:
        return
    held = np.zeros(entries.lesson_count, np.int32)
    score = np.zeros(entries.lesson_count, np.float32)
    for piece in pieces:
        lessons, _ = entries.postings("grams", piece)
        held[lessons] += 1
        score[lessons] += rarity(lessons.size, entries.lesson_count)
    held[~allowed] = 0
    good = np.flatnonzero(held >= MIN_GRAM_COVERAGE * len(pieces))
    for lesson in good[np.argsort(-score[good])][:MOST_NEAR_TITLES]:
        title = entries.folded_title(int(lesson))
        place = nearest(query.near, title)
        likeness = 1 - place.distance / len(query.near)
        if likeness >= MIN_LIKENESS:
            is_whole = len(title) <= len(query.near) + place.distance
            near = GRAM_WEIGHT * score[lesson] * likeness * (EQUAL if is_whole else 1)
            ranked.lessons[lesson] = max(ranked.lessons[lesson], near)
