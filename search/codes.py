"""Grades and curriculum codes in running text, in all their spellings, as terms of their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.indicators import take_indicators, wider_terms

_LEVEL_OF = {"อ": "a", "ป": "p", "ม": "m"}
_FIRST_SECONDARY_GRADE = 7
_NAMES = {"a": "อนุบาล(?:ศึกษา)?", "p": "ประถม(?:ศึกษา)?", "m": "มัธยม(?:ศึกษา)?"}
_RANGE = r"\s*([1-6])(?!\d)(?:\s*[-–]\s*(?:[ปมอ]\.?\s*)?([1-6])(?!\d))?"
_GRADES = re.compile(
    "(?=[ชปมอpmg])(?:"  # where nothing of it can begin, nothing of it is tried
    + "|".join(
        [
            r"(?:ชั้น\s*)?(?P<short>[ปมอ])\." + _RANGE,
            r"(?<![\u0e01-\u0e4e])(?:ชั้น\s*)?(?P<bare>[ปมอ])" + _RANGE,
            *(
                rf"(?:ชั้น\s*)?(?P<{level}>{name})\s*+(?:ปีที่)?{_RANGE}"
                for level, name in _NAMES.items()
            ),
            r"\b(?P<latin>[pm])\.?" + _RANGE + r"\b",
            r"\bgrade\s*(?P<grade>1[0-2]|[1-9])\b",
        ]
    )
    + ")"
)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Place:
    """What one place of a text names: any of `terms`; `wider` ones hold for documents only."""

    terms: tuple[str, ...]
    wider: tuple[str, ...] = ()

    def all_terms(self) -> tuple[str, ...]:
        """Return what a document with this place is found under."""
        return self.terms + self.wider


def take_codes(text: str) -> tuple[list[Place], str]:
    """Return what grades and indicators normalised lower-case text names, and its rest."""
    if not _DIGIT.search(text):
        return [], text
    indicators, _, rest = take_indicators(text)
    places = [Place(tuple(terms), tuple(wider_terms(terms))) for terms in indicators]

    def take_grades(match: re.Match[str]) -> str:
        places.append(Place(tuple(_grade_terms(match))))
        return " "

    return places, _GRADES.sub(take_grades, rest)


def grade_term(grade: str) -> str:
    """Return the term of a grade such as "P4"."""
    return f"#{grade.lower()}"


def _grade_terms(match: re.Match[str]) -> Iterator[str]:
    if match["grade"]:
        number = int(match["grade"])
        is_secondary = number >= _FIRST_SECONDARY_GRADE
        yield f"#m{number - 6}" if is_secondary else f"#p{number}"
        return
    name, value = next((name, value) for name, value in match.groupdict().items() if value)
    level = _LEVEL_OF.get(value, value if name == "latin" else name)
    numbers = [int(value) for value in match.groups() if value and value.isdecimal()]
    for number in range(numbers[0], numbers[-1] + 1):
        yield f"#{level}{number}"
