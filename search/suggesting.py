"""What may be meant while somebody types: words to finish the last one by, and titles."""

from collections.abc import Collection
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

    def title_words(self) -> Collection[str]:
        """Return the words of all titles, those of others and deleted ones too."""

    def most_viewed(self, lessons: Ids, most: int) -> Ids:
        """Return the most viewed, then the newest, of some lessons."""

    def suggestion(self, lesson: int) -> Suggestion:
        """Return the title of a lesson, with its id, by its number."""


def suggest(entries: Viewed, text: str, allowed: Mask, limit: int) -> tuple[Suggestion, ...]:
    """Return words and titles of allowed lessons that begin like, or hold, an unfinished text."""
    typed = " ".join(normalise(text[:LONGEST]).lower().split())
    folded = fold(typed)
    if len(folded) < SHORTEST:
        return ()
    words = _words(entries, typed, allowed)
    known = {fold(word) for word in words}
    titles = [lesson for title, lesson in _titles(entries, folded, allowed) if title not in known]
    most = max(0, limit - len(words))
    suggested = [Suggestion(text=word) for word in words]
    return (*suggested[:limit], *(entries.suggestion(lesson) for lesson in titles[:most]))


def _words(entries: Viewed, typed: str, allowed: Mask) -> list[str]:
    """Return the typed text with its last word finished, by the more frequent words first."""
    before, _, last = typed.rpartition(" ")
    beginning = fold(last)
    if len(beginning) < SHORTEST:
        return []
    of_titles = entries.title_words()
    counts: dict[str, int] = {}

    def is_in_titles(word: str) -> bool:
        if word not in of_titles:
            return False
        counts[word] = int(allowed[entries.postings("title_terms", word)[0]].sum())
        return bool(counts[word])

    found = entries.lexicon().finish(beginning, is_in_titles, MOST_TRIED)
    best = sorted(found, key=lambda word: (-counts[word], len(word)))[:MOST_WORDS]
    return [f"{before} {word}".strip() for word in best if word != typed]


def _titles(entries: Viewed, typed: str, allowed: Mask) -> list[tuple[str, int]]:
    """Return folded titles that hold what is typed, with their lessons; first those it begins."""
    if len(typed) < GRAM_LENGTH:
        return []
    held = allowed.copy()
    for piece in grams(typed):
        mask = np.zeros_like(held)
        mask[entries.postings("grams", piece)[0]] = True
        held &= mask
    lessons = entries.most_viewed(np.flatnonzero(held).astype(np.int32), MOST_TRIED)
    titles = [(entries.folded_title(lesson), lesson) for lesson in lessons.tolist()]
    good = [(title, lesson) for title, lesson in titles if typed in title]
    return sorted(good, key=lambda one: not one[0].startswith(typed))
