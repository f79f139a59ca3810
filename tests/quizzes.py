"""Quizzes for tests: one question of each kind, in a lesson that pupils have."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.models.base import uuid7
from server.models.content import (
    Choice,
    ChoiceQuestion,
    FileItem,
    NumberQuestion,
    QuizItem,
    ShortTextQuestion,
    TrueFalseQuestion,
)
from server.models.lesson_versions import ItemProgress, LessonItemFile
from server.models.lessons import Lesson
from server.models.library import AssetKind, Page
from server.models.people import Person
from server.models.quizzes import QuizAttempt
from tests.browsing import Visitor
from tests.builders import a_ready_asset, a_version, an_original

RIGHT_FEEDBACK, WRONG_FEEDBACK = "เก่งมาก ถูกต้อง", "ลองนึกถึงน้ำเดือด"
RED, GREEN, BLUE = (Choice(id=uuid7(), text=text) for text in ("แดง", "เขียว", "น้ำเงิน"))


def a_quiz(**columns: Any) -> QuizItem:
    """Return four questions of one point each."""
    told = {"when_right": RIGHT_FEEDBACK, "when_wrong": WRONG_FEEDBACK}
    questions = (
        ChoiceQuestion(
            id=uuid7(),
            text="ใบไม้สีอะไร",
            choices=(RED, GREEN, BLUE),
            right_ids=frozenset({GREEN.id}),
            **told,
        ),
        TrueFalseQuestion(id=uuid7(), text="ปลาหายใจในน้ำ", is_true=True, **told),
        ShortTextQuestion(id=uuid7(), text="เมืองหลวง", accepted=("กรุงเทพมหานคร",), **told),
        NumberQuestion(id=uuid7(), text="น้ำเดือดกี่องศา", value=99.5, tolerance=0.75, **told),
    )
    return QuizItem(id=uuid7(), title="ทดสอบท้ายบท", **{"questions": questions, **columns})


def answers_to(quiz: QuizItem, *, right: int = 4) -> dict[str, list[str]]:
    """Return answers of which the first ones are right, to be sent as JSON."""
    good = ([str(GREEN.id)], ["yes"], ["กรุงเทพมหานคร"], ["๑๐๐"])
    bad = ([str(RED.id)], ["no"], ["เชียงใหม่"], ["50"])
    pairs = zip(quiz.questions, good, bad, strict=True)
    return {
        str(question.id): (one if number < right else other)
        for number, (question, one, other) in enumerate(pairs)
    }


def with_quiz(session: Session, lesson: Lesson, **columns: Any) -> QuizItem:
    """Give pupils the lesson's file and a quiz."""
    quiz = a_quiz(**columns)
    a_version(session, lesson, FileItem(id=lesson.id), quiz)
    return quiz


def page_of(lesson: Lesson, item_id: UUID) -> str:
    return f"/lessons/{lesson.id}/items/{item_id}"


def pass_in(page: TestResponse) -> str:
    found = re.search(r'name="quiz_pass" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def send(
    visitor: Visitor,
    quiz_pass: str,
    answers: dict[str, list[str]],
    attempt_id: UUID | None = None,
    **more: object,
) -> TestResponse:
    """Send a try as devices do: without a cookie."""
    body = {"quiz_pass": quiz_pass, "answers": answers, **more}
    stranger = visitor.application.test_client()
    return stranger.put(f"/api/v1/quiz-attempts/{attempt_id or uuid7()}", json=body)


def attempts(session: Session) -> list[QuizAttempt]:
    session.expire_all()
    return list(session.scalars(select(QuizAttempt).order_by(QuizAttempt.number)))


def progress(session: Session, pupil: Person, quiz: QuizItem) -> ItemProgress:
    session.expire_all()
    return session.get_one(ItemProgress, (pupil.id, quiz.id))


def a_picture(session: Session, lesson: Lesson, teacher: Person) -> UUID:
    """Make a picture that the lesson's items use; return its id."""
    asset = a_ready_asset(session, kind=AssetKind.IMAGE, duration_s=0.0)
    picture = an_original(session, teacher, asset)
    key = f"assets/{asset.id}/{'a' * 64}.jpg"
    sizes = {"width_px": 320, "height_px": 180, "size_bytes": 9, "image_key": key}
    session.add(Page(asset_id=asset.id, number=1, text="", **sizes))
    session.add(LessonItemFile(lesson_id=lesson.id, original_id=picture.id))
    session.commit()
    return picture.id
