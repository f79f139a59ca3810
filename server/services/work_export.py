"""All work of a classroom, lesson by lesson: read while it is sent, however large the class."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.models.assignments import Assignment, HandIn, HandInFile
from server.models.classrooms import Enrolment
from server.models.content import CONTENT, AnyItem
from server.models.lesson_versions import LessonVersion
from server.models.library import Asset, Original
from server.models.people import Person
from server.models.quizzes import QuizAttempt
from server.services.classrooms import led_classroom
from server.services.erased_lessons import Learnt
from storage.store import ObjectNotFound, ObjectStore

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class LessonWork:
    """What the pupils of a classroom, also earlier ones, did with one lesson."""

    lesson: Learnt
    pupils: dict[UUID, Enrolment]
    items: dict[UUID, AnyItem]  # of all its versions, the newest of each
    hand_ins: Sequence[HandIn]
    tries: Sequence[QuizAttempt]


def exported_classroom(session: Session, *, classroom_id: UUID, by: Person) -> str:
    """Return the name of a classroom to who may export its work. Raises NotFound, NotAllowed."""
    with session.begin():
        return led_classroom(session, classroom_id, by).name


def work_by_lesson(session: Session, classroom_id: UUID) -> Iterator[LessonWork]:
    """Yield what was given, oldest first; nothing of lessons with which nobody did anything."""
    with session.begin():
        given = select(Assignment.id).where(Assignment.classroom_id == classroom_id)
        ids = session.scalars(given.order_by(Assignment.created_at, Assignment.id)).all()
    known = set[UUID]()
    for assignment_id in ids:
        with session.begin():
            options = [joinedload(Assignment.lesson), joinedload(Assignment.erased)]
            row = session.get(Assignment, assignment_id, options=options)
            work = _work_of(session, row) if row and row.lesson_id not in known else None
            if row and row.lesson_id:
                known.add(row.lesson_id)
        if work is not None and (work.hand_ins or work.tries):
            yield work
        session.expunge_all()


def read_file(store: ObjectStore, asset: Asset) -> Iterator[bytes] | None:
    """Return the bytes of a file piece by piece; None when they are not there any more."""
    key = asset.copy_key or asset.original_key
    try:
        size_bytes = store.stat(key).size_bytes
    except ObjectNotFound:
        return None
    starts = range(0, size_bytes, PIECE_BYTES)
    return (store.read_range(key, start, PIECE_BYTES) for start in starts)


def _work_of(session: Session, given: Assignment) -> LessonWork | None:
    lesson = given.learnt
    if lesson is None:
        return None
    rows = select(Enrolment).where(Enrolment.classroom_id == given.classroom_id)
    pupils = {row.person_id: row for row in session.scalars(rows)}
    versions = select(LessonVersion.content).where(LessonVersion.lesson_id == lesson.id)
    in_order = session.scalars(versions.order_by(LessonVersion.number))
    items = {one.id: one for each in in_order for one in CONTENT.validate_python(each).items}
    files = selectinload(HandIn.files).joinedload(HandInFile.original)
    handed_in = (
        select(HandIn)
        .where(HandIn.lesson_id == lesson.id, HandIn.person_id.in_(pupils))
        .where(HandIn.handed_in_at.is_not(None))
        .options(files.joinedload(Original.asset))
    )
    tried = select(QuizAttempt).where(
        QuizAttempt.lesson_id == lesson.id, QuizAttempt.person_id.in_(pupils)
    )
    return LessonWork(
        lesson=lesson,
        pupils=pupils,
        items=items,
        hand_ins=session.scalars(handed_in.order_by(HandIn.handed_in_at)).all(),
        tries=session.scalars(tried.order_by(QuizAttempt.answered_at)).all(),
    )
