"""Mistakes that people make when they type Thai, to measure what a search forgives."""

import random
import re
from collections.abc import Callable

MARKS = "\u0e47\u0e48\u0e49\u0e4a\u0e4b"
TONES = "\u0e48\u0e49\u0e4a\u0e4b"
KARAN = "\u0e4c"
ALIKE = ("ณน", "ศส", "ษส", "ใไ", "ฎด", "ฏต", "ธท", "ฑท", "ภพ", "ญย", "ฬล", "ฆค")
_LETTER = re.compile("[\u0e01-\u0e2ea-z]")
Perturbation = Callable[[str, random.Random], str]


def without_spaces(text: str, _chance: random.Random) -> str:
    """Leave out all spaces."""
    return text.replace(" ", "")


def with_spaces(text: str, chance: random.Random) -> str:
    """Put a few spaces where letters begin."""
    places = [match.start() for match in _LETTER.finditer(text)][1:]
    for place in sorted(chance.sample(places, min(3, len(places))), reverse=True):
        text = f"{text[:place]} {text[place:]}"
    return text


def without_tones(text: str, _chance: random.Random) -> str:
    """Leave out tone marks."""
    return "".join(letter for letter in text if letter not in TONES)


def with_other_tone(text: str, chance: random.Random) -> str:
    """Put another tone mark for one."""
    return _replaced(text, TONES, lambda _: chance.choice(TONES), chance)


def with_homophones(text: str, chance: random.Random) -> str:
    """Write letters for others that sound the same."""
    for pair in chance.sample(ALIKE, len(ALIKE)):
        text = _replaced(
            text, pair, dict(zip(pair, reversed(pair), strict=True)).__getitem__, chance
        )
    return text


def without_karan(text: str, _chance: random.Random) -> str:
    """Leave out the sign of silent letters."""
    return text.replace(KARAN, "")


def without_a_letter(text: str, chance: random.Random) -> str:
    """Miss a key."""
    place = _place(text, chance)
    return text[:place] + text[place + 1 :]


def with_a_letter_twice(text: str, chance: random.Random) -> str:
    """Hit a key twice."""
    place = _place(text, chance)
    return text[:place] + text[place] + text[place:]


def with_swapped_letters(text: str, chance: random.Random) -> str:
    """Hit two keys in the wrong order."""
    place = min(_place(text, chance), len(text) - 2)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def with_thai_digits(text: str, _chance: random.Random) -> str:
    """Write digits in Thai."""
    return text.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))


def unfinished(text: str, chance: random.Random) -> str:
    """Stop somewhere in the second half."""
    return text[: chance.randint(len(text) // 2, len(text) - 1)]


def some_words(text: str, chance: random.Random) -> str:
    """Keep a stretch from the middle."""
    start = chance.randint(0, len(text) // 3)
    return text[start : start + max(8, len(text) // 2)]


def two_mistakes(text: str, chance: random.Random) -> str:
    """Make two mistakes of different kinds."""
    return with_swapped_letters(without_a_letter(text, chance), chance)


PERTURBATIONS: dict[str, Perturbation] = {
    "as it is": lambda text, _chance: text + " ",
    "without spaces": without_spaces,
    "with spaces": with_spaces,
    "without tones": without_tones,
    "other tone": with_other_tone,
    "homophones": with_homophones,
    "without karan": without_karan,
    "missing letter": without_a_letter,
    "double letter": with_a_letter_twice,
    "swapped letters": with_swapped_letters,
    "two mistakes": two_mistakes,
    "Thai digits": with_thai_digits,
    "unfinished": unfinished,
    "part": some_words,
}


def _place(text: str, chance: random.Random) -> int:
    return chance.choice([match.start() for match in _LETTER.finditer(text.lower())] or [0])


def _replaced(text: str, letters: str, other: Callable[[str], str], chance: random.Random) -> str:
    places = [place for place, letter in enumerate(text) if letter in letters]
    if not places:
        return text
    place = chance.choice(places)
    return text[:place] + other(text[place]) + text[place + 1 :]
