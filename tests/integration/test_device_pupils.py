"""Pupils of one home on one phone, on both databases: who is kept, and how they change."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from server.errors import Conflict, NotAllowed, NotFound, WrongPassword
from server.models.classrooms import SecretKind
from server.models.people import Person, RoleName
from server.request_context import RequestSession
from server.services.classrooms import ClassroomFacts, create_classroom, edit_classroom
from server.services.device_pupils import (
    change_pupil,
    choose_own_pictures,
    note_arrival,
    pupils_here,
    sign_out_everybody,
)
from server.services.enrolments import add_names
from server.services.people import sign_in, sign_out_here
from server.services.pupil_keys import KeyLocked, Slip, come_in_by_slip, make_slips, unlock
from server.services.scopes import person_of_token
from server.services.sign_ins import Device, SignInResult
from tests.builders import PASSWORD, StoppedClock, a_person, a_school
from tests.write_guard import building

PHONE, OTHER_PHONE = Device(key="the phone of the home"), Device(key="another phone")
CHILDREN = ("กบ", "ขวัญ", "คำ", "จันทร์", "ฉาย", "ชัย", "ดำ")
NAMES = "\n".join(f"{number} ด.ช. {name} ใจดี" for number, name in enumerate(CHILDREN, 1))
HIS = "3 14"  # pictures


class Home:
    """Children of one classroom who use one phone."""

    def __init__(self, engine: Engine, clock: StoppedClock, session: Session) -> None:
        self.engine, self.clock, self.session = engine, clock, session
        school = a_school(session)
        self.teacher = a_person(session, RoleName.TEACHER, school)
        facts = ClassroomFacts(name="ป.4", grades=["P4"])
        self.room = create_classroom(
            session, clock, school_id=school.id, facts=facts, by=self.teacher
        )
        add_names(session, clock, classroom_id=self.room.id, text=NAMES, by=self.teacher)
        self.slips = self.print_slips()

    def print_slips(self) -> list[Slip]:
        return make_slips(self.session, self.clock, classroom_id=self.room.id, by=self.teacher)

    def give_numbers(self) -> None:
        facts = ClassroomFacts(name="ป.4", grades=["P4"], secret_kind=SecretKind.PIN)
        edit_classroom(
            self.session, self.clock, classroom_id=self.room.id, facts=facts, by=self.teacher
        )
        self.slips = self.print_slips()

    def come_in(self, number: int, device: Device = PHONE) -> SignInResult:
        self.clock.forward(seconds=1)
        token = self.slips[number].token
        result = come_in_by_slip(self.session, self.clock, token=token, device=device)
        note_arrival(self.session, self.clock, device=device, person_id=result.person.id)
        return result

    def choose(self, by: Person, secret: str = HIS) -> None:
        choose_own_pictures(self.session, self.clock, device=PHONE, by=by, secret=secret)

    def change(self, person: Person, secret: str, device: Device = PHONE) -> SignInResult:
        return change_pupil(
            self.session, self.clock, device=device, person_id=person.id, secret=secret
        )

    def here(self, device: Device = PHONE) -> list[tuple[str, SecretKind]]:
        found = pupils_here(self.session, self.clock, device=device)
        return [(each.person.display_name, each.asks) for each in found]

    def is_open(self, token: str) -> bool:
        return person_of_token(self.session, self.clock, token) is not None


@pytest.fixture
def home(engine: Engine, clock: StoppedClock) -> Iterator[Home]:
    with building(engine) as session:
        yield Home(engine, clock, session)


def test_two_children_are_kept_on_a_phone_each_behind_pictures_of_their_own(home: Home) -> None:
    first = home.come_in(0)
    home.choose(first.person)
    second = home.come_in(1)

    assert home.here() == [("ขวัญ ใจดี", SecretKind.NONE), ("กบ ใจดี", SecretKind.PICTURE)]
    assert home.here(OTHER_PHONE) == []
    again = home.change(first.person, HIS)
    assert again.person.id == first.person.id
    assert again.sign_in.id == first.sign_in.id  # as far as before, and no longer
    assert home.is_open(again.token)
    assert not home.is_open(first.token)  # no cookie of before opens it
    assert home.is_open(second.token)


def test_who_chose_no_pictures_comes_back_by_slip_only(home: Home) -> None:
    first = home.come_in(0)
    home.come_in(1)

    with pytest.raises(NotFound):
        home.change(first.person, "1 2")


def test_four_wrong_pictures_lock_until_the_child_comes_in_anew(home: Home) -> None:
    first = home.come_in(0)
    home.choose(first.person)
    home.come_in(1)

    for _ in range(4):
        with pytest.raises(WrongPassword):
            home.change(first.person, "14 3")
    with pytest.raises(KeyLocked):
        home.change(first.person, HIS)

    home.come_in(0)
    home.change(first.person, HIS)


def test_guesses_at_once_are_counted_one_by_one(home: Home) -> None:
    first = home.come_in(0)
    home.choose(first.person)
    home.come_in(1)

    def guess(number: int) -> str:
        with RequestSession(home.engine, info={"changes": True}) as own:
            try:
                pictures = f"1 {number + 1}"
                change_pupil(
                    own, home.clock, device=PHONE, person_id=first.person.id, secret=pictures
                )
            except (WrongPassword, KeyLocked) as told:
                return told.code
        return "right"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(guess, range(12)))

    assert sorted(told) == ["key_locked"] * 8 + ["wrong_password"] * 4


def test_a_number_that_the_class_gave_is_asked_and_locks_as_on_tablets(home: Home) -> None:
    home.give_numbers()
    first = home.come_in(0)
    home.come_in(1)

    assert [asks for _name, asks in home.here()] == [SecretKind.PIN] * 2
    with pytest.raises(Conflict):
        home.choose(first.person)
    for _ in range(4):
        with pytest.raises(WrongPassword):
            home.change(first.person, "x")
    with pytest.raises(KeyLocked):
        home.change(first.person, home.slips[0].secret)
    unlock(home.session, home.clock, enrolment_id=home.slips[0].enrolment.id, by=home.teacher)
    home.change(first.person, home.slips[0].secret)


def test_of_seven_children_the_first_is_kept_no_longer(home: Home) -> None:
    tokens = [home.come_in(number).token for number in range(7)]

    assert len(home.here()) == 6
    assert [home.is_open(token) for token in tokens] == [False] + [True] * 6


def test_signing_out_takes_one_off_or_all(home: Home) -> None:
    one, two, three = (home.come_in(number) for number in range(3))

    sign_out_here(home.session, home.clock, sign_in_id=two.sign_in.id, by=two.person)
    assert [home.is_open(each.token) for each in (one, two, three)] == [True, False, True]
    sign_out_everybody(home.session, home.clock, device=PHONE)
    assert home.here() == []
    assert not home.is_open(one.token)


def test_a_teacher_is_never_kept_beside_pupils(home: Home) -> None:
    home.come_in(0)
    user_name = home.teacher.user_name
    hers = sign_in(home.session, home.clock, user_name=user_name, password=PASSWORD, device=PHONE)

    assert [name for name, _asks in home.here()] == ["กบ ใจดี"]
    with pytest.raises(NotAllowed):
        home.choose(home.teacher)
    with pytest.raises(NotFound):
        home.change(home.teacher, "1 2")
    assert home.is_open(hers.token)


def test_nobody_changes_to_a_pupil_of_another_phone(home: Home) -> None:
    first = home.come_in(0)
    home.choose(first.person)
    home.come_in(1, OTHER_PHONE)

    with pytest.raises(NotFound):
        home.change(first.person, "3 14", OTHER_PHONE)
    with pytest.raises(NotFound):
        home.change(first.person, "3 14", Device())
