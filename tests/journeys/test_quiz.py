"""A quiz over a line that is cut, and a recording that stops to ask."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import select

from server.models.content import FileItem, QuizItem
from server.models.lessons import Lesson
from server.models.people import RoleName
from server.models.quizzes import QuizAttempt
from tests.builders import a_version
from tests.journeys.player_page import a_long_clip, play, publish, video, wait_until
from tests.quizzes import a_quiz, page_of
from tests.services.product import Product

pytestmark = pytest.mark.slow
ASKED_AT_S = 3.0
SENDING = "**/api/v1/quiz-attempts/*"
SignIn = Callable[[Page, RoleName | str], str]


def give_quizzes(product: Product, **inside: object) -> tuple[str, QuizItem]:
    """Give pupils a quiz after the recording and one inside; return the page of the first."""
    after = a_quiz(tries=1)
    with product.session() as session:
        lesson = session.query(Lesson).one()
        inner = a_quiz(at_s=ASKED_AT_S, **inside)
        a_version(session, lesson, FileItem(id=lesson.id), inner, after)
        return page_of(lesson, after.id), after


def attempts(product: Product) -> list[QuizAttempt]:
    with product.session() as session:
        return list(session.scalars(select(QuizAttempt).order_by(QuizAttempt.received_at)))


def answer_all(form: Locator | Page) -> None:
    form.get_by_label("เขียว").check()
    form.get_by_label("ถูก", exact=True).check()
    form.locator(".quiz-line").nth(0).fill("กรุงเทพ มหานคร")
    form.locator(".quiz-line").nth(1).fill("๑๐๐")


def test_answers_wait_for_the_line_and_arrive_once_and_a_recording_asks(
    phone: BrowserContext, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    page = phone.new_page()
    lesson_path = publish(live_server, a_long_clip(tmp_path / "clip.mp4", seconds=20))
    sign_in_as(page, RoleName.STUDENT)
    quiz_path, _quiz = give_quizzes(live_server)

    answers_over_a_cut_line(page, phone, live_server, quiz_path)
    the_recording_stops_to_ask(page, live_server, lesson_path)


def answers_over_a_cut_line(
    page: Page, phone: BrowserContext, product: Product, quiz_path: str
) -> None:
    status = page.locator("[data-quiz-status]")
    page.goto(quiz_path)
    answer_all(page)
    page.reload()
    expect(page.locator(".quiz-line").nth(1)).to_have_value("๑๐๐")  # what was typed is kept

    phone.set_offline(True)
    page.get_by_role("button", name="ส่งคำตอบ").click()
    expect(status).to_contain_text("เก็บคำตอบไว้ในเครื่องแล้ว")
    expect(page.locator("[data-quiz-form]")).to_be_hidden()
    page.route(SENDING, lambda route: route.abort())
    phone.set_offline(False)
    page.reload()
    expect(status).to_contain_text("เก็บคำตอบไว้ในเครื่องแล้ว")
    assert attempts(product) == []

    page.unroute(SENDING)
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.locator("[data-quiz-result]")).to_be_focused()
    expect(page.locator("[data-quiz-result]")).to_contain_text("4 จาก 4 คะแนน")
    page.reload()
    expect(page.locator("[data-quiz-form]")).to_have_count(0)
    (attempt,) = attempts(product)
    assert (attempt.points, attempt.number) == (4, 1)
    assert attempt.asked_at < attempt.answered_at < attempt.received_at


def the_recording_stops_to_ask(page: Page, product: Product, lesson_path: str) -> None:
    dialog = page.get_by_role("dialog")
    play(page, lesson_path)
    expect(page.locator(".player__mark--question")).to_have_count(1)
    expect(dialog).to_be_visible()
    assert ASKED_AT_S <= video(page, "v.currentTime") < ASKED_AT_S + 1
    assert video(page, "v.paused") == 1

    answer_all(dialog)
    dialog.get_by_role("button", name="ส่งคำตอบ").click()
    expect(dialog.locator("[data-quiz-result]")).to_contain_text("4 จาก 4 คะแนน")
    dialog.get_by_role("button", name="ดูต่อ").click()

    expect(dialog).to_have_count(0)
    wait_until(page, f"v.currentTime > {ASKED_AT_S + 1.5} && !v.paused")
    assert len(attempts(product)) == 2
