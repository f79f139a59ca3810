"""Words that people expect to be the same: grades, kinds, subjects, and codes of indicators.

Each thing has one term of its own, marked with "#", which stands beside the words that name it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from search.thai import cut

# Ways to say one thing; office-wide lists come later, from the database.
SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("คณิต", "คณิตศาสตร์", "เลข", "maths", "math", "mathematics"),
    ("วิทย์", "วิทยาศาสตร์", "science"),
    ("สังคม", "สังคมศึกษา", "social studies"),
    ("ภาษาไทย", "thai language", "thai"),
    ("ภาษาอังกฤษ", "อังกฤษ", "english"),
    ("ศิลปะ", "art"),
    ("สุขศึกษา", "health education"),
    ("พลศึกษา", "พละ", "physical education"),
    ("การงานอาชีพ", "การงาน", "occupations"),
    ("ใบงาน", "แบบฝึกหัด", "worksheet"),
    ("แผนการสอน", "แผนการจัดการเรียนรู้", "lesson plan"),
    ("สื่อ", "สื่อการสอน", "media"),
    ("วิดีโอ", "วีดิโอ", "วีดีโอ", "วิดิโอ", "คลิป", "video", "clip"),
    ("เสียง", "audio"),
    ("เอกสาร", "document"),
    ("รูปภาพ", "ภาพ", "image", "picture"),
    ("สื่อโต้ตอบ", "interactive", "h5p", "scorm"),
    ("อนุบาล", "ปฐมวัย", "kindergarten"),
    ("ประถม", "ประถมศึกษา", "primary"),
    ("มัธยม", "มัธยมศึกษา", "secondary"),
)

LEARNING_AREAS: dict[str, str] = {
    "ท": "ภาษาไทย",
    "ค": "คณิตศาสตร์",
    "ว": "วิทยาศาสตร์และเทคโนโลยี",
    "ส": "สังคมศึกษา ศาสนา และวัฒนธรรม",
    "พ": "สุขศึกษาและพลศึกษา",
    "ศ": "ศิลปะ",
    "ง": "การงานอาชีพ",
    "ต": "ภาษาต่างประเทศ",
}
KINDS: dict[str, str] = {
    "video": "วิดีโอ",
    "audio": "เสียง",
    "document": "เอกสาร",
    "image": "รูปภาพ",
    "package": "สื่อโต้ตอบ",
}
LEVELS: dict[str, str] = {"A": "อนุบาล", "P": "ประถม", "M": "มัธยม"}

_LEVEL_OF = {"อ": "a", "ป": "p", "ม": "m"}
_FIRST_SECONDARY_GRADE = 7
_NAMES = {"a": "อนุบาล(?:ศึกษา)?", "p": "ประถม(?:ศึกษา)?", "m": "มัธยม(?:ศึกษา)?"}
_RANGE = r"\s*([1-6])(?!\d)(?:\s*[-–]\s*(?:[ปมอ]\.?\s*)?([1-6])(?!\d))?"
_GRADES = re.compile(
    "|".join(
        [
            r"(?:ชั้น\s*)?(?P<short>[ปมอ])\." + _RANGE,
            r"(?<![\u0e01-\u0e4e])(?:ชั้น\s*)?(?P<bare>[ปมอ])" + _RANGE,
            *(
                rf"(?:ชั้น\s*)?(?P<{level}>{name})\s*(?:ปีที่)?{_RANGE}"
                for level, name in _NAMES.items()
            ),
            r"\b(?P<latin>[pm])\.?" + _RANGE + r"\b",
            r"\bgrade\s*(?P<grade>1[0-2]|[1-9])\b",
        ]
    )
)
_INDICATOR = re.compile(
    r"(?:(?<!\d)60\s*)?(?<![\u0e01-\u0e4e])([ทควสพศงต])\s*\.?\s*(\d)\s*\.?\s*(\d)\s*"
    r"([ปม])\s*\.?\s*(\d(?:\s*-\s*\d)?)\s*/\s*(\d{1,2})"
)


def take_codes(text: str) -> tuple[list[str], str]:
    """Return the terms of grades and indicators in normalised lower-case text, and the rest."""
    terms: list[str] = []

    def take_indicator(match: re.Match[str]) -> str:
        terms.append("#" + re.sub(r"\s", "", "{}{}{}{}{}/{}".format(*match.groups())))
        return " "

    def take_grades(match: re.Match[str]) -> str:
        terms.extend(_grade_terms(match))
        return " "

    rest = _GRADES.sub(take_grades, _INDICATOR.sub(take_indicator, text))
    return terms, rest


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


@lru_cache(maxsize=1)
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return, by first word, the cut names of each thing and its term; the longest names first."""
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for names in SYNONYMS:
        for name in names:
            words = tuple(word for piece in name.split() for word in cut(piece))
            phrases.setdefault(words[0], []).append((words, f"#{names[0]}"))
    for found in phrases.values():
        found.sort(key=lambda phrase: -len(phrase[0]))
    return phrases


def match_phrase(words: list[str], start: int) -> tuple[int, str] | None:
    """Return how many words from `start` name a thing, and its term; None if none do."""
    for phrase, term in _phrases().get(words[start], ()):
        if tuple(words[start : start + len(phrase)]) == phrase:
            return len(phrase), term
    return None
