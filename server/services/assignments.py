"""Lessons given to classrooms, or to some of their pupils, with a date."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from server.errors import FieldError, NotAllowed, NotFound
from server.models.assignments import Assignment, AssignmentPupil
from server.models.classrooms import Classroom, Enrolment
from server.models.lessons import Lesson, Visibility
from server.models.library import Original
from server.models.people import Person
from server.policy import may_edit_lesson, may_give_lesson, may_teach_classroom
from server.services.audit import note_act
from server.services.classrooms import taught_classroom
from server.services.clock import Clock
from server.services.courses import get_course_for
from server.services.given import in_scope, is_given_to_pupil
from server.services.lesson_changes import LessonChanges
from server.services.lessons import edit_lesson, get_lesson_for, publish_lesson
from server.services.terms import BANGKOK, day_in_bangkok

LONGEST_NOTE = 1_000
FURTHEST = timedelta(days=400)
MOST_LISTED = 200
END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is said with a lesson: until when, from when on, and a few words."""

    due_on: date | None = None
    opens_on: date | None = None  # empty: at once
    note: str = ""
    by_weeks: bool = False  # of a course: each lesson until the end of its unit's last week

    def checked(self, now: datetime, *, known: datetime | None = None) -> "Task":
        """Return it, trimmed. Raises FieldError for dates that are past, in no order, or far.

        A date that was past already, `known`, may stay.
        """
        today = day_in_bangkok(now)
        opens_on = self.opens_on if self.opens_on and self.opens_on > today else None
        if self.due_on and self.due_on < today and self.due_at != known:
            raise FieldError("due_on", "in the past", rule="past")
        if max(self.due_on or today, opens_on or today) > today + FURTHEST:
            raise FieldError("due_on", "too far", rule="far")
        if self.due_on and opens_on and opens_on > self.due_on:
            raise FieldError("opens_on", "after the end", rule="order")
        note = self.note.strip()
        if len(note) > LONGEST_NOTE:
            raise FieldError("note", "too long", rule="too_long", most=LONGEST_NOTE)
        return replace(self, opens_on=opens_on, note=note)

    def until(self, last_day: date | None, now: datetime) -> "Task":
        """Return it with the last day of a unit, if that is still to come when it opens."""
        opens_on = self.opens_on or day_in_bangkok(now)
        return replace(self, due_on=last_day if last_day and last_day >= opens_on else None)

    @property
    def due_at(self) -> datetime | None:
        """Return the last moment of the day."""
        return datetime.combine(self.due_on, END_OF_DAY, BANGKOK) if self.due_on else None

    def opens_at(self, now: datetime) -> datetime:
        """Return the first moment of the day, or now."""
        return datetime.combine(self.opens_on, time.min, BANGKOK) if self.opens_on else now


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """A classroom, or with `person_ids` some of its pupils."""

    classroom_id: UUID
    person_ids: frozenset[UUID] = frozenset()


def give_lesson(  # noqa: PLR0913 (what, to whom, how, by whom)
    session: Session,
    now: Clock,
    *,
    lesson_id: UUID,
    to: Sequence[Recipients],
    task: Task,
    by: Person,
    only_given: bool = False,
) -> list[Assignment]:
    """Give a lesson to learn, and publish it if it is not yet, for whom its teacher wishes.

    What was the teacher's alone is shown to these pupils from now on, and so is with `only_given`
    what was not published.
    Given once more to the same pupils, dates and words are changed. Raises NotFound, NotAllowed,
    FieldError, LessonNotReady; then nothing was given.
    """
    task = task.checked(now())
    if not to:
        raise FieldError("room", "no classroom", rule="empty")
    lesson = get_lesson_for(session, now, lesson_id=lesson_id, by=by)
    with session.begin():
        for each in to:
            classroom = taught_classroom(session, each.classroom_id, by)
            if not may_give_lesson(by, lesson, classroom):
                raise NotAllowed(f"lesson {lesson_id} is not for pupils of {classroom.id}")
    _show_to_pupils(session, now, lesson, by, only_given=only_given)
    with session.begin():
        _take_turn(session, to)
        return [_give(session, now, lesson, each, task, by) for each in to]


