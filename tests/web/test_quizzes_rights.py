"""Whose answers count, who gets the questions, and what becomes of tries."""

import re
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.content import QuizItem, TrueFalseQuestion
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import Lesson, Visibility
from server.models.library import AssetKind
from server.models.people import Person, RoleName, School
from server.models.quizzes import QuizAttempt
from server.services.item_progress import hand_items
from server.services.play import is_playback_allowed
from server.services.quizzes import hand_attempts
from server.services.tidy import erase_lesson
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_ready_asset,
    a_share_link,
    a_version,
    an_original,
)
from tests.quizzes import (
    a_picture,
    a_quiz,
    answers_to,
    attempts,
    page_of,
    pass_in,
    progress,
    send,
    with_quiz,
)
from tests.web.test_pages_cost import counted


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    return a_lesson(session, teacher, published=True, visibility=Visibility.PUBLIC)


@pytest.fixture
def visitor(sign_in: Callable[[Person], Visitor], pupil: Person) -> Visitor:
    return sign_in(pupil)


def test_a_forged_pass_and_one_of_somebody_else_open_nothing(
    session: Session,
    lesson: Lesson,
    visitor: Visitor,
    sign_in: Callable[[Person], Visitor],
    school: School,
) -> None:
    quiz = with_quiz(session, lesson)
    page = page_of(lesson, quiz.id)
    quiz_pass = pass_in(visitor.get(page))
    other = sign_in(a_person(session, RoleName.STUDENT, school))

    forged = send(visitor, quiz_pass[:-2] + "AA", answers_to(quiz))
    borrowed = other.send_form(f"{page}/answers", quiz_pass=quiz_pass, attempt_id=str(uuid7()))

    assert (forged.status_code, borrowed.status_code) == (403, 403)
    assert attempts(session) == []


def test_what_is_nested_too_deeply_is_refused_like_any_bad_json(visitor: Visitor) -> None:
    headers = {"X-CSRFToken": visitor.csrf, "Content-Type": "application/json"}

    answer = visitor.put(f"/api/v1/quiz-attempts/{uuid7()}", data="[" * 100_000, headers=headers)

    assert 400 <= answer.status_code < 500


def test_the_id_of_somebody_elses_try_is_refused(
    session: Session,
    lesson: Lesson,
    visitor: Visitor,
    sign_in: Callable[[Person], Visitor],
    school: School,
) -> None:
    quiz = with_quiz(session, lesson)
    page, id_ = page_of(lesson, quiz.id), uuid7()
    other = sign_in(a_person(session, RoleName.STUDENT, school))
    send(visitor, pass_in(visitor.get(page)), answers_to(quiz), id_)

    refused = send(other, pass_in(other.get(page)), answers_to(quiz), id_)

    assert refused.status_code == 403
    assert len(attempts(session)) == 1


def test_a_lesson_takes_answers_while_it_may_be_brought_back_and_none_once_it_was_removed(
    session: Session, lesson: Lesson, visitor: Visitor, clock: StoppedClock
) -> None:
    quiz = with_quiz(session, lesson)
    quiz_pass = pass_in(visitor.get(page_of(lesson, quiz.id)))
    lesson.deleted_at = clock()
    session.commit()

    in_the_bin = send(visitor, quiz_pass, answers_to(quiz)).status_code
    erase_lesson(session, clock, lesson_id=lesson.id, by=lesson.owner)
    removed = send(visitor, quiz_pass, answers_to(quiz)).status_code

    assert (in_the_bin, removed) == (200, 404)


def test_guests_are_told_to_sign_in_and_get_no_questions(
    session: Session, lesson: Lesson, client: Visitor
) -> None:
    quiz = with_quiz(session, lesson, at_s=5.0)

    page = client.get(page_of(lesson, quiz.id)).text

    assert "/sign-in?next=" in page
    assert "น้ำเดือดกี่องศา" not in page + client.get(f"/lessons/{lesson.id}/questions").text


def test_frames_on_other_sites_ask_nothing(
    session: Session, lesson: Lesson, visitor: Visitor
) -> None:
    quiz = with_quiz(session, lesson, at_s=5.0)

    assert str(quiz.id) in visitor.get(f"/lessons/{lesson.id}").text
    assert str(quiz.id) not in visitor.get(f"/embed/{lesson.id}").text


