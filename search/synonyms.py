"""Words that mean the same: the built-in list, and one that the office adds to a query.

Queries are widened, documents are not: a changed list needs no new index.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from search.cutting import words_in
from search.thai import normalise

LIST = Path(__file__).parent / "synonyms.csv"
Groups = tuple[tuple[str, ...], ...]
Phrases = dict[str, list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]]


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Groups of words or phrases of which each finds what any of them names."""

    groups: Groups = ()

    def match(self, words: list[str], start: int) -> tuple[int, tuple[tuple[str, ...], ...]]:
        """Return how many words from `start` are a known phrase, and its other names as words.

        The longest phrase counts; nothing known is (0, ()).
        """
        count = 0
        others: dict[tuple[str, ...], None] = {}
        for phrases in (_phrases(built_in()), _phrases(self.groups)):
            for phrase, names in phrases.get(words[start], ()):
                if len(phrase) < count or tuple(words[start : start + len(phrase)]) != phrase:
                    continue
                if len(phrase) > count:
                    count, others = len(phrase), {}
                others.update(dict.fromkeys(names))
        return count, tuple(others)


@lru_cache(maxsize=1)
def built_in() -> Groups:
    """Return the groups of the list that comes with the program."""
    lines = LIST.read_text("utf-8").splitlines()
    groups = (line.split(",") for line in lines if line and not line.startswith("#"))
    return tuple(tuple(name.strip() for name in group if name.strip()) for group in groups)


@lru_cache(maxsize=8)
def _phrases(groups: Groups) -> Phrases:
    """Return, by first word, phrases as words and the other names of what they name."""
    phrases: Phrases = {}
    for group in groups:
        names = [words for name in group if (words := _as_words(name))]
        for words in names:
            others = tuple(other for other in names if other != words)
            phrases.setdefault(words[0], []).append((words, others))
    return phrases


def _as_words(name: str) -> tuple[str, ...]:
    return tuple(words_in(normalise(name).lower()))
