"""How teachers come to a school: they ask, by its link or from the sign-in page.

Nobody has a right by asking: somebody of the school decides (school_requests.py).
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.errors import AlreadyThere, LinkExpired, ManyWait, NotAllowed, NotFound, PupilsAccount
from server.models.classrooms import SchoolLink, SchoolRequest
from server.models.people import Person, Role, RoleName, School
from server.policy import has_role, may_invite, may_manage_office, may_manage_school
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.codes import new_token
from server.services.find_row import AS_IT_IS, as_now, find_row, hold_school
from server.services.invitations import make_invitation
from server.services.joining import NewPerson, add_person, names_of_places, person_row, sha256_of

LINK_FOR = timedelta(days=30)
MOST_WAITING = 120  # by one link, or from the sign-in page: more than the staff of most schools
MOST_FROM_ADDRESS = 40  # of them: a meeting behind one address is confirmed in between


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolInvitation:
    """A school without an administrator, and the token of the link that makes the first one."""

    school: School
    token: str


def make_school_link(session: Session, now: Clock, *, school_id: UUID, by: Person) -> SchoolLink:
    """Make the link by which many ask to teach at a school, for 30 days; older ones end.

    Raises NotFound, NotAllowed.
    """
    with session.begin():
        hold_school(session, school_id)
        if not may_invite(as_now(session, by), RoleName.TEACHER, school_id):
            raise NotAllowed("teachers are invited by their school's administrators")
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
    """End the school's link; who asked by it goes on waiting. Raises NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("a school's link is ended by its administrators")
    with session.begin():
        _end_links(session, now, school_id)
        note_act(session, now, action="school_link.end", by=by, thing_id=school_id)


def open_school_link(session: Session, now: Clock, *, school_id: UUID) -> SchoolLink | None:
    """Return the link that works now: not one whose maker may no longer invite."""
    with session.begin():
        links = session.scalars(_open_links(now).where(SchoolLink.school_id == school_id))
        return next((link for link in links if _may_go_on(session, link)), None)


def find_school_link(session: Session, now: Clock, *, token: str) -> tuple[SchoolLink, School]:
    """Return where a link lets ask. Raises LinkExpired."""
    with session.begin():
        link = _working_link(session, now, token)
        return link, session.get_one(School, link.school_id)


def ask_by_link(
    session: Session, now: Clock, *, token: str, new: NewPerson, address: str = ""
) -> Person:
    """Make a person without any right, who asks to teach at the link's school.

    Raises LinkExpired, ManyWait, FieldError.
    """
    link, _school = find_school_link(session, now, token=token)
    with session.begin():  # first: hashing a password for nobody is costly
        _check_room(session, link.school_id, link, address)
    person = person_row(now, new, names_of_places(session, [link.school_id]))
    with session.begin():
        hold_school(session, link.school_id)
        link = _working_link(session, now, token)
        _check_room(session, link.school_id, link, address)
        add_person(session, person)
        _ask(session, now, link.school_id, person, link, address)
    return person


def ask_by_link_as(
    session: Session, now: Clock, *, token: str, by: Person, address: str = ""
) -> None:
    """Ask with an account that is there; twice is once.

    Raises LinkExpired, ManyWait, AlreadyThere, and PupilsAccount for who has no password.
    """
    link, _school = find_school_link(session, now, token=token)
    with session.begin():
        hold_school(session, link.school_id)
        link = _working_link(session, now, token)
        if _may_ask(session, link.school_id, as_now(session, by)):
            _check_room(session, link.school_id, link, address)
            _ask(session, now, link.school_id, by, link, address)


def set_takes_requests(
    session: Session, now: Clock, *, school_id: UUID, takes_requests: bool, by: Person
) -> None:
    """Let people ask from the sign-in page, or not any more. Raises NotFound, NotAllowed."""
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


def ask_to_teach(
    session: Session, now: Clock, *, school_id: UUID, new: NewPerson, address: str = ""
) -> Person:
    """Make a person without any right, whose request the school's administrator sees.

    Raises NotFound for a school that takes no requests, ManyWait, FieldError.
    """
    with session.begin():
        _school_that_takes(session, school_id)
        _check_room(session, school_id, None, address)
    person = person_row(now, new, names_of_places(session, [school_id]))
    with session.begin():
        _school_that_takes(session, school_id)
        _check_room(session, school_id, None, address)
        add_person(session, person)
        _ask(session, now, school_id, person, None, address)
    return person


