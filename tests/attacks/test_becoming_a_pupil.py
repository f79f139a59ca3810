"""Everybody tries to become a pupil, in every way of letting somebody in.

Generated: who tries, by which way. What a session then reaches of the pupil outside the class
through which it came must be nothing, but for the pupil's home class and school.
"""

from dataclasses import replace
from itertools import product

import pytest

from server.errors import AppError
from server.models.people import Person, RoleName
from server.services.enrolments import (
    PupilChanges,
    edit_pupil,
    enrol_person,
    remove_pupil,
)
from server.services.home_classes import confirm_homes
from server.services.joining import give_role
from server.services.pupil_keys import come_in_by_slip, make_slips
from server.services.pupil_sign_ins import end_pupil_sign_ins, pupil_at_class
from server.services.scopes import person_of_token
from server.services.sign_ins import Device, revoked_of
from tests.attacks.ways_in import (
    EVERYTHING,
    WAYS,
    Place,
    a_class,
    as_attacker,
    by_a_slip_of_the_home_class,
    by_moving_the_home,
    by_nodding_in_the_home_class,
    by_taking_the_home_class,
    lend,
    nodded_in,
    take_home_class,
)
from tests.browsing import Visitor
from tests.builders import a_person, a_school, a_sign_in

ATTACKERS = (
    "subject teacher",
    "home teacher of another class",
    "who stood in yesterday",
    "teacher of another school",
    "teacher of another school where the pupil learns, too",
    "administrator of another school",
    "pupil of the class",
)


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


def test_sessions_in_one_browser_add_up_and_each_is_ended_by_its_own_class(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    own = take_home_class(at)
    slips = [
        make_slips(at.session, at.clock, classroom_id=room.id, by=by)[0].token
        for room, by in ((own, at.by), (at.home, at.home_teacher))
    ]
    first = come_in_by_slip(at.session, at.clock, token=slips[0])
    browser = Device(name="Chrome", key="of this phone", held=first.sign_in)
    newest = come_in_by_slip(at.session, at.clock, token=slips[1], device=browser).token
    both = person_of_token(at.session, at.clock, newest)
    assert both
    assert both.person.scope.is_whole

    at_home = at.enrolment_in(at.home)
    assert at_home
    remove_pupil(at.session, at.clock, enrolment_id=at_home.id, by=at.home_teacher)

    left = person_of_token(at.session, at.clock, newest)
    assert left
    assert left.person.scope.classroom_ids == {own.id}


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
