"""How pupils come into a classroom: they choose their name, the teacher confirms, the device is in.

The device holds a token meanwhile; when it has been confirmed, the token is exchanged for a session
of the pupil. The same way lets in whoever comes back on another phone or forgot everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from server.errors import FieldError, LinkExpired, NotAllowed, NotFound, TooManyTries
from server.models.classrooms import Classroom, Enrolment, JoinRequest
from server.models.people import Person, RoleName, SignInWay
from server.policy import is_only_pupil, may_lead_classroom, may_let_in, may_teach_classroom
from server.services.audit import note_act
from server.services.classrooms import send_away, taught_classroom
from server.services.clock import Clock
from server.services.codes import fold_code, new_token
from server.services.enrolments import enrol_new_pupil, enrol_person, present_enrolments
from server.services.find_row import find_row
from server.services.joining import give_role, sha256_of
from server.services.loans import NO_END, teaches_until
from server.services.names import checked_name, is_same_given_name
from server.services.open_rooms import opened_since
from server.services.sign_ins import (
    NO_DEVICE,
    Device,
    SignInResult,
    ThroughClass,
    begin_sign_in,
)
from server.services.terms import end_of_stay, terms_of_school
from server.services.turns import turn_to_write
from server.services.waiting_room import (
    ASKS_OF_DEVICE,
    ASKS_WITHIN,
    Place,
    chose_right,
    who_gives_way,
)

WAITS_FOR = timedelta(days=1)
LAST_NUMBER = 999


def find_by_code(session: Session, now: Clock, *, typed: str) -> Classroom:
    """Return the open classroom of a typed code. Raises FieldError: none, closed or changed."""
    wanted = select(Classroom).where(
        Classroom.code == fold_code(typed), Classroom.code_ends_at > now()
    )
    with session.begin():
        found = session.scalar(wanted)
    if found is None:
        raise FieldError("code", "no open classroom has this code", rule="wrong_code")
    return found


def find_by_token(session: Session, now: Clock, *, token: str) -> tuple[Classroom, list[Enrolment]]:
    """Return an open classroom and its members by its link. Raises LinkExpired."""
    with session.begin():
        classroom = _open_classroom(session, now, token)
        return classroom, present_enrolments(session, classroom.id)


def open_token(session: Session, now: Clock, *, classroom_id: UUID) -> str:
    """Return the link's token of a classroom; empty while it is closed."""
    with session.begin():
        row = session.get(Classroom, classroom_id)
    return row.token if row and row.code_ends_at > now() else ""


class WaitEnded(LinkExpired):
    """The teacher sent the device away or changed the code, or the room was full."""

    code = "wait_ended"


class AskedTooOften(TooManyTries):
    """A device that asked to come in again and again within an hour."""

    code = "asked_too_often"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joiner:
    """Who asks: a member that was chosen, a typed name and number, or a pupil who is signed in.

    `instead_of` is the token of what the same device waited for before. The key tells
    addresses apart, and nothing else of them.
    """

    enrolment_id: UUID | None = None
    typed_name: str = ""
    typed_number: int | None = None
    person: Person | None = None
    device: Device = NO_DEVICE
    address_key: str = ""
    instead_of: str = ""


def ask_to_join(session: Session, now: Clock, *, token: str, joiner: Joiner) -> str:
    """Have a device wait; return the token that it keeps. It waits once: what was before ends.

    Whether a typed name is one of the list is not told. Raises LinkExpired, NotFound, NotAllowed
    for a member with a password, FieldError for what is no name, AskedTooOften.
    """
    kept_token = new_token()
    with session.begin():
        classroom = _open_classroom(session, now, token)
        row = _request_of(session, classroom, joiner)
        _have_one_place(session, now, classroom, joiner)
        row.token_sha256, row.device = sha256_of(kept_token), joiner.device.name[:200]
        row.device_sha256 = joiner.device.sha256
        row.address_key = joiner.address_key
        row.created_at, row.expires_at = now(), now() + WAITS_FOR
        session.add(row)
    return kept_token


def find_request(session: Session, now: Clock, *, token: str) -> JoinRequest:
    """Return what a device waits for. Raises WaitEnded when it was refused, used or is old."""
    with session.begin():
        row = session.scalar(
            select(JoinRequest).where(JoinRequest.token_sha256 == sha256_of(token))
        )
    return still_waiting(now, row)


def still_waiting(now: Clock, row: JoinRequest | None) -> JoinRequest:
    """Return the row. Raises WaitEnded."""
    if row is None or row.refused_at or row.claimed_at or row.expires_at <= now():
        raise WaitEnded("nothing is waited for")
    return row


