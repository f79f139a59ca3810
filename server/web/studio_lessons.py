"""One lesson in its teacher's hands: edit, publish, share, delete with undo."""

import re
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import ConsentMissing, FieldError
from server.models.lessons import Lesson
from server.request_context import clock, db, signed_in, wiring
from server.services.embed import allowed_origins
from server.services.hanging import is_given_now
from server.services.lesson_changes import LessonChanges
from server.services.lesson_picture import picture_of
from server.services.lessons import (
    delete_lesson,
    edit_lesson,
    get_lesson_to_edit,
    restore_lesson,
    unpublish_lesson,
)
from server.services.replacing import files_beside
from server.services.share import make_share_link, revoke_share_link
from server.web import choices
from server.web.caption_texts import kind_labels
from server.web.error_texts import error_text
from server.web.file_cards import lesson_files_card
from server.web.forms import Form, text, typed
from server.web.lesson_cards import edit_card
from server.web.people_cards import picture_card
from server.web.studio import publish_or_explain
from server.web.translate import translate as _

bp = Blueprint("studio_lessons", __name__, url_prefix="/studio")

TAG_BREAKS = re.compile(r"[,\n]")


@bp.get("/lessons/<uuid:lesson_id>")
def edit(lesson_id: UUID) -> ResponseReturnValue:
    """Show everything about a lesson that may be changed."""
    return edit_page(get_lesson_to_edit(db(), lesson_id=lesson_id, by=signed_in()), Form())


@bp.post("/lessons/<uuid:lesson_id>")
def save(lesson_id: UUID) -> ResponseReturnValue:
    """Change what was typed; publish too when that button was pressed."""
    by = signed_in()
    try:
        lesson = edit_lesson(db(), clock(), lesson_id=lesson_id, changes=_changes(), by=by)
    except FieldError as error:
        lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
        return edit_page(lesson, typed(error)), 422
    if text("action") == "publish":
        publish_or_explain(lesson, by)
    else:
        flash(_("The changes are kept."), "good")
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/publish")
def publish(lesson_id: UUID) -> ResponseReturnValue:
    """Show the lesson to its audience."""
    by = signed_in()
    publish_or_explain(get_lesson_to_edit(db(), lesson_id=lesson_id, by=by), by)
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/unpublish")
def unpublish(lesson_id: UUID) -> ResponseReturnValue:
    """Take it back."""
    unpublish_lesson(db(), clock(), lesson_id=lesson_id, by=signed_in())
    flash(_("No longer published. Only its teacher sees it now."), "good")
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/delete")
def delete(lesson_id: UUID) -> ResponseReturnValue:
    """Delete; the list says until when it can be brought back."""
    delete_lesson(db(), clock(), lesson_id=lesson_id, by=signed_in())
    return redirect(url_for("studio.home", _anchor="deleted"), code=303)


@bp.post("/lessons/<uuid:lesson_id>/restore")
def restore(lesson_id: UUID) -> ResponseReturnValue:
    """Bring it back as it was."""
    restore_lesson(db(), clock(), lesson_id=lesson_id, by=signed_in())
    flash(_("The lesson is back as it was."), "good")
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/share")
def share(lesson_id: UUID) -> ResponseReturnValue:
    """Make a link for anyone who has it."""
    is_new = text("is_new") == "yes"
    try:
        make_share_link(db(), clock(), lesson_id=lesson_id, by=signed_in(), is_new=is_new)
    except ConsentMissing as error:
        words = error_text(error.code)
        flash(f"{words.title}. {words.text}", "warning")
    return _back(lesson_id, "sharing")


@bp.post("/lessons/<uuid:lesson_id>/share/<uuid:share_link_id>/revoke")
def revoke(lesson_id: UUID, share_link_id: UUID) -> ResponseReturnValue:
    """Close a link."""
    revoke_share_link(db(), clock(), share_link_id=share_link_id, by=signed_in())
    flash(_("The link no longer opens the lesson."), "good")
    return _back(lesson_id, "sharing")


def _changes() -> LessonChanges:
    form = request.form
    return LessonChanges(
        title=form.get("title"),
        description=form.get("description"),
        tags=TAG_BREAKS.split(form["tags"]) if "tags" in form else None,
        language=form.get("language"),
        learning_area=form.get("learning_area"),
        grades=form.getlist("grades") if "has_grades" in form else None,
        indicators=form.get("indicators"),
        licence=form.get("licence"),
        rights_holder=form.get("rights_holder"),
        visibility=form.get("visibility"),
        may_be_kept="may_be_kept" in form if "has_may_be_kept" in form else None,
    )


def edit_page(lesson: Lesson, form: Form) -> str:
    """Return the page of a lesson, with what was typed and what is wrong with it."""
    undo = timedelta(days=wiring().settings.undo_days)
    return render_template(
        "studio/edit_lesson.html",
        lesson=edit_card(db(), lesson, undo=undo),
        form=form,
        is_given=is_given_now(db(), lesson_id=lesson.id),
        chosen_grades=request.form.getlist("grades") if form.values else lesson.grades,
        picture=picture_card(picture_of(db(), lesson=lesson, by=signed_in()), lesson),
        embed_sites=allowed_origins(db(), lesson),
        files=lesson_files_card(
            files_beside(db(), clock(), lesson_id=lesson.id, undo=undo), lesson, undo=undo
        ),
        visibility_labels=choices.visibility_labels(),
        learning_areas=choices.learning_area_labels(),
        grades=choices.grade_labels(),
        licences=choices.licence_labels(),
        track_languages=choices.track_labels(),
        track_kinds=kind_labels(),
    )


def _back(lesson_id: UUID, anchor: str | None = None) -> Response:
    address = url_for("studio_lessons.edit", lesson_id=lesson_id, _anchor=anchor)
    return redirect(address, code=303)
