"""Classrooms that are lent for a day or a few to a colleague who stands in (สอนแทน)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed
from server.models.classrooms import Classroom, ClassroomLoan
from server.models.people import Person, RoleName
from server.policy import has_role, may_lead_classroom
from server.services.audit import note_act
from server.services.classrooms import led_classroom
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.terms import day_in_bangkok, start_of_day

LONGEST_LOAN = timedelta(days=14)


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
        facts = {"person": str(loan.person_id)}
        note_act(session, now, action="classroom.lend_end", by=by, thing_id=loan.id, **facts)
        return loan.classroom_id


def stands_in(session: Session, at: datetime, person_id: UUID, classroom_id: UUID) -> bool:
    """Tell whether a classroom is lent to somebody now; inside a transaction."""
    lent = select(ClassroomLoan.id).where(
        ClassroomLoan.person_id == person_id,
        ClassroomLoan.classroom_id == classroom_id,
        ClassroomLoan.starts_at <= at,
        ClassroomLoan.ends_at > at,
    )
    return session.scalar(lent.limit(1)) is not None


def teaches_now(session: Session, at: datetime, person: Person, classroom: Classroom) -> bool:
    """Tell whether somebody who is not here now leads a classroom or stands in.

    Inside a transaction.

    Of who is here the policy knows it by their scope.
    """
    leads = may_lead_classroom(person, classroom)
    return leads or (
        has_role(person, RoleName.TEACHER, classroom.school_id)
        and stands_in(session, at, person.id, classroom.id)
    )


def open_loans(session: Session, now: Clock, *, classroom_id: UUID) -> Sequence[ClassroomLoan]:
    """Return who stands in now, or will; who asks leads the classroom."""
    wanted = select(ClassroomLoan).where(
        ClassroomLoan.classroom_id == classroom_id, ClassroomLoan.ends_at > now()
    )
    with session.begin():
        return session.scalars(wanted.order_by(ClassroomLoan.ends_at)).all()
