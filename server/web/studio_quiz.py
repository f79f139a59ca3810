"""The questions of a quiz in its editors' hands."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError, NotFound
from server.models.content import AnyQuestion, ChoiceQuestion, QuizItem
from server.models.lessons import Lesson
from server.models.library import AssetKind
from server.request_context import clock, db, signed_in
from server.services.lessons import get_lesson_to_edit
from server.services.own_files import files_to_choose
from server.services.quiz_editing import (
    QuestionChanged,
    QuizPlace,
    find_question,
    get_quiz,
    mark_of_question,
    move_question,
    remove_question,
    save_question,
    save_settings,
)
from server.services.views import shown_duration_s, timeline_of
from server.web.clock_texts import fine_clock, read_clock
from server.web.forms import Form, text, typed
from server.web.item_forms import SHARES
from server.web.lesson_steps import item_title
from server.web.origin import Origin, item_url
from server.web.question_forms import (
    KINDS,
    MOST_CHOICES,
    form_values,
    kind_labels,
    rows_of,
    typed_question,
    typed_rows,
    with_room,
)
from server.web.quiz_results import points_text
from server.web.studio_items import name_of_other
from server.web.translate import translate as _

bp = Blueprint("studio_quiz", __name__, url_prefix="/studio/lessons/<uuid:lesson_id>/items")

MOST_TRIES = 20
STOPS = frozenset({AssetKind.VIDEO, AssetKind.AUDIO})


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question in the list."""

    id: UUID
    text: str
    kind: str
    points: str
    mark: str


