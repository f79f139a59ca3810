"""A course as its pages show it: units over the weeks of a term, and lessons in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from flask import url_for

from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.lessons import Lesson
from server.services.courses import ShownCourse, days_of_unit
from server.services.terms import Term
from server.web.cards import LessonCard, lesson_card
from server.web.dates import shown_day, shown_year
from server.web.translate import translate as _
from server.web.watched_cards import watched_cards


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLesson:
    """A lesson in a unit; without a card it is gone, or not for who is asking."""

    id: UUID  # of its place
    title: str
    card: LessonCard | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCard:
    """One unit."""

    id: UUID
    title: str
    weeks: str
    days: str
    first_week: str
    last_week: str
    lessons: Sequence[PlacedLesson]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCard:
    """One course; `units` are empty in lists."""

    id: UUID
    url: str
    edit_url: str
    title: str
    description: str
    term: str
    term_key: str
    maker: str
    lesson_count: int = 0
    units: Sequence[UnitCard] = ()


def course_card(course: Course) -> CourseCard:
    """Return a course for a list of one's own."""
    count = sum(len(unit.lessons) for unit in course.units)
    return replace(course_result(course), lesson_count=count)


def course_result(course: Course) -> CourseCard:
    """Return a course for a list of what was found: how many lessons others have is not told."""
    return CourseCard(
        id=course.id,
        url=url_for("courses.show", course_id=course.id),
        edit_url=url_for("studio_courses.edit", course_id=course.id),
        title=course.title,
        description=course.description,
        term=term_text(course.academic_year, course.term_number),
        term_key=f"{course.academic_year}-{course.term_number}",
        maker=course.school.name if course.school else course.owner.display_name,
    )


def course_page(shown: ShownCourse) -> CourseCard:
    """Return a course with all that is in it."""
    watched = watched_cards(list(shown.lessons.values()))
    cards = {id_: lesson_card(one, watched=watched.get(id_)) for id_, one in shown.lessons.items()}
    card = course_card(shown.course)
    return replace(
        card,
        edit_url=card.edit_url if shown.may_edit else "",
        units=[_unit(unit, cards, shown.term) for unit in shown.course.units],
    )


def term_text(academic_year: int, number: int) -> str:
    """Return such as "Term 1/2569"."""
    return _("Term %(number)s/%(year)s", number=number, year=shown_year(academic_year))


def lesson_choices(lessons: Sequence[Lesson]) -> list[tuple[str, str]]:
    """Return lessons to pick from, with whose they are."""
    return [(str(one.id), f"{one.title} · {one.owner.display_name}") for one in lessons]


def _unit(unit: CourseUnit, cards: dict[UUID, LessonCard], term: Term | None) -> UnitCard:
    return UnitCard(
        id=unit.id,
        title=unit.title,
        weeks=_weeks(unit),
        days=_days(unit, term),
        first_week=str(unit.first_week or ""),
        last_week=str(unit.last_week or ""),
        lessons=[_placed(row, cards) for row in unit.lessons],
    )


def _placed(row: CourseLesson, cards: dict[UUID, LessonCard]) -> PlacedLesson:
    card = cards.get(row.lesson_id)
    return PlacedLesson(id=row.id, title=card.title if card else row.title, card=card)


def _weeks(unit: CourseUnit) -> str:
    first, last = unit.first_week, unit.last_week
    if first is None:
        return ""
    if first == last:
        return _("Week %(week)s", week=first)
    return _("Weeks %(first)s to %(last)s", first=first, last=last)


def _days(unit: CourseUnit, term: Term | None) -> str:
    """Return from when to when that is."""
    days = days_of_unit(unit, term)
    return _range(*days) if days else ""


def _range(first: date, last: date) -> str:
    return _("%(start)s to %(end)s", start=shown_day(first), end=shown_day(last))
