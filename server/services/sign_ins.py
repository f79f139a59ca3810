"""Sessions on devices: begun in every way of coming in, ended on the server."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.models.people import Person, SignIn, SignInWay
from server.services.clock import Clock
from server.services.joining import sha256_of
from server.services.known_devices import forget_devices


@dataclass(frozen=True, slots=True)
class SignInResult:
    """A fresh sign-in; the token is told once and kept nowhere."""

    token: str
    person: Person
    sign_in_id: UUID


def begin_sign_in(  # noqa: PLR0913 (one row's facts)
    session: Session,
    now: Clock,
    person: Person,
    *,
    way: SignInWay,
    device: str,
    expires_at: datetime,
    classroom_id: UUID | None = None,
    is_shared: bool = False,
) -> SignInResult:
    """Add a session inside the caller's transaction."""
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_sha256=sha256_of(token),
        person_id=person.id,
        device=device[:200],
        way=way,
        classroom_id=classroom_id,
        is_shared=is_shared,
        created_at=now(),
        proved_at=now() if way is SignInWay.PASSWORD else None,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return SignInResult(token=token, person=person, sign_in_id=row.id)


def end_sign_ins(
    session: Session, now: Clock, person_id: UUID, *, keep_id: UUID | None = None
) -> None:
    """End a person's sessions, but one, and forget the devices, inside the caller's transaction."""
    still_open = (SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.id != keep_id)
    wanted = still_open if keep_id else still_open[:2]
    session.execute(update(SignIn).where(*wanted).values(ended_at=now()))
    forget_devices(session, person_id, but_of=keep_id)


def open_sign_ins(session: Session, now: Clock, *person_ids: UUID) -> list[SignIn]:
    """Return where these persons are signed in, newest first; inside a transaction."""
    wanted = (
        select(SignIn)
        .where(SignIn.person_id.in_(person_ids), SignIn.ended_at.is_(None))
        .where(SignIn.expires_at > now())
        .order_by(SignIn.created_at.desc())
    )
    return list(session.scalars(wanted))


def choose_hat(session: Session, *, sign_in_id: UUID, hat_id: UUID) -> None:
    """Keep on this device in which role the person acts; which one it may be, the caller checks."""
    with session.begin():
        session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(hat_id=hat_id))
