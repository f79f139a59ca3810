"""How teachers come to a school: by a link that many may use, or by asking its administrator."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.errors import Conflict, LinkExpired, NotAllowed, NotFound
from server.models.classrooms import SchoolLink, SchoolRequest
from server.models.people import Person, Role, RoleName, School
from server.policy import has_role, may_invite, may_manage_office, may_manage_school
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.codes import new_token
from server.services.find_row import find_row
from server.services.invitations import make_invitation
from server.services.joining import (
    NewPerson,
    add_person,
    give_role,
    names_of_places,
    person_row,
)

LINK_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolInvitation:
    """A school without an administrator, and the token of the link that makes the first one."""

    school: School
    token: str


def make_school_link(session: Session, now: Clock, *, school_id: UUID, by: Person) -> SchoolLink:
    """Make the link by which many become teachers of a school, for 30 days; older ones end.

    Raises NotFound, NotAllowed.
    """
    if not may_invite(by, RoleName.TEACHER, school_id):
        raise NotAllowed("teachers are invited by their school's administrators")
    with session.begin():
        find_row(session, School, school_id)
        _end_links(session, now, school_id)
        link = SchoolLink(
            school_id=school_id,
            token=new_token(),
            role=RoleName.TEACHER,
            made_by_id=by.id,
            created_at=now(),
            expires_at=now() + LINK_FOR,
        )
        session.add(link)
        session.flush()
        note_act(session, now, action="school_link.make", by=by, thing_id=link.id)
    return link


def have_school_link(session: Session, now: Clock, *, school_id: UUID, by: Person) -> None:
    """Make the link unless one works already. Raises NotFound, NotAllowed."""
    if open_school_link(session, now, school_id=school_id) is None:
        make_school_link(session, now, school_id=school_id, by=by)


def end_school_link(session: Session, now: Clock, *, school_id: UUID, by: Person) -> None:
    """End the school's link; who came by it stays. Raises NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("a school's link is ended by its administrators")
    with session.begin():
        _end_links(session, now, school_id)
        note_act(session, now, action="school_link.end", by=by, thing_id=school_id)


def open_school_link(session: Session, now: Clock, *, school_id: UUID) -> SchoolLink | None:
    """Return the link that works now."""
    with session.begin():
        return session.scalar(_open_links(now).where(SchoolLink.school_id == school_id).limit(1))


def find_school_link(session: Session, now: Clock, *, token: str) -> tuple[SchoolLink, School]:
    """Return what a link invites to. Raises LinkExpired."""
    with session.begin():
        link = _working_link(session, now, token)
        return link, session.get_one(School, link.school_id)


def join_by_link(session: Session, now: Clock, *, token: str, new: NewPerson) -> Person:
    """Make a person who teaches at the link's school. Raises LinkExpired, FieldError."""
    link, _school = find_school_link(session, now, token=token)  # first: hashing is costly
    person = person_row(now, new, names_of_places(session, [link.school_id]))
    with session.begin():
        link = _working_link(session, now, token)
        add_person(session, person)
        _join(session, now, link, person)
    return person


def join_by_link_as(session: Session, now: Clock, *, token: str, by: Person) -> None:
    """Let somebody who has an account teach at the link's school, too. Raises LinkExpired."""
    with session.begin():
        link = _working_link(session, now, token)
        _join(session, now, link, find_row(session, Person, by.id))


