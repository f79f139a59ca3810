"""What a lesson's editor reads about the people in it: the answers, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.models.classrooms import Classroom, Enrolment
from server.models.consents import MediaClassroom, MediaPupil, PeopleAnswer
from server.models.lessons import Lesson, Visibility
from server.models.library import Original
from server.models.people import Person
from server.policy import may_choose_classroom
from server.services.ceilings import (
    ceiling_over,
    files_counted,
    files_of,
    missing_for,
    next_step,
    people_in,
)
from server.services.people_in_picture import choosable_classrooms

MOST_NAMED = 60  # missing consents are read one by one; more are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A pupil whose consent does not reach the next audience, and a classroom that may tick it."""

    person: Person
    classroom: Classroom


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPicture:
    """How wide a lesson may be shown, and what is needed for the next step."""

    answers: Sequence[PeopleAnswer | None]  # by file, the lesson's own first
    ceiling: Visibility
    step: Visibility | None
    missing: Sequence[Missing]
    missing_count: int

    @property
    def unanswered_count(self) -> int:
        """Return for how many files nobody has answered yet."""
        return sum(answer is None for answer in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The question for one file, with who may be chosen and who is."""

    original: Original
    answer: PeopleAnswer | None
    classrooms: Sequence[Classroom]
    classroom_ids: frozenset[UUID]
    pupils: Sequence[tuple[Classroom, Sequence[Person]]]
    pupil_ids: frozenset[UUID]
    own_ids: frozenset[UUID]  # of the classrooms that the person teaches


def picture_of(session: Session, *, lesson: Lesson, by: Person) -> LessonPicture:
    """Return it for a lesson that this person may edit; other schools' pupils are only counted."""
    with session.begin():
        own_ids = files_of(session, [lesson.id])[lesson.id]
        counted_ids = files_counted(session, [lesson.id])[lesson.id]
        people = people_in(session, counted_ids)
        files = [people[id_].in_lesson_of(lesson.school_id) for id_ in counted_ids]
        ceiling = ceiling_over(files)
        step = next_step(ceiling)
        lacking = missing_for(step, files) if step else frozenset()
        missing = _named(session, lacking, by)
    return LessonPicture(
        answers=[people[id_].answer for id_ in own_ids],
        ceiling=ceiling,
        step=step,
        missing=missing,
        missing_count=len(lacking),
    )


def questions_of(session: Session, *, lesson: Lesson, by: Person) -> list[Question]:
    """Return the question for every file of a lesson that the caller may edit."""
    with session.begin():
        original_ids = files_of(session, [lesson.id])[lesson.id]
        rows = session.scalars(select(Original).where(Original.id.in_(original_ids)))
        originals = {row.id: row for row in rows}
        people = people_in(session, original_ids)
        return [_question(session, originals[id_], people[id_].answer, by) for id_ in original_ids]


def question_of(session: Session, *, original: Original, by: Person) -> Question:
    """Return the question for a file that the caller sent."""
    with session.begin():
        answer = people_in(session, [original.id])[original.id].answer
        return _question(session, original, answer, by)


def _question(
    session: Session, original: Original, answer: PeopleAnswer | None, by: Person
) -> Question:
    chosen = select(MediaClassroom.classroom_id).where(MediaClassroom.original_id == original.id)
    named = select(MediaPupil.person_id).where(MediaPupil.original_id == original.id)
    rooms = choosable_classrooms(session, original=original, by=by)
    own = [room for room in rooms if by.id in room.teacher_ids]
    return Question(
        original=original,
        answer=answer,
        classrooms=rooms,
        classroom_ids=frozenset(session.scalars(chosen)),
        pupils=_pupils_of(session, own),
        pupil_ids=frozenset(session.scalars(named)),
        own_ids=frozenset(room.id for room in own),
    )


def _pupils_of(
    session: Session, rooms: Sequence[Classroom]
) -> list[tuple[Classroom, Sequence[Person]]]:
    learn = (
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.classroom_id.in_([room.id for room in rooms]), Enrolment.left_at.is_(None))
        .order_by(Enrolment.list_number.is_(None), Enrolment.list_number, Person.sort_key)
    )
    rows = session.scalars(learn).all()
    return [(room, [row.person for row in rows if row.classroom_id == room.id]) for room in rooms]


def _named(session: Session, lacking: frozenset[UUID], by: Person) -> list[Missing]:
    """Return the first of them in Thai order, each with the newest classroom of theirs."""
    if not lacking:
        return []
    wanted = (
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Classroom, Classroom.id == Enrolment.classroom_id)
        .where(Enrolment.person_id.in_(lacking))
        .order_by(Person.sort_key, Person.id, Classroom.academic_year.desc(), Classroom.id)
    )
    found: dict[UUID, Missing] = {}
    for row in session.scalars(wanted.options(joinedload(Enrolment.classroom))):
        if may_choose_classroom(by, row.classroom):
            found.setdefault(row.person_id, Missing(person=row.person, classroom=row.classroom))
    return list(found.values())[:MOST_NAMED]
