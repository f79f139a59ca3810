"""Lessons saved for later: as a file, or kept in the browser and played without a connection."""

from pathlib import Path
from typing import Any, cast
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue

from server.errors import NotFound
from server.models.lessons import Lesson
from server.request_context import (
    clock,
    current_sign_in_id,
    db,
    is_of_several,
    this_device,
    viewer,
)
from server.services.device_pupils import pupils_here
from server.services.lessons import get_lesson_for
from server.services.play import open_playback
from server.services.saving import SAVED_NAME
from server.services.share import find_shared_lesson
from server.web.lessons import lesson_or_sign_in
from server.web.saving_cards import kept_words, mark_of, owner_mark

bp = Blueprint("saving", __name__)

WORKER_PATH = Path(__file__).resolve().parents[1] / "static" / "service_worker.js"
# What is answered when there is no worker any more: those that are out there take themselves off.
RETIRED = "self.registration.unregister();"


@bp.get("/lessons/<uuid:lesson_id>/save/<name>")
def save(lesson_id: UUID, name: str) -> ResponseReturnValue:
    """Send the browser to the file, as one who may play the lesson."""
    return _to_file(lesson_or_sign_in(lesson_id), name, None)


@bp.get("/s/<token>/save/<name>")
def save_shared(token: str, name: str) -> ResponseReturnValue:
    """Send the browser to the file of a lesson that came by its link."""
    shared = find_shared_lesson(db(), token)
    lesson = get_lesson_for(
        db(), clock(), lesson_id=shared.lesson.id, by=viewer(), share_token=token
    )
    return _to_file(lesson, name, shared.share_link_id)


@bp.get("/kept")
def kept() -> ResponseReturnValue:
    """Show what is kept in this browser; with `device`, the page that is kept beside it.

    That one is shown without a connection, when nobody can tell who is signed in: no owner.
    """
    owner = None if "device" in request.args else owner_mark()
    here = pupils_here(db(), clock(), device=this_device()) if owner and is_of_several() else []
    keeping = {
        "owner": owner,
        "others": [mark_of(each.person.id) for each in here],
        "words": kept_words(),
    }
    return render_template("lessons/kept.html", keeping=keeping)


@bp.get("/service_worker.js")
def service_worker() -> ResponseReturnValue:
    """Answer with what shows kept lessons without a connection; it must stand at the root."""
    script = WORKER_PATH.read_bytes() if WORKER_PATH.is_file() else RETIRED.encode()
    answer = Response(script, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _to_file(lesson: Lesson, name: str, share_link_id: UUID | None) -> Response:
    if not SAVED_NAME.fullmatch(name):
        raise NotFound(f"nothing is saved as {name}")
    playback = open_playback(
        db(),
        clock(),
        lesson=lesson,
        person=viewer(),
        sign_in_id=current_sign_in_id(),
        share_link_id=share_link_id,
    )
    sign = cast(Any, current_app.extensions["khlang.sign"])
    base_url = sign(playback.id, playback.asset_id, playback.expires_at)
    answer = make_response(redirect(f"{base_url}{name}", code=303))
    answer.headers["Cache-Control"] = "no-store"
    return answer