def give_course(
    session: Session,
    now: Clock,
    *,
    course_id: UUID,
    to: Sequence[Recipients],
    task: Task,
    by: Person,
) -> list[Assignment]:
    """Give all lessons of a course, in their order, that may be given to these pupils.

    Raises NotFound, FieldError (also when there is no such lesson), LessonNotReady.
    """
    task = task.checked(now())
    if not to:
        raise FieldError("room", "no classroom", rule="empty")
    shown = get_course_for(session, now, course_id=course_id, by=by)
    placed = [each.lesson_id for unit in shown.course.units for each in unit.lessons]
    with session.begin():
        rooms = [taught_classroom(session, each.classroom_id, by) for each in to]
        lessons = [shown.lessons[id_] for id_ in placed if id_ in shown.lessons]
        fitting = [one for one in lessons if all(may_give_lesson(by, one, room) for room in rooms)]
    if not fitting:
        raise FieldError("room", "no lesson of it may be given there", rule="nothing")
    for lesson in fitting:
        _show_to_pupils(session, now, lesson, by)
    last_days = shown.last_days()
    given: list[Assignment] = []
    with session.begin():
        _take_turn(session, to)
        for lesson in fitting:
            own = task.until(last_days.get(lesson.id), now()) if task.by_weeks else task
            given += [_give(session, now, lesson, each, own, by) for each in to]
        for row in given:
            row.course_id = course_id
    return given


def change_task(
    session: Session, now: Clock, *, assignment_id: UUID, task: Task, by: Person
) -> Assignment:
    """Change dates and words. Raises NotFound, FieldError."""
    with session.begin():
        row = given_by_teacher(session, assignment_id, by)
        task = task.checked(now(), known=row.due_at)
        row.due_at, row.note = task.due_at, task.note
        row.opens_at = task.opens_at(now()) if task.opens_on else row.opens_at
        note_act(session, now, action="assignment.change", by=by, thing_id=assignment_id)
    return row


def withdraw_assignment(
    session: Session, now: Clock, *, assignment_id: UUID, by: Person
) -> Assignment:
    """Take it back: pupils do not see it any more; what they did is kept. Raises NotFound."""
    with session.begin():
        row = given_by_teacher(session, assignment_id, by)
        row.withdrawn_at = row.withdrawn_at or now()
        note_act(session, now, action="assignment.withdraw", by=by, thing_id=assignment_id)
    return row


def given_by_teacher(session: Session, assignment_id: UUID, by: Person) -> Assignment:
    """Return the row to those who teach its classroom, inside a transaction. Raises NotFound."""
    row = session.get(
        Assignment,
        assignment_id,
        options=[joinedload(Assignment.lesson), joinedload(Assignment.erased)],
        populate_existing=True,
    )
    if row is None:
        raise NotFound(f"no assignment {assignment_id}")
    taught_classroom(session, row.classroom_id, by)
    return row


def given_of_lesson(session: Session, *, lesson_id: UUID, by: Person) -> list[Assignment]:
    """Return where a lesson is given now, of the classrooms that the person teaches."""
    wanted = (
        select(Assignment)
        .where(Assignment.lesson_id == lesson_id, Assignment.withdrawn_at.is_(None))
        .options(joinedload(Assignment.classroom), joinedload(Assignment.lesson))
        .order_by(Assignment.created_at.desc(), Assignment.id.desc())
        .limit(MOST_LISTED)
    )
    with session.begin():
        return [row for row in session.scalars(wanted) if may_teach_classroom(by, row.classroom)]


def given_to_classroom(session: Session, *, classroom_id: UUID) -> list[Assignment]:
    """Return what a classroom was given and was not withdrawn, oldest first; in a transaction.

    Who asks was found to teach it.
    """
    wanted = (
        select(Assignment)
        .where(Assignment.classroom_id == classroom_id, Assignment.withdrawn_at.is_(None))
        .options(*_with_lesson())
        .order_by(Assignment.created_at.desc(), Assignment.id.desc())
        .limit(MOST_LISTED)
    )
    return list(reversed(session.scalars(wanted).unique().all()))


def list_given(session: Session, *, classroom_id: UUID) -> list[Assignment]:
    """Return the same, newest first, in a transaction of its own."""
    with session.begin():
        return given_to_classroom(session, classroom_id=classroom_id)[::-1]


def chosen_pupils(
    session: Session, assignment_ids: Collection[UUID]
) -> dict[UUID, frozenset[UUID]]:
    """Return the pupils of assignments that are not for the whole classroom; in a transaction."""
    wanted = select(AssignmentPupil).where(AssignmentPupil.assignment_id.in_(assignment_ids))
    found: dict[UUID, set[UUID]] = {}
    for row in session.scalars(wanted):
        found.setdefault(row.assignment_id, set()).add(row.person_id)
    return {id_: frozenset(people) for id_, people in found.items()}


