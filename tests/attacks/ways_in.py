"""Every way of letting somebody into a class as a pupil, as an attacker tries it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound
from server.models.classrooms import Classroom, Enrolment, JoinRequest, SecretKind
from server.models.people import Person, RoleName, School
from server.services.class_joining import Joiner, ask_to_join, claim_session, confirm
from server.services.classrooms import ClassroomFacts, create_classroom, edit_classroom
from server.services.enrolments import (
    add_names,
    enrol_person,
    present_enrolments,
)
from server.services.home_classes import confirm_homes, move_home, take_home_classes
from server.services.loans import lend_classroom
from server.services.merging_pupils import join_pupils
from server.services.pupil_keys import Slip, come_in_by_secret, come_in_by_slip, make_slips
from server.services.scopes import person_of_token
from tests.browsing import Visitor
from tests.builders import StoppedClock, a_person, a_school

VICTIM = "1 1001 ด.ช. สมชาย ใจดี"
AT_HOME, EVERYTHING = "ใบงานห้องประจำชั้น", {"home", "account", "kept"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the attack happens: the pupil's home class, and the attacker's own class."""

    session: Session
    clock: StoppedClock
    app: Flask
    home: Classroom
    home_teacher: Person
    school_admin: Person
    victim: Person
    by: Person  # who tries
    own: Classroom | None  # the attacker's own classroom, if they may have one

    def enrolment_in(self, room: Classroom) -> Enrolment | None:
        """Return the victim's place in a classroom."""
        with self.session.begin():
            rows = present_enrolments(self.session, room.id)
        return next((row for row in rows if row.person_id == self.victim.id), None)

    def reached(self, token: str | None) -> set[str]:
        """Return what a session opens of the victim beyond the attacker's own classroom."""
        if token is None:
            return set()
        found = person_of_token(self.session, self.clock, token)
        if found is None or found.person.id != self.victim.id:
            return set()
        browser = Visitor(self.app)
        browser.sign_in_with(token)
        pages = {"account": "/account", "kept": "/account/kept.json"}
        open_pages = {name for name, path in pages.items() if browser.get(path).status_code == 200}
        return open_pages | ({"home"} if AT_HOME in browser.get("/home").text else set())


Way = Callable[[Place], str | None]


def nodded_in(at: Place, room: Classroom, enrolment_id: UUID) -> str | None:
    """Have a device wait under a name, and nod to it."""
    session, clock = at.session, at.clock
    joiner = Joiner(enrolment_id=enrolment_id)
    waiting = ask_to_join(session, clock, token=room.token, joiner=joiner)
    row_id = newest_request(session)
    confirm(session, clock, request_id=row_id, as_id=None, by=at.by)
    result = claim_session(session, clock, token=waiting)
    return result.token if result else None


def by_typing_name_and_number(at: Place) -> str | None:
    """Type the known pupil into the attacker's own class."""
    own = own_class(at)
    add_names(at.session, at.clock, classroom_id=own.id, text=VICTIM, by=at.by)
    return _nod_in_own(at, own)


def by_a_class_of_next_year(at: Place) -> str | None:
    """Be the pupil's home class of a year that has not begun."""
    own = own_class(at)
    facts = ClassroomFacts(name="ป.5/1", grades=["P5"], academic_year=own.academic_year + 1)
    later = create_classroom(at.session, at.clock, school_id=own.school_id, facts=facts, by=at.by)
    add_names(at.session, at.clock, classroom_id=later.id, text=VICTIM, by=at.by)
    return _nod_in_own(at, later)


def by_taking_the_home_class(at: Place) -> str | None:
    """Take the home class as a subject class, then nod."""
    own = take_home_class(at)
    return _nod_in_own(at, own)


def by_a_slip_of_the_subject_class(at: Place) -> str | None:
    """Print the pupil's slip in the attacker's class, and use it."""
    own = take_home_class(at)
    slips = make_slips(at.session, at.clock, classroom_id=own.id, by=at.by)
    return come_in_by_slip(at.session, at.clock, token=_of_victim(at, slips).token).token


def by_two_pictures(at: Place) -> str | None:
    """Come in by the pictures that stand on the attacker's slip."""
    own = take_home_class(at)
    facts = ClassroomFacts(name=own.name, grades=own.grades, secret_kind=SecretKind.PICTURE)
    edit_classroom(at.session, at.clock, classroom_id=own.id, facts=facts, by=at.by)
    slips = make_slips(at.session, at.clock, classroom_id=own.id, by=at.by)
    slip = _of_victim(at, slips)
    return come_in_by_secret(
        at.session,
        at.clock,
        token=own.token,
        enrolment_id=slip.enrolment.id,
        secret=slip.secret,
    ).token


def by_an_id_of_the_home_class(at: Place) -> str | None:
    """Let a device in as a member of another class, by its id."""
    own = own_class(at)
    joiner = Joiner(typed_name="ด.ช. สมชาย ใจดี")
    waiting = ask_to_join(at.session, at.clock, token=own.token, joiner=joiner)
    there = at.enrolment_in(at.home)
    row_id = newest_request(at.session)
    confirm(at.session, at.clock, request_id=row_id, as_id=there.id if there else None, by=at.by)
    result = claim_session(at.session, at.clock, token=waiting)
    return result.token if result else None


