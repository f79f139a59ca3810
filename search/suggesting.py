"""What may be meant while somebody types: words to finish the last one by, and titles."""

from typing import Protocol

import numpy as np

from search.folding import GRAM_LENGTH, fold, grams
from search.index import Suggestion
from search.misspelt import Mask, Titled
from search.ranking import Ids
from search.thai import normalise

SHORTEST = 2  # letters before anything is suggested
LONGEST = 100  # of what is looked at: each three letters are one look-up
MOST_WORDS = 3
MOST_TRIED = 200  # words or titles that are looked at


class Viewed(Titled, Protocol):
    """What else is asked of an engine here."""

    def most_viewed(self, lessons: Ids, most: int) -> Ids:
        """Return the most viewed, then the newest, of some lessons."""

    def suggestion(self, lesson: int) -> Suggestion:
        """Return the title of a lesson, with its id, by its number."""


def suggest(entries: Viewed, text: str, allowed: Mask, limit: int) -> tuple[Suggestion, ...]:
    """Return words and titles of allowed lessons that begin like, or hold, an unfinished text."""
    typed = " ".join(normalise(text[:LONGEST]).lower().split())
    if len(fold(typed)) < SHORTEST:
        return ()
    words = _words(entries, typed, allowed)
    titles = _titles(entries, fold(typed), allowed)
    known = {fold(one.text) for one in words}
    titles = [one for one in titles if fold(one.text) not in known]
    return tuple([*words[:MOST_WORDS], *titles][:limit])


def _words(entries: Viewed, typed: str, allowed: Mask) -> list[Suggestion]:
    """Return the typed text with its last word finished, by the more frequent words first."""
    before, _, last = typed.rpartition(" ")
    beginning = fold(last)
    if len(beginning) < SHORTEST:
        return []

    def lessons_with(word: str) -> int:
        return int(allowed[entries.postings("title_terms", word)[0]].sum())

    found = entries.lexicon().finish(beginning, lambda word: bool(lessons_with(word)), MOST_TRIED)
    best = sorted(found, key=lambda word: (-lessons_with(word), len(word)))[:MOST_WORDS]
    return [Suggestion(text=f"{before} {word}".strip()) for word in best if word != typed]


def _titles(entries: Viewed, typed: str, allowed: Mask) -> list[Suggestion]:
    """Return titles that hold the folded text, those that begin with it first."""
    if len(typed) < GRAM_LENGTH:
        return []
    held = allowed.copy()
    for piece in grams(typed):
        mask = np.zeros_like(held)
        mask[entries.postings("grams", piece)[0]] = True
        held &= mask
    lessons = entries.most_viewed(np.flatnonzero(held).astype(np.int32), MOST_TRIED)
    titles = [entries.suggestion(int(lesson)) for lesson in lessons]
    found = [(fold(one.text).find(typed), one) for one in titles]
    good = sorted((one for one in found if one[0] >= 0), key=lambda one: one[0] > 0)
    return [one for _, one in good]