def ask_to_teach_as(
    session: Session, now: Clock, *, school_id: UUID, by: Person, address: str = ""
) -> None:
    """Ask with an account that is there already; twice is once.

    Raises NotFound, ManyWait, AlreadyThere, and PupilsAccount for who has no password.
    """
    with session.begin():
        _school_that_takes(session, school_id)
        if _may_ask(session, school_id, as_now(session, by)):
            _check_room(session, school_id, None, address)
            _ask(session, now, school_id, by, None, address)


def requests_of_person(session: Session, *, person: Person) -> list[SchoolRequest]:
    """Return what a person asked for and nobody decided yet."""
    wanted = select(SchoolRequest).where(
        SchoolRequest.person_id == person.id, SchoolRequest.decided_at.is_(None)
    )
    with session.begin():
        return list(session.scalars(wanted))


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


def _may_ask(session: Session, school_id: UUID, by: Person) -> bool:
    """Return whether there is something to ask; False when they wait already."""
    if not by.has_password:
        raise PupilsAccount("an account without password asks for nothing by itself")
    if has_role(by, RoleName.TEACHER, school_id):
        raise AlreadyThere("they teach there already")
    waits = _waiting(school_id).where(SchoolRequest.person_id == by.id)
    return session.scalar(waits.limit(1)) is None


def _check_room(session: Session, school_id: UUID, link: SchoolLink | None, address: str) -> None:
    """Raise ManyWait: a link that went astray must not bury those who are meant."""
    by_link = _waiting(school_id).where(
        SchoolRequest.school_link_id == link.id if link else SchoolRequest.school_link_id.is_(None)
    )
    from_here = by_link.where(SchoolRequest.address_sha256 == _kept_address(school_id, address))
    for wanted, most in ((by_link, MOST_WAITING), (from_here, MOST_FROM_ADDRESS)):
        count = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
        if count >= most:
            raise ManyWait(f"{count} wait already", count=count)


def _ask(
    session: Session,
    now: Clock,
    school_id: UUID,
    person: Person,
    link: SchoolLink | None,
    address: str,
) -> None:
    row = SchoolRequest(
        school_id=school_id,
        person_id=person.id,
        school_link_id=link.id if link else None,
        address_sha256=_kept_address(school_id, address),
        created_at=now(),
    )
    session.add(row)
    if link is not None:
        link.used_count += 1
    note_act(session, now, action="school_request.make", by=person, thing_id=school_id)


def _waiting(school_id: UUID) -> Select[UUID]:
    return select(SchoolRequest.id).where(
        SchoolRequest.school_id == school_id, SchoolRequest.decided_at.is_(None)
    )


def _kept_address(school_id: UUID, address: str) -> str:
    """Return what tells two addresses apart while requests wait; alike at no other school."""
    return sha256_of(f"{school_id} {address}")


def _open_links(now: Clock) -> Select[SchoolLink]:
    return select(SchoolLink).where(SchoolLink.revoked_at.is_(None), SchoolLink.expires_at > now())


def _working_link(session: Session, now: Clock, token: str) -> SchoolLink:
    wanted = _open_links(now).where(SchoolLink.token == token)
    link = session.scalar(wanted, execution_options=AS_IT_IS)
    if link is None:
        raise LinkExpired("the link was ended, is too old, or never was")
    if not _may_go_on(session, link):
        raise LinkExpired("who made the link may not invite any more")
    return link


def _may_go_on(session: Session, link: SchoolLink) -> bool:
    if link.made_by_id is None:
        return False
    maker = session.get(Person, link.made_by_id, populate_existing=True)
    return may_invite(maker, link.role, link.school_id)


def _end_links(session: Session, now: Clock, school_id: UUID) -> None:
    for link in session.scalars(_open_links(now).where(SchoolLink.school_id == school_id)):
        link.revoked_at = now()


def _school_that_takes(session: Session, school_id: UUID) -> School:
    school = hold_school(session, school_id)
    if not school.takes_requests:
        raise NotFound(f"school {school_id} takes no requests")
    return school
