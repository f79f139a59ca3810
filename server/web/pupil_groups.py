"""Groups of a classroom, as its teacher makes them."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError
from server.request_context import clock, db, signed_in
from server.services.classrooms import get_classroom
from server.services.enrolments import members_of
from server.services.pupil_groups import list_groups, remove_group, save_group
from server.web.classroom_cards import classroom_card, numbered
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("pupil_groups", __name__)


@bp.get("/classrooms/<uuid:classroom_id>/groups")
def show(classroom_id: UUID) -> ResponseReturnValue:
    """Show the groups, and ask for another one; `group` is changed."""
    return _page(classroom_id, Form())


@bp.post("/classrooms/<uuid:classroom_id>/groups")
def save(classroom_id: UUID) -> ResponseReturnValue:
    """Keep a group."""
    try:
        save_group(
            db(),
            clock(),
            classroom_id=classroom_id,
            group_id=request.values.get("group", type=UUID),
            name=text("name"),
            enrolment_ids=request.form.getlist("pupil", type=UUID),
            by=signed_in(),
        )
    except FieldError as error:
        return _page(classroom_id, typed(error)), 422
    flash(_("The group is kept. Choose it when you give a lesson."), "good")
    return _to(classroom_id)


@bp.post("/classrooms/<uuid:classroom_id>/groups/<uuid:group_id>/remove")
def remove(classroom_id: UUID, group_id: UUID) -> ResponseReturnValue:
    """Remove a group."""
    remove_group(db(), clock(), classroom_id=classroom_id, group_id=group_id, by=signed_in())
    flash(_("The group is removed. What was given to its pupils stays."), "good")
    return _to(classroom_id)


def _page(classroom_id: UUID, form: Form) -> str:
    classroom = get_classroom(db(), classroom_id=classroom_id, by=signed_in())
    members = members_of(db(), classroom_ids=[classroom_id]).get(classroom_id, [])
    names = {row.person_id: numbered(row) for row in members}
    groups = list_groups(db(), classroom_ids=[classroom_id])
    group_id = request.values.get("group", type=UUID)
    changed = next((group for group in groups if group.id == group_id), None)
    in_it = {row.person_id for row in changed.members} if changed else set[UUID]()
    chosen = request.form.getlist("pupil", type=UUID)
    return render_template(
        "classrooms/groups.html",
        classroom=classroom_card(classroom),
        groups=[
            (
                group.id,
                group.name,
                [names[row.person_id] for row in group.members if row.person_id in names],
            )
            for group in groups
        ],
        pupils=[
            (row.id, numbered(row), row.id in chosen or (not chosen and row.person_id in in_it))
            for row in members
        ],
        group_id=changed.id if changed else None,
        group_name=changed.name if changed else "",
        form=form,
    )


def _to(classroom_id: UUID) -> Response:
    return redirect(url_for("pupil_groups.show", classroom_id=classroom_id), code=303)