def test_who_came_by_a_share_link_may_answer_too(
    session: Session, visitor: Visitor, teacher: Person
) -> None:
    lesson = a_lesson(session, teacher, published=True, visibility=Visibility.LINK)
    link = a_share_link(session, lesson)
    quiz = with_quiz(session, lesson)
    page = f"/s/{link.token}/items/{quiz.id}"
    quiz_pass = pass_in(visitor.get(page))

    answer = visitor.send_form(
        f"{page_of(lesson, quiz.id)}/answers",
        quiz_pass=quiz_pass,
        attempt_id=str(uuid7()),
        next=page,
    )

    assert (answer.status_code, answer.location) == (303, page)
    assert session.scalar(select(func.count(QuizAttempt.id))) == 1


def test_two_entries_of_one_pupil_become_one_with_all_tries(
    session: Session,
    lesson: Lesson,
    visitor: Visitor,
    pupil: Person,
    sign_in: Callable[[Person], Visitor],
    school: School,
) -> None:
    quiz = with_quiz(session, lesson, min_share=1)
    other = a_person(session, RoleName.STUDENT, school)
    for person, right in ((visitor, 1), (sign_in(other), 4)):
        send(person, pass_in(person.get(page_of(lesson, quiz.id))), answers_to(quiz, right=right))

    with session.begin():
        hand_items(session, from_id=other.id, to_id=pupil.id)
        hand_attempts(session, from_id=other.id, to_id=pupil.id)

    kept = progress(session, pupil, quiz)
    assert (kept.score, kept.done_at) == (1, NOON)
    assert [(one.person_id, one.number) for one in attempts(session)] == [
        (pupil.id, 1),
        (pupil.id, 2),
    ]


def pictured(pictures: list[UUID]) -> QuizItem:
    questions = (
        TrueFalseQuestion(id=uuid7(), text="ก", is_true=True, original_id=id_) for id_ in pictures
    )
    return a_quiz(questions=tuple(questions))


def test_a_picture_of_a_question_is_shown_by_the_right_to_see_the_lesson(
    session: Session, lesson: Lesson, visitor: Visitor, teacher: Person, wiring: Wiring
) -> None:
    quiz = pictured([a_picture(session, lesson, teacher)])
    a_version(session, lesson, quiz)

    page = visitor.get(page_of(lesson, quiz.id)).text

    found = re.search(r'src="(/v/[^"]+)"\s+width="320"', page)
    assert found is not None
    playback, asset = found[1].split("/")[4:6]
    right = partial(
        is_playback_allowed, session, wiring.clock, session_id=playback, asset_id=UUID(asset)
    )
    assert right()
    lesson.published_at = None
    session.commit()
    assert not right()


def test_a_sound_of_a_question_does_not_tell_the_answer_by_its_name(
    session: Session, lesson: Lesson, visitor: Visitor, teacher: Person
) -> None:
    asset = a_ready_asset(session, kind=AssetKind.AUDIO)
    sound = an_original(session, teacher, asset)
    sound.file_name = "dog.mp3"
    session.add(LessonItemFile(lesson_id=lesson.id, original_id=sound.id))
    session.commit()
    quiz = pictured([sound.id])
    a_version(session, lesson, quiz)

    page = visitor.get(page_of(lesson, quiz.id)).text
    playback = visitor.send_json(f"/api/v1/lessons/{lesson.id}/files/{sound.id}/playback", {})

    assert "quiz-sound" in page
    assert playback.status_code == 200
    assert "dog" not in page + playback.text


def test_many_pictures_cost_no_more_queries_than_one(
    session: Session, lesson: Lesson, visitor: Visitor, teacher: Person, wiring: Wiring
) -> None:
    pictures = [a_picture(session, lesson, teacher) for _number in range(6)]
    few, many = pictured(pictures[:1]), pictured(pictures)
    a_version(session, lesson, few, many)
    visitor.get(page_of(lesson, many.id))  # what is written at the first opening

    counts = [queries_of(wiring, visitor, page_of(lesson, quiz.id)) for quiz in (few, many)]

    assert counts[0] == counts[1]


def queries_of(wiring: Wiring, visitor: Visitor, path: str) -> int:
    with counted(wiring.engine) as statements:
        assert "quiz-picture" in visitor.get(path).text
    return len(statements)
