"""Deleting a lesson that is given, and removing one for good: each asks on a page of its own."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from server.errors import Conflict, LessonChanged
from server.request_context import clock, db, signed_in, wiring
from server.services.hanging import Hanging, what_hangs
from server.services.tidy import erase_lesson
from server.services.work_retention import kept_until
from server.web.dates import shown_day
from server.web.forms import text
from server.web.translate import translate as _

bp = Blueprint("studio_removal", __name__, url_prefix="/studio")


@bp.get("/lessons/<uuid:lesson_id>/delete")
def ask_delete(lesson_id: UUID) -> ResponseReturnValue:
    """Say what hangs on a lesson before it is deleted, with undo."""
    hanging = what_hangs(db(), clock(), lesson_id=lesson_id, by=signed_in())
    if hanging.lesson.deleted_at is not None:
        return redirect(url_for("studio_removal.ask_erase", lesson_id=lesson_id), code=303)
    return _page(hanging)


@bp.get("/lessons/<uuid:lesson_id>/erase")
def ask_erase(lesson_id: UUID) -> ResponseReturnValue:
    """Say what hangs on a deleted lesson, and what is kept, before it is removed for good."""
    return _page(_deleted(lesson_id))


@bp.post("/lessons/<uuid:lesson_id>/erase")
def erase(lesson_id: UUID) -> ResponseReturnValue:
    """Remove a deleted lesson at once, if all is as the page said: there is no way back."""
    try:
        erase_lesson(db(), clock(), lesson_id=lesson_id, by=signed_in(), seen=text("seen"))
    except LessonChanged:
        return _page(_deleted(lesson_id), is_changed=bool(text("seen"))), 409
    flash(_("The lesson was removed for good. Its space is free in a few minutes."), "good")
    return redirect(url_for("studio.home"), code=303)


def _deleted(lesson_id: UUID) -> Hanging:
    """Return what hangs on it. Raises NotFound, or Conflict when it is not deleted."""
    hanging = what_hangs(db(), clock(), lesson_id=lesson_id, by=signed_in())
    if hanging.lesson.deleted_at is None:
        raise Conflict("a lesson is deleted first, with undo")
    return hanging


def _page(hanging: Hanging, *, is_changed: bool = False) -> str:
    undo = timedelta(days=wiring().settings.undo_days)
    deleted_at = hanging.lesson.deleted_at
    until = kept_until(db(), clock(), hanging.lesson.school_id)
    return render_template(
        "studio/remove_lesson.html",
        lesson_id=hanging.lesson.id,
        title=hanging.lesson.title,
        hanging=hanging,
        is_for_good=deleted_at is not None,
        is_changed=is_changed,
        work_until=shown_day(until) if until else "",
        restorable_until=(deleted_at or clock()()) + undo,
    )
