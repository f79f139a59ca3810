"""The start page of a person, and the hat that they wear."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import NotFound
from server.policy import hats_of
from server.request_context import current_sign_in_id, db, signed_in, tablet_classroom_id
from server.services.classrooms import classrooms_of_pupil
from server.services.school_joining import requests_of_person
from server.services.sign_ins import choose_hat
from server.web.classroom_cards import classroom_card
from server.web.forms import safe_next

bp = Blueprint("start", __name__)


@bp.get("/home")
def home() -> ResponseReturnValue:
    """Show the classrooms in which the person learns."""
    by = signed_in()
    rooms = classrooms_of_pupil(db(), person=by, only_id=tablet_classroom_id())
    return render_template(
        "start/home.html",
        classrooms=[classroom_card(room) for room in rooms],
        asked=[row.school.name for row in requests_of_person(db(), person=by)],
    )


@bp.post("/hat")
def put_on() -> ResponseReturnValue:
    """Act in another of one's roles from now on, on this device."""
    hat_id = request.form.get("hat", type=UUID)
    sign_in_id = current_sign_in_id()
    by = signed_in()
    if sign_in_id is None or hat_id not in {role.id for role in hats_of(by)}:
        raise NotFound("no such role of this person")
    choose_hat(db(), sign_in_id=sign_in_id, hat_id=hat_id)
    return redirect(safe_next(url_for("start.home")), code=303)
