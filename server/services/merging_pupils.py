"""Two entries that are one pupil, made one: everything of the one that goes moves to the other."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound
from server.models.classrooms import Enrolment, JoinRequest, StudentNumber
from server.models.people import Person, Role, RoleName
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.enrolments import changes_pupil, drop_keys, member_led
from server.services.item_progress import hand_items
from server.services.people_in_picture import hand_consents
from server.services.progress import hand_progress
from server.services.pupil_work import hand_work
from server.services.quizzes import hand_attempts
from server.services.sign_ins import end_sign_ins


def join_pupils(
    session: Session, now: Clock, *, enrolment_id: UUID, same_id: UUID, by: Person
) -> None:
    """Make one of two members who are the same pupil: `enrolment_id` stays, `same_id` goes.

    That is for the home class of both, or their school: what moves counts as the kept one's work.
    Raises NotFound, or NotAllowed when they are not, or the one that goes learns elsewhere, too.
    """
    with session.begin():
        kept, classroom = member_led(session, enrolment_id, by)
        other, _same_room = member_led(session, same_id, by)
        if other.id == kept.id or other.classroom_id != classroom.id:
            raise NotFound("two different members of one classroom are needed")
        others = select(Enrolment.id).where(
            Enrolment.person_id == other.person_id, Enrolment.id != other.id
        )
        are_ours = all(changes_pupil(session, row.person, by) for row in (kept, other))
        if not are_ours or session.scalar(others.limit(1)):
            raise NotAllowed("somebody with another classroom or an account is not joined")
        _move_all(session, other, kept)
        end_sign_ins(session, now, other.person_id)
        other.person.is_active = False
        note_act(session, now, action="enrolment.join", by=by, thing_id=kept.id, same=str(other.id))
        session.delete(other)
        session.flush()
        hand_consents(session, now, from_id=other.person_id, to_id=kept.person_id)


def _move_all(session: Session, other: Enrolment, kept: Enrolment) -> None:
    """Give to one member what another has: numbers, progress, and requests that wait."""
    if kept.list_number is None:
        kept.list_number = other.list_number
    kept.came_in_at = min(
        (at for at in (kept.came_in_at, other.came_in_at) if at is not None), default=None
    )
    has_number = select(StudentNumber.id).where(StudentNumber.person_id == kept.person_id)
    if session.scalar(has_number.limit(1)) is None:
        moved = update(StudentNumber).where(StudentNumber.person_id == other.person_id)
        session.execute(moved.values(person_id=kept.person_id))
    waiting = update(JoinRequest).where(JoinRequest.enrolment_id == other.id)
    session.execute(waiting.values(enrolment_id=kept.id))
    drop_keys(session, other.id)
    hand_progress(session, from_id=other.person_id, to_id=kept.person_id)
    hand_items(session, from_id=other.person_id, to_id=kept.person_id)
    hand_attempts(session, from_id=other.person_id, to_id=kept.person_id)
    hand_work(session, from_id=other.person_id, to_id=kept.person_id)
    student = Role.name == RoleName.STUDENT
    for role in session.scalars(select(Role).where(Role.person_id == other.person_id, student)):
        session.delete(role)
