"""The index's own words, to read misspelt and unfinished queries by."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from search.folding import fold_term
from search.near import nearest

SHORTEST, LONGEST = 3, 40  # letters of a folded word
MOST_NEAR = 80  # words that are compared letter by letter
MIN_SHARED = 0.45  # part of a word's pairs of letters that must stand in the query
SHORTEST_PREFIX = 3
MOST_FINISHED = 12
LETTERS_PER_EDIT = 4  # one edit is forgiven in a word of so many letters, two in twice as many


@dataclass(frozen=True, slots=True)
class Reading:
    """One word of the index for a stretch of a folded run, and how many letters differ."""

    start: int
    end: int
    words: tuple[str, ...]  # of which any may be meant
    distance: int

    @property
    def worth(self) -> float:
        """Return how much of the run it explains."""
        return self.end - self.start - 1.6 * self.distance - 0.4


class Lexicon:
    """Words by their folded form. They are only added: who asks says which still count."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._spellings: dict[str, list[str]] = {}  # by folded form
        self._folded: list[str] = []
        self._pair_counts = array("i")
        self._by_pair: dict[str, array[int]] = {}
        self._sorted: list[str] = []

    def add(self, words: Iterable[str]) -> None:
        """Learn words; what is too short, too long or no word is left out."""
        fresh = []
        for word in words:
            if word in self._known:  # a merged segment brings what is known
                continue
            self._known.add(word)
            folded = fold_term(word)
            if not SHORTEST <= len(folded) <= LONGEST or not folded[0].isalpha():
                continue
            spellings = self._spellings.setdefault(folded, [])
            if not spellings:
                fresh.append(folded)
                self._add_pairs(folded)
            spellings.append(word)
        if len(fresh) > len(self._sorted) // 8:
            self._sorted = sorted([*self._sorted, *fresh])
        else:
            for folded in fresh:
                insort(self._sorted, folded)

    def read(self, run: str, may_use: Callable[[str], bool]) -> list[Reading]:
        """Return the best way to read a folded run as words that may be used, left to right.

        Stretches that are like no word are left out; no run is too odd, then there is nothing.
        """
        readings = [*self._near(run, may_use), *self._unfinished(run, may_use)]
        best: list[tuple[float, list[Reading]]] = [(0.0, [])] * (len(run) + 1)
        by_end: dict[int, list[Reading]] = {}
        for reading in readings:
            by_end.setdefault(reading.end, []).append(reading)
        for end in range(1, len(run) + 1):
            best[end] = best[end - 1]
            for reading in by_end.get(end, ()):
                worth = best[reading.start][0] + reading.worth
                if worth > best[end][0]:
                    best[end] = worth, [*best[reading.start][1], reading]
        return best[-1][1]

    def finish(self, beginning: str, may_use: Callable[[str], bool], limit: int) -> list[str]:
        """Return words that begin with a folded beginning."""
        found: list[str] = []
        at = bisect_left(self._sorted, beginning)
        while at < len(self._sorted) and self._sorted[at].startswith(beginning):
            found += [word for word in self._spellings[self._sorted[at]] if may_use(word)]
            at += 1
            if len(found) >= limit:
                break
        return found[:limit]

    def _near(self, run: str, may_use: Callable[[str], bool]) -> Iterable[Reading]:
        for folded in self._candidates(run):
            place = nearest(folded, run)
            if place.distance > len(folded) // LETTERS_PER_EDIT:
                continue
            words = tuple(word for word in self._spellings[folded] if may_use(word))
            if words:
                yield Reading(place.start, place.end, words, place.distance)

    def _unfinished(self, run: str, may_use: Callable[[str], bool]) -> Iterable[Reading]:
        for start in range(len(run) - SHORTEST_PREFIX + 1):
            words = self.finish(run[start:], may_use, MOST_FINISHED)
            if words:
                yield Reading(start, len(run), tuple(words), 0)

    def _candidates(self, run: str) -> list[str]:
        """Return words that share many pairs of letters with the run, the most alike first."""
        pairs = {run[at : at + 2] for at in range(len(run) - 1)}
        found = [
            np.frombuffer(self._by_pair[pair], np.int32) for pair in pairs & self._by_pair.keys()
        ]
        if not found:
            return []
        shared = np.bincount(np.concatenate(found), minlength=len(self._folded))
        counts = np.frombuffer(self._pair_counts, np.int32)
        ratio = shared / counts
        good = np.flatnonzero(ratio >= MIN_SHARED)
        order = good[np.argsort(-(ratio[good] * np.sqrt(counts[good])), kind="stable")]
        return [self._folded[at] for at in order[:MOST_NEAR]]

    def _add_pairs(self, folded: str) -> None:
        number = len(self._folded)
        pairs = {folded[at : at + 2] for at in range(len(folded) - 1)}
        self._folded.append(folded)
        self._pair_counts.append(len(pairs))
        for pair in pairs:
            self._by_pair.setdefault(pair, array("i")).append(number)
