"""Sessions that end when nothing is done, and how lately their person gave the password."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.models.people import Person, SignIn
from server.policy import may_manage_any_school, may_manage_office
from server.services.clock import Clock

ON_SHARED = timedelta(minutes=15)
OF_OFFICE = timedelta(hours=12)  # every morning: it may read all schools
OF_ADMINISTRATOR = timedelta(days=4)  # a long weekend
STEPS = 15  # acts are noted so often in that time: reading writes seldom
PROVEN_FOR = timedelta(minutes=30)
NO_SYNC = {"synchronize_session": False}


def idle_limit(person: Person, sign_in: SignIn) -> timedelta | None:
    """Return how long nothing may be done; None for teachers' and pupils' own devices.

    There is nothing but their own there, and a class must not wait for a password.
    """
    if sign_in.is_shared:
        return ON_SHARED
    if may_manage_office(person):
        return OF_OFFICE
    return OF_ADMINISTRATOR if may_manage_any_school(person) else None


def is_over(person: Person, sign_in: SignIn, now: datetime) -> bool:
    """Return whether nothing was done for so long that the session has ended."""
    limit = idle_limit(person, sign_in)
    return limit is not None and now - _seen_at(sign_in) >= limit


def is_to_be_noted(person: Person, sign_in: SignIn, now: datetime) -> bool:
    """Return whether the session would end too early if this act was not written down."""
    limit = idle_limit(person, sign_in)
    return limit is not None and now - _seen_at(sign_in) >= limit / STEPS


def note_seen(session: Session, now: Clock, sign_in_id: UUID) -> None:
    """Write down that something was done."""
    _change(session, sign_in_id, seen_at=now())


def note_proof(session: Session, now: Clock, sign_in_id: UUID) -> None:
    """Write down that the person gave the password again."""
    _change(session, sign_in_id, seen_at=now(), proved_at=now())


def end_idle(session: Session, now: Clock, sign_in_id: UUID) -> None:
    """End a session that is over, so that lists of devices do not show it."""
    _change(session, sign_in_id, ended_at=now())


def is_proven(proved_at: datetime | None, now: datetime) -> bool:
    """Return whether the password was given lately enough for acts of administration."""
    return proved_at is not None and now - proved_at < PROVEN_FOR


def _seen_at(sign_in: SignIn) -> datetime:
    return sign_in.seen_at or sign_in.created_at


def _change(session: Session, sign_in_id: UUID, **values: datetime) -> None:
    open_one = update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
    with session.begin():
        session.execute(open_one.values(**values), execution_options=NO_SYNC)