def claim_session(
    session: Session, now: Clock, *, token: str, device: Device = NO_DEVICE
) -> SignInResult | None:
    """Exchange a confirmed device's token for a session to the end of the term, once.

    It opens this classroom, and the whole account only if who nodded leads the pupil's home class.
    Who asked in their own account goes on with the session they have, if they still have it: None.
    Raises LinkExpired; NotAllowed when the pupil may no longer be let in.
    """
    mine = (JoinRequest.token_sha256 == sha256_of(token), JoinRequest.confirmed_at.is_not(None))
    unused = (JoinRequest.claimed_at.is_(None), JoinRequest.refused_at.is_(None))
    taken = update(JoinRequest).where(*mine, *unused, JoinRequest.expires_at > now())
    columns = (JoinRequest.enrolment_id, JoinRequest.person_id, JoinRequest.confirmed_by_id)
    with turn_to_write(session):  # the waiting page asks by itself, with GET
        row = session.execute(taken.values(claimed_at=now()).returning(*columns)).one_or_none()
        enrolment = session.get(Enrolment, row.enrolment_id) if row else None
        if row is None or enrolment is None or enrolment.left_at is not None:
            raise LinkExpired("not confirmed, or used")
        if row.person_id is not None:
            enrolment.came_in_at = enrolment.came_in_at or now()
            return None
        by = session.get(Person, row.confirmed_by_id) if row.confirmed_by_id else None
        until = teaches_until(session, now(), by, enrolment.classroom) if by else None
        if until is None:
            raise LinkExpired("who confirmed does not teach here any more")
        way = LetIn(
            SignInWay.TEACHER,
            row.confirmed_by_id,
            opens_account=may_lead_classroom(by, enrolment.classroom),
            until=until,
        )
        return come_in(session, now, enrolment, let_in=way, device=device)


@dataclass(frozen=True, slots=True)
class LetIn:
    """How a pupil came in, who let them in, and whether that opens the account at home."""

    way: SignInWay
    by_id: UUID | None
    opens_account: bool
    until: datetime = NO_END  # who stands in lets in as long as they do


def come_in(
    session: Session, now: Clock, enrolment: Enrolment, *, let_in: LetIn, device: Device
) -> SignInResult:
    """Sign a pupil in to the end of the term, inside the caller's transaction.

    Raises NotAllowed for who is more than a pupil by now.
    """
    if not is_only_pupil(enrolment.person):
        raise NotAllowed("this member signs in with a password")
    classroom = find_row(session, Classroom, enrolment.classroom_id)
    others = terms_of_school(session, classroom.school_id)
    enrolment.came_in_at = enrolment.came_in_at or now()
    return begin_sign_in(
        session,
        now,
        enrolment.person,
        way=let_in.way,
        device=device,
        expires_at=min(end_of_stay(now(), others), let_in.until),
        through=ThroughClass(
            classroom_id=classroom.id,
            let_in_by_id=let_in.by_id,
            opens_account=let_in.opens_account,
        ),
    )


def confirm(
    session: Session, now: Clock, *, request_id: UUID, as_id: UUID | None, by: Person
) -> Enrolment:
    """Let a device in: as the member that it chose, as the member `as_id`, or as somebody new.

    Raises NotFound; LinkExpired when nobody waits any more; NotAllowed when the member is more than
    a pupil.
    """
    with session.begin():
        row = _held_request(session, request_id)
        classroom = taught_classroom(session, row.classroom_id, by)
        if row.refused_at or row.confirmed_at or row.expires_at <= now():
            raise LinkExpired("this device does not wait any more")
        enrolment = _confirmed(session, now, classroom, row, as_id, by)
        if row.person_id is None and not may_let_in(by, classroom, enrolment.person):
            raise NotAllowed("this member signs in with a password")
        give_role(session, now, enrolment.person, RoleName.STUDENT, classroom.school_id, by)
        row.enrolment_id, row.confirmed_at, row.confirmed_by_id = enrolment.id, now(), by.id
        note_act(session, now, action="enrolment.confirm", by=by, thing_id=enrolment.id)
        return enrolment


def refuse(session: Session, now: Clock, *, request_id: UUID, by: Person) -> UUID:
    """Send a device away; return its classroom. Raises NotFound."""
    with session.begin():
        row = _held_request(session, request_id)
        taught_classroom(session, row.classroom_id, by)
        row.refused_at = row.refused_at or now()
        note_act(session, now, action="enrolment.refuse", by=by, thing_id=row.id)
        return row.classroom_id


def is_waiting(now: Clock) -> tuple[ColumnElement[bool], ...]:
    """Return what is so of those that nobody has answered."""
    return (
        JoinRequest.confirmed_at.is_(None),
        JoinRequest.refused_at.is_(None),
        JoinRequest.expires_at > now(),
    )


