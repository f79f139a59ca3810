"""Strangers guess: at once, in several processes, past a restart, and to lock somebody out."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.models.classrooms import Classroom, SecretKind
from server.models.people import Person, SignIn
from server.models.tries import KnownDevice
from server.services.pupil_keys import make_slips
from server.settings import Settings
from tests.attacks.browser import Browser
from tests.browsing import Visitor
from tests.builders import PASSWORD, StoppedClock, a_person
from tests.services.product import Product, running_product

SignedIn = Callable[[Person], Visitor]
WRONG = "not the password"


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> dict[str, str]:
    of_postgres = request.param == "postgresql"
    return {"DATABASE_URL": request.getfixturevalue("postgres_url")} if of_postgres else {}


@pytest.mark.slow
def test_a_hundred_guesses_at_once_in_two_processes_are_judged_ten_times(
    databases: dict[str, str], tmp_path: Path
) -> None:
    web = ("web",)
    with running_product(tmp_path, options=databases, arguments=web) as one:
        with one.session() as session:
            teacher = a_person(session)
        with running_product(tmp_path, options=databases, arguments=web, is_set_up=False) as other:
            answers = _guess_at_once([one, other], teacher.user_name)
        one.kill()
        one.start()
        after_restart = _browser(one).send_form(
            "/sign-in", user_name=teacher.user_name, password=PASSWORD
        )

        with one.session() as session:
            signed_in = session.scalar(select(func.count(SignIn.id)))

    assert Counter(answers) == {(401, False): 10, (429, True): 90}
    assert (after_restart.status, signed_in) == (429, 0)


def _guess_at_once(products: list[Product], user_name: str) -> list[tuple[int, bool]]:
    """Send a hundred wrong passwords; return each status, and whether it says when to come back."""
    browsers = [_browser(product) for product in products]

    def guess(number: int) -> tuple[int, bool]:
        browser = browsers[number % len(browsers)]
        answer = browser.send_form("/sign-in", user_name=user_name, password=f"{WRONG} {number}")
        seconds = int(answer.headers.get("retry-after", "0"))
        return answer.status, 0 < seconds <= 600 and "นาที" in answer.text

    with ThreadPoolExecutor(100) as threads:
        return list(threads.map(guess, range(100)))


def _browser(product: Product) -> Browser:
    browser = Browser(product.port)
    browser.open("/sign-in")
    return browser


def sign_in_as(visitor: Visitor, person: Person, password: str = PASSWORD) -> TestResponse:
    return visitor.send_form("/sign-in", user_name=person.user_name, password=password)


def guess_often(app: Flask, person: Person, count: int = 12) -> list[int]:
    stranger = Visitor(app)
    return [sign_in_as(stranger, person, WRONG).status_code for _ in range(count)]


def test_ten_wrong_tries_at_the_schools_address_lock_out_strangers_but_not_the_teacher(
    app: Flask, session: Session, teacher: Person
) -> None:
    at_her_desk = Visitor(app)
    sign_in_as(at_her_desk, teacher)
    at_her_desk.send_form("/sign-out")

    tried = guess_often(app, teacher)

    assert tried == [401] * 10 + [429] * 2
    assert sign_in_as(Visitor(app), teacher).status_code == 429  # a browser that is new to her
    assert sign_in_as(at_her_desk, teacher).status_code == 303


def test_a_known_device_is_known_for_its_person_alone_and_counts_there_too(
    app: Flask, session: Session, teacher: Person
) -> None:
    colleague = a_person(session)
    colleagues_desk = Visitor(app)
    sign_in_as(colleagues_desk, colleague)
    colleagues_desk.send_form("/sign-out")
    guess_often(app, teacher)

    of_teacher = sign_in_as(colleagues_desk, teacher, WRONG).status_code
    own = [sign_in_as(colleagues_desk, colleague, WRONG).status_code for _ in range(12)]

    assert of_teacher == 429
    assert own == [401] * 10 + [429] * 2
    assert sign_in_as(Visitor(app), colleague).status_code == 303  # elsewhere nothing was counted


@pytest.mark.parametrize("how", ["everywhere", "password", "lost"])
def test_a_device_is_known_no_more_when_its_person_ends_it(
    app: Flask, session: Session, teacher: Person, how: str
) -> None:
    lost, own = Visitor(app), Visitor(app)
    sign_in_as(lost, teacher)
    lost_id = session.scalars(select(SignIn.id).order_by(SignIn.id)).one()
    session.rollback()
    sign_in_as(own, teacher)
    paths: dict[str, tuple[str, dict[str, Any]]] = {
        "everywhere": ("/account/sign-ins/end-others", {}),
        "password": ("/account/password", {"password_old": PASSWORD, "password": PASSWORD}),
        "lost": (f"/account/sign-ins/{lost_id}/end", {}),
    }
    path, fields = paths[how]

    own.send_form(path, **fields)

    guess_often(app, teacher)
    assert sign_in_as(lost, teacher).status_code == 429
    own.send_form("/sign-out")
    assert sign_in_as(own, teacher).status_code == 303


def test_a_planted_device_cookie_is_worth_nothing_after_its_victim_came_in(
    app: Flask, session: Session, teacher: Person
) -> None:
    here, stranger = Visitor(app), Visitor(app)
    for visitor in (here, stranger):
        visitor.set_cookie("khlang_device", "planted")
    sign_in_as(here, teacher)
    sign_in_as(here, teacher)
    guess_often(app, teacher)

    assert sign_in_as(stranger, teacher).status_code == 429
    assert len(session.scalars(select(KnownDevice)).all()) == 1


def test_the_devices_of_a_person_are_bounded(
    app: Flask, session: Session, clock: StoppedClock, teacher: Person
) -> None:
    for _ in range(25):
        clock.forward(minutes=1)
        sign_in_as(Visitor(app), teacher)

    assert len(session.scalars(select(KnownDevice)).all()) == 20


def test_a_name_that_nobody_has_is_answered_like_one_that_somebody_has(
    app: Flask, session: Session, teacher: Person
) -> None:
    known, unknown = Visitor(app), Visitor(app)

    for _ in range(12):
        answers = [
            browser.send_form("/sign-in", user_name=name, password=WRONG)
            for browser, name in ((known, teacher.user_name), (unknown, "nobody-at-all"))
        ]
        texts = [answer.text.replace("nobody-at-all", teacher.user_name) for answer in answers]

        assert answers[0].status_code == answers[1].status_code
        assert answers[0].headers.get("Retry-After") == answers[1].headers.get("Retry-After")
        assert _without_token(texts[0]) == _without_token(texts[1])


def _without_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrf_token" not in line)


def test_spelling_a_name_otherwise_gives_no_more_tries(
    app: Flask, session: Session, teacher: Person
) -> None:
    stranger, name = Visitor(app), teacher.user_name

    tried = [
        stranger.send_form("/sign-in", user_name=spelt, password=WRONG).status_code
        for spelt in (name, name.upper(), f" {name}", name.title()) * 3
    ]

    assert tried == [401] * 10 + [429] * 2


def test_the_present_password_is_not_guessed_by_who_found_the_device(
    sign_in: SignedIn, teacher: Person
) -> None:
    finder = sign_in(teacher)
    change = {"password": "a new one of the finder"}

    tried = [
        finder.send_form("/account/password", password_old=f"{WRONG} {n}", **change).status_code
        for n in range(12)
    ]

    assert tried == [422] * 10 + [429] * 2
    refused = finder.send_form("/account/password", password_old=PASSWORD, **change)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == 600


def test_a_new_password_that_is_refused_is_no_wrong_guess(
    sign_in: SignedIn, teacher: Person
) -> None:
    visitor = sign_in(teacher)

    tried = [
        visitor.send_form("/account/password", password_old=PASSWORD, password="x").status_code  # noqa: S106
        for _ in range(12)
    ]

    assert tried == [422] * 12


def test_guesses_at_pictures_are_counted_in_the_database(
    app: Flask, session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    with session.begin():
        session.get_one(Classroom, room.id).secret_kind = SecretKind.PIN
    slips = make_slips(session, clock, classroom_id=room.id, by=teacher)
    stranger = Visitor(app)
    path = f"/join/{room.token}/pupils/{slips[0].enrolment.id}"

    tried = [stranger.send_form(path, secret="no") for _ in range(5)]  # noqa: S106

    assert [answer.status_code for answer in tried] == [401, 401, 401, 401, 423]


def test_the_setup_code_is_not_guessed(
    bare_app: Flask, settings: Settings, session: Session
) -> None:
    stranger = Visitor(bare_app)
    stranger.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    fields = {"office_name": "x", "user_name": "stranger", "password": PASSWORD}

    tried = [
        stranger.send_form("/first-run", setup_code=f"{n}", **fields).status_code for n in range(12)
    ]

    assert tried == [422] * 10 + [429] * 2
