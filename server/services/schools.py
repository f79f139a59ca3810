"""Schools, and the roles of their people."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed
from server.models.memberships import NewsKind
from server.models.people import Person, Role, RoleName, School, SchoolIdentifier
from server.policy import may_invite, may_manage_office, may_manage_school
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import as_now, find_row, hold_people_of
from server.services.joining import give_role
from server.services.memberships import keep_an_administrator
from server.services.names import LONGEST_NAME
from server.services.news import tell


def create_school(
    session: Session,
    now: Clock,
    *,
    name: str,
    by: Person | None,
    identifiers: Sequence[tuple[str, str]] = (),
) -> School:
    """Make a school; identifiers are (scheme, value). `by` is empty for the command line.

    Raises NotAllowed or FieldError.
    """
    if by is not None and not may_manage_office(by):
        raise NotAllowed("schools are made by the office")
    name = _checked_name(name)
    school = School(name=name, created_at=now(), identifiers=[], embed_sites=[])
    school.identifiers = [SchoolIdentifier(scheme=scheme, value=v) for scheme, v in identifiers]
    try:
        with session.begin():
            session.add(school)
            session.flush()
            note_act(session, now, action="school.create", by=by, thing_id=school.id)
    except IntegrityError as error:
        raise FieldError("identifiers", "another school has this code", rule="taken") from error
    return school


def rename_school(
    session: Session, now: Clock, *, school_id: UUID, name: str, by: Person
) -> School:
    """Change a school's name. Raises NotFound, NotAllowed, FieldError."""
    if not may_manage_office(by):
        raise NotAllowed("schools are named by the office")
    name = _checked_name(name)
    with session.begin():
        school = find_row(session, School, school_id)
        note_act(
            session,
            now,
            action="school.rename",
            by=by,
            thing_id=school_id,
            was=school.name,
            name=name,
        )
        school.name = name
    return school


def list_schools(session: Session, *, by: Person) -> list[School]:
    """Return the schools that this person manages, by name."""
    wanted = select(School).order_by(School.name)
    with session.begin():
        return [school for school in session.scalars(wanted) if may_manage_school(by, school.id)]


def list_people(session: Session, *, school_id: UUID | None, by: Person) -> list[Person]:
    """Return a school's people (or, empty, the office's own) in Thai order. Raises NotAllowed.

    Pupils without a password are listed in their classrooms.
    """
    if not may_manage_school(by, school_id):
        raise NotAllowed("people are listed for their administrators only")
    of_school = select(Role.person_id).where(Role.school_id == school_id)
    wanted = select(Person).where(Person.id.in_(of_school), Person.password_hash != "")
    wanted = wanted.order_by(Person.sort_key, Person.id)
    with session.begin():
        return list(session.scalars(wanted))


def add_role(
    session: Session,
    now: Clock,
    *,
    person_id: UUID,
    role: RoleName,
    school_id: UUID | None,
    by: Person | None,
) -> None:
    """Give a person one more role; nothing happens if they hold it. Raises NotFound, NotAllowed."""
    if by is not None and not may_invite(by, role, school_id):
        raise NotAllowed("this role is not theirs to give")
    with session.begin():
        give_role(session, now, find_row(session, Person, person_id), role, school_id, by)


def remove_role(session: Session, now: Clock, *, role_id: UUID, by: Person) -> None:
    """Take a role away; it counts from the next request, and the person is told.

    Raises NotFound, NotAllowed, LastAdministrator, FieldError. Nobody takes the office's role from
    themselves: somebody must be left to run it.
    """
    with session.begin():
        hold_people_of(session, find_row(session, Role, role_id).school_id)
        role, by = find_row(session, Role, role_id, as_it_is=True), as_now(session, by)
        if not may_invite(by, role.name, role.school_id):
            raise NotAllowed("this role is not theirs to take")
        if role.name == RoleName.OFFICE_ADMIN and role.person_id == by.id:
            raise FieldError("role", "the office keeps an administrator", rule="own_role")
        if role.name == RoleName.SCHOOL_ADMIN:
            keep_an_administrator(session, role.school_id, role.person_id, by)
        note_act(session, now, action="role.remove", by=by, thing_id=role.person_id, role=role.name)
        person = as_now(session, find_row(session, Person, role.person_id))
        person.roles.remove(role)
        tell(
            session,
            now,
            person_id=person.id,
            kind=NewsKind.ROLE_TAKEN,
            school_id=role.school_id,
            detail=role.name,
        )


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise FieldError("name", "1 to 200 characters", rule="length", most=LONGEST_NAME)
    return name
