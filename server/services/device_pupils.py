"""Pupils of one home who share a phone: each is kept on it, behind pictures or a number.

Who is kept are those with an open session of their own on this browser; a change gives one of them
the browser's cookie. Never kept are sessions by password, and those of tablets that many use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from server.errors import Conflict, NotAllowed, NotFound, WrongPassword
from server.models.classrooms import Classroom, DevicePupil, Enrolment, PupilKey, SecretKind
from server.models.people import Person, SignIn, SignInWay
from server.policy import is_only_pupil
from server.services.clock import Clock
from server.services.codes import new_token
from server.services.joining import sha256_of
from server.services.open_rooms import PICTURE_COUNT
from server.services.pupil_keys import WRONG_AT_MOST, KeyLocked, check_class_secret
from server.services.scopes import is_open
from server.services.sign_ins import Device, SignInResult
from server.services.turns import turn_to_write

MOST_PUPILS = 6
OF_ONES_OWN = (SignInWay.TEACHER, SignInWay.SLIP)


@dataclass(frozen=True, slots=True)
class PupilHere:
    """A pupil who is kept on this phone, and what they are asked; NONE: they come in anew."""

    person: Person
    sign_in: SignIn  # the newest of theirs
    asks: SecretKind


def pupils_here(session: Session, now: Clock, *, device: Device) -> list[PupilHere]:
    """Return who is kept on this phone, who came last first."""
    with session.begin():
        return [_here(session, device, row) for row in _newest(session, now, device)]


def choose_own_pictures(
    session: Session, now: Clock, *, device: Device, by: Person, secret: str
) -> None:
    """Keep the two pictures by which a pupil comes back on this phone.

    Raises NotAllowed for all others, Conflict where the class has given them pictures or a number.
    """
    with session.begin():
        found = _one(session, now, device, by.id)
        if found is None:
            raise NotAllowed("pictures are chosen by pupils, on a phone of their own")
        if session.scalar(_class_key(found)) is not None:
            raise Conflict("the class has given this pupil a secret")
        if not _is_pair(secret):
            raise Conflict("two pictures are chosen")
        row = session.scalar(_own_row(device, by.id)) or DevicePupil(
            device_sha256=device.sha256, person_id=by.id, created_at=now()
        )
        session.add(row)
        row.secret_hash, row.wrong_count, row.locked_at = _hash_of(row, secret), 0, None


def change_pupil(
    session: Session, now: Clock, *, device: Device, person_id: UUID, secret: str
) -> SignInResult:
    """Give this browser to another pupil who is kept on it.

    The session goes on under another token: no cookie of before opens it. Raises NotFound,
    WrongPassword, KeyLocked.
    """
    with session.begin():
        found = _one(session, now, device, person_id)
        if found is None:
            raise NotFound("this pupil is not kept here")
        if _is_right(session, now, device, found, secret):
            token = new_token()
            found.token_sha256 = sha256_of(token)
            person = session.get_one(Person, person_id)
            return SignInResult(token=token, person=person, sign_in=found)
    raise WrongPassword("other pictures, or another number")


def note_arrival(session: Session, now: Clock, *, device: Device, person_id: UUID) -> None:
    """Know that a pupil came in on this phone by nod or slip: a lock is open again.

    Of more than six the one who came first is kept no longer.
    """
    with turn_to_write(session):
        row = session.scalar(_own_row(device, person_id))
        if row is not None:
            row.wrong_count, row.locked_at = 0, None
        for gone in _newest(session, now, device)[MOST_PUPILS:]:
            _end(session, now, device, gone.person_id)


def sign_out_everybody(session: Session, now: Clock, *, device: Device) -> None:
    """End the sessions of all pupils who are kept on this phone."""
    with session.begin():
        for row in _newest(session, now, device):
            _end(session, now, device, row.person_id)


def _newest(session: Session, now: Clock, device: Device) -> Sequence[SignIn]:
    """Return the newest session on this phone of each pupil who is kept, the latest first."""
    if not device.key:
        return []
    wanted = select(SignIn).where(
        SignIn.device_sha256 == device.sha256,
        SignIn.way.in_(OF_ONES_OWN),
        SignIn.is_shared.is_(False),
        is_open(now()),
    )
    found: dict[UUID, SignIn] = {}
    for row in session.scalars(wanted.order_by(SignIn.created_at.desc(), SignIn.id.desc())):
        found.setdefault(row.person_id, row)
    return [row for row in found.values() if is_only_pupil(session.get_one(Person, row.person_id))]


def _one(session: Session, now: Clock, device: Device, person_id: UUID) -> SignIn | None:
    rows = _newest(session, now, device)
    return next((row for row in rows if row.person_id == person_id), None)


def _here(session: Session, device: Device, row: SignIn) -> PupilHere:
    key = session.scalar(_class_key(row))
    own = session.scalar(_own_row(device, row.person_id))
    asks = SecretKind(key.kind) if key else SecretKind.PICTURE if own else SecretKind.NONE
    return PupilHere(session.get_one(Person, row.person_id), row, asks)


def _is_right(session: Session, now: Clock, device: Device, row: SignIn, secret: str) -> bool:
    """Judge one guess at a time, and count it."""
    key = session.scalar(_class_key(row).with_for_update(of=PupilKey))
    if key is not None:
        return check_class_secret(session, now, key, secret)
    own = session.scalar(_own_row(device, row.person_id).with_for_update())
    if own is None:
        raise NotFound("nothing is set for this pupil")
    if own.locked_at is not None:
        raise KeyLocked("too many wrong guesses")
    if compare_digest(own.secret_hash, _hash_of(own, secret)):
        own.wrong_count = 0
        return True
    own.wrong_count += 1
    own.locked_at = now() if own.wrong_count >= WRONG_AT_MOST else None
    return False


def _class_key(row: SignIn) -> Select[PupilKey]:
    """Return the question for what the class through which the pupil came has given them."""
    return (
        select(PupilKey)
        .join(Enrolment, Enrolment.id == PupilKey.enrolment_id)
        .join(Classroom, Classroom.id == Enrolment.classroom_id)
        .where(Enrolment.person_id == row.person_id, Enrolment.classroom_id == row.classroom_id)
        .where(Enrolment.left_at.is_(None), PupilKey.kind == Classroom.secret_kind)
    )


def _own_row(device: Device, person_id: UUID) -> Select[DevicePupil]:
    return select(DevicePupil).where(
        DevicePupil.device_sha256 == device.sha256, DevicePupil.person_id == person_id
    )


def _end(session: Session, now: Clock, device: Device, person_id: UUID) -> None:
    """End what a pupil has on this phone; what was done there without a line still counts."""
    here = (SignIn.person_id == person_id, SignIn.device_sha256 == device.sha256)
    ended = update(SignIn).where(*here, SignIn.ended_at.is_(None)).values(ended_at=now())
    session.execute(ended)


def _is_pair(secret: str) -> bool:
    pictures = {str(number) for number in range(1, PICTURE_COUNT + 1)}
    first, _, second = secret.partition(" ")
    return first in pictures and second in pictures


def _hash_of(row: DevicePupil, secret: str) -> str:
    return sha256_of(f"{row.device_sha256} {row.person_id} {secret}")
