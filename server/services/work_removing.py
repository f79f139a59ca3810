"""Work whose time is over goes: of one classroom, in one transaction; twice does no harm."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from server.models.assignments import Assignment, AssignmentPupil, HandIn
from server.models.class_sessions import ClassSession
from server.models.classrooms import Enrolment
from server.models.erased_lessons import ErasedFile, ErasedLesson
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import Office
from server.models.progress import WatchProgress
from server.models.work_removals import WorkRemoval
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.erased_lessons import NO_SYNC, OF_PERSONS, forget_progress, forget_work_of
from server.services.terms import academic_year_of, day_in_bangkok
from server.services.work_retention import end_of_year, tell_due_work


def remove_due_work(session: Session, now: Clock) -> int:
    """Say what is due, and remove what was said for long enough; return of how many classrooms.

    Each in a transaction of its own: whatever is cut off goes on with the next night.
    """
    ready = tell_due_work(session, now)
    for classroom_id in ready:
        _remove_work(session, now, classroom_id)
    _forget_erased_lessons(session, now)
    return len(ready)


def _remove_work(session: Session, now: Clock, classroom_id: UUID) -> None:
    with session.begin():
        row = session.get(WorkRemoval, classroom_id, with_for_update=True, populate_existing=True)
        if row is None or row.removed_at is not None:
            return
        pupils = _pupils_by_lesson(session, classroom_id)
        count = 0
        for lesson_id, person_ids in pupils.items():
            count += _remove_of(session, lesson_id, person_ids)
        for table in (Assignment, ClassSession):
            of_room = delete(table).where(table.classroom_id == classroom_id)
            session.execute(of_room, execution_options=NO_SYNC)
        row.removed_at = now()
        facts = {"lessons": len(pupils), "hand_ins": count}
        note_act(session, now, action="work.remove", by=None, thing_id=classroom_id, **facts)


def _pupils_by_lesson(session: Session, classroom_id: UUID) -> Mapping[UUID, Collection[UUID]]:
    """Return whose work goes, also of those who left; not who was given the same elsewhere."""
    other, place, chosen = aliased(Assignment), aliased(Enrolment), aliased(AssignmentPupil)
    is_chosen = exists().where(
        chosen.assignment_id == other.id, chosen.person_id == Enrolment.person_id
    )
    elsewhere = exists().where(
        other.lesson_id == Assignment.lesson_id,
        other.classroom_id != classroom_id,
        place.classroom_id == other.classroom_id,
        place.person_id == Enrolment.person_id,
        or_(other.is_for_all, is_chosen),
    )
    wanted = (
        select(Assignment.lesson_id, Enrolment.person_id)
        .join(Enrolment, Enrolment.classroom_id == Assignment.classroom_id)
        .where(Assignment.classroom_id == classroom_id, Assignment.lesson_id.is_not(None))
        .where(~elsewhere)
        .distinct()
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for lesson_id, person_id in session.execute(wanted):
        if lesson_id is not None:
            found[lesson_id].append(person_id)
    return found


def _remove_of(session: Session, lesson_id: UUID, person_ids: Collection[UUID]) -> int:
    """Remove what these pupils did with a lesson; return how many had handed in."""
    count = 0
    for table in OF_PERSONS:
        theirs = delete(table).where(table.lesson_id == lesson_id, table.person_id.in_(person_ids))
        gone = session.execute(theirs.returning(table.person_id), execution_options=NO_SYNC).all()
        count += len(gone) if table is HandIn else 0
    files = (
        select(Original.asset_id)
        .join(Lesson, Lesson.original_id == Original.id)
        .where(Lesson.id == lesson_id)
        .union(
            select(Original.asset_id)
            .join(LessonItemFile, LessonItemFile.original_id == Original.id)
            .where(LessonItemFile.lesson_id == lesson_id),
            select(ErasedFile.asset_id).where(ErasedFile.lesson_id == lesson_id),
        )
    )
    asset_ids = session.scalars(files).all()
    watched = delete(WatchProgress).where(
        WatchProgress.asset_id.in_(asset_ids), WatchProgress.person_id.in_(person_ids)
    )
    session.execute(watched, execution_options=NO_SYNC)
    return count


def _forget_erased_lessons(session: Session, now: Clock) -> None:
    """Forget what is left of lessons that are given nowhere, at the same age as other work."""
    day = day_in_bangkok(now())
    is_given = exists().where(Assignment.lesson_id == ErasedLesson.id)
    with session.begin():
        years = session.scalar(select(Office.work_kept_years)) or 0
        bare = select(ErasedLesson.id, ErasedLesson.erased_at).where(~is_given)
        gone = [
            lesson_id
            for lesson_id, at in session.execute(bare)
            if years and day > end_of_year(academic_year_of(day_in_bangkok(at)) + years)
        ]
        files = select(ErasedFile.asset_id).where(ErasedFile.lesson_id.in_(gone))
        asset_ids = session.scalars(files).all()
        forget_work_of(session, gone)
        session.execute(
            delete(ErasedLesson).where(ErasedLesson.id.in_(gone)), execution_options=NO_SYNC
        )
        forget_progress(session, _not_there(session, asset_ids))


def _not_there(session: Session, asset_ids: Collection[UUID]) -> Collection[UUID]:
    used = session.scalars(select(Original.asset_id).where(Original.asset_id.in_(asset_ids)))
    return set(asset_ids) - set(used)