def given_to_pupil(session: Session, now: Clock, *, person: Person) -> list[Assignment]:
    """Return what the person has to learn now, soonest due first.

    Of one lesson that was given twice, the earlier date counts.
    """
    wanted = is_given_to_pupil().where(
        Enrolment.person_id == person.id,
        in_scope(person, Enrolment.classroom_id),
        Assignment.withdrawn_at.is_(None),
        Assignment.opens_at <= now(),
    )
    in_order = wanted.with_only_columns(Assignment).order_by(
        Assignment.due_at.is_(None), Assignment.due_at, Assignment.created_at, Assignment.id
    )
    loaded = in_order.options(*_with_lesson()).limit(MOST_LISTED)
    with session.begin():
        return list(_first_of_each(session.scalars(loaded).unique()))


def _first_of_each(rows: Iterable[Assignment]) -> Iterable[Assignment]:
    known = set[UUID]()
    for row in rows:
        if row.lesson_id is None or row.lesson_id not in known:
            yield row
        if row.lesson_id:
            known.add(row.lesson_id)


def _with_lesson() -> tuple[ExecutableOption, ...]:
    lesson = joinedload(Assignment.lesson)
    return (
        joinedload(Assignment.classroom).lazyload(Classroom.teachers),
        joinedload(Assignment.erased),
        lesson.joinedload(Lesson.original).joinedload(Original.asset),
        lesson.joinedload(Lesson.owner).lazyload(Person.roles),
        lesson.joinedload(Lesson.school),
    )


def _show_to_pupils(
    session: Session, now: Clock, lesson: Lesson, by: Person, *, only_given: bool = False
) -> None:
    """Publish what pupils could not see; what was for nobody else, for these pupils alone."""
    if lesson.is_published and lesson.visibility is not Visibility.ME:
        return
    if only_given or lesson.visibility is Visibility.ME:
        changes = LessonChanges(visibility=Visibility.CLASSROOM)
        edit_lesson(session, now, lesson_id=lesson.id, changes=changes, by=by)
    publish_lesson(session, now, lesson_id=lesson.id, by=by)


def _take_turn(session: Session, to: Collection[Recipients]) -> None:
    """Wait for others who give to these classrooms: pressed twice at once, it is given once."""
    ids = [each.classroom_id for each in to]
    rooms = select(Classroom.id).where(Classroom.id.in_(ids)).order_by(Classroom.id)
    session.execute(rooms.with_for_update(key_share=True))


def _give(
    session: Session, now: Clock, lesson: Lesson, to: Recipients, task: Task, by: Person
) -> Assignment:
    people = _present(session, to)
    row = _given_before(session, lesson.id, to.classroom_id, people)
    if row is None:
        row = Assignment(
            classroom_id=to.classroom_id,
            lesson_id=lesson.id,
            title=lesson.title,
            is_for_all=not people,
            by_id=by.id,
            created_at=now(),
            opens_lesson=False,
        )
        session.add(row)
    row.opens_lesson = row.opens_lesson or may_edit_lesson(by, lesson)
    row.due_at, row.note, row.opens_at = task.due_at, task.note, task.opens_at(now())
    session.flush()
    if row.created_at == now() and people:
        for person_id in people - chosen_pupils(session, [row.id]).get(row.id, frozenset()):
            session.add(AssignmentPupil(assignment_id=row.id, person_id=person_id))
    note_act(session, now, action="assignment.give", by=by, thing_id=row.id)
    return row


def _present(session: Session, to: Recipients) -> frozenset[UUID]:
    """Return those of the pupils who are in the classroom. Raises FieldError when none is left."""
    if not to.person_ids:
        return frozenset()
    here = select(Enrolment.person_id).where(
        Enrolment.classroom_id == to.classroom_id, Enrolment.left_at.is_(None)
    )
    found = frozenset(session.scalars(here.where(Enrolment.person_id.in_(to.person_ids))))
    if not found:
        raise FieldError("pupil", "nobody of this classroom", rule="empty")
    return found


def _given_before(
    session: Session, lesson_id: UUID, classroom_id: UUID, people: frozenset[UUID]
) -> Assignment | None:
    """Return the same lesson's task for the same pupils: pressed twice, it is given once."""
    same = select(Assignment).where(
        Assignment.lesson_id == lesson_id,
        Assignment.classroom_id == classroom_id,
        Assignment.withdrawn_at.is_(None),
        Assignment.is_for_all.is_(not people),
    )
    rows = session.scalars(same).all()
    chosen = chosen_pupils(session, [row.id for row in rows])
    return next((row for row in rows if chosen.get(row.id, frozenset()) == people), None)
