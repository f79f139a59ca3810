"""What every way of becoming a person shares: checks of what was typed, and the row."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.errors import FieldError
from server.models.people import Office, Person, Role, RoleName, School
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.names import LONGEST_NAME, sort_key_of
from server.services.password_rules import check_password
from server.services.passwords import hash_password

USER_NAME = re.compile(r"\w[\w.@+-]{1,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What somebody chooses about themselves when they join."""

    user_name: str
    display_name: str
    password: str


def fold_user_name(user_name: str) -> str:
    """Return the name as it is kept: people type capitals and spaces around it."""
    return user_name.strip().casefold()


def sha256_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def person_row(now: Clock, new: NewPerson, places: Sequence[str] = ()) -> Person:
    """Check what was typed and return the row, not yet in a session. Raises FieldError.

    `places` are names of the office and the schools, which make no good passwords.
    """
    user_name = fold_user_name(new.user_name)
    if not USER_NAME.fullmatch(user_name):
        raise FieldError("user_name", "2 to 100 letters, digits or . @ + - _", rule="letters")
    display_name = new.display_name.strip() or new.user_name.strip()
    if len(display_name) > LONGEST_NAME:
        raise FieldError("display_name", "too long", rule="too_long", most=LONGEST_NAME)
    check_password(new.password, (user_name, display_name, *places))
    return Person(
        user_name=user_name,
        display_name=display_name,
        sort_key=sort_key_of(display_name),
        password_hash=hash_password(new.password),
        is_active=True,
        created_at=now(),
        roles=[],
    )


def names_of_places(session: Session, school_ids: Iterable[UUID | None]) -> list[str]:
    """Return what the office and these schools are called; in a transaction of its own."""
    of_schools = select(School.name).where(School.id.in_([id_ for id_ in school_ids if id_]))
    with session.begin():
        return [*session.scalars(select(Office.name)), *session.scalars(of_schools)]


def add_person(session: Session, row: Person) -> None:
    """Add the row inside the caller's transaction. Raises FieldError when the name is taken."""
    taken = select(Person.id).where(Person.user_name == row.user_name)
    if session.scalar(taken) is not None:
        raise FieldError("user_name", "this name is taken", rule="taken")
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # somebody took it between the question and now
        raise FieldError("user_name", "this name is taken", rule="taken") from error


def give_role(
    session: Session,
    now: Clock,
    person: Person,
    role: RoleName,
    school_id: UUID | None,
    by: Person | None,
) -> None:
    """Add the role inside the caller's transaction; nothing happens if it is held already."""
    if any(held.name == role and held.school_id == school_id for held in person.roles):
        return
    person.roles.append(Role(name=role, school_id=school_id))
    session.flush()
    school = str(school_id) if school_id else None
    note_act(session, now, action="role.add", by=by, thing_id=person.id, role=role, school=school)