def set_takes_requests(
    session: Session, now: Clock, *, school_id: UUID, takes_requests: bool, by: Person
) -> None:
    """Let people ask to teach at a school, or not any more. Raises NotFound, NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("this is for the school's administrators")
    with session.begin():
        find_row(session, School, school_id).takes_requests = takes_requests
        note_act(
            session, now, action="school.requests", by=by, thing_id=school_id, open=takes_requests
        )


def schools_to_ask(session: Session) -> list[School]:
    """Return the schools that take requests, by name."""
    wanted = select(School).where(School.takes_requests).order_by(School.name)
    with session.begin():
        return list(session.scalars(wanted))


def ask_to_teach(session: Session, now: Clock, *, school_id: UUID, new: NewPerson) -> Person:
    """Make a person without any right, whose request the school's administrator sees.

    Raises NotFound for a school that takes no requests, FieldError.
    """
    with session.begin():
        _school_that_takes(session, school_id)
    person = person_row(now, new, names_of_places(session, [school_id]))
    with session.begin():
        _school_that_takes(session, school_id)
        add_person(session, person)
        session.add(SchoolRequest(school_id=school_id, person_id=person.id, created_at=now()))
        note_act(session, now, action="school_request.make", by=person, thing_id=school_id)
    return person


def ask_to_teach_as(session: Session, now: Clock, *, school_id: UUID, by: Person) -> None:
    """Ask with an account that is there already; twice is once. Raises NotFound, Conflict."""
    if has_role(by, RoleName.TEACHER, school_id):
        raise Conflict("they teach there already")
    if not by.has_password:
        raise NotAllowed("pupils do not ask to teach")
    with session.begin():
        _school_that_takes(session, school_id)
        same = select(SchoolRequest).where(
            SchoolRequest.school_id == school_id, SchoolRequest.person_id == by.id
        )
        row = session.scalar(same) or SchoolRequest(school_id=school_id, person_id=by.id)
        row.created_at, row.decided_at = now(), None
        session.add(row)
        note_act(session, now, action="school_request.make", by=by, thing_id=school_id)


def requests_of_person(session: Session, *, person: Person) -> list[SchoolRequest]:
    """Return what a person asked for and nobody decided yet."""
    wanted = select(SchoolRequest).where(
        SchoolRequest.person_id == person.id, SchoolRequest.decided_at.is_(None)
    )
    with session.begin():
        return list(session.scalars(wanted))


def list_requests(session: Session, *, school_id: UUID, by: Person) -> list[SchoolRequest]:
    """Return who asks to teach at a school, first come first. Raises NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("requests are for the school's administrators")
    wanted = select(SchoolRequest).where(
        SchoolRequest.school_id == school_id, SchoolRequest.decided_at.is_(None)
    )
    with session.begin():
        return list(session.scalars(wanted.order_by(SchoolRequest.created_at)))


def decide_request(
    session: Session, now: Clock, *, request_id: UUID, is_accepted: bool, by: Person
) -> SchoolRequest:
    """Let a person teach at the school, or not. Raises NotFound, NotAllowed, Conflict."""
    with session.begin():
        row = find_row(session, SchoolRequest, request_id)
        if not may_invite(by, RoleName.TEACHER, row.school_id):
            raise NotAllowed("requests are for the school's administrators")
        if row.decided_at is not None:
            raise Conflict("this was decided already")
        row.decided_at = now()
        if is_accepted:
            give_role(session, now, row.person, RoleName.TEACHER, row.school_id, by)
        note_act(
            session, now, action="school_request.decide", by=by, thing_id=row.id, yes=is_accepted
        )
    return row


def invite_first_administrators(
    session: Session, now: Clock, *, by: Person
) -> list[SchoolInvitation]:
    """Make a link for each school without an administrator. Raises NotAllowed.

    Links that were made earlier and not used go on working until they are too old.
    """
    if not may_manage_office(by):
        raise NotAllowed("first administrators are invited by the office")
    with_one = select(Role.school_id).where(Role.name == RoleName.SCHOOL_ADMIN)
    wanted = select(School).where(School.id.not_in(with_one)).order_by(School.name)
    with session.begin():
        schools = list(session.scalars(wanted))
    return [
        SchoolInvitation(
            school=school,
            token=make_invitation(
                session, now, role=RoleName.SCHOOL_ADMIN, school_id=school.id, by=by
            ),
        )
        for school in schools
    ]


def _join(session: Session, now: Clock, link: SchoolLink, person: Person) -> None:
    if not person.has_password:
        raise NotAllowed("pupils do not become teachers by a link")
    link.used_count += 1
    give_role(session, now, person, link.role, link.school_id, person)


def _open_links(now: Clock) -> Select[SchoolLink]:
    return select(SchoolLink).where(SchoolLink.revoked_at.is_(None), SchoolLink.expires_at > now())


def _working_link(session: Session, now: Clock, token: str) -> SchoolLink:
    link = session.scalar(_open_links(now).where(SchoolLink.token == token))
    if link is None:
        raise LinkExpired("the link was ended, is too old, or never was")
    maker = session.get(Person, link.made_by_id) if link.made_by_id else None
    if maker is None or not may_invite(maker, link.role, link.school_id):
        raise LinkExpired("who made the link may not invite any more")
    return link


def _end_links(session: Session, now: Clock, school_id: UUID) -> None:
    for link in session.scalars(_open_links(now).where(SchoolLink.school_id == school_id)):
        link.revoked_at = now()


def _school_that_takes(session: Session, school_id: UUID) -> School:
    school = find_row(session, School, school_id)
    if not school.takes_requests:
        raise NotFound(f"school {school_id} takes no requests")
    return school
