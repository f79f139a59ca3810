"""The weekly check: when it is due, and what the last one found."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotAllowed
from server.models.checks import ConsistencyCheck
from server.models.people import Person
from server.policy import may_manage_office

EVERY = timedelta(days=7)
ALMOST = timedelta(hours=1)  # the daily tidying does not come at the very same minute


def is_check_due(session: Session, now: datetime) -> bool:
    """Tell, in the caller's transaction, whether a week has passed since the last check began."""
    last = session.scalar(
        select(ConsistencyCheck.began_at).order_by(ConsistencyCheck.began_at.desc()).limit(1)
    )
    return last is None or last <= now - EVERY + ALMOST


def last_check(session: Session, *, by: Person) -> ConsistencyCheck | None:
    """Return the newest check that came to its end. Raises NotAllowed."""
    if not may_manage_office(by):
        raise NotAllowed("checks are the office's to see")
    ended = select(ConsistencyCheck).where(ConsistencyCheck.ended_at.is_not(None))
    with session.begin():
        return session.scalar(ended.order_by(ConsistencyCheck.began_at.desc()).limit(1))


def unrepaired_count(session: Session) -> int:
    """Return how many faults the newest check could not repair."""
    left = ConsistencyCheck.fault_count - ConsistencyCheck.repaired_count
    with session.begin():
        newest = select(left).order_by(ConsistencyCheck.began_at.desc()).limit(1)
        return session.scalar(newest) or 0
