"""How often something may be tried: counted in the database, before it is judged.

A try is taken first, and given back when it was right: a hundred at once, in several processes,
are judged no more often than one after another. A restart forgets nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Update, case, delete, or_, select, update
from sqlalchemy.orm import Session

from server.errors import TooManyTries
from server.models.base import insert_into
from server.models.tries import TryCount
from server.services.clock import Clock
from server.services.joining import sha256_of

WAITS_S = 5.0  # for others to be judged: who is right then uses up nothing
LOOKS_EVERY_S = 0.05
SWEPT_AT_ONCE = 20
NO_SYNC = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so many wrong tries of one thing in a time that begins with the first of them."""

    what: str
    most: int
    within: timedelta

    @property
    def key(self) -> str:
        """Return the name of its row: addresses and what people typed are not kept."""
        return sha256_of(self.what)


@dataclass(frozen=True, slots=True)
class Taken:
    """Tries that are about to be judged: the row of each limit, and the end of its time."""

    rows: Sequence[tuple[str, datetime]]


class _OthersAreJudged(Exception):
    """As many as may be wrong are on their way: how they end is known in a moment."""


def take(session: Session, now: Clock, limits: Sequence[Limit]) -> Taken:
    """Take a try of each limit, or of none. Raises TooManyTries.

    All who take tries name limits of the same kind at the same place, so that they lock rows in the
    same order.
    """
    until = time.monotonic() + WAITS_S
    while True:
        try:
            with session.begin():
                return Taken([(limit.key, _take_one(session, now(), limit)) for limit in limits])
        except _OthersAreJudged as error:
            if time.monotonic() > until:
                raise TooManyTries("others are being judged", retry_after_s=1) from error
            time.sleep(LOOKS_EVERY_S)


def give_back(session: Session, taken: Taken) -> None:
    """Forget tries that were right."""
    with session.begin():
        for key, ends_at in taken.rows:
            row = _row(key, ends_at).where(TryCount.taken > TryCount.wrong)
            session.execute(row.values(taken=TryCount.taken - 1), execution_options=NO_SYNC)


def keep(session: Session, now: Clock, taken: Taken) -> None:
    """Count tries, as wrong ones, until their time is over."""
    with session.begin():
        for key, ends_at in taken.rows:
            row = _row(key, ends_at)
            session.execute(row.values(wrong=TryCount.wrong + 1), execution_options=NO_SYNC)
        forget_old_tries(session, now)


def forget_old_tries(session: Session, now: Clock, *, most: int = SWEPT_AT_ONCE) -> None:
    """Remove a few counts whose time is over, in the caller's transaction: there are never many."""
    old = (
        select(TryCount.key)
        .where(TryCount.ends_at <= now())
        .order_by(TryCount.ends_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    gone = delete(TryCount).where(TryCount.key.in_(old))
    session.execute(gone, execution_options=NO_SYNC)


def _take_one(session: Session, now: datetime, limit: Limit) -> datetime:
    """Return when the time of this limit is over. Raises TooManyTries, _OthersAreJudged."""
    new = insert_into(session, TryCount).values(
        key=limit.key, taken=1, wrong=0, ends_at=now + limit.within
    )
    # What was given back, or is over, begins anew with this try.
    is_new = or_(TryCount.ends_at <= now, TryCount.taken <= 0)
    upsert = new.on_conflict_do_update(
        index_elements=[TryCount.key],
        set_={
            "taken": case((is_new, 1), else_=TryCount.taken + 1),
            "wrong": case((is_new, 0), else_=TryCount.wrong),
            "ends_at": case((is_new, new.excluded.ends_at), else_=TryCount.ends_at),
        },
        where=or_(is_new, TryCount.taken < limit.most),
    ).returning(TryCount.ends_at)
    ends_at = session.scalar(upsert, execution_options=NO_SYNC)
    if ends_at is None:
        raise _refusal(session, now, limit)
    return ends_at


def _refusal(session: Session, now: datetime, limit: Limit) -> Exception:
    """Return why there is none: enough were wrong, or may still turn out to be."""
    wanted = select(TryCount.wrong, TryCount.ends_at).where(TryCount.key == limit.key)
    wrong, ends_at = session.execute(wanted).one()
    if wrong < limit.most:
        return _OthersAreJudged()
    retry_after_s = max(ceil((ends_at - now).total_seconds()), 1)
    return TooManyTries("too many wrong tries", retry_after_s=retry_after_s)


def _row(key: str, ends_at: datetime) -> Update:
    return update(TryCount).where(TryCount.key == key, TryCount.ends_at == ends_at)
