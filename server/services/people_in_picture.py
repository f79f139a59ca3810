"""Are pupils seen or heard? The answer for each file, and what it means for lessons."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, joinedload

from server.errors import FieldError, NotFound
from server.models.classrooms import Classroom, Enrolment
from server.models.consents import (
    MediaClassroom,
    MediaPeople,
    MediaPupil,
    PeopleAnswer,
    PupilConsent,
)
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import WIDTHS, Lesson, Visibility, narrower
from server.models.library import Original
from server.models.people import Person
from server.policy import may_choose_classroom, may_say_who_is_in, may_teach_classroom
from server.services.audit import note_act
from server.services.ceilings import NOBODY_SEEN, set_ceilings
from server.services.clock import Clock
from server.services.index_lessons import note_for_index
from server.services.terms import academic_year_of, day_in_bangkok


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoIsIn:
    """What a teacher answers for one file."""

    answer: PeopleAnswer
    classroom_ids: frozenset[UUID] = frozenset()
    pupil_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A published lesson that is seen by others now than before."""

    lesson: Lesson
    former_ceiling: Visibility

    @property
    def was_shown_to(self) -> Visibility:
        """Return who saw it before."""
        return narrower(self.lesson.visibility, self.former_ceiling)

    @property
    def is_narrower(self) -> bool:
        """Tell whether fewer people see it."""
        return WIDTHS.index(self.lesson.ceiling) < WIDTHS.index(self.former_ceiling)


def say_who_is_in(
    session: Session, now: Clock, *, original_id: UUID, who: WhoIsIn, by: Person
) -> list[Moved]:
    """Keep the answer for a file; its lessons are shown as far as consents reach, at once.

    The year of the file is the one in which it came, not today's: a consent is given for a year's
    recordings, and a new school year does not empty the library. Raises NotFound, FieldError.
    """
    with session.begin():
        original = session.get(Original, original_id)
        if original is None or not may_say_who_is_in(by, original):
            raise NotFound(f"no original {original_id} of this person")
        _check_chosen(session, who, by)
        session.execute(delete(MediaPeople).where(MediaPeople.original_id == original_id))
        session.add(
            MediaPeople(
                original_id=original_id,
                answer=who.answer,
                academic_year=academic_year_of(day_in_bangkok(original.created_at)),
                by_id=by.id,
                at=now(),
                classrooms=[MediaClassroom(classroom_id=id_) for id_ in who.classroom_ids],
                pupils=[MediaPupil(person_id=id_) for id_ in who.pupil_ids],
            )
        )
        note_act(
            session, now, action="media.people", by=by, thing_id=original_id, answer=who.answer
        )
        return renew_ceilings(session, now, lessons_with(session, [original_id]))


def renew_ceilings(session: Session, now: Clock, lesson_ids: Collection[UUID]) -> list[Moved]:
    """Compute ceilings anew and have what changed indexed, in the caller's transaction.

    Pages, lists, playback and embeds read the row; search follows with the index.
    """
    before = set_ceilings(session, lesson_ids)
    for lesson_id in before:
        note_for_index(session, now, lesson_id)
    changed = select(Lesson).where(Lesson.id.in_(before), Lesson.published_at.is_not(None))
    lessons = session.scalars(
        changed.options(joinedload(Lesson.owner)).execution_options(populate_existing=True)
    ).all()
    moved = [Moved(lesson=row, former_ceiling=before[row.id]) for row in lessons]
    return [each for each in moved if each.was_shown_to is not each.lesson.shown_to]


def lessons_with(session: Session, original_ids: Collection[UUID]) -> list[UUID]:
    """Return the lessons that show these files or use them in an item."""
    in_items = select(LessonItemFile.lesson_id).where(LessonItemFile.original_id.in_(original_ids))
    wanted = select(Lesson.id).where(
        or_(Lesson.original_id.in_(original_ids), Lesson.id.in_(in_items))
    )
    return list(session.scalars(wanted))


