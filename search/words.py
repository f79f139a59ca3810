"""Text into terms: the one way for documents and for queries."""

import re
from collections.abc import Iterator
from functools import lru_cache

from search.folding import grams
from search.index import QueryWord, Term
from search.thai import cut, finer_cut, normalise
from search.vocabulary import match_phrase, take_codes

RULES_VERSION = 1  # raise when terms come out differently: indexes are then rebuilt
MAX_QUERY_CHARACTERS = 200  # more says nothing more; a pasted page must not cost a second
MAX_QUERY_WORDS = 24
MAX_QUERY_GRAMS = 60
PIECES_WEIGHT = 0.7
SYNONYM_WEIGHT = 0.85

_RUNS = re.compile(r"[\u0e01-\u0e3a\u0e40-\u0e4e]+|[a-z\u00c0-\u024f]+|\d+(?:[.,]\d+)*")
_IES = re.compile("(.{2,})ies")
_ING = re.compile("(.{3,})ing")
_PLURAL = re.compile("(.+[^sui])s")
_REPEATER = "\u0e46"  # mai yamok
_LITTLE_WORDS = frozenset(
    "ที่ และ ของ ใน เป็น ได้ ให้ มี กับ จะ ไม่ ว่า ซึ่ง นี้ "  # noqa: SIM905 (a list to read)
    "the a an of and in to is for".split()
)


def document_terms(text: str) -> list[str]:
    """Return all under which `text` may be found: words, their pieces, things, grades, codes."""
    codes, rest = take_codes(normalise(text).lower())
    words = _words_of(rest)
    terms = list(codes)
    for at, word in enumerate(words):
        terms.append(word)
        terms.extend(finer_cut(word))
        if phrase := match_phrase(words, at):
            terms.append(phrase[1])
    return terms


def document_grams(text: str) -> list[str]:
    """Return the pieces by which `text` is found when the query is misspelt."""
    return grams(text)


def query_words(text: str) -> tuple[QueryWord, ...]:
    """Return the words of a query, each with all that fulfils it; little words only if alone."""
    codes, rest = take_codes(normalise(text[:MAX_QUERY_CHARACTERS]).lower())
    words = _words_of(rest)
    found = [QueryWord((Term((code,)),)) for code in dict.fromkeys(codes)]
    telling = [word for word in _grouped(words) if not _is_little(word)] or list(_grouped(words))
    return tuple(dict.fromkeys([*found, *telling]))[:MAX_QUERY_WORDS]


def query_grams(text: str) -> tuple[str, ...]:
    """Return the pieces of a query that may be misspelt; grades and codes are never near misses."""
    _, rest = take_codes(normalise(text[:MAX_QUERY_CHARACTERS]).lower())
    return tuple(grams(rest))[:MAX_QUERY_GRAMS]


def _grouped(words: list[str]) -> Iterator[QueryWord]:
    """Yield a query word per word, or one for several that name a known thing."""
    at = 0
    while at < len(words):
        count, synonym = match_phrase(words, at) or (1, None)
        own = tuple(words[at : at + count])
        terms = [Term(own)]
        if count == 1 and (pieces := finer_cut(own[0])):
            terms.append(Term(pieces, PIECES_WEIGHT))
        if synonym:
            terms.append(Term((synonym,), SYNONYM_WEIGHT))
        yield QueryWord(tuple(terms))
        at += count


def _is_little(word: QueryWord) -> bool:
    return all(text in _LITTLE_WORDS for text in word.terms[0].texts)


def _words_of(text: str) -> list[str]:
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