@bp.get("/<uuid:item_id>/questions")
def edit(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Show the questions, and how the quiz is played."""
    place = _place(lesson_id, item_id)
    return _page(place, get_quiz(db(), place), None)


@bp.post("/<uuid:item_id>/questions")
def save(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Keep how the quiz is played."""
    place = _place(lesson_id, item_id)
    lesson = _lesson(place)
    try:
        save_settings(
            db(),
            clock(),
            place,
            tries=min(max(request.form.get("tries", 0, type=int), 0), MOST_TRIES),
            is_shuffled="is_shuffled" in request.form,
            shows_answers="shows_answers" in request.form,
            min_share=_share(),
            at_s=_second(lesson),
        )
    except FieldError as error:
        return _page(place, get_quiz(db(), place), typed(error)), 422
    flash(_("The quiz is kept. Pupils get it with the next version of the lesson."), "good")
    return _back(place)


@bp.get("/<uuid:item_id>/questions/new")
def begin(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Show an empty question of the kind that the address names."""
    place = _place(lesson_id, item_id)
    get_quiz(db(), place)
    return _question_page(place, _kind(), None, Form(form_values(None)))


@bp.post("/<uuid:item_id>/questions/new")
def add(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Add what was typed at the end."""
    place = _place(lesson_id, item_id)
    get_quiz(db(), place)
    return _save_question(place, _kind(), None)


@bp.get("/<uuid:item_id>/questions/<uuid:question_id>")
def edit_question(lesson_id: UUID, item_id: UUID, question_id: UUID) -> ResponseReturnValue:
    """Show one question's form. Raises NotFound."""
    place = _place(lesson_id, item_id)
    question = find_question(get_quiz(db(), place), question_id)
    if question is None:
        raise NotFound(f"no question {question_id}")
    return _question_page(place, question.kind, question, Form(form_values(question)))


@bp.post("/<uuid:item_id>/questions/<uuid:question_id>")
def change(lesson_id: UUID, item_id: UUID, question_id: UUID) -> ResponseReturnValue:
    """Keep what was typed, unless somebody else changed the same question. Raises NotFound."""
    place = _place(lesson_id, item_id)
    question = find_question(get_quiz(db(), place), question_id)
    if question is None:
        raise NotFound(f"no question {question_id}")
    return _save_question(place, question.kind, question)


@bp.post("/<uuid:item_id>/questions/<uuid:question_id>/move")
def move(lesson_id: UUID, item_id: UUID, question_id: UUID) -> ResponseReturnValue:
    """Move a question one place up or down."""
    place = _place(lesson_id, item_id)
    by_places = -1 if text("to") == "up" else 1
    move_question(db(), clock(), place, question_id=question_id, by_places=by_places)
    return _back(place, f"question-{question_id}")


@bp.post("/<uuid:item_id>/questions/<uuid:question_id>/remove")
def remove(lesson_id: UUID, item_id: UUID, question_id: UUID) -> ResponseReturnValue:
    """Take a question out, unless somebody changed it meanwhile."""
    place = _place(lesson_id, item_id)
    try:
        remove_question(db(), clock(), place, question_id=question_id, seen=text("mark"))
    except QuestionChanged as error:
        who = name_of_other(error.draft)
        flash(_("%(who)s changed this question meanwhile. It is still here.", who=who), "warning")
    return _back(place)


def _save_question(place: QuizPlace, kind: str, there: AnyQuestion | None) -> ResponseReturnValue:
    if text("action") == "more":
        return _question_page(place, kind, there, typed())
    try:
        question = typed_question(kind, there)
        save_question(db(), clock(), place, question=question, seen=text("mark"))
    except FieldError as error:
        return _question_page(place, kind, there, typed(error)), 422
    except QuestionChanged as error:
        newer = error.question
        form, who = typed(), name_of_other(error.draft)
        return _question_page(place, kind, newer, form, newer_by=who), 409
    if text("action") == "another":
        return redirect(
            url_for(
                "studio_quiz.begin", lesson_id=place.lesson_id, item_id=place.item_id, kind=kind
            ),
            code=303,
        )
    return _back(place, f"question-{question.id}")


def _page(place: QuizPlace, quiz: QuizItem, form: Form | None) -> str:
    lesson = _lesson(place)
    return render_template(
        "studio/quiz.html",
        lesson_id=lesson.id,
        lesson_title=lesson.title,
        item_id=quiz.id,
        title=item_title(quiz, lesson),
        rows=[_row(question) for question in quiz.questions],
        form=form or Form(_settings_values(lesson, quiz)),
        kinds=kind_labels(),
        shares={str(share): f"{share:.0%}" for share in SHARES},
        tries={"0": _("As often as one likes")}
        | {str(count): str(count) for count in (1, 2, 3, 5, 10)},
        has_recording=_has_recording(lesson),
        preview_url=item_url(lesson, Origin(is_draft=True), quiz.id),
    )


def _settings_values(lesson: Lesson, quiz: QuizItem) -> dict[str, str]:
    at_s = quiz.at_s
    return {
        "tries": str(quiz.tries),
        "is_shuffled": "yes" if quiz.is_shuffled else "",
        "shows_answers": "yes" if quiz.shows_answers else "",
        "min_share": str(quiz.min_share),
        "at": "" if at_s is None else fine_clock(timeline_of(lesson).to_shown(at_s)),
    }


def _question_page(
    place: QuizPlace, kind: str, there: AnyQuestion | None, form: Form, *, newer_by: str = ""
) -> str:
    is_typed = request.method == "POST"
    return render_template(
        "studio/question.html",
        **_ids(place),
        kind=kind,
        kind_label=kind_labels()[kind],
        question_id=there.id if there else None,
        mark=mark_of_question(there) if there else "",
        form=form,
        rows=with_room(typed_rows(), more=2) if is_typed else rows_of(there),
        most_choices=MOST_CHOICES,
        **_files(place, there),
        newer_by=newer_by,
        newer_text=there.text if there and newer_by else "",
    )


def _files(place: QuizPlace, there: AnyQuestion | None) -> dict[str, dict[str, str]]:
    """Return pictures and sounds of the person for the question, and pictures for its answers.

    Also those that are there now, which may be a colleague's.
    """
    kinds = {AssetKind.IMAGE: _("Picture"), AssetKind.AUDIO: _("Sound")}
    own = [file for file in files_to_choose(db(), by=place.by) if file.asset.kind in kinds]
    files = {str(file.id): f"{kinds[file.asset.kind]}: {file.file_name}" for file in own}
    pictures = {str(file.id): file.file_name for file in own if file.asset.kind == AssetKind.IMAGE}
    there_now = _("The one that is there now")
    if there and there.original_id:
        files.setdefault(str(there.original_id), there_now)
    for one in there.choices if isinstance(there, ChoiceQuestion) else ():
        if one.original_id:
            pictures.setdefault(str(one.original_id), there_now)
    return {"files": files, "pictures": pictures}


def _row(question: AnyQuestion) -> QuestionRow:
    return QuestionRow(
        id=question.id,
        text=question.text,
        kind=kind_labels()[question.kind],
        points=points_text(question.points),
        mark=mark_of_question(question),
    )


def _second(lesson: Lesson) -> float | None:
    """Return the second of the original at which it is asked; None: on a page of its own."""
    typed_text = text("at").strip()
    if not typed_text:
        return None
    shown_s = read_clock(typed_text)
    if shown_s is None or not _has_recording(lesson):
        raise FieldError("at", "not a time", rule="time")
    if shown_s > shown_duration_s(lesson):
        raise FieldError("at", "after its end", rule="end")
    return timeline_of(lesson).to_original(shown_s)


def _share() -> float:
    share = request.form.get("min_share", type=float)
    return share if share in SHARES else SHARES[1]


def _has_recording(lesson: Lesson) -> bool:
    return lesson.original is not None and lesson.original.asset.kind in STOPS


def _kind() -> str:
    kind = request.values.get("kind", "")
    if kind not in KINDS:
        raise NotFound(f"no questions of kind {kind!r}")
    return kind


def _place(lesson_id: UUID, item_id: UUID) -> QuizPlace:
    return QuizPlace(lesson_id=lesson_id, item_id=item_id, by=signed_in())


def _lesson(place: QuizPlace) -> Lesson:
    return get_lesson_to_edit(db(), lesson_id=place.lesson_id, by=place.by)


def _ids(place: QuizPlace) -> dict[str, UUID]:
    return {"lesson_id": place.lesson_id, "item_id": place.item_id}


def _back(place: QuizPlace, anchor: str | None = None) -> Response:
    where = url_for(
        "studio_quiz.edit", lesson_id=place.lesson_id, item_id=place.item_id, _anchor=anchor
    )
    return redirect(where, code=303)
