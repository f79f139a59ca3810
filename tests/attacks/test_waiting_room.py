"""What a stranger tries who has a class code: to be an absent child, to block, to read names."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom, Enrolment
from server.models.people import Person
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names
from tests.browsing import Visitor
from tests.builders import StoppedClock, another_picture, the_picture

NAMES = ("สมชาย", "มะลิ", "ปิติ", "ใจดี", "ณ อยุธยา", "ชูใจ")


class Outside:
    """Browsers behind one address each."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def browser(self, address: str = "203.0.113.7") -> Visitor:
        visitor = Visitor(self.app)
        visitor.environ_base["REMOTE_ADDR"] = address
        return visitor


@pytest.fixture
def outside(app: Flask) -> Outside:
    return Outside(app)


@pytest.fixture
def hers(sign_in: Callable[[Person], Visitor], teacher: Person) -> Visitor:
    return sign_in(teacher)


def member(session: Session, given_name: str) -> str:
    wanted = select(Enrolment.id).join(Person).where(Person.display_name.startswith(given_name))
    with session.begin():
        return str(session.scalars(wanted).one())


def wait_as(browser: Visitor, room: Classroom, pupil: str) -> None:
    answer = browser.send_form(f"/join/{room.token}", pupil=pupil)
    assert answer.headers["Location"] == "/waiting"


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def pick(browser: Visitor, picture: int) -> int:
    return browser.send_form("/waiting", picture=str(picture)).status_code


def is_in(browser: Visitor) -> bool:
    return browser.get("/waiting").headers.get("Location") == "/home"


def confirm_all(hers: Visitor, room: Classroom) -> None:
    hers.send_form(f"/classrooms/{room.id}/confirm")


def test_a_stranger_waits_as_an_absent_child_when_the_teacher_confirms_all(
    outside: Outside, hers: Visitor, session: Session, clock: StoppedClock, room: Classroom
) -> None:
    stranger, pupil = outside.browser(), outside.browser("198.51.100.1")
    wait_as(stranger, room, member(session, "ปิติ"))  # who is ill at home
    wait_as(pupil, room, member(session, "สมชาย"))
    pick(pupil, the_picture(room, clock()))

    confirm_all(hers, room)

    assert is_in(pupil)
    assert not is_in(stranger)
    page = hers.get(f"/classrooms/{room.id}").text
    assert "ปิติ" in page
    assert "ยังไม่ได้เลือกรูป" in page


def test_a_stranger_tries_all_pictures_on_one_device_and_from_fresh_ones(
    outside: Outside, hers: Visitor, session: Session, clock: StoppedClock, room: Classroom
) -> None:
    pupil = member(session, "ปิติ")
    right = the_picture(room, clock())
    one = outside.browser()
    wait_as(one, room, pupil)
    tried = [pick(one, picture) for picture in range(1, 17) if picture != right]
    for picture in range(1, 17):  # the last guesses are right
        fresh = outside.browser()
        wait_as(fresh, room, pupil)
        pick(fresh, picture)

    confirm_all(hers, room)

    assert tried[:3] == [422, 303, 303]  # told once that it was wrong; then nothing
    assert not is_in(fresh)
    assert "เลือกรูปผิด" in hers.get(f"/classrooms/{room.id}").text


def test_a_stranger_guesses_for_one_child_from_many_addresses(
    outside: Outside, hers: Visitor, session: Session, clock: StoppedClock, room: Classroom
) -> None:
    pupil, right = member(session, "ปิติ"), the_picture(room, clock())
    wrong = another_picture(room, clock())
    first, lucky = outside.browser("203.0.113.1"), outside.browser("192.0.2.9")
    wait_as(first, room, pupil)
    pick(first, wrong)
    first.send_form(f"/join/{room.token}", typed_name="คนอื่น")  # out of the way
    wait_as(lucky, room, pupil)
    pick(lucky, right)

    confirm_all(hers, room)

    assert not is_in(lucky)


def test_a_stranger_fills_the_waiting_room_from_several_addresses(
    outside: Outside, hers: Visitor, session: Session, clock: StoppedClock, room: Classroom
) -> None:
    early = outside.browser("198.51.100.1")
    wait_as(early, room, member(session, "สมชาย"))
    for number in range(204):
        flooder = outside.browser(f"203.0.113.{number % 3}")
        answer = flooder.send_form(f"/join/{room.token}", typed_name="ใครก็ได้")
        assert answer.status_code == 303

    late = outside.browser("198.51.100.1")
    wait_as(late, room, member(session, "มะลิ"))
    for pupil in (early, late):
        assert pick(pupil, the_picture(room, clock())) == 303
    confirm_all(hers, room)

    assert is_in(early)
    assert is_in(late)


def test_a_stranger_who_hits_a_code_that_was_left_open_reads_no_name(
    outside: Outside, hers: Visitor, session: Session, clock: StoppedClock, room: Classroom
) -> None:
    hers.send_form(f"/classrooms/{room.id}/code", action="open")
    clock.forward(hours=2)
    stranger = outside.browser()

    there = stranger.send_form("/join", code=room.code).headers["Location"]
    page = stranger.get(there).text
    told = set()
    for number, name in ((2, "มะลิ"), (3, "มะลิ"), (2, "ใครก็ได้")):
        stranger.send_form(there, typed_number=str(number), typed_name=name)
        told.add(main_of(stranger.get("/waiting").text).replace(name, "…"))

    assert not [name for name in NAMES if name in page]
    assert len(told) == 1  # right or wrong, the page says the same
    confirm_all(hers, room)
    assert not is_in(stranger)


def test_a_stranger_who_hits_the_code_of_small_children_reads_no_name(
    outside: Outside,
    hers: Visitor,
    session: Session,
    clock: StoppedClock,
    room: Classroom,
    teacher: Person,
) -> None:
    facts = ClassroomFacts(name="ป.2", grades=["P2"])
    small = create_classroom(session, clock, school_id=room.school_id, facts=facts, by=teacher)
    add_names(session, clock, classroom_id=small.id, text="1 ด.ญ. ฟ้าใส งามตา", by=teacher)
    stranger = outside.browser()

    assert stranger.send_form("/join", code=small.code).status_code == 422  # it was not opened
    hers.send_form(f"/classrooms/{small.id}/code", action="open_room")
    there = stranger.send_form("/join", code=small.code).headers["Location"]

    assert "ฟ้าใส" not in stranger.get(there).text


def test_a_stranger_keeps_the_link_and_comes_back_after_the_lesson(
    outside: Outside, clock: StoppedClock, room: Classroom, hers: Visitor
) -> None:
    stranger = outside.browser()
    assert "สมชาย" in stranger.get(f"/join/{room.token}").text
    hers.send_form(f"/classrooms/{room.id}/code", action="open")

    clock.forward(hours=2)

    assert "สมชาย" not in stranger.get(f"/join/{room.token}").text


def test_a_stranger_types_a_script_as_a_name(outside: Outside, room: Classroom) -> None:
    answer = outside.browser().send_form(f"/join/{room.token}", typed_name="<script>x</script>")

    assert answer.status_code == 422
    assert "พิมพ์ชื่อด้วยตัวอักษรเท่านั้น" in answer.text
    assert "<script>x" not in answer.text
