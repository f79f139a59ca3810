"""Everybody tries to become a pupil, in every way of letting somebody in.

Generated: who tries, by which way. What a session then reaches of the pupil outside the class
through which it came must be nothing, but for the pupil's home class and school.
"""

from dataclasses import replace
from itertools import product

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.errors import AppError
from server.models.classrooms import Classroom
from server.models.lessons import Visibility
from server.models.people import Person, RoleName, School
from server.services.assignments import Recipients, Task, give_lesson
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import (
    PupilChanges,
    add_names,
    edit_pupil,
    enrol_person,
    remove_pupil,
)
from server.services.home_classes import confirm_homes
from server.services.joining import give_role
from server.services.loans import lend_classroom
from server.services.pupil_keys import come_in_by_slip, make_slips
from server.services.pupil_sign_ins import end_pupil_sign_ins, pupil_at_class
from server.services.scopes import person_of_token
from server.services.sign_ins import Device, revoked_of
from tests.attacks.ways_in import (
    AT_HOME,
    EVERYTHING,
    VICTIM,
    WAYS,
    Place,
    by_a_slip_of_the_home_class,
    by_moving_the_home,
    by_nodding_in_the_home_class,
    by_taking_the_home_class,
    nodded_in,
    take_home_class,
)
from tests.browsing import Visitor
from tests.builders import StoppedClock, a_lesson, a_person, a_school, a_sign_in

ATTACKERS = (
    "subject teacher",
    "home teacher of another class",
    "who stood in yesterday",
    "teacher of another school",
    "teacher of another school where the pupil learns, too",
    "administrator of another school",
    "pupil of the class",
)


@pytest.fixture
def place(
    app: Flask, session: Session, clock: StoppedClock, school: School, teacher: Person
) -> Place:
    """The pupil's home class, with work given there; nobody attacks yet."""
    home = a_class(session, clock, school, teacher, "ป.4/1")
    added = add_names(session, clock, classroom_id=home.id, text=VICTIM, by=teacher)
    lesson = a_lesson(session, teacher, title=AT_HOME, visibility=Visibility.ME)
    to = [Recipients(classroom_id=home.id)]
    give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)
    return Place(
        session=session,
        clock=clock,
        app=app,
        home=home,
        home_teacher=teacher,
        school_admin=a_person(session, RoleName.SCHOOL_ADMIN, school),
        victim=added[0].person,
        by=teacher,
        own=home,
    )


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


@pytest.mark.parametrize(("who", "way"), list(product(ATTACKERS, WAYS)))
def test_nobody_becomes_the_pupil(place: Place, who: str, way: str) -> None:
    at = as_attacker(place, who)

    try:
        token = WAYS[way](at)
    except AppError:
        token = None

    assert at.reached(token) == set()


@pytest.mark.parametrize("way", ["by_nodding_in_the_home_class", "by_a_slip_of_the_home_class"])
@pytest.mark.parametrize("by", ["home_teacher", "school_admin"])
def test_the_home_class_opens_the_whole_account(place: Place, way: str, by: str) -> None:
    at = replace(place, by=getattr(place, by))

    assert at.reached(WAYS[way](at)) == EVERYTHING


def test_who_stands_in_opens_the_classroom_and_no_account(place: Place) -> None:
    substitute = a_person(place.session, RoleName.TEACHER, place.home.school)
    lend(place, substitute)
    substitute = signed_in_as(place, substitute)
    at = replace(place, by=substitute)

    assert at.reached(by_nodding_in_the_home_class(at)) == {"home"}
    for way in (by_a_slip_of_the_home_class, by_moving_the_home):
        with pytest.raises(AppError):
            way(at)


def signed_in_as(place: Place, person: Person) -> Person:
    """Return the person with the scope of a fresh session, as a request has them."""
    token = a_sign_in(place.session, person, place.clock())
    found = person_of_token(place.session, place.clock, token)
    assert found
    return found.person


