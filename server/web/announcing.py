"""Telling a classroom something, and who has seen it."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError
from server.request_context import clock, db, signed_in
from server.services.announcements import announce, announcements_of, remove_announcement
from server.services.classrooms import get_classroom
from server.web.announcement_cards import teachers_card
from server.web.classroom_cards import classroom_card
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("announcing", __name__)


@bp.get("/classrooms/<uuid:classroom_id>/announcements")
def show(classroom_id: UUID) -> ResponseReturnValue:
    """Show what the classroom was told, and who has seen it."""
    return _page(classroom_id, Form())


@bp.post("/classrooms/<uuid:classroom_id>/announcements")
def tell(classroom_id: UUID) -> ResponseReturnValue:
    """Tell it something."""
    try:
        announce(
            db(), clock(), classroom_id=classroom_id, text=text("announcement"), by=signed_in()
        )
    except FieldError as error:
        return _page(classroom_id, typed(error)), 422
    flash(_("The classroom is told. Here you see who has seen it."), "good")
    return _to(classroom_id)


@bp.post("/announcements/<uuid:announcement_id>/remove")
def remove(announcement_id: UUID) -> ResponseReturnValue:
    """Take it back."""
    by = signed_in()
    classroom_id = remove_announcement(db(), clock(), announcement_id=announcement_id, by=by)
    flash(_("It is taken back. Who has seen it may remember."), "good")
    return _to(classroom_id)


def _page(classroom_id: UUID, form: Form) -> str:
    by = signed_in()
    classroom = get_classroom(db(), classroom_id=classroom_id, by=by)
    told = announcements_of(db(), classroom_id=classroom_id, by=by)
    return render_template(
        "classrooms/announcements.html",
        classroom=classroom_card(classroom),
        told=[teachers_card(each) for each in told],
        form=form,
    )


def _to(classroom_id: UUID) -> Response:
    return redirect(url_for("announcing.show", classroom_id=classroom_id), code=303)
