"""A classroom learns together: attendance is ticked once, and what is done counts for all there."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotFound
from server.models.base import insert_into
from server.models.class_sessions import Attendance, ClassSession, RaisedHands
from server.models.classrooms import Classroom
from server.models.content import QuizItem
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import may_teach_classroom
from server.services.audit import note_act
from server.services.classrooms import taught_classroom
from server.services.clock import Clock
from server.services.enrolments import present_enrolments
from server.services.erased_lessons import hold_for_work
from server.services.item_progress import ItemNote, note_item
from server.services.loans import teaches_until

LASTS = timedelta(hours=4)  # then the teacher is alone again, also when nobody ended it


def start_class(
    session: Session, now: Clock, *, classroom_id: UUID, enrolment_ids: Collection[UUID], by: Person
) -> ClassSession:
    """Begin with the pupils whose places were ticked; what this person had begun before ends.

    Raises NotFound, NotAllowed, FieldError when nobody of the classroom is there.
    """
    with session.begin():
        classroom = taught_classroom(session, classroom_id, by)
        members = present_enrolments(session, classroom.id)
        there = sorted(row.person_id for row in members if row.id in enrolment_ids)
        if not there:
            raise FieldError("present", "nobody is there", rule="empty")
        _end_all(session, now(), by)
        until = teaches_until(session, now(), by, classroom) or now()
        begun = ClassSession(
            classroom_id=classroom.id,
            by_id=by.id,
            started_at=now(),
            ends_at=min(now() + LASTS, until),
        )
        begun.present = [Attendance(person_id=person_id) for person_id in there]
        session.add(begun)
        session.flush()
        note_act(session, now, action="class.start", by=by, thing_id=begun.id, count=len(there))
    return begun


def end_class(session: Session, now: Clock, *, by: Person) -> None:
    """End what this person has begun; doing it again changes nothing."""
    with session.begin():
        _end_all(session, now(), by)


def running_class(
    session: Session, now: Clock, *, class_session_id: UUID, by: Person
) -> ClassSession | None:
    """Return the class before this person's screen; None when it is over or not theirs any more."""
    found = session.get(ClassSession, class_session_id)
    if found is None or found.by_id != by.id or now() >= found.ends_at:
        return None
    classroom = session.get_one(Classroom, found.classroom_id)
    return found if may_teach_classroom(by, classroom) else None


def classes_by_id(session: Session, ids: Collection[UUID]) -> Mapping[UUID, ClassSession]:
    """Return classes, also ended ones; inside the caller's transaction."""
    found = session.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))
    return {row.id: row for row in found}


def note_hands(
    session: Session,
    now: Clock,
    *,
    together: ClassSession,
    lesson: Lesson,
    item: QuizItem,
    counts: Mapping[UUID, Mapping[str, int]],
) -> None:
    """Keep the hands that were raised by question and answer; the quiz is done for all there.

    Nobody gets a score: hands have no names. Raises FieldError for counts that cannot be.
    """
    asked = {question.id for question in item.questions}
    with session.begin():
        hold_for_work(session, lesson.id)
        for question_id, hands in counts.items():
            if question_id not in asked:
                raise NotFound(f"no question {question_id} in this quiz")
            most = len(together.present_ids)
            if any(not 0 <= count <= most for count in hands.values()):
                raise FieldError("hands", "more hands than pupils", rule="too_many", most=most)
            _keep_hands(session, now(), together, item.id, question_id, hands)
        for person_id in together.present_ids:
            note = ItemNote(person_id=person_id, lesson_id=lesson.id, item_id=item.id, is_done=True)
            note_item(session, now, note)


def hands_of(
    session: Session, together: ClassSession, item_id: UUID
) -> Mapping[UUID, Mapping[str, int]]:
    """Return the hands that were raised in this class, by question."""
    wanted = select(RaisedHands).where(
        RaisedHands.class_session_id == together.id, RaisedHands.item_id == item_id
    )
    return {row.question_id: row.counts for row in session.scalars(wanted)}


def _keep_hands(
    session: Session,
    at: datetime,
    together: ClassSession,
    item_id: UUID,
    question_id: UUID,
    hands: Mapping[str, int],
) -> None:
    keys = {"class_session_id": together.id, "question_id": question_id}
    facts = {"item_id": item_id, "counts": dict(hands), "at": at}
    kept = insert_into(session, RaisedHands).values(**keys, **facts)
    session.execute(kept.on_conflict_do_update(index_elements=list(keys), set_=facts))


def _end_all(session: Session, at: datetime, by: Person) -> None:
    running = select(ClassSession).where(ClassSession.by_id == by.id, ClassSession.ends_at > at)
    for row in session.scalars(running):
        row.ends_at = at
