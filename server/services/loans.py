"""Classrooms that are lent for a day or a few to a colleague who stands in (สอนแทน)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed
from server.models.class_sessions import ClassSession
from server.models.classrooms import Classroom, ClassroomLoan
from server.models.people import Person, RoleName, SignIn
from server.policy import has_role, may_lead_classroom
from server.services.audit import note_act
from server.services.classrooms import led_classroom
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.terms import day_in_bangkok, start_of_day

LONGEST_LOAN = timedelta(days=14)
NO_END = datetime.max.replace(tzinfo=UTC)


def lend_classroom(
    session: Session,
    now: Clock,
    *,
    classroom_id: UUID,
    person_id: UUID,
    last_on: date | None,
    by: Person,
) -> ClassroomLoan:
    """Let a colleague of the same school stand in to the end of a day; empty: of today.

    Who stands in teaches and lets pupils into this classroom, and opens no pupil's account. Raises
    NotFound, NotAllowed, FieldError.
    """
    today = day_in_bangkok(now())
    last_on = last_on or today
    if not today <= last_on <= today + LONGEST_LOAN:
        raise FieldError("last_on", "today or within two weeks", rule="loan")
    with session.begin():
        classroom = led_classroom(session, classroom_id, by)
        colleague = find_row(session, Person, person_id)
        if not has_role(colleague, RoleName.TEACHER, classroom.school_id):
            raise NotAllowed("only teachers of the school stand in")
        loan = ClassroomLoan(
            classroom_id=classroom_id,
            person_id=person_id,
            by_id=by.id,
            starts_at=now(),
            ends_at=start_of_day(last_on + timedelta(days=1)),
        )
        session.add(loan)
        facts = {"person": str(person_id), "last_on": last_on.isoformat()}
        note_act(session, now, action="classroom.lend", by=by, thing_id=classroom_id, **facts)
    return loan


def end_loan(session: Session, now: Clock, *, loan_id: UUID, by: Person) -> UUID:
    """End it now; return its classroom. Raises NotFound, NotAllowed."""
    with session.begin():
        loan = find_row(session, ClassroomLoan, loan_id)
        led_classroom(session, loan.classroom_id, by)
        loan.ends_at = min(loan.ends_at, now())
        _end_what_came_of_it(session, now(), loan)
        facts = {"person": str(loan.person_id)}
        note_act(session, now, action="classroom.lend_end", by=by, thing_id=loan.id, **facts)
        return loan.classroom_id


def teaches_until(
    session: Session, at: datetime, person: Person, classroom: Classroom
) -> datetime | None:
    """Return until when somebody teaches a classroom: who stands in, to the end of the loan.

    `NO_END` for who leads it, None for others. Inside a transaction.
    """
    if may_lead_classroom(person, classroom):
        return NO_END
    lent = select(func.max(ClassroomLoan.ends_at)).where(
        ClassroomLoan.person_id == person.id,
        ClassroomLoan.classroom_id == classroom.id,
        ClassroomLoan.starts_at <= at,
        ClassroomLoan.ends_at > at,
    )
    is_teacher = has_role(person, RoleName.TEACHER, classroom.school_id)
    return session.scalar(lent) if is_teacher else None


def _end_what_came_of_it(session: Session, at: datetime, loan: ClassroomLoan) -> None:
    """End whom the colleague let in while standing in, and the class before their screen."""
    let_in = (
        SignIn.let_in_by_id == loan.person_id,
        SignIn.classroom_id == loan.classroom_id,
        SignIn.created_at >= loan.starts_at,
        SignIn.ended_at.is_(None),
        ~SignIn.opens_account,
    )
    session.execute(update(SignIn).where(*let_in).values(ended_at=at, is_revoked=True))
    before = (
        ClassSession.by_id == loan.person_id,
        ClassSession.classroom_id == loan.classroom_id,
        ClassSession.ends_at > at,
    )
    session.execute(update(ClassSession).where(*before).values(ends_at=at))


def open_loans(session: Session, now: Clock, *, classroom_id: UUID) -> Sequence[ClassroomLoan]:
    """Return who stands in now, or will; who asks leads the classroom."""
    wanted = select(ClassroomLoan).where(
        ClassroomLoan.classroom_id == classroom_id, ClassroomLoan.ends_at > now()
    )
    with session.begin():
        return session.scalars(wanted.order_by(ClassroomLoan.ends_at)).all()
