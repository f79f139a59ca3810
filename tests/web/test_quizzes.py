"""Quizzes as pupils get them: asked, answered from far away, marked on the server."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName, School
from tests.browsing import Visitor
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_version,
)
from tests.quizzes import (
    RIGHT_FEEDBACK,
    WRONG_FEEDBACK,
    answers_to,
    attempts,
    page_of,
    pass_in,
    progress,
    send,
    with_quiz,
)

SECRETS = ("กรุงเทพมหานคร", "99.5", "0.75", RIGHT_FEEDBACK, WRONG_FEEDBACK, "right_ids", "is_true")


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    return a_lesson(session, teacher, published=True, visibility=Visibility.PUBLIC)


@pytest.fixture
def visitor(sign_in: Callable[[Person], Visitor], pupil: Person) -> Visitor:
    return sign_in(pupil)


def test_the_page_holds_the_questions_and_nothing_of_what_is_right(
    session: Session, lesson: Lesson, visitor: Visitor
) -> None:
    quiz = with_quiz(session, lesson, at_s=5.0)

    page = visitor.get(page_of(lesson, quiz.id)).text
    inside = visitor.get(f"/lessons/{lesson.id}/questions").text
    player = visitor.get(f"/lessons/{lesson.id}").text

    assert "น้ำเดือดกี่องศา" in page
    assert "น้ำเดือดกี่องศา" in inside
    for secret in SECRETS:
        assert secret not in page + inside + player


def test_the_answer_of_the_server_to_a_try_tells_points_and_not_what_is_right(
    session: Session, lesson: Lesson, visitor: Visitor
) -> None:
    quiz = with_quiz(session, lesson, tries=2)
    quiz_pass = pass_in(visitor.get(page_of(lesson, quiz.id)))

    answer = send(visitor, quiz_pass, answers_to(quiz, right=0))

    assert answer.json is not None
    assert (answer.json["points"], answer.json["most_points"]) == (0, 4)
    assert answer.json["tries_left"] == 1
    for secret in SECRETS:
        assert secret not in answer.text


def test_a_form_works_without_scripts_and_its_result_says_what_to_improve(
    session: Session, lesson: Lesson, visitor: Visitor, pupil: Person
) -> None:
    quiz = with_quiz(session, lesson)
    page = page_of(lesson, quiz.id)
    fields = {f"q-{id_}": parts for id_, parts in answers_to(quiz, right=3).items()}
    given = {"quiz_pass": pass_in(visitor.get(page)), "attempt_id": str(uuid7()), "next": page}

    answer = visitor.send_form(f"{page}/answers", **fields, **given)
    result = visitor.get(page).text

    assert (answer.status_code, answer.location) == (303, page)
    assert progress(session, pupil, quiz).score == 0.75
    assert progress(session, pupil, quiz).done_at == NOON
    assert WRONG_FEEDBACK in result
    assert RIGHT_FEEDBACK in result
    assert "99.5" not in result  # there are tries left


def test_a_hundred_replays_of_a_try_count_once(
    session: Session, lesson: Lesson, visitor: Visitor
) -> None:
    quiz = with_quiz(session, lesson, tries=1)
    quiz_pass, id_ = pass_in(visitor.get(page_of(lesson, quiz.id))), uuid7()

    answers = [send(visitor, quiz_pass, answers_to(quiz, right=2), id_) for _ in range(100)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert [attempt.points for attempt in attempts(session)] == [2]


def test_a_replay_with_other_answers_changes_nothing(
    session: Session, lesson: Lesson, visitor: Visitor
) -> None:
    quiz = with_quiz(session, lesson)
    quiz_pass, id_ = pass_in(visitor.get(page_of(lesson, quiz.id))), uuid7()
    send(visitor, quiz_pass, answers_to(quiz, right=1), id_)

    again = send(visitor, quiz_pass, answers_to(quiz, right=4), id_)

    assert again.json is not None
    assert again.json["points"] == 1
    assert [attempt.points for attempt in attempts(session)] == [1]


def test_tries_are_counted_on_the_server(
    session: Session, lesson: Lesson, visitor: Visitor, pupil: Person
) -> None:
    quiz = with_quiz(session, lesson, tries=2)
    quiz_pass = pass_in(visitor.get(page_of(lesson, quiz.id)))

    codes = [
        send(visitor, quiz_pass, answers_to(quiz, right=right)).status_code for right in (1, 3, 4)
    ]

    assert codes == [200, 200, 409]
    assert [attempt.number for attempt in attempts(session)] == [1, 2]
    assert progress(session, pupil, quiz).score == 0.75


@pytest.mark.parametrize(
    ("shows_answers", "tries", "right", "is_told"),
    [
        (True, 1, 0, True),  # the last try
        (True, 2, 0, False),
        (True, 0, 0, False),
        (False, 1, 0, False),
    ],
)
def test_what_is_right_is_told_after_the_last_try_alone(  # noqa: PLR0913 (a table)
    session: Session,
    lesson: Lesson,
    visitor: Visitor,
    *,
    shows_answers: bool,
    tries: int,
    right: int,
    is_told: bool,
) -> None:
    quiz = with_quiz(session, lesson, tries=tries, shows_answers=shows_answers)
    page = page_of(lesson, quiz.id)
    send(visitor, pass_in(visitor.get(page)), answers_to(quiz, right=right))

    result = visitor.get(page).text

    assert ("กรุงเทพมหานคร" in result) is is_told
    assert ("99.5 ± 0.75" in result) is is_told


def test_the_best_try_counts_and_done_stays_done(
    session: Session, lesson: Lesson, visitor: Visitor, pupil: Person, clock: StoppedClock
) -> None:
    quiz = with_quiz(session, lesson, min_share=0.5)
    quiz_pass = pass_in(visitor.get(page_of(lesson, quiz.id)))

    for right in (1, 3, 0):
        send(visitor, quiz_pass, answers_to(quiz, right=right))
        clock.forward(minutes=1)

    kept = progress(session, pupil, quiz)
    assert (kept.score, kept.done_at) == (0.75, NOON + timedelta(minutes=1))


@pytest.mark.parametrize("device_at", ["1970-01-01T00:00:00Z", "2099-12-31T23:59:59+07:00", None])
def test_what_was_answered_without_a_connection_counts_when_it_was_answered(
    session: Session,
    lesson: Lesson,
    visitor: Visitor,
    pupil: Person,
    clock: StoppedClock,
    device_at: str | None,
) -> None:
    quiz = with_quiz(session, lesson)
    quiz_pass = pass_in(visitor.get(page_of(lesson, quiz.id)))
    clock.forward(days=9)

    send(visitor, quiz_pass, answers_to(quiz), elapsed_s=600, device_at=device_at)

    (attempt,) = attempts(session)
    assert attempt.answered_at == NOON + timedelta(minutes=10)
    assert attempt.received_at == NOON + timedelta(days=9)
    assert attempt.device_at == (device_at and datetime.fromisoformat(device_at))
    assert progress(session, pupil, quiz).done_at == NOON + timedelta(minutes=10)


@pytest.mark.parametrize("elapsed_s", [None, 1e8])
def test_no_answer_is_later_than_its_arrival(
    session: Session,
    lesson: Lesson,
    visitor: Visitor,
    clock: StoppedClock,
    elapsed_s: float | None,
) -> None:
    quiz = with_quiz(session, lesson)
    quiz_pass = pass_in(visitor.get(page_of(lesson, quiz.id)))
    clock.forward(hours=1)

    send(visitor, quiz_pass, answers_to(quiz), elapsed_s=elapsed_s)

    assert attempts(session)[0].answered_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize("device_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_no_calendar_has_does_not_lose_the_answer(
    session: Session, lesson: Lesson, visitor: Visitor, device_at: str
) -> None:
    quiz = with_quiz(session, lesson)
    quiz_pass = pass_in(visitor.get(page_of(lesson, quiz.id)))

    send(visitor, quiz_pass, answers_to(quiz), device_at=device_at)

    assert attempts(session)[0].device_at is None


def test_a_try_is_marked_by_the_questions_that_were_asked(
    session: Session, lesson: Lesson, visitor: Visitor
) -> None:
    quiz = with_quiz(session, lesson)
    quiz_pass = pass_in(visitor.get(page_of(lesson, quiz.id)))
    a_version(session, lesson, quiz.model_copy(update={"questions": quiz.questions[:1]}))

    send(visitor, quiz_pass, answers_to(quiz))

    assert [(one.version, one.points) for one in attempts(session)] == [(1, 4)]


def test_a_shuffled_quiz_stays_in_its_order_until_it_is_answered(
    session: Session, lesson: Lesson, sign_in: Callable[[Person], Visitor], school: School
) -> None:
    quiz = with_quiz(session, lesson, is_shuffled=True)
    pupils = [sign_in(a_person(session, RoleName.STUDENT, school)) for _ in range(8)]

    def order(visitor: Visitor) -> tuple[str, ...]:
        page = visitor.get(page_of(lesson, quiz.id)).text
        return tuple(re.findall(r'id="text-([0-9a-f-]+)"', page))

    orders = [order(pupil) for pupil in pupils]

    assert [order(pupil) for pupil in pupils] == orders
    assert len(set(orders)) > 1
    assert {frozenset(one) for one in orders} == {frozenset(str(q.id) for q in quiz.questions)}
