"""Reports of what was watched, as browsers send them."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName
from server.models.progress import WatchProgress
from server.wiring import Wiring
from tests.asgi_client import Answer, AsgiClient
from tests.browsing import Visitor
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    a_progress,
    a_ready_asset,
    an_original,
)

Browse = Callable[[Person], Visitor]


@pytest.fixture
def lesson(session: Session) -> Lesson:
    teacher = a_person(session)
    original = an_original(session, teacher, a_ready_asset(session, duration_s=600))
    return a_lesson(
        session, teacher, original=original, published=True, visibility=Visibility.PUBLIC
    )


@pytest.fixture
def pupil(session: Session) -> Person:
    return a_person(session, RoleName.STUDENT)


@pytest.fixture
def progress_pass(sign_in: Browse, pupil: Person, lesson: Lesson, clock: StoppedClock) -> str:
    """What playback answered to the pupil, a minute ago."""
    signed: str = begin(sign_in(pupil), lesson)
    clock.forward(minutes=1)
    return signed


@pytest.fixture
def server(app: Flask, wiring: Wiring) -> AsgiClient:
    return AsgiClient(app, wiring)


def begin(visitor: Visitor, lesson: Lesson, **wish: Any) -> Any:
    answer = visitor.send_json(f"/api/v1/lessons/{lesson.id}/playback", wish)
    return answer.get_json()["progress_pass"]


def a_report(progress_pass: str, **changes: Any) -> bytes:
    report = {"pass": progress_pass, "ranges": [[0, 12.5]], "position_s": 12.5, "age_s": 0.2}
    return json.dumps({**report, **changes}).encode()


def covered(session: Session) -> list[str]:
    return list(session.scalars(select(WatchProgress.covered)))


def test_a_report_is_written_when_it_is_answered(
    session: Session, server: AsgiClient, progress_pass: str, pupil: Person
) -> None:
    answer = server.call("POST", "/progress", body=[a_report(progress_pass)])

    assert (answer.status, answer.body) == (204, b"")
    assert covered(session) == ["0-13"]
    assert session.scalar(select(WatchProgress.person_id)) == pupil.id


def test_reports_that_come_together_are_written_together_and_each_is_answered(
    session: Session, server: AsgiClient, sign_in: Browse, lesson: Lesson, clock: StoppedClock
) -> None:
    pupils = [a_person(session, RoleName.STUDENT) for _ in range(5)]
    passes = [begin(sign_in(each), lesson) for each in pupils]
    clock.forward(minutes=1)
    bodies = [a_report(each) for each in passes]
    bodies.insert(2, a_report(passes[0], ranges=[[0, 500]]))  # faster than can be

    async def send_all() -> list[Answer]:
        sent = [server.answer("POST", "/progress", [body]) for body in bodies]
        return await asyncio.gather(*sent)

    answers = asyncio.run(send_all())

    assert [answer.status for answer in answers] == [204, 204, 422, 204, 204, 204]
    assert covered(session) == ["0-13"] * 5


def test_guests_and_teachers_tools_get_no_pass(
    client: Visitor, sign_in: Browse, lesson: Lesson
) -> None:
    assert begin(client, lesson) is None
    assert begin(sign_in(lesson.owner), lesson, wants_all=True) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"ranges": [[5, 2]]},
        {"ranges": [[0, 1, 2]]},
        {"ranges": [["0", "5"]]},
        {"ranges": [[-5, 5]]},
        {"ranges": [[0, 1]] * 201},
        {"ranges": {"0": 5}},
        {"position_s": None},
        {"position_s": True},
        {"position_s": -1},
        {"position_s": 1e300},
        {"age_s": -1},
        {"age_s": float("nan")},
        {"age_s": float("inf")},
        {"pass": 5},
    ],
)
def test_nonsense_is_refused(
    session: Session, server: AsgiClient, progress_pass: str, changes: dict[str, Any]
) -> None:
    answer = server.call("POST", "/progress", body=[a_report(progress_pass, **changes)])

    assert (answer.status, answer.code) == (400, "bad_report")
    assert covered(session) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"{" * 5000, b"[" * 5000, b"{}"])
def test_what_is_no_report_at_all_is_refused(server: AsgiClient, body: bytes) -> None:
    answer = server.call("POST", "/progress", body=[body])

    assert (answer.status, answer.code) == (400, "bad_report")


def test_a_body_without_end_is_not_read_to_its_end(server: AsgiClient) -> None:
    answer = server.call("POST", "/progress", body=[b" " * 4096] * 3)

    assert (answer.status, answer.code) == (413, "too_much")


def test_other_methods_are_refused(server: AsgiClient) -> None:
    assert server.call("GET", "/progress").status == 405


def test_a_changed_pass_opens_nothing_and_an_old_one_is_gone(
    session: Session, server: AsgiClient, progress_pass: str, clock: StoppedClock
) -> None:
    other = a_person(session, RoleName.STUDENT)
    key_id, signature, begun, _person, *rest = progress_pass.split(".")
    forged = ".".join([key_id, signature, begun, other.id.hex, *rest])

    for wrong in (forged, "", "k1", "k9." + progress_pass[3:], progress_pass + "0", "ก" * 90):
        answer = server.call("POST", "/progress", body=[a_report(wrong)])
        assert (answer.status, answer.code) == (403, "not_allowed")
    clock.forward(days=30)
    answer = server.call("POST", "/progress", body=[a_report(progress_pass)])

    assert (answer.status, answer.code) == (410, "link_expired")
    assert session.scalar(select(func.count()).select_from(WatchProgress)) == 0


def test_what_was_watched_before_a_sign_out_still_counts(
    session: Session,
    server: AsgiClient,
    sign_in: Browse,
    pupil: Person,
    lesson: Lesson,
    clock: StoppedClock,
) -> None:
    visitor = sign_in(pupil)
    signed = begin(visitor, lesson)
    clock.forward(minutes=1)
    visitor.send_form("/sign-out")
    clock.forward(days=7)

    answer = server.call("POST", "/progress", body=[a_report(signed, age_s=7 * 24 * 3600)])

    assert answer.status == 204
    assert covered(session) == ["0-13"]


@pytest.mark.parametrize("age_s", [1e12, 1e300, 10**400])
def test_a_device_whose_clock_is_wrong_by_ages_spoils_nobodys_report(
    session: Session, server: AsgiClient, progress_pass: str, age_s: float
) -> None:
    answer = server.call("POST", "/progress", body=[a_report(progress_pass, age_s=age_s)])

    assert answer.status == 204
    assert covered(session) == ["0-13"]


def test_the_lesson_page_goes_on_where_the_report_said(
    server: AsgiClient, sign_in: Browse, pupil: Person, lesson: Lesson, progress_pass: str
) -> None:
    server.call("POST", "/progress", body=[a_report(progress_pass, position_s=61.5)])

    html = sign_in(pupil).get(f"/lessons/{lesson.id}").text

    assert "61.5" in html


def test_pages_say_how_much_somebody_has_watched_and_guests_see_nothing_of_it(
    session: Session, client: Visitor, sign_in: Browse, pupil: Person, lesson: Lesson
) -> None:
    done = a_lesson(session, lesson.owner, published=True, visibility=Visibility.PUBLIC)
    a_progress(session, pupil, lesson, [0, 300], [450, 510])
    a_progress(session, pupil, done, [0, 11])
    visitor = sign_in(pupil)

    assert "ดูแล้ว 60%" in visitor.get("/").text
    assert "ดูจบแล้ว" in visitor.get(f"/lessons/{done.id}").text
    assert "ดูแล้ว" not in client.get("/").text


def test_of_a_trimmed_lesson_counts_what_it_shows(
    session: Session, sign_in: Browse, pupil: Person, lesson: Lesson
) -> None:
    lesson.kept_ranges = [[100.0, 200.0]]
    a_progress(session, pupil, lesson, [0, 150])

    assert "ดูแล้ว 50%" in sign_in(pupil).get(f"/lessons/{lesson.id}").text