def test_the_pupils_own_phone_comes_into_both_schools_and_neither_opens_the_others(
    place: Place,
) -> None:
    session, clock = place.session, place.clock
    elsewhere = a_school(session)
    admin = a_person(session, RoleName.SCHOOL_ADMIN, elsewhere)
    there = a_class(session, clock, elsewhere, a_person(session, school=elsewhere), "ชุมนุม")
    with session.begin():
        enrol_person(session, clock, there, place.victim)
    confirm_homes(
        session, clock, school_id=elsewhere.id, chosen={place.victim.id: there.id}, by=admin
    )

    at = replace(place, by=admin, own=there)
    enrolment = at.enrolment_in(there)
    assert enrolment

    assert at.reached(nodded_in(at, there, enrolment.id)) == set()
    own_home = replace(place, by=place.home_teacher)
    assert own_home.reached(by_nodding_in_the_home_class(own_home)) == {"home"}


def test_names_and_sign_ins_are_the_home_classs_to_change(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    own = take_home_class(at)
    theirs = at.enrolment_in(own)
    assert theirs
    home_session = by_a_slip_of_the_home_class(replace(at, by=at.home_teacher))

    changes = PupilChanges(name="ด.ช. ชื่ออื่น นามอื่น", list_number=7, student_number="9")
    edit_pupil(at.session, at.clock, enrolment_id=theirs.id, changes=changes, by=at.by)
    end_pupil_sign_ins(at.session, at.clock, enrolment_id=theirs.id, by=at.by)

    assert at.victim.display_name == "สมชาย ใจดี"
    assert theirs.list_number == 7
    assert at.reached(home_session) == EVERYTHING


def test_the_home_teacher_sees_who_let_whom_in_where(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    by_taking_the_home_class(at)
    there = at.enrolment_in(at.home)
    assert there

    seen = pupil_at_class(at.session, at.clock, enrolment_id=there.id, by=at.home_teacher)

    told = [(one.classroom.name, one.let_in_by and one.let_in_by.id) for one in seen.sign_ins]
    assert told == [("คณิต", at.by.id)]


def test_sessions_of_one_device_add_up_and_each_is_ended_by_its_own_class(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    own = take_home_class(at)
    device = Device(name="Chrome", key="of this phone")
    slips = {
        room.id: make_slips(at.session, at.clock, classroom_id=room.id, by=by)
        for room, by in ((own, at.by), (at.home, at.home_teacher))
    }
    tokens = {
        id_: come_in_by_slip(at.session, at.clock, token=rows[0].token, device=device).token
        for id_, rows in slips.items()
    }
    newest = tokens[at.home.id]
    both = person_of_token(at.session, at.clock, newest, device_key=device.key)
    assert both
    assert both.person.scope.is_whole

    at_home = at.enrolment_in(at.home)
    assert at_home
    remove_pupil(at.session, at.clock, enrolment_id=at_home.id, by=at.home_teacher)

    left = person_of_token(at.session, at.clock, newest, device_key=device.key)
    assert left
    assert left.person.scope.classroom_ids == {own.id}
    assert person_of_token(at.session, at.clock, newest) is None


def test_what_is_sent_with_a_pass_is_not_believed_once_the_class_ended_the_session(
    place: Place,
) -> None:
    token = by_a_slip_of_the_home_class(place)
    assert token
    found = person_of_token(place.session, place.clock, token)
    there = place.enrolment_in(place.home)
    assert found
    assert there

    end_pupil_sign_ins(place.session, place.clock, enrolment_id=there.id, by=place.home_teacher)

    with place.session.begin():
        assert revoked_of(place.session, [found.sign_in.id]) == {found.sign_in.id}


def test_a_pupil_who_became_a_teacher_is_no_more_than_a_pupil_by_the_nod_of_before(
    place: Place,
) -> None:
    token = by_nodding_in_the_home_class(place)
    assert token
    school_id = place.home.school_id
    with place.session.begin():
        give_role(place.session, place.clock, place.victim, RoleName.TEACHER, school_id, None)
    browser = Visitor(place.app)
    browser.sign_in_with(token)

    assert browser.get("/studio/").status_code == 403
    assert browser.get("/account").status_code == 403
