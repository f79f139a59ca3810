"""Runs of letters and digits, cut into words: the same for documents, queries and synonyms."""

import re
from functools import lru_cache

from search.thai import cut

_RUNS = re.compile(r"[\u0e01-\u0e3a\u0e40-\u0e4e]+|[a-z\u00c0-\u024f]+|\d+(?:[.,]\d+)*")
_IES = re.compile("(.{2,})ies")
_ING = re.compile("(.{3,})ing")
_PLURAL = re.compile("(.+[^sui])s")
_REPEATER = "\u0e46"  # mai yamok


def words_in(text: str) -> list[str]:
    """Return the words of normalised lower-case text; English ones without plural or -ing."""
    words: list[str] = []
    for run in _RUNS.findall(text):
        if run[0] >= "\u0e01":
            words.extend(cut(run.replace(_REPEATER, "")))
        elif run[0].isdigit():
            words.append(run.replace(",", ""))
        else:
            words.append(_stem(run))
    return words


@lru_cache(maxsize=5_000)
def _stem(word: str) -> str:
    """Return an English word without its plural or -ing; light, for both sides lose the same."""
    if match := _IES.fullmatch(word):
        return match[1] + "y"
    match = _ING.fullmatch(word) or _PLURAL.fullmatch(word)
    return match[1] if match else word
