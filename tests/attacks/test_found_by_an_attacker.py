"""What an attacker found of sessions, homes and consents once classes had scopes."""

from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.errors import LinkExpired, NotAllowed, NotFound
from server.models.classrooms import Classroom
from server.models.lessons import Visibility
from server.models.people import Person, Role, RoleName, SignInWay
from server.services.assignments import Recipients, Task, give_lesson
from server.services.class_joining import Joiner, ask_to_join, claim_session, confirm
from server.services.classrooms import ClassroomFacts, create_classroom, edit_classroom
from server.services.consents import consents_of, tick_consents, withdraw_consent
from server.services.enrolments import (
    PupilChanges,
    add_names,
    edit_pupil,
    enrol_person,
    remove_pupil,
)
from server.services.hand_ins import Verdict, get_hand_in, mark_hand_in
from server.services.home_classes import confirm_homes, home_questions, take_home_classes
from server.services.scopes import person_of_token
from tests.attacks.ways_in import (
    EVERYTHING,
    VICTIM,
    Place,
    a_class,
    as_attacker,
    by_a_slip_of_the_home_class,
    by_nodding_in_the_home_class,
    lend,
    newest_request,
    slip_of,
    take_home_class,
)
from tests.browsing import Visitor
from tests.builders import StoppedClock, a_person, a_school, a_sign_in
from tests.given_class import Class, a_given_class