def may_show_pupils(session: Session, lesson: Lesson) -> bool:
    """Return whether somebody may be in its file, who may withdraw; also while nobody said so."""
    answer = select(MediaPeople.answer).where(MediaPeople.original_id == lesson.original_id)
    with session.begin():
        return session.scalar(answer) not in NOBODY_SEEN


def files_with_classroom(session: Session, classroom_id: UUID) -> list[UUID]:
    """Return the files in which this classroom may be seen or heard."""
    wanted = select(MediaClassroom.original_id).where(MediaClassroom.classroom_id == classroom_id)
    return list(session.scalars(wanted))


def files_with_pupil(session: Session, person_id: UUID) -> list[UUID]:
    """Return the files in which this pupil, or a classroom of theirs, may be seen or heard."""
    named = select(MediaPupil.original_id).where(MediaPupil.person_id == person_id)
    of_rooms = (
        select(MediaClassroom.original_id)
        .join(Enrolment, Enrolment.classroom_id == MediaClassroom.classroom_id)
        .where(Enrolment.person_id == person_id)
    )
    return list(session.scalars(named.union(of_rooms)))


def renew_classroom(session: Session, now: Clock, classroom_id: UUID) -> None:
    """Count a new pupil of a classroom in: they may be in what it recorded."""
    original_ids = files_with_classroom(session, classroom_id)
    if original_ids:
        renew_ceilings(session, now, lessons_with(session, original_ids))


def hand_consents(session: Session, now: Clock, *, from_id: UUID, to_id: UUID) -> None:
    """Give one entry of a pupil what stood under another, in the caller's transaction."""
    has = set(session.scalars(select(MediaPupil.original_id).where(MediaPupil.person_id == to_id)))
    for row in session.scalars(select(MediaPupil).where(MediaPupil.person_id == from_id)):
        session.delete(row)
        if row.original_id not in has:
            session.add(MediaPupil(original_id=row.original_id, person_id=to_id))
    for consent in session.scalars(select(PupilConsent).where(PupilConsent.person_id == from_id)):
        consent.person_id = to_id
    session.flush()
    renew_ceilings(session, now, lessons_with(session, files_with_pupil(session, to_id)))


def choosable_classrooms(
    session: Session, *, original: Original, by: Person
) -> Sequence[Classroom]:
    """Return the classrooms that may be in a file: of its school, of its year or the one before.

    One's own come first.
    """
    year = academic_year_of(day_in_bangkok(original.created_at))
    wanted = (
        select(Classroom)
        .where(Classroom.school_id == original.school_id)
        .where(Classroom.academic_year.in_([year, year - 1]))
        .order_by(Classroom.academic_year.desc(), Classroom.name)
    )
    rooms = [room for room in session.scalars(wanted) if may_choose_classroom(by, room)]
    return sorted(rooms, key=lambda room: by.id not in room.teacher_ids)


def _check_chosen(session: Session, who: WhoIsIn, by: Person) -> None:
    """Raise FieldError when nobody was chosen, or somebody who is not theirs to choose."""
    rooms = session.scalars(select(Classroom).where(Classroom.id.in_(who.classroom_ids))).all()
    taught = select(Classroom).join(Enrolment).where(Enrolment.person_id.in_(who.pupil_ids))
    pupils_rooms = [
        room.id for room in session.scalars(taught).unique() if may_teach_classroom(by, room)
    ]
    theirs = select(Enrolment.person_id).where(
        Enrolment.classroom_id.in_(pupils_rooms), Enrolment.person_id.in_(who.pupil_ids)
    )
    is_right = {
        PeopleAnswer.NOBODY: not who.classroom_ids and not who.pupil_ids,
        PeopleAnswer.CLASSROOMS: bool(rooms)
        and len(rooms) == len(who.classroom_ids)
        and all(may_choose_classroom(by, room) for room in rooms)
        and not who.pupil_ids,
        PeopleAnswer.PUPILS: bool(who.pupil_ids)
        and set(session.scalars(theirs)) == who.pupil_ids
        and not who.classroom_ids,
    }
    if not is_right.get(who.answer, False):
        raise FieldError("people", "nobody who may be chosen", rule="people")
