"""Tries of a quiz that arrive at the same moment, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NoTriesLeft
from server.models.base import uuid7
from server.models.people import RoleName
from server.models.quizzes import QuizAttempt
from server.request_context import RequestSession
from server.services.quiz_passes import QuizPass
from server.services.quizzes import SentAnswers, take_attempt
from server.wiring import Wiring
from tests.builders import NOON, a_lesson, a_person, at_noon
from tests.quizzes import answers_to, with_quiz

AT_ONCE = 8


@pytest.mark.parametrize("is_replayed", [True, False])
def test_of_many_tries_at_once_only_those_that_are_allowed_count(
    world: Wiring,
    db: Session,
    is_replayed: bool,  # noqa: FBT001
) -> None:
    lesson, pupil = a_lesson(db), a_person(db, RoleName.STUDENT)
    quiz = with_quiz(db, lesson, tries=1)
    asked = QuizPass(
        person_id=pupil.id, lesson_id=lesson.id, item_id=quiz.id, version=1, asked_at=NOON
    )

    def arrive(attempt_id: UUID) -> bool:
        sent = SentAnswers(attempt_id=attempt_id, answers=answers_to(quiz))
        with RequestSession(world.engine, info={"changes": True}) as session:
            try:
                take_attempt(session, at_noon, asked=asked, sent=sent)
            except NoTriesLeft:
                return False
        return True

    ids = [uuid7()] * AT_ONCE if is_replayed else [uuid7() for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        taken = list(pool.map(arrive, ids))

    assert taken.count(True) == (AT_ONCE if is_replayed else 1)
    assert len(db.scalars(select(QuizAttempt)).all()) == 1
