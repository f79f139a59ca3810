"""The line that a hit shows, and where in it the words are."""

import re
from collections.abc import Iterable
from dataclasses import replace

from search.index import Passage, QueryWord
from search.thai import normalise

SNIPPET_CHARACTERS = 160
_BEFORE = 50
_SPACES = re.compile(r"\s+")
_LATIN = re.compile(r"[a-z0-9]+")
Marks = tuple[tuple[int, int], ...]


def marked_snippet(passage: Passage, words: Iterable[QueryWord]) -> Passage:
    """Return the passage with about a line of its text, where most of the words are.

    Of captions the second is that of the line in which the longest of them stands. Without any
    word the line is the beginning. "…" marks what was left out.
    """
    line = _SPACES.sub(" ", normalise(passage.snippet)).strip()
    marks = marks_in(line, words)
    start, end = _window(marks, len(line))
    before = "…" if start else ""
    shown = line[start:end]
    inside = [(max(a, start), min(b, end)) for a, b in marks if a < end and b > start]
    place = max(inside, key=lambda mark: mark[1] - mark[0], default=(start, end))[0]
    seconds = [at_s for begin, at_s in passage.lines if begin <= place]
    shift = len(before) - start
    return replace(
        passage,
        snippet=before + shown + ("…" if end < len(line) else ""),
        marks=tuple((a + shift, b + shift) for a, b in inside),
        at_s=seconds[-1] if seconds else passage.at_s,
    )


def marks_in(text: str, words: Iterable[QueryWord]) -> Marks:
    """Return the ranges of `text` that hold words of the query, in order, without overlaps."""
    sought = {text for word in words for term in word.terms for text in term.texts}
    lower = text.lower()
    found = sorted(place for word in sought for place in _places(lower, word))
    marks: list[tuple[int, int]] = []
    for start, end in found:
        if marks and start <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(end, marks[-1][1]))
        else:
            marks.append((start, end))
    return tuple(marks)


def _places(lower: str, word: str) -> Iterable[tuple[int, int]]:
    """Yield where a word stands; English and numbers only at the beginning of a word."""
    is_latin = _LATIN.fullmatch(word) is not None
    at = lower.find(word)
    while at >= 0:
        if not (is_latin and at and _LATIN.fullmatch(lower[at - 1])):
            yield at, at + len(word)
        at = lower.find(word, at + 1)


def _window(marks: Marks, length: int) -> tuple[int, int]:
    """Return the part of a line of this length that holds the most marked characters."""
    starts = [max(0, start - _BEFORE) for start, _ in marks] or [0]

    def marked(start: int) -> int:
        end = start + SNIPPET_CHARACTERS
        return sum(b - a for a, b in marks if start <= a and b <= end)

    best = max(starts, key=lambda start: (marked(start), -start))
    return best, min(length, best + SNIPPET_CHARACTERS)