def test_a_copied_secret_of_the_device_adds_nothing(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    own = take_home_class(at)
    tablet, copy = Visitor(at.app), Visitor(at.app)
    tablet.get("/change")  # the attacker was here first, and copies the cookie
    with tablet.session_transaction() as there, copy.session_transaction() as here:
        here.update(dict(there))
    tablet.send_form(f"/in/{slip_of(at, at.home, at.home_teacher)}")  # then the pupil comes in
    assert tablet.get("/account").status_code == 200

    copy.send_form(f"/in/{slip_of(at, own, at.by)}")

    assert copy.get("/account").status_code == 403


def test_an_older_token_gains_nothing_by_what_begins_beside_it_later(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    own = take_home_class(at)
    tablet, copy = Visitor(at.app), Visitor(at.app)
    tablet.send_form(f"/in/{slip_of(at, own, at.by)}")  # left signed in, and copied
    with tablet.session_transaction() as there, copy.session_transaction() as here:
        here.update(dict(there))

    tablet.send_form(f"/in/{slip_of(at, at.home, at.home_teacher)}")  # then the pupil comes in

    assert tablet.get("/account").status_code == 200
    assert copy.get("/account").status_code == 403


def test_a_nod_under_a_name_that_is_put_aside_opens_no_account(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    own = take_home_class(at)
    phone = Visitor(at.app)
    phone.send_form(f"/in/{slip_of(at, at.home, at.home_teacher)}")
    phone.send_form("/change/pictures", first="3", picture="14")
    assert phone.get("/account").status_code != 200

    phone.send_form(f"/in/{slip_of(at, own, at.by)}")

    assert phone.get("/account").status_code == 403


def test_who_left_the_other_school_has_the_account_at_home_again(place: Place) -> None:
    session, clock = place.session, place.clock
    elsewhere = a_school(session)
    teacher = a_person(session, school=elsewhere)
    there = a_class(session, clock, elsewhere, teacher, "ชุมนุม")
    with session.begin():
        row = enrol_person(session, clock, there, place.victim)
    remove_pupil(session, clock, enrolment_id=row.id, by=teacher)

    assert place.reached(by_a_slip_of_the_home_class(place)) == EVERYTHING


def test_another_school_does_not_rename_the_pupil_at_home_there_later(place: Place) -> None:
    session, clock = place.session, place.clock
    elsewhere = a_school(session)
    admin = a_person(session, RoleName.SCHOOL_ADMIN, elsewhere)
    there = a_class(session, clock, elsewhere, a_person(session, school=elsewhere), "ป.4/1")
    with session.begin():
        row = enrol_person(session, clock, there, place.victim)
    clock.forward(minutes=1)
    chosen: dict[UUID, UUID | None] = {place.victim.id: there.id}
    confirm_homes(session, clock, school_id=elsewhere.id, chosen=chosen, by=admin)

    changes = PupilChanges(name="ด.ช. ชื่ออื่น นามอื่น")
    edit_pupil(session, clock, enrolment_id=row.id, changes=changes, by=admin)

    assert place.victim.display_name == "สมชาย ใจดี"


def test_a_class_of_next_year_that_took_nobody_is_not_proposed_as_home(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    facts = ClassroomFacts(name="ป.5/9", grades=["P5"], academic_year=at.home.academic_year + 1)
    later = create_classroom(
        at.session, at.clock, school_id=at.home.school_id, facts=facts, by=at.by
    )
    take_home_class(replace(at, own=later))

    assert at.enrolment_in(later) is None
    assert home_questions(at.session, school_id=at.home.school_id, by=at.school_admin) == []


def test_the_home_as_it_is_is_proposed_before_another_class(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    names = {at.home.id: "ห้องครูสมศรี", at.own.id if at.own else at.home.id: "ป.4/9"}
    for room_id, name in names.items():
        by = at.home_teacher if room_id == at.home.id else at.by
        facts = ClassroomFacts(name=name, grades=["P4"])
        edit_classroom(at.session, at.clock, classroom_id=room_id, facts=facts, by=by)
    room_id = at.own.id if at.own else at.home.id
    add_names(at.session, at.clock, classroom_id=room_id, text=VICTIM, by=at.by)

    (asked,) = home_questions(at.session, school_id=at.home.school_id, by=at.school_admin)

    assert asked.suggested_id == at.home.id


def test_whom_the_school_took_out_does_not_come_back_by_typing(place: Place) -> None:
    there = place.enrolment_in(place.home)
    assert there
    remove_pupil(place.session, place.clock, enrolment_id=there.id, by=place.school_admin)

    added = add_names(
        place.session,
        place.clock,
        classroom_id=place.home.id,
        text=VICTIM,
        by=place.home_teacher,
    )

    assert added == []


def test_a_nod_of_who_teaches_there_no_more_lets_nobody_in(place: Place) -> None:
    at = as_attacker(place, "subject teacher")
    own = take_home_class(at)
    there = at.enrolment_in(own)
    assert there
    joiner = Joiner(enrolment_id=there.id)
    waiting = ask_to_join(at.session, at.clock, token=own.token, joiner=joiner)
    confirm(at.session, at.clock, request_id=newest_request(at.session), as_id=None, by=at.by)
    with at.session.begin():
        at.session.execute(delete(Role).where(Role.person_id == at.by.id))
    at.session.expire_all()

    with pytest.raises(LinkExpired):
        claim_session(at.session, at.clock, token=waiting)


@pytest.mark.parametrize(
    "who", ["subject teacher", "teacher of another school where the pupil learns, too"]
)
def test_a_familys_consent_is_the_home_classs_to_keep(place: Place, who: str) -> None:
    at = as_attacker(place, who)
    own = take_home_class(at)
    theirs = at.enrolment_in(own)
    assert theirs
    reaches: dict[UUID, Visibility | None] = {theirs.id: Visibility.PUBLIC}

    ticked = tick_consents(
        at.session, at.clock, classroom_id=own.id, reaches=reaches, seen={}, by=at.by
    )

    with at.session.begin():
        assert list(consents_of(at.session, person_id=at.victim.id)) == []
    assert ticked.moved == []
    with pytest.raises(NotAllowed):
        withdraw_consent(at.session, at.clock, enrolment_id=theirs.id, by=at.by)


def test_whom_a_substitute_let_in_goes_with_the_loan(place: Place) -> None:
    substitute = a_person(place.session, RoleName.TEACHER, place.home.school)
    lend(place, substitute)
    by = signed_in_as(place, substitute)
    at = replace(place, by=by)
    token = by_nodding_in_the_home_class(at)
    meanwhile = at.reached(token)
    place.clock.forward(days=1)

    assert meanwhile == {"home"}
    assert at.reached(token) == set()


def signed_in_as(place: Place, person: Person) -> Person:
    """Return the person with the scope of a fresh session, as a request has them."""
    token = a_sign_in(place.session, person, place.clock())
    found = person_of_token(place.session, place.clock, token)
    assert found
    return found.person


@pytest.fixture
def klass(session: Session, app: Flask, clock: StoppedClock) -> Class:
    return a_given_class(session, app.extensions["khlang"], clock)


def a_subject_class(klass: Class) -> tuple[Person, Classroom]:
    """Return a colleague and her class, with the same pupils, who gives the same lesson later."""
    klass.clock.forward(minutes=1)
    by = a_person(klass.db, RoleName.TEACHER, klass.room.school)
    own = a_class(klass.db, klass.clock, klass.room.school, by, "คณิต")
    take_home_classes(klass.db, klass.clock, classroom_id=own.id, home_ids=[klass.room.id], by=by)
    to = [Recipients(classroom_id=own.id)]
    give_lesson(klass.db, klass.clock, lesson_id=klass.lesson_id, to=to, task=Task(), by=by)
    return by, own


def test_giving_the_same_lesson_shows_and_marks_nothing_that_was_done_at_home(
    klass: Class,
) -> None:
    row_id = klass.hand_in("เรื่องของฉันที่บ้าน").id
    by, _own = a_subject_class(klass)

    with pytest.raises(NotFound):
        get_hand_in(klass.db, hand_in_id=row_id, by=by)
    verdict = Verdict(comment="แย่", mark=0)
    with pytest.raises(NotFound):
        mark_hand_in(klass.db, klass.clock, hand_in_id=row_id, verdict=verdict, by=by)
    assert get_hand_in(klass.db, hand_in_id=row_id, by=klass.teacher).mark is None


def test_a_session_of_the_subject_class_does_not_change_what_was_handed_in_at_home(
    klass: Class,
) -> None:
    row_id = klass.hand_in("เรื่องของฉันที่บ้าน").id
    _by, own = a_subject_class(klass)
    pupil = klass.pupils[0]
    token = a_sign_in(klass.db, pupil, klass.clock(), classroom_id=own.id, way=SignInWay.TEACHER)
    found = person_of_token(klass.db, klass.clock, token)
    assert found
    assert not found.person.scope.is_whole

    with pytest.raises(NotFound):
        get_hand_in(klass.db, hand_in_id=row_id, by=found.person)
    with pytest.raises(NotAllowed):
        klass.hand_in("แทนที่แล้ว", by=found.person)