def open_requests(session: Session, now: Clock, classroom_id: UUID) -> list[JoinRequest]:
    """Return which devices wait, the oldest first; inside a transaction."""
    wanted = select(JoinRequest).where(JoinRequest.classroom_id == classroom_id, *is_waiting(now))
    return list(session.scalars(wanted.order_by(JoinRequest.created_at, JoinRequest.id)))


def _open_classroom(session: Session, now: Clock, token: str) -> Classroom:
    row = session.scalar(select(Classroom).where(Classroom.token == token))
    if row is None or row.code_ends_at <= now():
        raise LinkExpired("the classroom is closed, or has another code")
    return row


def _held_request(session: Session, request_id: UUID) -> JoinRequest:
    """Return who waits, for one answer at a time: two presses let in one pupil. Raises NotFound."""
    row = session.get(JoinRequest, request_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise NotFound(f"no request {request_id}")
    return row


def _request_of(session: Session, classroom: Classroom, joiner: Joiner) -> JoinRequest:
    row = JoinRequest(classroom_id=classroom.id, typed_name="")
    if joiner.person is not None:
        if may_teach_classroom(joiner.person, classroom):
            raise NotAllowed("who teaches a classroom does not learn in it")
        row.person_id = joiner.person.id
    elif joiner.enrolment_id is not None:
        member = session.get(Enrolment, joiner.enrolment_id)
        if member is None or member.classroom_id != classroom.id or member.left_at is not None:
            raise NotFound("no such member of this classroom")
        if member.person.has_password:
            raise NotAllowed("this member signs in with a password")
        row.enrolment_id = member.id
    else:
        _take_typed(session, row, joiner)
    return row


def _take_typed(session: Session, row: JoinRequest, joiner: Joiner) -> None:
    name, number = checked_name(joiner.typed_name), joiner.typed_number
    if name is None:
        raise FieldError("typed_name", "no name", rule="name")
    if number is not None and not 0 < number <= LAST_NUMBER:
        raise FieldError("typed_number", "1 to 999", rule="place")
    row.typed_name, row.typed_number = f"{name.title} {name.name}".strip(), number
    members = present_enrolments(session, row.classroom_id)
    agree = [
        member
        for member in members
        if number is not None
        and member.list_number == number
        and is_same_given_name(name.name, member.person.display_name)
        and is_only_pupil(member.person)
    ]
    if len(agree) == 1:
        row.enrolment_id = agree[0].id


def _have_one_place(session: Session, now: Clock, classroom: Classroom, joiner: Joiner) -> None:
    """End what the device waited for; in a full room somebody else gives way. AskedTooOften."""
    send_away(session, now, JoinRequest.token_sha256 == sha256_of(joiner.instead_of))
    if joiner.device.key:
        own = JoinRequest.device_sha256 == joiner.device.sha256
        send_away(session, now, own, JoinRequest.classroom_id == classroom.id)
        lately = select(func.count()).where(own, JoinRequest.created_at > now() - ASKS_WITHIN)
        if (session.scalar(lately) or 0) >= ASKS_OF_DEVICE:
            wait_s = int(ASKS_WITHIN.total_seconds())
            raise AskedTooOften("this device asked too often", retry_after_s=wait_s)
    waiting = open_requests(session, now, classroom.id)
    gone = who_gives_way(_places(waiting, classroom, now()), joiner.address_key)
    if gone is not None:
        send_away(session, now, JoinRequest.id == gone)


def _places(waiting: Sequence[JoinRequest], classroom: Classroom, at: datetime) -> list[Place]:
    opened_at = opened_since(classroom, at)
    names = [row.enrolment_id for row in waiting]
    return [
        Place(
            id=row.id,
            address=row.address_key,
            is_safe=chose_right(row.chose_right_at, opened_at)
            or bool(row.person_id)
            or bool(row.typed_name and row.enrolment_id and names.count(row.enrolment_id) == 1),
        )
        for row in waiting
    ]


def _confirmed(
    session: Session,
    now: Clock,
    classroom: Classroom,
    row: JoinRequest,
    as_id: UUID | None,
    by: Person,
) -> Enrolment:
    """Return the member as which the device comes in."""
    if row.person_id is not None:
        return enrol_person(session, now, classroom, find_row(session, Person, row.person_id))
    member_id = as_id or row.enrolment_id
    if member_id is None:
        name = checked_name(row.typed_name)
        if name is None:
            raise FieldError("typed_name", "no name", rule="name")
        return enrol_new_pupil(session, now, classroom, name, by=by)
    member = find_row(session, Enrolment, member_id)
    if member.classroom_id != classroom.id or member.left_at is not None:
        raise NotFound("no such member of this classroom")
    return member
