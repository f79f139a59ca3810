"""A lesson's file in its teacher's hands: replaced, put back, fetched."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.request_context import clock, db, signed_in, wiring
from server.services.browse import get_own_original, originals_without_lesson
from server.services.lessons import get_lesson_to_edit
from server.services.original_links import sign_original
from server.services.originals import get_original_for
from server.services.remaking import remake_asset
from server.services.replacing import (
    choose_file,
    drop_former_file,
    put_back_file,
    withdraw_file,
)
from server.web.forms import text
from server.web.studio import share_of, uploader_config
from server.web.translate import translate as _

bp = Blueprint("studio_files", __name__, url_prefix="/studio")


@bp.get("/lessons/<uuid:lesson_id>/file")
def replace(lesson_id: UUID) -> ResponseReturnValue:
    """Show where another file is sent, or one that was sent already is chosen."""
    by = signed_in()
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    after = url_for("studio_files.replace", lesson_id=lesson_id)
    share = share_of(by)
    return render_template(
        "studio/replace_file.html",
        lesson_id=lesson.id,
        title=lesson.title,
        is_trimmed=bool(lesson.kept_ranges),
        has_captions=bool(lesson.text_tracks or lesson.chapters),
        chosen=_chosen_file(request.args.get("original", type=UUID)),
        uploader=uploader_config(f"{after}?original={{original}}", share),
        max_bytes=wiring().settings.max_upload_bytes,
        usage=share,
        spare_files=[
            (str(file.id), file.file_name) for file in originals_without_lesson(db(), by=by)
        ],
    )


@bp.post("/lessons/<uuid:lesson_id>/file")
def choose(lesson_id: UUID) -> ResponseReturnValue:
    """Have the file take the lesson's place as soon as it can be watched."""
    original_id = request.form.get("original_id", type=UUID)
    if original_id is None:
        return redirect(url_for("studio_files.replace", lesson_id=lesson_id), code=303)
    coming = choose_file(
        db(),
        clock(),
        lesson_id=lesson_id,
        original_id=original_id,
        keeps_captions=text("captions") != "drop",
        by=signed_in(),
    )
    if coming is not None:
        flash(
            _(
                "The new file is being prepared. Until it can be watched the lesson shows the old "
                "one; the links stay the same."
            ),
            "good",
        )
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/file/withdraw")
def withdraw(lesson_id: UUID) -> ResponseReturnValue:
    """Keep the file that is shown."""
    withdraw_file(db(), clock(), lesson_id=lesson_id, by=signed_in())
    flash(_("The lesson keeps its file. The new one is among the files without a lesson."), "good")
    return _back(lesson_id)


@bp.post("/former-files/<uuid:lesson_file_id>/put-back")
def put_back(lesson_file_id: UUID) -> ResponseReturnValue:
    """Show the former file again."""
    lesson = put_back_file(
        db(), clock(), wiring().store, lesson_file_id=lesson_file_id, by=signed_in()
    )
    flash(_("The former file is back, with its captions. The links stay the same."), "good")
    return _back(lesson.id)


@bp.post("/former-files/<uuid:lesson_file_id>/drop")
def drop(lesson_file_id: UUID) -> ResponseReturnValue:
    """Give up the way back."""
    lesson = drop_former_file(db(), clock(), lesson_file_id=lesson_file_id, by=signed_in())
    flash(_("The former file can no longer be put back. Where it still plays, it ends."), "good")
    return _back(lesson.id)


@bp.get("/originals/<uuid:original_id>/fetch")
def fetch(original_id: UUID) -> ResponseReturnValue:
    """Lead to the original's bytes, for a short time."""
    original = get_original_for(db(), clock(), original_id=original_id, by=signed_in())
    settings = wiring().settings
    return redirect(sign_original(settings.playback_keys, original.id, clock()()), code=303)


@bp.post("/lessons/<uuid:lesson_id>/remake")
def remake(lesson_id: UUID) -> ResponseReturnValue:
    """Make the lesson's file anew with today's qualities."""
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=signed_in())
    if lesson.original is not None:
        remake_asset(db(), clock(), asset_id=lesson.original.asset_id, by=signed_in())
        flash(_("The file is being made anew. Until that is done it plays as it is."), "good")
    return _back(lesson_id)


def _chosen_file(original_id: UUID | None) -> tuple[str, str] | None:
    """Return id and name of the file that was just sent."""
    if original_id is None:
        return None
    original = get_own_original(db(), original_id=original_id, by=signed_in())
    return str(original.id), original.file_name


def _back(lesson_id: UUID) -> Response:
    address = url_for("studio_lessons.edit", lesson_id=lesson_id, _anchor="file")
    return redirect(address, code=303)
