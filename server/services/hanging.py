"""What hangs on a lesson: asked before it is deleted or removed for good, in one query each."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from server.errors import NotFound
from server.models.assignments import Assignment, HandIn
from server.models.classrooms import Classroom
from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.lesson_versions import ItemProgress, LessonItemFile, LessonStart
from server.models.lessons import Lesson, PlaybackSession, ShareLink
from server.models.library import Original
from server.models.packages import PackageAttempt
from server.models.people import Person
from server.models.progress import WatchProgress
from server.models.quizzes import QuizAttempt
from server.policy import may_delete_lesson
from server.services.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """What others have of a lesson; `mark` is another one as soon as something of it changes."""

    lesson: Lesson
    classrooms: Sequence[str]  # to which it is given now
    work_count: int  # pieces that were handed in, and quizzes that were answered
    unmarked_count: int  # of these, handed in and not marked yet
    people_count: int  # who watched or did something
    course_count: int
    link_count: int
    sites: Sequence[str]  # on which somebody is watching it just now
    adapted_count: int
    mark: str

    @property
    def is_kept(self) -> bool:
        """Whether something stays when the lesson is removed for good."""
        return bool(self.classrooms or self.work_count or self.people_count)


def what_hangs(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Hanging:
    """Return it to those who may delete the lesson. Raises NotFound."""
    with session.begin():
        lesson = session.get(Lesson, lesson_id, populate_existing=True)
        if lesson is None or not may_delete_lesson(by, lesson):
            raise NotFound(f"no lesson {lesson_id} for this person to delete")
        return hanging_on(session, now, lesson)


def is_given_now(session: Session, *, lesson_id: UUID) -> bool:
    """Return whether pupils lose it when it is deleted."""
    given = select(Assignment.id).where(
        Assignment.lesson_id == lesson_id, Assignment.withdrawn_at.is_(None)
    )
    with session.begin():
        return session.scalar(given.limit(1)) is not None


def hanging_on(session: Session, now: Clock, lesson: Lesson) -> Hanging:
    """Return it, inside the caller's transaction."""
    of_lesson = lesson.id
    given = (
        select(Classroom.name)
        .join(Assignment, Assignment.classroom_id == Classroom.id)
        .where(Assignment.lesson_id == of_lesson, Assignment.withdrawn_at.is_(None))
        .distinct()
        .order_by(Classroom.name)
    )
    placed = (
        select(func.count(func.distinct(CourseUnit.course_id)))
        .join(CourseLesson, CourseLesson.unit_id == CourseUnit.id)
        .join(Course, Course.id == CourseUnit.course_id)
        .where(CourseLesson.lesson_id == of_lesson, Course.deleted_at.is_(None))
    )
    links = _count(ShareLink.lesson_id == of_lesson, ShareLink.revoked_at.is_(None))
    adapted = _count(Lesson.adapted_from_id == of_lesson, Lesson.deleted_at.is_(None))
    rooms = session.scalars(given).all()
    work, newest = _work(session, of_lesson)
    counts = {
        "work_count": work,
        "unmarked_count": session.scalar(_count(HandIn.lesson_id == of_lesson, waits())) or 0,
        "people_count": session.scalar(_people(lesson)) or 0,
        "course_count": session.scalar(placed) or 0,
        "link_count": session.scalar(links) or 0,
        "adapted_count": session.scalar(adapted) or 0,
    }
    sign = repr((sorted(rooms), sorted(counts.items()), newest))
    return Hanging(
        lesson=lesson,
        classrooms=rooms,
        sites=_sites(session, now, of_lesson),
        mark=sha256(sign.encode()).hexdigest()[:32],
        **counts,
    )


def waits() -> ColumnElement[bool]:
    """Return whether a hand-in was not marked yet, or handed in once more since."""
    is_newer = or_(HandIn.marked_at.is_(None), HandIn.handed_in_at > HandIn.marked_at)
    return and_(HandIn.handed_in_at.is_not(None), HandIn.returned_at.is_(None), is_newer)


def _sites(session: Session, now: Clock, lesson_id: UUID) -> Sequence[str]:
    shown = select(PlaybackSession.embed_origin).where(
        PlaybackSession.lesson_id == lesson_id,
        PlaybackSession.embed_origin != "",
        PlaybackSession.expires_at > now(),
    )
    return session.scalars(shown.distinct()).all()


def _work(session: Session, lesson_id: UUID) -> tuple[int, tuple[object, ...]]:
    """Return how many pieces there are, and when the newest of both kinds came."""
    handed_in = select(func.count(), func.max(HandIn.handed_in_at)).where(
        HandIn.lesson_id == lesson_id, HandIn.handed_in_at.is_not(None)
    )
    tried = select(QuizAttempt.person_id, QuizAttempt.item_id, QuizAttempt.received_at).where(
        QuizAttempt.lesson_id == lesson_id
    )
    pairs = tried.with_only_columns(QuizAttempt.person_id, QuizAttempt.item_id).distinct()
    newest = tried.with_only_columns(func.max(QuizAttempt.received_at))
    count, last = session.execute(handed_in).one()
    quizzes = session.scalar(select(func.count()).select_from(pairs.subquery())) or 0
    return count + quizzes, (last, session.scalar(newest))


def _people(lesson: Lesson) -> Select[int]:
    beside = select(LessonItemFile.original_id).where(LessonItemFile.lesson_id == lesson.id)
    files = select(Original.asset_id).where(
        or_(Original.id == lesson.original_id, Original.id.in_(beside))
    )
    found = [
        select(table.person_id).where(table.lesson_id == lesson.id)
        for table in (HandIn, QuizAttempt, PackageAttempt, ItemProgress, LessonStart)
    ]
    watched = select(WatchProgress.person_id).where(WatchProgress.asset_id.in_(files))
    people = union(*found, watched).subquery()
    return select(func.count()).select_from(people).where(people.c.person_id != lesson.owner_id)


def _count(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).where(*conditions)
