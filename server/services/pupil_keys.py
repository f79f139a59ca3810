"""What pupils come in with again: slips of paper, and on shared tablets two pictures or a PIN."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import AppError, LinkExpired, NotFound, WrongPassword
from server.models.classrooms import (
    Classroom,
    Enrolment,
    KeyKind,
    PupilKey,
    SecretKind,
)
from server.models.people import Person, SignInWay
from server.policy import is_only_pupil, may_print_slip
from server.services.audit import note_act
from server.services.class_joining import LetIn, come_in, find_by_token
from server.services.classrooms import led_classroom
from server.services.clock import Clock
from server.services.codes import new_token
from server.services.enrolments import drop_keys, member_led, member_taught, present_enrolments
from server.services.find_row import find_row
from server.services.joining import sha256_of
from server.services.open_rooms import PICTURE_COUNT
from server.services.sign_ins import NO_DEVICE, Device, SignInResult, ThroughClass, begin_sign_in

WRONG_AT_MOST = 4  # in a row: with two of sixteen pictures, one of sixty guesses in the dark
ON_TABLET_FOR = timedelta(hours=2)


class KeyLocked(AppError):
    """Too many wrong guesses: the teacher opens it again."""

    code = "key_locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What is printed for one pupil, once: nothing of it is kept in the clear."""

    enrolment: Enrolment
    token: str
    secret: str = ""  # "3 14": numbers of pictures; or "0427"


def make_slips(
    session: Session,
    now: Clock,
    *,
    classroom_id: UUID,
    enrolment_ids: Sequence[UUID] = (),
    by: Person,
) -> list[Slip]:
    """Make new slips, and pictures or PINs where the classroom has them; older ones stop.

    For all pupils, or those named. Who signs in with a password gets none. Raises NotFound.
    """
    with session.begin():
        classroom = led_classroom(session, classroom_id, by)
        rows = [
            row
            for row in present_enrolments(session, classroom_id)
            if (not enrolment_ids or row.id in enrolment_ids)
            and may_print_slip(by, classroom, row.person)
        ]
        if enrolment_ids and len(rows) != len(set(enrolment_ids)):
            raise NotFound("no such pupil of this classroom")
        slips = [_new_slip(session, now, classroom, row, by) for row in rows]
        note_act(session, now, action="slips.make", by=by, thing_id=classroom_id, count=len(slips))
    return slips


def drop_pupil_keys(session: Session, now: Clock, *, enrolment_id: UUID, by: Person) -> None:
    """Stop a pupil's slip, pictures and PIN. Raises NotFound."""
    with session.begin():
        row, _ = member_led(session, enrolment_id, by)
        drop_keys(session, row.id)
        note_act(session, now, action="slips.drop", by=by, thing_id=enrolment_id)


def unlock(session: Session, now: Clock, *, enrolment_id: UUID, by: Person) -> None:
    """Let a pupil try again after too many wrong guesses. Raises NotFound."""
    with session.begin():
        row, _ = member_taught(session, enrolment_id, by)
        for key in session.scalars(select(PupilKey).where(PupilKey.enrolment_id == row.id)):
            key.wrong_count, key.locked_at = 0, None
        note_act(session, now, action="key.unlock", by=by, thing_id=enrolment_id)


def find_slip(session: Session, *, token: str) -> Enrolment:
    """Return whose slip it is. Raises LinkExpired: another was printed since, or the pupil left."""
    with session.begin():
        return _slip_and_member(session, token)[1]


def come_in_by_slip(
    session: Session, now: Clock, *, token: str, device: Device = NO_DEVICE
) -> SignInResult:
    """Sign the pupil of a slip in, to the end of the term. Raises LinkExpired.

    Slips are printed by who leads the classroom: at home one opens the account.
    """
    with session.begin():
        key, enrolment = _slip_and_member(session, token)
        key.used_at = now()
        let_in = LetIn(SignInWay.SLIP, key.made_by_id, opens_account=True)
        return come_in(session, now, enrolment, let_in=let_in, device=device)


def secret_kind_of(session: Session, *, enrolment_id: UUID, classroom: Classroom) -> SecretKind:
    """Return what a pupil is asked on a tablet; NONE when there is nothing to ask."""
    kind = classroom.secret_kind
    if kind is SecretKind.NONE:
        return kind
    with session.begin():
        return kind if _secret_key(session, enrolment_id, kind) else SecretKind.NONE


