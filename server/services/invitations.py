"""Links that make one person of a role, once, within seven days: for whom, and used by whom."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from server.errors import Conflict, FieldError, LinkExpired, NotAllowed, PupilsAccount
from server.models.memberships import SwitchedOff
from server.models.people import Invitation, Person, RoleName, School
from server.policy import may_invite, may_manage_school
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import AS_IT_IS, as_now, find_row
from server.services.joining import (
    NewPerson,
    add_person,
    give_role,
    names_of_places,
    person_row,
    sha256_of,
)
from server.services.names import LONGEST_NAME, match_key, plain_name
from server.staff_policy import may_take_on_staff_role

INVITED_FOR = timedelta(days=7)
LISTED = 200  # the newest; unused ones are removed 90 days after their end


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedInvitation:
    """An invitation, who made it and who used it, where they are known."""

    row: Invitation
    school: School | None
    made_by: Person | None
    used_by: Person | None
    is_open: bool

    @property
    def was_used_by_another(self) -> bool:
        """Return whether the name of who used it is not the name that it was made for."""
        if self.used_by is None or not self.row.invited_name:
            return False
        used_by, invited = plain_name(self.used_by.display_name), plain_name(self.row.invited_name)
        return match_key(used_by) != match_key(invited)


def make_invitation(
    session: Session,
    now: Clock,
    *,
    role: RoleName,
    school_id: UUID | None,
    by: Person | None,
    invited_name: str = "",
) -> str:
    """Return the token of a link that makes one person of this role, within seven days.

    `by` is empty for the command line. Raises NotFound, NotAllowed, FieldError.
    """
    if by is not None and not may_invite(by, role, school_id):
        raise NotAllowed("they may not invite to this role")
    invited_name = checked_name_of_invited(invited_name)
    token = secrets.token_urlsafe(16)
    with session.begin():
        if school_id is not None:
            find_row(session, School, school_id)
        row = Invitation(
            token_sha256=sha256_of(token),
            role=role,
            school_id=school_id,
            invited_name=invited_name,
            made_by_id=by.id if by else None,
            created_at=now(),
            expires_at=now() + INVITED_FOR,
        )
        session.add(row)
        session.flush()
        note_act(session, now, action="invitation.make", by=by, thing_id=row.id, role=role)
    return token


def checked_name_of_invited(name: str) -> str:
    """Return the name as it is kept; empty where nobody is named. Raises FieldError."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise FieldError("invited_name", "too long", rule="too_long", most=LONGEST_NAME)
    return name


def find_invitation(session: Session, now: Clock, token: str) -> tuple[Invitation, School | None]:
    """Return what a link invites to. Raises LinkExpired: used, ended, too old or never made."""
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
        _use(session, now, invitation, person)
    return person


def accept_as(session: Session, now: Clock, *, token: str, by: Person) -> Person:
    """Give the invitation's role to a person who is signed in already.

    Raises LinkExpired, also for who was switched off at the school after it was made; PupilsAccount
    where a pupil would become more than a pupil: then it may still be used by whom it is for.
    """
    with session.begin():
        invitation = _open_invitation(session, now, token)
        person = as_now(session, by)
        if invitation.role is not RoleName.STUDENT and not may_take_on_staff_role(person):
            raise PupilsAccount("pupils do not become staff by a link")
        if _was_switched_off(session, invitation, person):
            raise LinkExpired("the school switched them off after it was made")
        _use(session, now, invitation, person)
    return person


def end_invitation(session: Session, now: Clock, *, invitation_id: UUID, by: Person) -> Invitation:
    """End an invitation that nobody used. Raises NotFound, NotAllowed, Conflict when it was."""
    with session.begin():
        wanted = select(Invitation).where(Invitation.id == invitation_id).with_for_update()
        row = session.scalar(wanted, execution_options=AS_IT_IS)
        row = row or find_row(session, Invitation, invitation_id)
        if not may_invite(by, row.role, row.school_id):
            raise NotAllowed("this invitation is not theirs to end")
        if row.used_at is not None:
            raise Conflict("it was used already")
        row.revoked_at = row.revoked_at or now()
        note_act(session, now, action="invitation.end", by=by, thing_id=row.id)
    return row


def list_invitations(
    session: Session, now: Clock, *, school_id: UUID | None, by: Person
) -> list[ListedInvitation]:
    """Return a school's invitations, newest first. Raises NotAllowed.

    The office's are those to its own roles, and of the schools' administrators.
    """
    if not may_manage_school(by, school_id):
        raise NotAllowed("invitations are listed for their administrators only")
    maker, user = aliased(Person), aliased(Person)
    wanted = (
        select(Invitation, School, maker, user)
        .outerjoin(School, School.id == Invitation.school_id)
        .outerjoin(maker, maker.id == Invitation.made_by_id)
        .outerjoin(user, user.id == Invitation.used_by_id)
        .where(_listed_for(school_id))
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(LISTED)
    )
    with session.begin():
        rows = session.execute(wanted).all()
    return [
        ListedInvitation(
            row=row,
            school=school,
            made_by=made_by,
            used_by=used_by,
            is_open=_is_open(row, now) and _may_go_on(row, made_by),
        )
        for row, school, made_by, used_by in rows
    ]


def _listed_for(school_id: UUID | None) -> ColumnElement[bool]:
    if school_id is not None:
        return Invitation.school_id == school_id
    return or_(
        Invitation.school_id.is_(None),
        and_(Invitation.school_id.is_not(None), Invitation.role == RoleName.SCHOOL_ADMIN),
    )


def _open_invitation(session: Session, now: Clock, token: str) -> Invitation:
    """Return the row as it is now, held: two people must not use one invitation."""
    wanted = select(Invitation).where(Invitation.token_sha256 == sha256_of(token))
    row = session.scalar(wanted.with_for_update(), execution_options=AS_IT_IS)
    if row is None or not _is_open(row, now):
        raise LinkExpired("the invitation was used, was ended, is too old, or never was")
    maker = session.get(Person, row.made_by_id, populate_existing=True) if row.made_by_id else None
    if not _may_go_on(row, maker):
        raise LinkExpired("who made the invitation may not invite any more")
    return row


def _is_open(row: Invitation, now: Clock) -> bool:
    return row.used_at is None and row.revoked_at is None and row.expires_at > now()


def _may_go_on(row: Invitation, maker: Person | None) -> bool:
    """Return whether its maker may still invite; the command line always may."""
    return maker is None or may_invite(maker, row.role, row.school_id)


def _use(session: Session, now: Clock, invitation: Invitation, person: Person) -> None:
    invitation.used_at, invitation.used_by_id = now(), person.id
    note_act(session, now, action="invitation.use", by=person, thing_id=invitation.id)
    give_role(session, now, person, invitation.role, invitation.school_id, person)


def _was_switched_off(session: Session, invitation: Invitation, person: Person) -> bool:
    since = select(SwitchedOff.id).where(
        SwitchedOff.person_id == person.id,
        SwitchedOff.school_id == invitation.school_id,
        SwitchedOff.back_at.is_(None),
        SwitchedOff.at >= invitation.created_at,
    )
    return session.scalar(since.limit(1)) is not None
