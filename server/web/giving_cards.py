"""What the pages of giving are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import url_for

from server.models.assignments import Assignment, PupilGroup
from server.models.classrooms import Classroom, Enrolment
from server.models.lessons import Lesson, Visibility
from server.services.class_grid import is_gone
from server.services.terms import day_in_bangkok
from server.web.choices import visibility_labels
from server.web.classroom_cards import numbered
from server.web.dates import language, shown_date, shown_day
from server.web.translate import translate as _
from server.web.typed_dates import typed_day

FRIDAY = 4
BY_WEEKS = "weeks"
ONLY_GIVEN = "only_given"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenThing:
    """What is to be given: a lesson or a course."""

    title: str
    url: str
    give_url: str
    shown_to: str = ""  # what giving changes for who sees it, as `shown_to` says
    audience: str = ""  # for whom the lesson is, as its teacher wishes
    audience_now: str = ""  # who sees it for now, where consents keep it narrower
    has_weeks: bool = False  # a course whose units have weeks of a term


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChoice:
    """A classroom to give to: its groups and pupils are (id, name)."""

    id: UUID
    name: str
    grades: str
    groups: Sequence[tuple[UUID, str]]
    pupils: Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCard:
    """A task as its teacher sees it; `post` is what is sent to the parents' group."""

    id: UUID
    classroom_id: UUID
    classroom: str
    title: str
    is_for_all: bool
    is_gone: bool
    due_at: datetime | None
    opens_at: datetime | None  # in the future only
    typed_due: str
    note: str
    post: str
    url: str
    pupil_names: Sequence[str] = ()


def due_choices(now: datetime, *, by_weeks: bool = False) -> dict[str, str]:
    """Return days that are chosen with one press, by how they are typed; and none."""
    today = day_in_bangkok(now)
    lang = language()
    next_friday = today + timedelta(days=(FRIDAY - today.weekday() - 1) % 7 + 1)
    days = {
        next_friday: _("Friday"),
        today + timedelta(days=7): _("In a week"),
        today + timedelta(days=1): _("Tomorrow"),  # also on a Thursday
    }
    named = {
        typed_day(day, lang): f"{label} ({shown_day(day)})" for day, label in sorted(days.items())
    }
    weeks = {BY_WEEKS: _("Each unit until the end of its weeks")} if by_weeks else {}
    return {**weeks, "": _("No date"), **named, "other": _("Another day")}


def example_day(now: datetime) -> str:
    """Return a day as it may be typed."""
    return typed_day(day_in_bangkok(now) + timedelta(days=14), language())


def room_choice(
    room: Classroom, grades: str, members: Sequence[Enrolment], groups: Sequence[PupilGroup]
) -> RoomChoice:
    """Return a classroom to give to."""
    return RoomChoice(
        id=room.id,
        name=room.name,
        grades=grades,
        groups=[(group.id, group.name) for group in groups if group.classroom_id == room.id],
        pupils=[(row.id, numbered(row)) for row in members],
    )


def given_card(row: Assignment, now: datetime) -> GivenCard:
    """Return a task for its teacher."""
    url = url_for("lessons.show", lesson_id=row.lesson_id, _external=True) if row.lesson else ""
    title = row.learnt.title if row.learnt else row.title
    return GivenCard(
        id=row.id,
        classroom_id=row.classroom_id,
        classroom=row.classroom.name,
        title=title,
        is_for_all=row.is_for_all,
        is_gone=is_gone(row.lesson),
        due_at=row.due_at,
        opens_at=row.opens_at if row.opens_at > now else None,
        typed_due=typed_day(day_in_bangkok(row.due_at), language()) if row.due_at else "",
        note=row.note,
        post=_post(title, row, url),
        url=url,
    )


def shown_to(lesson: Lesson) -> str:
    """Return what giving changes for who sees the lesson.

    "only_given": these pupils alone; "published": its audience, unless its teacher wants it
    otherwise now; "also_given": it is shown already, to those to whom it is given; or nothing.
    """
    if is_new(lesson):
        is_wider = lesson.visibility not in (Visibility.ME, Visibility.CLASSROOM)
        return "published" if is_wider else "only_given"
    return "also_given" if lesson.visibility in (Visibility.CLASSROOM, Visibility.LINK) else ""


def is_new(lesson: Lesson) -> bool:
    """Return whether nobody but its teachers has seen it: giving it shows it."""
    return not lesson.is_published or lesson.visibility is Visibility.ME


def audience_now(lesson: Lesson) -> str:
    """Return who will see it for now, where that are fewer than its teacher wishes."""
    return "" if lesson.shown_to is lesson.visibility else visibility_labels()[lesson.shown_to]


def days_left(due_at: datetime, now: datetime) -> int:
    """Return how many days are left, by the calendar."""
    left: timedelta = day_in_bangkok(due_at) - day_in_bangkok(now)
    return left.days


def day_of(at: datetime | None) -> date | None:
    """Return the day in Thailand."""
    return day_in_bangkok(at) if at else None


def _post(title: str, row: Assignment, url: str) -> str:
    """Return the words to post: what, until when, where."""
    until = _("Hand in by %(date)s", date=shown_date(row.due_at)) if row.due_at else ""
    return "\n".join(line for line in (title, until, row.note, url) if line)
