"""The line that a hit shows."""

from collections.abc import Iterable

from search.index import QueryWord
from search.thai import normalise

SNIPPET_CHARACTERS = 160
_BEFORE = 50


def cut_snippet(text: str, words: Iterable[QueryWord]) -> str:
    """Return about a line of `text` around the longest word of the query that stands in it.

    Without any such word the line is the beginning. "…" marks what was left out.
    """
    line = " ".join(normalise(text).split())
    sought = {text for word in words for term in word.terms for text in term.texts}
    lower = line.lower()
    places = (lower.find(word) for word in sorted(sought, key=len, reverse=True))
    start = max(0, next((at for at in places if at >= 0), 0) - _BEFORE)
    end = start + SNIPPET_CHARACTERS
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")
