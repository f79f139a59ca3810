"""Are pupils seen or heard in a lesson? One question for each of its files."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import FieldError
from server.request_context import db, signed_in
from server.services.lesson_picture import picture_of, questions_of
from server.services.lessons import get_lesson_to_edit
from server.web.forms import Form, typed
from server.web.people_cards import (
    answer_labels,
    keep_answer,
    picture_card,
    question_card,
    sent_answer,
)
from server.web.translate import translate as _

bp = Blueprint("people_in_picture", __name__, url_prefix="/studio")


@bp.get("/lessons/<uuid:lesson_id>/people")
def show(lesson_id: UUID) -> ResponseReturnValue:
    """Show the question for every file of the lesson, and how far the answers let it go."""
    return _page(lesson_id, Form())


@bp.post("/lessons/<uuid:lesson_id>/people")
def save(lesson_id: UUID) -> ResponseReturnValue:
    """Keep the answer for one file."""
    by = signed_in()
    get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    try:
        keep_answer(_original_id(), sent_answer(), by)
    except FieldError as error:
        return _page(lesson_id, typed(error)), 422
    flash(_("The answer is kept."), "good")
    return redirect(url_for("people_in_picture.show", lesson_id=lesson_id), code=303)


def _original_id() -> UUID:
    original_id = request.form.get("original_id", type=UUID)
    if original_id is None:
        raise FieldError("people", "of no file", rule="people")
    return original_id


def _page(lesson_id: UUID, form: Form) -> str:
    by = signed_in()
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    questions = questions_of(db(), lesson=lesson, by=by)
    return render_template(
        "studio/people.html",
        lesson=lesson.id,
        title=lesson.title,
        picture=picture_card(picture_of(db(), lesson=lesson, by=by), lesson),
        questions=[question_card(each) for each in questions],
        answers=answer_labels(),
        form=form,
    )
