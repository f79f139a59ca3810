"""What stays of lessons that are removed for good: as much as the work needs that hangs on them.

Who writes down work takes hold of the lesson first (`hold_for_work`), and so does who removes it:
either the work is there before it is asked for, or the lesson is gone before the work is judged.
"""

from collections.abc import Collection, Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

from server.models.assignments import Assignment, HandIn
from server.models.base import insert_into
from server.models.classrooms import Enrolment
from server.models.erased_lessons import ErasedFile, ErasedLesson
from server.models.lesson_versions import ItemProgress, LessonItemFile, LessonStart, LessonVersion
from server.models.lessons import Lesson
from server.models.library import Asset, Original
from server.models.packages import PackageAttempt
from server.models.progress import WatchProgress
from server.models.quizzes import QuizAttempt
from server.services.clock import Clock
from server.services.given import is_given_to_pupil

Learnt: TypeAlias = Lesson | ErasedLesson
NO_SYNC = {"synchronize_session": False}
OF_PERSONS = (HandIn, QuizAttempt, PackageAttempt, ItemProgress, LessonStart)


def hold_for_work(session: Session, lesson_id: UUID) -> None:
    """Let nobody remove the lesson until the caller's transaction ends."""
    held = select(Lesson.id).where(Lesson.id == lesson_id)
    session.execute(held.with_for_update(read=True, key_share=True))


def find_learnt(session: Session, lesson_id: UUID) -> Learnt | None:
    """Return the lesson, or what is left of it."""
    lesson = session.get(Lesson, lesson_id, populate_existing=True)
    return lesson or session.get(ErasedLesson, lesson_id)


def was_given_to(session: Session, lesson_id: UUID, person_id: UUID) -> bool:
    """Return whether the person was given the lesson, whatever became of it."""
    given = is_given_to_pupil().where(
        Assignment.lesson_id == lesson_id, Enrolment.person_id == person_id
    )
    return session.execute(given.with_only_columns(Assignment.id).limit(1)).first() is not None


def keep_what_was_asked(session: Session, now: Clock, lessons: Sequence[Lesson]) -> None:
    """Keep what the work needs of lessons that are removed now, in the caller's transaction.

    Of a lesson on which nothing of others hangs, nothing is kept. The caller holds the lessons.
    """
    ids = [lesson.id for lesson in lessons]
    kept = set(session.scalars(select(Lesson.id).where(Lesson.id.in_(ids), _has_work())))
    rows = [_left_of(lesson, now) for lesson in lessons if lesson.id in kept]
    if rows:
        session.execute(insert_into(session, ErasedLesson).on_conflict_do_nothing(), rows)
        _keep_files(session, kept)
    forget_work_of(session, [id_ for id_ in ids if id_ not in kept])


def forget_work_of(session: Session, lesson_ids: Collection[UUID]) -> None:
    """Remove versions and all that was written down of persons, in the caller's transaction."""
    for table in (*OF_PERSONS, LessonVersion):
        of_these = delete(table).where(table.lesson_id.in_(lesson_ids))
        session.execute(of_these, execution_options=NO_SYNC)


def forget_progress(session: Session, asset_ids: Collection[UUID]) -> None:
    """Remove what was watched of files that are gone, but for those of erased lessons."""
    is_kept = exists().where(ErasedFile.asset_id == WatchProgress.asset_id)
    gone = delete(WatchProgress).where(WatchProgress.asset_id.in_(asset_ids), ~is_kept)
    session.execute(gone, execution_options=NO_SYNC)


def _left_of(lesson: Lesson, now: Clock) -> dict[str, object]:
    columns = ("id", "owner_id", "school_id", "title", "language", "original_id", "created_at")
    facts = {name: getattr(lesson, name) for name in columns}
    return {**facts, "kept_ranges": lesson.kept_ranges, "erased_at": now()}


def _keep_files(session: Session, lesson_ids: Collection[UUID]) -> None:
    facts = (Original.id, Asset.id, Asset.kind, Asset.duration_s, Asset.page_count)
    own = select(Lesson.id, *facts).join(Original, Original.id == Lesson.original_id)
    beside = select(LessonItemFile.lesson_id, *facts).join(
        Original, Original.id == LessonItemFile.original_id
    )
    names = ("lesson_id", "original_id", "asset_id", "kind", "duration_s", "page_count")
    for wanted, lesson_id in ((own, Lesson.id), (beside, LessonItemFile.lesson_id)):
        in_these = wanted.join(Asset, Asset.id == Original.asset_id).where(
            lesson_id.in_(lesson_ids)
        )
        for row in session.execute(in_these).all():
            kept = insert_into(session, ErasedFile).values(dict(zip(names, row, strict=True)))
            session.execute(kept.on_conflict_do_nothing())


def _has_work() -> ColumnElement[bool]:
    """Return whether it was given, or somebody else than its owner did something with it."""
    files = select(Original.asset_id).where(
        or_(
            Original.id == Lesson.original_id,
            Original.id.in_(
                select(LessonItemFile.original_id).where(LessonItemFile.lesson_id == Lesson.id)
            ),
        )
    )
    others = (
        exists().where(table.lesson_id == Lesson.id, table.person_id != Lesson.owner_id)
        for table in OF_PERSONS
    )
    return or_(
        exists().where(Assignment.lesson_id == Lesson.id),
        *others,
        exists().where(
            WatchProgress.asset_id.in_(files), WatchProgress.person_id != Lesson.owner_id
        ),
    )
