"""A lesson with a quiz, and a pass for it, for routes about quizzes."""

from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.people import Person, RoleName
from server.services.quiz_editing import mark_of_question
from server.services.quiz_passes import QuizPass, sign_quiz_pass
from tests.builders import NOON, a_lesson, a_person
from tests.quizzes import with_quiz

NEEDS_QUIZ = "quiz"  # in the path of a route


def names_of_quiz(session: Session, teacher: Person, *, secret: str) -> dict[str, str]:
    """Make them; the lesson is shown to its teacher's school."""
    lesson = a_lesson(session, teacher, published=True)
    quiz = with_quiz(session, lesson)
    pupil = a_person(session, RoleName.STUDENT, teacher.roles[0].school)
    asked = QuizPass(
        person_id=pupil.id, lesson_id=lesson.id, item_id=quiz.id, version=1, asked_at=NOON
    )
    return {
        "quiz_lesson_id": str(lesson.id),
        "quiz_id": str(quiz.id),
        "question_id": str(quiz.questions[1].id),
        "question_mark": mark_of_question(quiz.questions[1]),
        "quiz_pass": sign_quiz_pass(secret, asked),
        "try_id": str(uuid7()),
    }
