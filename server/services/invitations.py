"""Links that make one person of a role, once, within seven days."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import LinkExpired, NotAllowed
from server.models.people import Invitation, Person, RoleName, School
from server.policy import may_invite
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.joining import (
    NewPerson,
    add_person,
    give_role,
    names_of_places,
    person_row,
    sha256_of,
)

INVITED_FOR = timedelta(days=7)


def make_invitation(
    session: Session, now: Clock, *, role: RoleName, school_id: UUID | None, by: Person | None
) -> str:
    """Return the token of a link that makes one person of this role, within seven days.

    `by` is empty for the command line. Raises NotFound, NotAllowed.
    """
    if by is not None and not may_invite(by, role, school_id):
        raise NotAllowed("they may not invite to this role")
    token = secrets.token_urlsafe(16)
    with session.begin():
        if school_id is not None:
            find_row(session, School, school_id)
        row = Invitation(
            token_sha256=sha256_of(token),
            role=role,
            school_id=school_id,
            made_by_id=by.id if by else None,
            created_at=now(),
            expires_at=now() + INVITED_FOR,
        )
        session.add(row)
        session.flush()
        note_act(session, now, action="invitation.make", by=by, thing_id=row.id, role=role)
    return token


def find_invitation(session: Session, now: Clock, token: str) -> tuple[Invitation, School | None]:
    """Return what a link invites to. Raises LinkExpired: used, too old or never made."""
    with session.begin():
        row = _open_invitation(session, now, token)
        return row, session.get(School, row.school_id) if row.school_id else None


def accept_invitation(session: Session, now: Clock, *, token: str, new: NewPerson) -> Person:
    """Make the invited person and use the invitation up. Raises LinkExpired, FieldError."""
    row, _school = find_invitation(session, now, token)  # first: hashing for nobody is costly
    person = person_row(now, new, names_of_places(session, [row.school_id]))
    with session.begin():
        invitation = _open_invitation(session, now, token)
        add_person(session, person)
        invitation.used_at = now()
        give_role(session, now, person, invitation.role, invitation.school_id, person)
    return person


def accept_as(session: Session, now: Clock, *, token: str, by: Person) -> Person:
    """Give the invitation's role to a person who is signed in already.

    Raises LinkExpired; NotAllowed for more than a pupil's role where somebody has no password.
    """
    with session.begin():
        invitation = _open_invitation(session, now, token)
        invitation.used_at = now()
        person = find_row(session, Person, by.id)
        if invitation.role is not RoleName.STUDENT and not person.has_password:
            raise NotAllowed("pupils do not become teachers by a link")
        give_role(session, now, person, invitation.role, invitation.school_id, by)
    return person


def _open_invitation(session: Session, now: Clock, token: str) -> Invitation:
    """Return the row, locked where the database can: two people must not use one invitation."""
    wanted = select(Invitation).where(Invitation.token_sha256 == sha256_of(token))
    row = session.scalar(wanted.with_for_update())
    if row is None or row.used_at or row.expires_at <= now():
        raise LinkExpired("the invitation was used, is too old, or never was")
    maker = session.get(Person, row.made_by_id) if row.made_by_id else None
    if maker and not may_invite(maker, row.role, row.school_id):
        raise LinkExpired("who made the invitation may not invite any more")
    return row
