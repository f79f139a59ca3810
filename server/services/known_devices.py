"""Browsers on which somebody was signed in before: they are not locked out by strangers."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.models.people import Person, SignIn
from server.models.tries import KnownDevice
from server.services.clock import Clock
from server.services.joining import fold_user_name, sha256_of

KNOWN_FOR = timedelta(days=400)  # the longest that browsers keep a cookie
MOST_OF_PERSON = 20
NO_SYNC = {"synchronize_session": False}


def known_device_id(session: Session, *, token: str, user_name: str) -> UUID | None:
    """Return this person's row of a browser; None where they were not signed in before."""
    wanted = (
        select(KnownDevice.id)
        .join(Person, Person.id == KnownDevice.person_id)
        .where(KnownDevice.token_sha256 == sha256_of(token))
        .where(Person.user_name == fold_user_name(user_name))
    )
    with session.begin():
        return session.scalar(wanted)


def remember_device(session: Session, now: Clock, *, token: str, sign_in_id: UUID) -> str:
    """Know this browser from now on; return the token that it keeps instead of its present one.

    Persons who share it are known as before. A token that a stranger planted opens nothing.
    """
    kept_token = secrets.token_urlsafe(32)
    with session.begin():
        sign_in = session.get_one(SignIn, sign_in_id)
        here = KnownDevice.token_sha256 == sha256_of(token)
        moved = update(KnownDevice).where(here).values(token_sha256=sha256_of(kept_token))
        session.execute(moved, execution_options=NO_SYNC)
        sign_in.known_device_id = _row_id(session, now, sha256_of(kept_token), sign_in.person_id)
        _forget_oldest(session, sign_in.person_id)
    return kept_token


def forget_devices(session: Session, person_id: UUID, *, but_of: UUID | None = None) -> None:
    """Forget a person's browsers, but that of one session, inside the caller's transaction."""
    kept = session.scalar(select(SignIn.known_device_id).where(SignIn.id == but_of))
    gone = delete(KnownDevice).where(KnownDevice.person_id == person_id)
    if kept is not None:
        gone = gone.where(KnownDevice.id != kept)
    session.execute(gone, execution_options=NO_SYNC)


def forget_device(session: Session, device_id: UUID) -> None:
    """Forget one browser of one person, inside the caller's transaction."""
    gone = delete(KnownDevice).where(KnownDevice.id == device_id)
    session.execute(gone, execution_options=NO_SYNC)


def forget_old_devices(session: Session, now: Clock) -> None:
    """Remove browsers whose cookie is over, in the caller's transaction."""
    old = delete(KnownDevice).where(KnownDevice.seen_at < now() - KNOWN_FOR)
    session.execute(old, execution_options=NO_SYNC)


def _row_id(session: Session, now: Clock, token_sha256: str, person_id: UUID) -> UUID:
    wanted = select(KnownDevice).where(
        KnownDevice.token_sha256 == token_sha256, KnownDevice.person_id == person_id
    )
    row = session.scalar(wanted)
    if row is None:
        row = KnownDevice(token_sha256=token_sha256, person_id=person_id, seen_at=now())
        session.add(row)
    row.seen_at = now()
    session.flush()
    return row.id


def _forget_oldest(session: Session, person_id: UUID) -> None:
    newest = select(KnownDevice.id).where(KnownDevice.person_id == person_id)
    newest = newest.order_by(KnownDevice.seen_at.desc(), KnownDevice.id.desc())
    kept = session.scalars(newest.limit(MOST_OF_PERSON)).all()
    gone = delete(KnownDevice).where(
        KnownDevice.person_id == person_id, KnownDevice.id.not_in(kept)
    )
    session.execute(gone, execution_options=NO_SYNC)
