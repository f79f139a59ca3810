"""What a misspelt query is read as: words to search with, and a text to offer."""

from collections.abc import Sequence

from search.index import QueryWord, SearchQuery, Term
from search.lexicon import Reading
from search.words import query_words

MIN_READ, EDIT_COST, SURE_LENGTH = (
    0.55,
    1.5,
    5,
)  # part of the letters that must be read; else it is nonsense
WEIGHT_OF_EDIT = 0.15


def read_words(query: SearchQuery, readings: Sequence[Reading]) -> tuple[QueryWord, ...]:
    """Return the words that a query was read as; none if too much of it is unlike any word."""
    if sum(map(_telling_letters, readings)) < MIN_READ * len(query.near):
        return ()
    return tuple(
        QueryWord(
            tuple(
                Term(term.texts, term.weight * (1 - WEIGHT_OF_EDIT * one.distance))
                for word in one.words
                for meant in query_words(word)[:1]
                for term in (*meant.terms, Term((word,)))
            )
        )
        for one in readings
    )


def _telling_letters(reading: Reading) -> float:
    """Return how many letters of a reading tell: short words stand in any nonsense."""
    length = reading.end - reading.start
    telling = max(0.0, length - EDIT_COST * reading.distance)
    return telling * min(1.0, length / SURE_LENGTH)


def read_text(readings: Sequence[Reading]) -> str:
    """Return the words as they are written: Thai ones without spaces between."""
    text = ""
    for one in readings:
        word = one.words[0]
        is_apart = text and (word[0].isascii() or text[-1].isascii())
        text += f" {word}" if is_apart else word
    return text
