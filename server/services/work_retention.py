"""How long pupils' work is kept: until the end of the next academic year, or as the office says.

The unit is a classroom. That its work goes is said for a month of days on which this ran, so that
a machine that was off removes nothing at once; a school may keep it a year longer, again and again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from server.errors import NotFound
from server.models.assignments import Assignment, HandIn
from server.models.classrooms import Classroom, Enrolment
from server.models.people import Office, Person
from server.models.quizzes import QuizAttempt
from server.models.work_removals import WorkRemoval
from server.services.audit import note_act
from server.services.classrooms import led_classroom
from server.services.clock import Clock
from server.services.hanging import waits
from server.services.terms import (
    Term,
    academic_year_of,
    day_in_bangkok,
    terms_of_school,
)

TOLD_DAYS = 30
BEFORE_END = timedelta(days=TOLD_DAYS)
NEAR = timedelta(days=120)  # no school shifts its year by more
MOST_LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWork:
    """Work of one classroom that is due to be removed; `on` is the first day on which it may go."""

    classroom: Classroom
    on: date
    work_count: int
    unmarked_count: int


def end_of_year(academic_year: int, others: Collection[Term] = ()) -> date:
    """Return its last day: the one before the next year's first term, as it was set, or 15 May."""
    starts = (
        term.starts_on
        for term in others
        if (term.academic_year, term.number) == (academic_year + 1, 1)
    )
    return next(starts, date(academic_year + 1, 5, 16)) - timedelta(days=1)


def work_kept_years(session: Session) -> int:
    """Return for how many years after its own work is kept; 0 is for ever. In a transaction."""
    return session.scalar(select(Office.work_kept_years)) or 0


def kept_until(session: Session, now: Clock, school_id: UUID | None) -> date | None:
    """Return until when work that is done today is kept; None is for ever."""
    with session.begin():
        years = work_kept_years(session)
        terms = terms_of_school(session, school_id)
    return end_of_year(academic_year_of(day_in_bangkok(now())) + years, terms) if years else None


def tell_due_work(session: Session, now: Clock) -> list[UUID]:
    """Say whose work is due, once a day; return the classrooms whose work may be removed now."""
    today = day_in_bangkok(now())
    with session.begin():
        years = work_kept_years(session)
        past = _past_classrooms(session, academic_year_of(today) - years) if years else ()
        near = [room.id for room in past if today > end_of_year(room.academic_year + years) - NEAR]
    return [room_id for room_id in near if _tell(session, today, room_id, years)]


def due_work(session: Session, now: Clock, *, classroom_id: UUID) -> DueWork | None:
    """Return what is due of a classroom; None if nothing is. Who asks was found to teach it."""
    with session.begin():
        row = session.get(WorkRemoval, classroom_id)
        if row is None or row.removed_at or not row.told_days:
            return None
        return _due(session, now, row)


def list_due_work(session: Session, now: Clock) -> Sequence[DueWork]:
    """Return what is due everywhere, for the office."""
    listed = select(WorkRemoval).where(WorkRemoval.removed_at.is_(None), WorkRemoval.told_days > 0)
    with session.begin():
        rows = session.scalars(listed.limit(MOST_LISTED)).all()
        found = [due for row in rows if (due := _due(session, now, row))]
    return sorted(found, key=lambda due: (due.on, due.classroom.name))


def prolong_work(session: Session, now: Clock, *, classroom_id: UUID, by: Person) -> None:
    """Keep a classroom's work a year longer. Raises NotFound, NotAllowed."""
    with session.begin():
        led_classroom(session, classroom_id, by)
        row = session.get(WorkRemoval, classroom_id, with_for_update=True, populate_existing=True)
        if row is None or row.removed_at:
            raise NotFound(f"no work of classroom {classroom_id} is due")
        row.extra_years, row.told_days = row.extra_years + 1, 0
        note_act(session, now, action="work.prolong", by=by, thing_id=classroom_id)


def _tell(session: Session, today: date, classroom_id: UUID, years: int) -> bool:
    """Count that it is said today; return whether it was said for long enough."""
    with session.begin():
        room = session.get_one(Classroom, classroom_id, populate_existing=True)
        row = session.get(WorkRemoval, classroom_id, with_for_update=True, populate_existing=True)
        end = _end_of_work(session, room, years + (row.extra_years if row else 0))
        if today <= end - BEFORE_END or (row and row.removed_at):
            return False
        if row is None:
            row = WorkRemoval(classroom_id=room.id, told_days=0, extra_years=0)
            row.last_told_on = date.min
            session.add(row)
        if row.told_days >= TOLD_DAYS and today > end:
            return True
        if row.last_told_on < today:
            row.told_days, row.last_told_on = row.told_days + 1, today
        return False


def _due(session: Session, now: Clock, row: WorkRemoval) -> DueWork | None:
    years = work_kept_years(session)
    room = session.get(Classroom, row.classroom_id, options=[joinedload(Classroom.school)])
    if room is None or not years:
        return None
    end = _end_of_work(session, room, years + row.extra_years)
    if day_in_bangkok(now()) <= end - BEFORE_END:
        return None  # the office keeps it longer by now
    left = timedelta(days=max(1, TOLD_DAYS - row.told_days + 1))
    is_there = HandIn.handed_in_at.is_not(None)
    handed_in = select(func.count()).where(_is_of_room(HandIn, room.id), is_there)
    unmarked = select(func.count()).where(_is_of_room(HandIn, room.id), waits())
    tried = select(func.count()).where(_is_of_room(QuizAttempt, room.id))
    return DueWork(
        classroom=room,
        on=max(end + timedelta(days=1), day_in_bangkok(now()) + left),
        work_count=(session.scalar(handed_in) or 0) + (session.scalar(tried) or 0),
        unmarked_count=session.scalar(unmarked) or 0,
    )


def _past_classrooms(session: Session, last_year: int) -> Sequence[Classroom]:
    given = exists().where(Assignment.classroom_id == Classroom.id)
    past = select(Classroom).where(Classroom.academic_year <= last_year, given)
    return session.scalars(past.order_by(Classroom.id)).all()


def _end_of_work(session: Session, room: Classroom, years: int) -> date:
    """Return the last day on which it is kept: counted from the year in which the last was made."""
    newest = (
        select(func.max(HandIn.handed_in_at)).where(_is_of_room(HandIn, room.id)),
        select(func.max(QuizAttempt.answered_at)).where(_is_of_room(QuizAttempt, room.id)),
    )
    made = [academic_year_of(day_in_bangkok(at)) for at in map(session.scalar, newest) if at]
    year = max([room.academic_year, *made])
    return end_of_year(year + years, terms_of_school(session, room.school_id))


def _is_of_room(table: type[HandIn] | type[QuizAttempt], classroom_id: UUID) -> ColumnElement[bool]:
    """Return whether a piece of work was done by a pupil of the classroom where it was given."""
    return exists().where(
        Assignment.classroom_id == classroom_id,
        Assignment.lesson_id == table.lesson_id,
        Enrolment.classroom_id == classroom_id,
        Enrolment.person_id == table.person_id,
    )
