"""Is this a good password? By NIST SP 800-63B: long enough, not tried first, not the own name.

Nothing is asked of its kinds of characters. Why these limits: docs/decisions/0035-passwords.md.
"""

import re
from collections.abc import Iterable, Iterator

from zxcvbn_rs_py import zxcvbn

from search.keyboard import on_other_layout
from search.thai import normalise
from server.errors import FieldError
from server.services.password_habits import (
    KINDS_OF_PLACES,
    SHORTEST_WORD,
    TITLES,
    common_words,
    given_names,
)

SHORTEST = 10
LONGEST = 200
JUDGED = 40  # what follows makes it only better; judging takes the square of the length
LEAST_GUESSES_LOG10 = 8.0  # at the 100 tries an hour of one account: a hundred years
LONGEST_NUMBER = 15  # telephone 10, account 10, national number 13, licence 14
LEAST_UNKNOWN = 4  # letters beside the own name

_NOT_DIGITS = re.compile(r"[^0-9๐-๙]+")
_THAI_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"  # no letters for `re`, but parts of words
_SIGNS = re.compile(rf"[^\w{_THAI_MARKS}]|_")
_BESIDE_WORDS = re.compile(rf"(?:[^\w{_THAI_MARKS}]|[\d_])+")
_FEW_SIGNS = 2  # between a word and a year
_SIGNS_AS_LETTERS = str.maketrans("@({[<!|$+%", "accccilstx")
_MANY_SIGNS = 8


def check_password(password: str, about: Iterable[str] = ()) -> None:
    """Raise FieldError, with the rule that it breaks, for a password that others would guess.

    `about` is what others know of the person: names of the user, the person and the places.
    """
    if len(password) > LONGEST:
        raise FieldError("password", "too long", rule="too_long", most=LONGEST)
    if len(normalise(password)) < SHORTEST:
        raise FieldError("password", "too short", rule="too_short", least=SHORTEST)
    own = sorted(_own_words(about), key=len, reverse=True)
    readings = readings_of(password)
    for reading in readings:
        if _is_number(reading):
            raise FieldError("password", "a number that others know", rule="number")
        if _is_own_name(reading, own):
            raise FieldError("password", "a name that others know", rule="own_name")
    if any(_is_guessed(each, own) for each in readings):
        raise FieldError("password", "one that is tried first", rule="common")


def readings_of(password: str) -> set[str]:
    """Return what may have been meant, as it is judged: short, and without many signs.

    Each sign or digit that may stand for a letter is tried with each other one: where there are
    many, only digits stay.
    """
    meant = {each[:JUDGED] for each in _readings(password)}
    return {_with_few_signs(each) for each in meant | set(map(_without_few_signs, meant)) if each}


def _readings(password: str) -> Iterator[str]:
    """Return what was meant: also with the other keyboard layout on, with digits or without."""
    yield normalise(password).casefold()
    yield normalise(on_other_layout(password)).casefold()
    # Digits are typed in the row above on one layout and on a phone's own page on another.
    yield normalise(_NOT_DIGITS.sub(lambda run: on_other_layout(run[0]), password)).casefold()


def _own_words(about: Iterable[str]) -> set[str]:
    """Return the names, and what they consist of, as they are compared."""
    words: set[str] = set()
    for name in about:
        folded = normalise(name).casefold()
        parts = [folded.replace(" ", ""), *_BESIDE_WORDS.split(folded)]
        words |= {part for each in parts for part in _with_and_without_titles(each)}
    return {word for word in words if len(word) >= SHORTEST_WORD and word not in TITLES}


def _with_and_without_titles(word: str) -> Iterator[str]:
    """Yield โรงเรียนบ้านไร่, บ้านไร่ and ไร่."""
    while word:
        yield word
        title = next((each for each in (*TITLES, *KINDS_OF_PLACES) if word.startswith(each)), "")
        word = word.removeprefix(title) if title else ""


def _is_number(reading: str) -> bool:
    digits = re.sub(r"[\s().+/-]", "", reading)
    return digits.isdigit() and len(digits) <= LONGEST_NUMBER


def _is_own_name(reading: str, own: list[str]) -> bool:
    """Tell whether a name stands there, and next to nothing beside it that is not known."""
    rest = reading
    for word in own:
        rest = rest.replace(word, " ")
    if rest == reading:
        return False
    for title in sorted(TITLES, key=len, reverse=True):
        rest = rest.replace(title, " ")
    return len(_BESIDE_WORDS.sub("", rest)) < LEAST_UNKNOWN


def _is_guessed(reading: str, own: list[str]) -> bool:
    names = [piece for piece in _pieces(reading) if piece in given_names()]
    known = [*own, *common_words(), *names]
    return zxcvbn(reading, known).guesses_log10 < LEAST_GUESSES_LOG10


def _without_few_signs(reading: str) -> str:
    """Return admin@2569 as admin2569; what has more signs than words have gains by them."""
    return _SIGNS.sub("", reading) if len(_SIGNS.findall(reading)) <= _FEW_SIGNS else reading


def _with_few_signs(reading: str) -> str:
    """Return it with signs read as letters where there are so many that trying all takes long."""
    signs = {sign for sign in reading if not sign.isalpha()}
    return reading.translate(_SIGNS_AS_LETTERS) if len(signs) > _MANY_SIGNS else reading


def _pieces(reading: str) -> set[str]:
    ends = range(SHORTEST_WORD, len(reading) + 1)
    return {reading[start:end] for end in ends for start in range(end - SHORTEST_WORD + 1)}
