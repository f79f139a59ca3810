"""Answers to quizzes from forms, and the questions that are asked inside a recording."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import NotAllowed, NotFound, NoTriesLeft
from server.models.lessons import Lesson
from server.models.people import Person
from server.request_context import clock, current_sign_in_id, db, learner, signed_in, viewer, wiring
from server.services.lessons import get_lesson_for
from server.services.quiz_marking import Answers
from server.services.quiz_passes import QuizPass, read_quiz_pass
from server.services.quizzes import SentAnswers, quiz_of, quizzes_of, take_attempt
from server.services.share import find_shared_lesson
from server.web.error_texts import error_text
from server.web.forms import safe_next, text
from server.web.lesson_steps import item_title
from server.web.lessons import lesson_or_sign_in
from server.web.origin import Origin
from server.web.quiz_cards import quiz_card

bp = Blueprint("quizzes", __name__)

FIELD = "q-"


@bp.post("/lessons/<uuid:lesson_id>/items/<uuid:item_id>/answers")
def answer(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Take the answers of a form, then show the result."""
    by = signed_in()
    if learner(lesson_id) is None:
        raise NotAllowed("this classroom was not given the lesson")
    asked = _asked(lesson_id, item_id, by)
    attempt_id = request.form.get("attempt_id", type=UUID)
    if attempt_id is None:
        raise NotFound("answers without the id of their try")
    try:
        take_attempt(
            db(), clock(), asked=asked, sent=SentAnswers(attempt_id=attempt_id, answers=_answers())
        )
    except NoTriesLeft as error:
        flash(error_text(error.code).title, "warning")
    page = url_for("items.show", lesson_id=lesson_id, item_id=item_id)
    return redirect(safe_next(page), code=303)


@bp.get("/lessons/<uuid:lesson_id>/questions")
def inside(lesson_id: UUID) -> ResponseReturnValue:
    """Answer with the questions that are asked inside the recording, as parts of a page."""
    return _inside(lesson_or_sign_in(lesson_id), Origin())


@bp.get("/s/<token>/questions")
def inside_shared(token: str) -> ResponseReturnValue:
    """Answer with the questions inside the recording of a lesson that was shared by a link."""
    shared = find_shared_lesson(db(), token)
    lesson = get_lesson_for(
        db(), clock(), lesson_id=shared.lesson.id, by=viewer(), share_token=token
    )
    return _inside(lesson, Origin(share_token=token, share_link_id=shared.share_link_id))


def _inside(lesson: Lesson, origin: Origin) -> ResponseReturnValue:
    by = learner(lesson.id)
    quizzes = quizzes_of(db(), lesson, person_id=by.id) if by else []
    cards = [
        quiz_card(lesson, origin, quiz, title=item_title(quiz.item, lesson))
        for quiz in quizzes
        if quiz.item.at_s is not None
    ]
    page = make_response(render_template("lessons/questions.html", cards=cards))
    page.headers["Cache-Control"] = "private, no-store"
    return page


def _asked(lesson_id: UUID, item_id: UUID, by: Person) -> QuizPass:
    """Return what the form was given; without its pass, what the person would be asked now."""
    if text("quiz_pass"):
        secret = wiring().settings.secret_key.get_secret_value()
        asked = read_quiz_pass(secret, text("quiz_pass"), clock()())
        if (asked.person_id, asked.lesson_id, asked.item_id) != (by.id, lesson_id, item_id):
            raise NotAllowed("questions that somebody else was asked")
        return asked
    lesson = lesson_or_sign_in(lesson_id)
    quiz = quiz_of(db(), lesson, item_id=item_id, person_id=by.id)
    return QuizPass(
        person_id=by.id,
        lesson_id=lesson_id,
        item_id=item_id,
        version=quiz.version,
        asked_at=clock()(),
        sign_in_id=current_sign_in_id(),
    )


def _answers() -> Answers:
    return {
        name.removeprefix(FIELD): parts
        for name, parts in request.form.lists()
        if name.startswith(FIELD)
    }
