"""A school switches its people off, lets them in again, and signs them out."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.errors import Conflict, LastAdministrator, NotAllowed, NotFound
from server.models.memberships import NewsKind, SwitchedOff
from server.models.people import Person, Role, RoleName
from server.policy import may_invite, may_manage_office, may_manage_school
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import as_now, find_row, hold_school
from server.services.joining import give_role
from server.services.news import tell
from server.services.sign_ins import end_sign_ins
from server.staff_policy import may_switch_off


def switch_off(
    session: Session, now: Clock, *, school_id: UUID, person_id: UUID, by: Person
) -> Person:
    """Take all roles at a school from one of its people, and sign them out everywhere.

    What they are at other schools, their lessons and classrooms stay. Raises NotFound, NotAllowed,
    Conflict for oneself, LastAdministrator.
    """
    if person_id == by.id:
        raise Conflict("nobody switches themselves off")
    with session.begin():
        hold_school(session, school_id)
        by = as_now(session, by)
        person = _member(session, school_id, person_id)
        if not may_switch_off(by, person, school_id):
            raise NotAllowed("they are not this person's to switch off")
        held = [role for role in person.roles if role.school_id == school_id]
        if any(role.name == RoleName.SCHOOL_ADMIN for role in held):
            keep_an_administrator(session, school_id, person_id, by)
        names = [str(role.name) for role in held]
        for role in held:
            person.roles.remove(role)
        row = SwitchedOff(
            school_id=school_id, person_id=person_id, roles=names, at=now(), by_id=by.id
        )
        session.add(row)
        end_sign_ins(session, now, person_id)
        tell(session, now, person_id=person_id, kind=NewsKind.SWITCHED_OFF, school_id=school_id)
        _note(session, now, "person.switch_off_at_school", by, person_id, school_id)
    return person


def let_in_again(
    session: Session, now: Clock, *, school_id: UUID, person_id: UUID, by: Person
) -> Person:
    """Give back the roles that were held when the school switched them off.

    Raises NotFound, and NotAllowed where one of the roles is not theirs to give.
    """
    with session.begin():
        hold_school(session, school_id)
        by = as_now(session, by)
        if not may_manage_school(by, school_id):
            raise NotAllowed("people are let in by the school's administrators")
        person = find_row(session, Person, person_id)
        off = session.scalars(_off(school_id).where(SwitchedOff.person_id == person_id)).all()
        if not off or person_id == by.id:
            raise NotFound("nobody whom the school switched off")
        for row in off:
            row.back_at = now()
            for name in map(RoleName, row.roles):
                if not may_invite(by, name, school_id):
                    raise NotAllowed("this role is not theirs to give")
                give_role(session, now, person, name, school_id, by)
        tell(session, now, person_id=person_id, kind=NewsKind.LET_IN, school_id=school_id)
        _note(session, now, "person.let_in_at_school", by, person_id, school_id)
    return person


def sign_out_everywhere(
    session: Session, now: Clock, *, school_id: UUID | None, person_id: UUID, by: Person
) -> Person:
    """End all sessions of one of a school's people (or, empty, of the office's).

    Raises NotFound, NotAllowed.
    """
    with session.begin():
        by = as_now(session, by)
        person = _member(session, school_id, person_id)
        if not may_switch_off(by, person, school_id):
            raise NotAllowed("they are not this person's to sign out")
        end_sign_ins(session, now, person_id)
        tell(session, now, person_id=person_id, kind=NewsKind.SIGNED_OUT, school_id=school_id)
        _note(session, now, "person.sign_out", by, person_id, school_id)
    return person


def list_switched_off(session: Session, *, school_id: UUID, by: Person) -> Sequence[SwitchedOff]:
    """Return whom the school switched off and did not let in again. Raises NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("people are listed for their administrators only")
    with session.begin():
        return session.scalars(_off(school_id).order_by(SwitchedOff.at.desc())).all()


def keep_an_administrator(
    session: Session, school_id: UUID | None, person_id: UUID, by: Person
) -> None:
    """Raise LastAdministrator when a school would lose its last one, but not to the office.

    In the caller's transaction, which holds the school: two may do this to each other at once.
    """
    others = (
        select(Role.id)
        .join(Person, Person.id == Role.person_id)
        .where(Role.school_id == school_id, Role.name == RoleName.SCHOOL_ADMIN)
        .where(Role.person_id != person_id, Person.is_active)
    )
    if not may_manage_office(by) and session.scalar(others.limit(1)) is None:
        raise LastAdministrator("the school keeps an administrator")


def _member(session: Session, school_id: UUID | None, person_id: UUID) -> Person:
    """Return one of the people who sign in by themselves. Pupils without are their classes'."""
    person = session.get(Person, person_id, populate_existing=True)
    is_here = person is not None and any(role.school_id == school_id for role in person.roles)
    if person is None or not is_here or not person.has_password:
        raise NotFound("nobody of this school")
    return person


def _off(school_id: UUID) -> Select[SwitchedOff]:
    return select(SwitchedOff).where(
        SwitchedOff.school_id == school_id, SwitchedOff.back_at.is_(None)
    )


def _note(
    session: Session, now: Clock, action: str, by: Person, person_id: UUID, school_id: UUID | None
) -> None:
    school = str(school_id) if school_id else None
    note_act(session, now, action=action, by=by, thing_id=person_id, school=school)
