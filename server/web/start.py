"""The start page of a person, and the hat that they wear."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import NotFound
from server.policy import hats_of
from server.request_context import after_answer, clock, current_sign_in_id, db, signed_in
from server.services.announcements import announcements_to, note_seen
from server.services.classrooms import classrooms_of_pupil
from server.services.pupil_tasks import tasks_of_pupil
from server.services.school_joining import requests_of_person
from server.services.sign_ins import choose_hat
from server.web.announcement_cards import pupils_card
from server.web.classroom_cards import classroom_card
from server.web.forms import safe_next
from server.web.start_cards import tasks_card

bp = Blueprint("start", __name__)


@bp.get("/home")
def home() -> ResponseReturnValue:
    """Show what to learn, what was told, and the classrooms; `part=tasks` is the first alone."""
    by = signed_in()
    tasks = tasks_card(tasks_of_pupil(db(), clock(), person=by), clock()())
    if request.args.get("part") == "tasks":
        return render_template("start/_tasks.html", tasks=tasks)
    rooms = classrooms_of_pupil(db(), person=by)
    told = announcements_to(db(), clock(), person=by)
    _note_shown([each.announcement.id for each in told if not each.is_seen], by.id)
    return render_template(
        "start/home.html",
        tasks=tasks,
        announcements=[pupils_card(each) for each in told],
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


def _note_shown(announcement_ids: Sequence[UUID], person_id: UUID) -> None:
    """Note, when the page is on its way, that it showed these."""
    now = clock()
    if announcement_ids:
        after_answer(
            lambda session: note_seen(
                session, now, announcement_ids=announcement_ids, person_id=person_id
            )
        )
