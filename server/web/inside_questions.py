"""Where a recording stops to ask: told to its player, without the questions."""

from typing import Any

from flask import url_for

from server.models.lessons import Lesson
from server.request_context import db, learner
from server.services.quizzes import quizzes_of
from server.web.origin import Origin


def questions_inside(lesson: Lesson, origin: Origin) -> dict[str, Any] | None:
    """Return `questions` of `data-player`; None without any, and where nobody is signed in."""
    by = learner(lesson.id)
    if by is None or origin.ticket:
        return None
    quizzes = quizzes_of(db(), lesson, person_id=by.id)
    asked = [
        {
            "itemId": str(quiz.item.id),
            "atS": quiz.item.at_s,
            "isOpen": not quiz.is_done and quiz.tries_left != 0,
        }
        for quiz in quizzes
        if quiz.item.at_s is not None and quiz.item.questions
    ]
    if origin.share_token:
        url = url_for("quizzes.inside_shared", token=origin.share_token)
    else:
        url = url_for("quizzes.inside", lesson_id=lesson.id)
    return {"url": url, "asked": asked} if asked else None
