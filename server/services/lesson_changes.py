"""What a teacher may say about a lesson, and what cannot be taken."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from search.indicators import take_indicators
from search.thai import normalise
from server.errors import FieldError
from server.models.lessons import Licence, Visibility

GRADES = tuple(
    [f"A{n}" for n in (1, 2, 3)] + [f"P{n}" for n in range(1, 7)] + [f"M{n}" for n in range(1, 7)]
)
LEARNING_AREAS = ("ท", "ค", "ว", "ส", "พ", "ศ", "ง", "ต")
LONGEST_TITLE = 300
LONGEST_DESCRIPTION = 20_000
MOST_TAGS = 20
LONGEST_TAG = 60
LONGEST_RIGHTS_HOLDER = 200
LONGEST_INDICATORS = 1_000
MOST_INDICATORS = 40
BETWEEN_CODES = re.compile(r"[\s,;.]+|และ|ตัวชี้วัด")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as we need it


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonChanges:
    """New values as they were typed; None leaves a field as it is."""

    title: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    language: str | None = None
    learning_area: str | None = None
    grades: list[str] | None = None
    indicators: str | None = None  # several codes in one text
    licence: str | None = None
    rights_holder: str | None = None
    visibility: str | None = None
    may_be_kept: bool | None = None

    def checked(self) -> dict[str, object]:
        """Return the values to store. Raises FieldError for the first that cannot be taken."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: CHECKS[name](value) for name, value in given.items() if value is not None}


def checked_title(title: str) -> str:
    """Return the title in one line. Raises FieldError when it is empty or too long."""
    return _text("title", " ".join(title.split()), least=1, most=LONGEST_TITLE)


def checked_tags(tags: list[str]) -> list[str]:
    """Return each tag once, in the order typed. Raises FieldError."""
    kept = list(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
    if len(kept) > MOST_TAGS:
        raise FieldError("tags", "too many", rule="too_many", most=MOST_TAGS)
    return [_text("tags", tag, least=1, most=LONGEST_TAG) for tag in kept]


def checked_grades(grades: list[str]) -> list[str]:
    """Return the grades in the order of years. Raises FieldError."""
    for grade in grades:
        _one_of("grades", grade, GRADES)
    return [grade for grade in GRADES if grade in grades]


def checked_indicators(text: str) -> list[str]:
    """Return the codes in canonical form, each once. Raises FieldError naming what is no code."""
    _text("indicators", text, least=0, most=LONGEST_INDICATORS)
    places, codes, rest = take_indicators(normalise(text).lower())
    unfinished = [term[1:] for terms in places for term in terms if "/" not in term]
    unknown = [*unfinished, *filter(None, BETWEEN_CODES.split(rest))]
    if unknown:
        names = ", ".join(unknown)
        raise FieldError("indicators", "no codes", rule="no_code", unknown=names)
    if len(codes) > MOST_INDICATORS:
        raise FieldError("indicators", "too many", rule="too_many", most=MOST_INDICATORS)
    return codes


def _language(value: str) -> str:
    if not LANGUAGE.fullmatch(value):
        raise FieldError("language", "not a language tag", rule="unknown")
    return value


def _text(field: str, value: str, *, least: int, most: int) -> str:
    if "\x00" in value:
        raise FieldError(field, "holds a NUL", rule="letters")
    if not least <= len(value) <= most:
        rule = "too_long" if value else "empty"
        raise FieldError(field, f"{least} to {most} characters", rule=rule, most=most)
    return value


def _one_of(field: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise FieldError(field, "not one of the choices", rule="unknown")
    return value


def _description(value: str) -> str:
    return _text("description", value.strip(), least=0, most=LONGEST_DESCRIPTION)


def _rights_holder(value: str) -> str:
    return _text("rights_holder", " ".join(value.split()), least=0, most=LONGEST_RIGHTS_HOLDER)


def _learning_area(value: str) -> str:
    return _one_of("learning_area", value, ("", *LEARNING_AREAS))


def _licence(value: str) -> Licence:
    return Licence(_one_of("licence", value, tuple(Licence)))


def _visibility(value: str) -> Visibility:
    return Visibility(_one_of("visibility", value, tuple(Visibility)))


CHECKS: Mapping[str, Callable[..., object]] = {
    "title": checked_title,
    "description": _description,
    "tags": checked_tags,
    "language": _language,
    "learning_area": _learning_area,
    "grades": checked_grades,
    "indicators": checked_indicators,
    "licence": _licence,
    "rights_holder": _rights_holder,
    "visibility": _visibility,
    "may_be_kept": bool,
}
