"""Persons: making, signing in, being signed out."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from server.errors import Conflict, FieldError, NotAllowed, NotFound, WrongPassword
from server.models.people import Office, Person, Role, RoleName, SignIn, SignInWay
from server.policy import may_invite, may_manage_office
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import as_now, find_row, hold_people_of
from server.services.idle import note_proof
from server.services.joining import (
    NewPerson,
    add_person,
    fold_user_name,
    names_of_places,
    person_row,
)
from server.services.known_devices import forget_device
from server.services.names import LONGEST_NAME
from server.services.password_links import known_of, lock_person, set_password
from server.services.password_rules import check_password
from server.services.passwords import hash_password, is_right_password, needs_new_hash
from server.services.sign_ins import (
    NO_DEVICE,
    Device,
    SignInResult,
    begin_sign_in,
    end_sign_ins,
    open_sign_ins,
)

SIGNED_IN_FOR = timedelta(days=30)
SHARED_FOR = timedelta(hours=12)


def sign_in(
    session: Session, now: Clock, *, user_name: str, password: str, device: Device = NO_DEVICE
) -> SignInResult:
    """Start a session on one device; on a shared computer a short one.

    Raises WrongPassword for an unknown name, a wrong password and a person who was switched off.
    """
    with session.begin():
        wanted = select(Person).where(Person.user_name == fold_user_name(user_name))
        person = session.scalar(wanted)
    # No transaction is held while the slow hash is computed.
    if not is_right_password(person.password_hash if person else None, password):
        raise WrongPassword("unknown name or wrong password")
    if person is None or not person.is_active:
        raise WrongPassword("unknown name or wrong password")
    with session.begin():
        person = _still_of(session, person, password)
        if needs_new_hash(person.password_hash):
            person.password_hash = hash_password(password)
        return begin_sign_in(
            session,
            now,
            person,
            way=SignInWay.PASSWORD,
            device=device,
            expires_at=now() + (SHARED_FOR if device.is_shared else SIGNED_IN_FOR),
        )


def name_of(session: Session, person_id: UUID) -> str:
    """Return how a person is called; empty when they are gone."""
    with session.begin():
        person = session.get(Person, person_id)
    return person.display_name if person else ""


def list_sign_ins(session: Session, now: Clock, *, person: Person) -> list[SignIn]:
    """Return where the person is signed in, newest first."""
    with session.begin():
        return open_sign_ins(session, now, person.id)


def end_sign_in(session: Session, now: Clock, *, sign_in_id: UUID, by: Person) -> None:
    """Sign out one device, also a lost one: its cookie and its playback stop; it is not known more.

    Raises NotFound.
    """
    with session.begin():
        row = session.get(SignIn, sign_in_id)
        if row is None or row.person_id != by.id:
            raise NotFound("no such sign-in of this person")
        end_sign_ins(session, now, by.id, SignIn.id == sign_in_id)
        if row.known_device_id:
            forget_device(session, row.known_device_id)


def sign_out_here(session: Session, now: Clock, *, sign_in_id: UUID, by: Person) -> None:
    """End all that the person has on this device; what was done there without a line still counts.

    Raises NotFound.
    """
    with session.begin():
        row = session.get(SignIn, sign_in_id)
        if row is None or row.person_id != by.id:
            raise NotFound("no such sign-in of this person")
        is_here = SignIn.id == row.id
        if row.device_sha256:
            is_here = or_(is_here, SignIn.device_sha256 == row.device_sha256)
        ended = update(SignIn).where(SignIn.person_id == by.id, is_here, SignIn.ended_at.is_(None))
        session.execute(ended.values(ended_at=now()))


def end_other_sign_ins(
    session: Session, now: Clock, *, by: Person, keep_id: UUID | None = None
) -> None:
    """Sign out every device but one."""
    with session.begin():
        end_sign_ins(session, now, by.id, keep_id=keep_id)


def change_password(
    session: Session, now: Clock, *, by: Person, old: str, new: str, keep_id: UUID | None = None
) -> None:
    """Set a new password and sign out the other devices. Raises WrongPassword or FieldError."""
    if not is_right_password(by.password_hash, old):
        raise WrongPassword("the present password is another")
    check_password(new, known_of(session, by))
    new_hash = hash_password(new)
    with session.begin():
        person = _still_of(session, by, old)
        set_password(session, now, person, new_hash, keep_id=keep_id)
        note_act(session, now, action="password.change", by=by, thing_id=person.id)


def replace_first_password(
    session: Session, now: Clock, *, by: Person, new: str, keep_id: UUID | None = None
) -> None:
    """Set the person's own password instead of the one that somebody else chose for them.

    Raises NotAllowed for all others, FieldError; the other devices are signed out.
    """
    if not by.needs_new_password:
        raise NotAllowed("they change their password by the present one")
    check_password(new, known_of(session, by))
    if is_right_password(by.password_hash, new):
        raise FieldError("password", "the first one again", rule="same")
    new_hash = hash_password(new)
    with session.begin():
        person = lock_person(session, by.id)
        if not person.needs_new_password:
            raise NotAllowed("somebody was quicker with the first password")
        set_password(session, now, person, new_hash, keep_id=keep_id)
        note_act(session, now, action="password.change", by=by, thing_id=person.id)


def prove(session: Session, now: Clock, *, by: Person, sign_in_id: UUID, password: str) -> None:
    """Take the password again in a session that goes on. Raises WrongPassword."""
    if not is_right_password(by.password_hash, password):
        raise WrongPassword("the present password is another")
    note_proof(session, now, sign_in_id)


def create_person(
    session: Session,
    now: Clock,
    *,
    new: NewPerson,
    roles: Sequence[tuple[RoleName, UUID | None]] = (),
    by: Person | None = None,
    needs_new_password: bool = True,
) -> Person:
    """Make a person who can sign in; `by` is empty for the command line.

    Somebody else chose the password, so the person chooses another one at first use.

    Raises FieldError (also for a name that is taken) or NotAllowed.
    """
    if by is not None and not (roles and all(may_invite(by, *role) for role in roles)):
        raise NotAllowed("they make persons of the roles to which they may invite")
    row = person_row(now, new, names_of_places(session, [school_id for _name, school_id in roles]))
    row.needs_new_password = needs_new_password
    with session.begin():
        add_person(session, row)
        for name, school_id in roles:
            row.roles.append(Role(name=name, school_id=school_id))
        session.flush()
        note_act(session, now, action="person.create", by=by, thing_id=row.id)
    return row


def set_active(
    session: Session, now: Clock, *, person_id: UUID, is_active: bool, by: Person
) -> None:
    """Let a person in, or switch them off and sign them out everywhere.

    Raises NotFound, NotAllowed, or Conflict for oneself.
    """
    if person_id == by.id:
        raise Conflict("nobody switches themselves off")
    with session.begin():
        hold_people_of(session, None)  # two of the office may do this to each other at once
        if not may_manage_office(as_now(session, by)):
            raise NotAllowed("only the office switches persons off")
        person = find_row(session, Person, person_id)
        person.is_active = is_active
        if not is_active:
            end_sign_ins(session, now, person_id)
        action = "person.let_in" if is_active else "person.switch_off"
        note_act(session, now, action=action, by=by, thing_id=person_id)


def office_of(session: Session) -> Office | None:
    """Return the office; None before the first run."""
    with session.begin():
        return session.scalar(select(Office).limit(1))


def first_run(
    session: Session,
    now: Clock,
    *,
    office_name: str,
    user_name: str,
    display_name: str,
    password: str,
) -> Person:
    """Make the office and its first administrator.

    Raises FieldError, or Conflict when it was done before.
    """
    if not 0 < len(office_name.strip()) <= LONGEST_NAME:
        raise FieldError("office_name", "1 to 200 characters", rule="length", most=LONGEST_NAME)
    new = NewPerson(user_name=user_name, display_name=display_name, password=password)
    row = person_row(now, new, [office_name])
    with session.begin():
        if session.scalar(select(Office.id).limit(1)) is not None:
            raise Conflict("there is an office already")
        session.add(Office(name=office_name.strip(), created_at=now()))
        add_person(session, row)
        row.roles.append(Role(name=RoleName.OFFICE_ADMIN, school_id=None))
        note_act(session, now, action="office.create", by=row, thing_id=row.id)
    return row


def _still_of(session: Session, person: Person, password: str) -> Person:
    """Return the person as they are now, locked; raise WrongPassword if the password is not theirs.

    Checking it took long: who lost it to a thief may have set a new one in that time.
    """
    checked_hash = person.password_hash
    person = lock_person(session, person.id)
    is_same = person.password_hash == checked_hash
    if not person.is_active or not (is_same or is_right_password(person.password_hash, password)):
        raise WrongPassword("the password was changed meanwhile")
    return person