def come_in_by_secret(
    session: Session,
    now: Clock,
    *,
    token: str,
    enrolment_id: UUID,
    secret: str,
    device: Device = NO_DEVICE,
) -> SignInResult:
    """Sign a pupil in on a shared tablet for two hours, good for this classroom only.

    Raises LinkExpired for a closed classroom, WrongPassword, KeyLocked.
    """
    classroom, members = find_by_token(session, now, token=token)
    enrolment = next((row for row in members if row.id == enrolment_id), None)
    if enrolment is None:
        raise NotFound("no such member of this classroom")
    with session.begin():
        key = _secret_key(session, enrolment_id, classroom.secret_kind)
        if key is None or not is_only_pupil(enrolment.person):
            raise NotFound("nothing is set for this pupil")
        if key.locked_at is not None:
            raise KeyLocked("too many wrong guesses")
        if compare_digest(key.secret_hash, _hash_of(enrolment_id, secret)):
            return _let_in_on_tablet(session, now, classroom, key, enrolment, device)
        _note_wrong(session, now, key)
    raise WrongPassword("other pictures, or another number")


def _new_slip(
    session: Session, now: Clock, classroom: Classroom, row: Enrolment, by: Person
) -> Slip:
    drop_keys(session, row.id)
    session.flush()
    token, secret = new_token(), _new_secret(classroom.secret_kind)
    keys = [(KeyKind.SLIP, sha256_of(token))]
    if secret:
        keys.append((KeyKind(classroom.secret_kind), _hash_of(row.id, secret)))
    for kind, secret_hash in keys:
        facts = {"enrolment_id": row.id, "made_by_id": by.id, "created_at": now()}
        session.add(PupilKey(kind=kind, secret_hash=secret_hash, **facts))
    return Slip(enrolment=row, token=token, secret=secret)


def _hash_of(enrolment_id: UUID, secret: str) -> str:
    """Return what is kept of two pictures or a PIN.

    No slow hash: so few secrets are found by trying anyway. What protects them is the lock.
    """
    return sha256_of(f"{enrolment_id} {secret}")


def _new_secret(kind: SecretKind) -> str:
    if kind is SecretKind.PICTURE:
        first, second = secrets.SystemRandom().sample(range(1, PICTURE_COUNT + 1), 2)
        return f"{first} {second}"
    return f"{secrets.randbelow(10_000):04}" if kind is SecretKind.PIN else ""


def _slip_and_member(session: Session, token: str) -> tuple[PupilKey, Enrolment]:
    wanted = select(PupilKey).where(
        PupilKey.kind == KeyKind.SLIP, PupilKey.secret_hash == sha256_of(token)
    )
    key = session.scalar(wanted)
    enrolment = session.get(Enrolment, key.enrolment_id) if key else None
    if key is None or enrolment is None or enrolment.left_at or not is_only_pupil(enrolment.person):
        raise LinkExpired("another slip was printed, or the pupil has left")
    return key, enrolment


def _secret_key(session: Session, enrolment_id: UUID, kind: SecretKind) -> PupilKey | None:
    if kind is SecretKind.NONE:
        return None
    wanted = select(PupilKey).where(
        PupilKey.enrolment_id == enrolment_id, PupilKey.kind == KeyKind(kind)
    )
    return session.scalar(wanted.with_for_update())  # guesses at once are counted one by one


def _let_in_on_tablet(
    session: Session,
    now: Clock,
    classroom: Classroom,
    key: PupilKey,
    enrolment: Enrolment,
    device: Device,
) -> SignInResult:
    key.wrong_count, key.used_at = 0, now()
    row = find_row(session, Enrolment, enrolment.id)
    row.came_in_at = row.came_in_at or now()
    return begin_sign_in(
        session,
        now,
        row.person,
        way=SignInWay(key.kind),
        device=device,
        expires_at=now() + ON_TABLET_FOR,
        through=ThroughClass(classroom_id=classroom.id, let_in_by_id=None),
    )


def check_class_secret(session: Session, now: Clock, key: PupilKey, secret: str) -> bool:
    """Tell whether it is right, and count it if not, in the caller's transaction.

    Raises KeyLocked.
    """
    if key.locked_at is not None:
        raise KeyLocked("too many wrong guesses")
    if compare_digest(key.secret_hash, _hash_of(key.enrolment_id, secret)):
        key.wrong_count, key.used_at = 0, now()
        return True
    _note_wrong(session, now, key)
    return False


def _note_wrong(session: Session, now: Clock, key: PupilKey) -> None:
    key.wrong_count += 1
    if key.wrong_count >= WRONG_AT_MOST:
        key.locked_at = now()
        note_act(session, now, action="key.lock", by=None, thing_id=key.enrolment_id)