def by_nodding_in_the_home_class(at: Place) -> str | None:
    """Answer who waits in the home class."""
    there = at.enrolment_in(at.home)
    return nodded_in(at, at.home, there.id) if there else None


def by_a_slip_of_the_home_class(at: Place) -> str | None:
    """Print slips of the home class."""
    slips = make_slips(at.session, at.clock, classroom_id=at.home.id, by=at.by)
    return come_in_by_slip(at.session, at.clock, token=_of_victim(at, slips).token).token


def by_moving_the_home(at: Place) -> str | None:
    """Say that the attacker's class is the home."""
    own = own_class(at)
    there = at.enrolment_in(at.home)
    if there is not None:
        ids = {"enrolment_id": there.id, "classroom_id": own.id}
        move_home(at.session, at.clock, **ids, by=at.by)
    return _nod_in_own(at, own)


def by_confirming_it_oneself(at: Place) -> str | None:
    """Type the pupil, then confirm in the school's place that this is the home."""
    own = own_class(at)
    add_names(at.session, at.clock, classroom_id=own.id, text=VICTIM, by=at.by)
    chosen = {at.victim.id: own.id}
    confirm_homes(at.session, at.clock, school_id=own.school_id, chosen=chosen, by=at.by)
    return _nod_in_own(at, own)


def by_making_one_of_two(at: Place) -> str | None:
    """Join the pupil with somebody typed, so that the typed one is the pupil."""
    own = take_home_class(at)
    text = "ด.ช. ใครก็ได้ คนใหม่"
    twin = add_names(at.session, at.clock, classroom_id=own.id, text=text, by=at.by)[0]
    theirs = at.enrolment_in(own)
    if theirs is not None:
        ids = {"enrolment_id": theirs.id, "same_id": twin.id}
        join_pupils(at.session, at.clock, **ids, by=at.by)
    return _nod_in_own(at, own)


WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        by_typing_name_and_number,
        by_a_class_of_next_year,
        by_taking_the_home_class,
        by_a_slip_of_the_subject_class,
        by_two_pictures,
        by_an_id_of_the_home_class,
        by_nodding_in_the_home_class,
        by_a_slip_of_the_home_class,
        by_moving_the_home,
        by_confirming_it_oneself,
        by_making_one_of_two,
    )
}


def own_class(at: Place) -> Classroom:
    if at.own is None:
        raise NotAllowed("pupils have no classroom of their own")
    return at.own


def take_home_class(at: Place) -> Classroom:
    own = own_class(at)
    take_home_classes(at.session, at.clock, classroom_id=own.id, home_ids=[at.home.id], by=at.by)
    return own


def _of_victim(at: Place, slips: Sequence[Slip]) -> Slip:
    found = [each for each in slips if each.enrolment.person_id == at.victim.id]
    if not found:
        raise NotFound("no slip of the pupil")
    return found[0]


def _nod_in_own(at: Place, own: Classroom) -> str | None:
    there = at.enrolment_in(own)
    return nodded_in(at, own, there.id) if there else None


def newest_request(session: Session) -> UUID:
    newest = select(JoinRequest.id).order_by(JoinRequest.id.desc()).limit(1)
    with session.begin():
        return session.scalars(newest).one()


def a_class(
    session: Session, clock: StoppedClock, school: School, by: Person, name: str
) -> Classroom:
    facts = ClassroomFacts(name=name, grades=["P4"])
    return create_classroom(session, clock, school_id=school.id, facts=facts, by=by)


def lend(place: Place, colleague: Person) -> None:
    """Let a colleague stand in for the home class until tonight."""
    lend_classroom(
        place.session,
        place.clock,
        classroom_id=place.home.id,
        person_id=colleague.id,
        last_on=None,
        by=place.home_teacher,
    )


def as_attacker(place: Place, who: str) -> Place:
    """Return the same place with somebody who tries."""
    session, clock, school = place.session, place.clock, place.home.school
    elsewhere = a_school(session)
    at_b = "another school" in who
    role = RoleName.SCHOOL_ADMIN if "administrator" in who else RoleName.TEACHER
    if who == "pupil of the class":
        names = "2 1002 ด.ช. ปิติ ชูใจ"
        by = add_names(
            session, clock, classroom_id=place.home.id, text=names, by=place.home_teacher
        )[0].person
        return replace(place, by=by, own=None)
    by = a_person(session, role, elsewhere if at_b else school)
    own = a_class(session, clock, elsewhere if at_b else school, by, "คณิต")
    if who == "home teacher of another class":
        text = "1 2001 ด.ญ. มะลิ งามตา"
        add_names(session, clock, classroom_id=own.id, text=text, by=by)
    if "learns, too" in who:
        with session.begin():
            enrol_person(session, clock, own, place.victim)
    if who == "who stood in yesterday":
        lend(place, by)
        clock.forward(days=1)
    return replace(place, by=by, own=own)


def slip_of(at: Place, room: Classroom, by: Person) -> str:
    """Return the link of the pupil's new slip."""
    slips = make_slips(at.session, at.clock, classroom_id=room.id, by=by)
    return next(each.token for each in slips if each.enrolment.person_id == at.victim.id)
