"""What a sister or brother tries on the phone that they share, and what must never mix."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom
from server.models.people import Person
from server.services.pupil_keys import make_slips
from tests.browsing import Visitor
from tests.builders import StoppedClock

HELD = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def slips(session: Session, clock: StoppedClock, room: Classroom, teacher: Person) -> list[str]:
    made = make_slips(session, clock, classroom_id=room.id, by=teacher)
    return [slip.token for slip in made]


@pytest.fixture
def phone(app: Flask, slips: list[str]) -> Visitor:
    """Return a phone on which Somchai chose his pictures, and then Mali came in."""
    visitor = Visitor(app)
    visitor.send_form(f"/in/{slips[0]}")
    asked = visitor.send_form("/change/aside")
    assert asked.headers["Location"].startswith("/change/pictures")
    visitor.send_form("/change/pictures", picture="3")
    visitor.send_form("/change/pictures", first="3", picture="14")
    visitor.send_form(f"/in/{slips[1]}")
    return visitor


def others(phone: Visitor) -> list[str]:
    return re.findall(r'href="(/change/[0-9a-f-]{36})"', phone.get("/change").text)


def who(phone: Visitor) -> str:
    found = re.search(r"สวัสดี (\S+?)<", phone.get("/home").text)
    return found[1] if found else ""


def test_a_sister_opens_her_brothers_work_without_his_pictures(phone: Visitor) -> None:
    (his,) = others(phone)

    wrong = [phone.send_form(his, first="1", picture=str(n)).status_code for n in range(2, 7)]

    assert wrong == [401] * 4 + [423]
    assert who(phone) == "มะลิ"


def test_a_brother_comes_back_with_his_pictures_and_finds_no_page_of_hers(phone: Visitor) -> None:
    hers = phone.get("/home")
    (his,) = others(phone)

    answer = phone.send_form(his, first="3", picture="14")

    assert answer.headers["Location"] == "/home"
    assert who(phone) == "สมชาย"
    assert hers.headers["Cache-Control"] == "no-store"  # the back button shows nothing of her
    assert "มะลิ" in phone.get("/change").text


def test_a_page_that_was_left_open_sends_nothing_under_the_other_name(phone: Visitor) -> None:
    (his,) = others(phone)
    held = HELD.search(phone.get("/change").text)
    assert held is not None
    phone.send_form(his, first="3", picture="14")
    phone.get("/change")  # a page of his: the browser has another token now

    late = phone.post("/change/aside", data={"csrf_token": held[1]})

    assert late.status_code == 400
    assert who(phone) == "สมชาย"


def test_signing_one_out_keeps_what_the_phone_holds_for_the_other(
    phone: Visitor, slips: list[str]
) -> None:
    one = phone.send_form("/sign-out")
    left = phone.get("/change").text
    everybody = phone.send_form("/change/sign-out-all")

    assert one.headers["Location"] == "/change"
    assert "Clear-Site-Data" not in one.headers
    assert "สมชาย" in left
    assert "มะลิ" not in left
    assert everybody.headers["Clear-Site-Data"] == '"storage"'
    assert others(phone) == []


def test_a_stranger_with_the_address_of_a_change_gets_nothing(app: Flask, phone: Visitor) -> None:
    (his,) = others(phone)
    stranger = Visitor(app)

    assert stranger.get(his).status_code == 404
    assert stranger.send_form(his, first="3", picture="14").status_code == 404
    assert "สมชาย" not in stranger.get("/change").text
