"""What a pupil did with a lesson that was given, whatever became of the lesson."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.errors import NotFound
from server.models.assignments import Assignment, HandIn
from server.models.classrooms import Enrolment
from server.models.content import AnyItem
from server.models.people import Person
from server.services.completion import States, standing_of
from server.services.erased_lessons import Learnt, find_learnt
from server.services.given import in_scope, is_given_to_pupil
from server.services.lesson_content import content_for
from server.services.quizzes import PupilsQuiz, quizzes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWork:
    """What was asked, as the pupil began it, and what they did: by item."""

    assignment: Assignment
    lesson: Learnt
    items: Sequence[AnyItem]  # that they began
    states: States
    hand_ins: Mapping[UUID, HandIn]
    quizzes: Sequence[PupilsQuiz]


def assignment_of(session: Session, *, lesson_id: UUID, by: Person) -> UUID | None:
    """Return by which the person has a lesson, whatever became of it; the latest."""
    given = is_given_to_pupil().where(
        Assignment.lesson_id == lesson_id,
        Enrolment.person_id == by.id,
        Assignment.withdrawn_at.is_(None),
        in_scope(by, Assignment.classroom_id),
    )
    newest = given.with_only_columns(Assignment.id).order_by(Assignment.created_at.desc())
    with session.begin():
        if find_learnt(session, lesson_id) is None:
            return None
        return session.scalar(newest.limit(1))


def own_work(session: Session, *, assignment_id: UUID, by: Person) -> OwnWork:
    """Return it to whom the lesson was given, also when it was taken back.

    Of what they did not begin there is nothing: it may be hidden for a reason. Raises NotFound.
    """
    wanted = (
        is_given_to_pupil()
        .where(Assignment.id == assignment_id, Enrolment.person_id == by.id)
        .where(in_scope(by, Assignment.classroom_id))
        .with_only_columns(Assignment)
        .options(joinedload(Assignment.lesson), joinedload(Assignment.erased))
    )
    with session.begin():
        row = session.scalars(wanted).unique().first()
        if row is None or row.learnt is None:
            raise NotFound(f"no assignment {assignment_id} of this pupil")
        content = content_for(session, row.learnt, person_id=by.id)
        of_items = HandIn.item_id.in_([item.id for item in content.items])
        handed_in = session.scalars(select(HandIn).where(HandIn.person_id == by.id, of_items))
        hand_ins = {each.item_id: each for each in handed_in}
        quizzes = quizzes_of(session, row.learnt, person_id=by.id)
    states = standing_of(session, [by.id], [row.learnt])[by.id].states
    begun = {*states, *hand_ins, *(quiz.item.id for quiz in quizzes if quiz.attempts)}
    items = [item for item in content.items if item.id in begun]
    if not items:
        raise NotFound(f"nothing was done of assignment {assignment_id}")
    return OwnWork(
        assignment=row,
        lesson=row.learnt,
        items=items,
        states=states,
        hand_ins=hand_ins,
        quizzes=quizzes,
    )
