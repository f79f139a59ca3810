"""Pieces of text by which misspelt words are found: what sounds or looks alike becomes the same."""

import re

from search.thai import normalise

GRAM_LENGTH = 3

# Tone marks and the signs for short and silent letters are what people leave out or put in wrong.
_DROPPED = dict.fromkeys(map(ord, "\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e\u0e3a"))
_ALIKE = str.maketrans(
    "ณศษใฎฏฑธฒฐฌภฬญฃฅฆฤ" + "\u0e35\u0e37\u0e39",  # long vowels as short ones
    "นสสไดตทททถชพลยขคคร" + "\u0e34\u0e36\u0e38",
)
_FOLDED = {**_DROPPED, **_ALIKE}
_BETWEEN = re.compile(r"[^0-9a-z\u0e01-\u0e3a\u0e40-\u0e4e]+")


def fold(text: str) -> str:
    """Return letters and digits only, in one spelling for what is easily mistaken."""
    return fold_term(normalise(text).lower())


def fold_term(term: str) -> str:
    """Return the same for what is normalised and lower-case already."""
    return _BETWEEN.sub("", term.translate(_FOLDED))


def grams(text: str) -> list[str]:
    """Return the different runs of three folded characters, in order; spaces play no role.

    A text of fewer characters has none: everything would be near to it.
    """
    folded = fold(text)
    runs = (folded[at : at + GRAM_LENGTH] for at in range(len(folded) - GRAM_LENGTH + 1))
    return list(dict.fromkeys(runs))
