"""Sessions on devices: begun in every way of coming in, ended on the server."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from server.models.people import Person, SignIn, SignInWay
from server.services.clock import Clock
from server.services.joining import sha256_of
from server.services.known_devices import forget_devices


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A browser: what it calls itself, and the secret of its cookie (empty: none is kept).

    `is_shared`: a computer that many use, as who signs in said. `held` is the session that it has
    in its cookie now: one of the same person that begins here adds up with it.
    """

    name: str = ""
    key: str = ""
    is_shared: bool = False
    held: SignIn | None = None

    @property
    def sha256(self) -> str:
        """Return what is kept of the secret; empty without one."""
        return sha256_of(self.key) if self.key else ""


NO_DEVICE = Device()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughClass:
    """Through which classroom a session came, and who let it in."""

    classroom_id: UUID
    let_in_by_id: UUID | None
    opens_account: bool = False  # if the classroom is the pupil's home


@dataclass(frozen=True, slots=True)
class SignInResult:
    """A fresh sign-in; the token is told once and kept nowhere."""

    token: str
    person: Person
    sign_in: SignIn


def begin_sign_in(  # noqa: PLR0913 (one row's facts)
    session: Session,
    now: Clock,
    person: Person,
    *,
    way: SignInWay,
    device: Device,
    expires_at: datetime,
    through: ThroughClass | None = None,
) -> SignInResult:
    """Add a session inside the caller's transaction."""
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_sha256=sha256_of(token),
        person_id=person.id,
        device=device.name[:200],
        device_sha256=device.sha256,
        beside_id=_beside(device.held, person),
        way=way,
        classroom_id=through.classroom_id if through else None,
        let_in_by_id=through.let_in_by_id if through else None,
        opens_account=through.opens_account if through else False,
        is_shared=device.is_shared,
        created_at=now(),
        proved_at=now() if way is SignInWay.PASSWORD else None,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return SignInResult(token=token, person=person, sign_in=row)


def _beside(held: SignIn | None, person: Person) -> UUID | None:
    if held is None or held.person_id != person.id:
        return None
    return held.beside_id or held.id


def end_sign_ins(
    session: Session,
    now: Clock,
    person_id: UUID,
    *which: ColumnElement[bool],
    keep_id: UUID | None = None,
) -> None:
    """End a person's sessions, all or those that are `which`, inside the caller's transaction.

    They are revoked: what their pages send later is not believed. With all but one the devices are
    forgotten, too.
    """
    wanted = [SignIn.person_id == person_id, SignIn.ended_at.is_(None), *which]
    if keep_id:
        wanted.append(SignIn.id != keep_id)
    session.execute(update(SignIn).where(*wanted).values(ended_at=now(), is_revoked=True))
    if not which:
        forget_devices(session, person_id, but_of=keep_id)


def is_shared_device(sign_in: SignIn) -> bool:
    """Tell whether somebody else uses the same device next: two pictures or a number let in."""
    return sign_in.is_shared or sign_in.way in {SignInWay.PICTURE, SignInWay.PIN}


def revoked_of(session: Session, sign_in_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of these sessions that somebody else ended; inside a transaction.

    What their pages send afterwards is not believed. A session that went by itself, or was signed
    out where it was, is not revoked: what was done there without a connection still arrives.
    """
    if not sign_in_ids:
        return frozenset()
    wanted = select(SignIn.id).where(SignIn.id.in_(sign_in_ids), SignIn.is_revoked)
    return frozenset(session.scalars(wanted))


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
