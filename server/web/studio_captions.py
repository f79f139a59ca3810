"""A lesson's captions in its teacher's hands: files, the editor, what is laid aside."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from media_pipeline.caption_reading import DraftCue, Reading, read_captions
from server.errors import CaptionsChanged, CaptionsFaulty, FieldError
from server.models.lessons import AsideReason, TextTrack
from server.models.people import Person
from server.request_context import clock, db, signed_in, wiring
from server.services.automatic_captions import ask_for_captions
from server.services.captions import (
    TrackName,
    add_captions,
    confirm_captions,
    duration_ms_of,
    get_track_to_edit,
    keep_captions,
    remove_captions,
    save_captions,
)
from server.services.lessons import get_lesson_to_edit
from server.services.people import name_of
from server.services.texts_aside import drop_text_aside, get_text_aside
from server.web.caption_texts import fault_rows, mend_texts
from server.web.editor_cards import EditedText, editor_page
from server.web.error_texts import field_text
from server.web.forms import Form, text
from server.web.studio_lessons import edit_page
from server.web.translate import translate as _

LONGEST_MS = 2**40

bp = Blueprint("studio_captions", __name__, url_prefix="/studio")


@bp.post("/lessons/<uuid:lesson_id>/captions")
def upload(lesson_id: UUID) -> ResponseReturnValue:
    """Take a file; one with faults opens in the editor, with its text in place."""
    by = signed_in()
    file = request.files.get("captions")
    try:
        saved = add_captions(
            db(),
            clock(),
            wiring().store,
            lesson_id=lesson_id,
            language=text("other_language").strip() or text("language"),
            kind=text("kind") or "captions",
            raw=file.read() if file else b"",
            by=by,
        )
    except CaptionsFaulty as error:
        if error.text_aside_id:
            address = url_for("studio_captions.correct", text_aside_id=error.text_aside_id)
            return redirect(address, code=303)
        return _refused(lesson_id, by, error)
    except FieldError as error:
        return _refused(lesson_id, by, error)
    flash(" ".join([_("The captions are kept."), *mend_texts(saved.mends)]), "good")
    return _back(lesson_id)


@bp.get("/lessons/<uuid:lesson_id>/captions/edit")
def edit(lesson_id: UUID) -> ResponseReturnValue:
    """Open the editor on a track; without one it begins empty."""
    by = signed_in()
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    language = request.args.get("language", "").strip() or lesson.language
    name = TrackName.parse(lesson_id, language, request.args.get("kind", "captions"))
    track = get_track_to_edit(db(), name=name, by=by)
    reading = read_captions(track.text.encode()) if track else Reading()
    edited = EditedText(name=name, drafts=reading.drafts, track=track)
    return render_template("studio/edit_captions.html", editor=editor_page(lesson, edited))


@bp.get("/captions-aside/<uuid:text_aside_id>")
def correct(text_aside_id: UUID) -> ResponseReturnValue:
    """Open the editor on a text that is not shown."""
    by = signed_in()
    aside = get_text_aside(db(), text_aside_id=text_aside_id, by=by)
    lesson = get_lesson_to_edit(db(), lesson_id=aside.lesson_id, by=by)
    name = TrackName(aside.lesson_id, aside.language, aside.kind)
    track = get_track_to_edit(db(), name=name, by=by)
    reading = read_captions(aside.text.encode(), duration_ms=duration_ms_of(lesson))
    edited = EditedText(
        name=name,
        drafts=reading.drafts,
        track=track,
        aside_id=aside.id,
        faults=reading.faults,
        has_more_faults=reading.has_more_faults,
        mends=reading.mends if aside.why == AsideReason.FAULTY else {},
    )
    return render_template("studio/edit_captions.html", editor=editor_page(lesson, edited))


@bp.post("/lessons/<uuid:lesson_id>/captions/save")
def save(lesson_id: UUID) -> ResponseReturnValue:
    """Keep what the editor sends; it is told what is wrong, or that somebody was quicker."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise FieldError("captions", "not what the editor sends", rule="unknown")
    name = TrackName.parse(lesson_id, str(body.get("language")), str(body.get("kind")))
    aside_id = body.get("aside_id")
    try:
        saved = save_captions(
            db(),
            clock(),
            wiring().store,
            name=name,
            drafts=_drafts_of(body.get("cues")),
            version=_whole(body.get("version")) or 0,
            corrects=UUID(aside_id) if isinstance(aside_id, str) and aside_id else None,
            by=signed_in(),
        )
    except CaptionsFaulty as error:
        return {"faults": fault_rows(error.faults)}, 422
    except CaptionsChanged:
        track = get_track_to_edit(db(), name=name, by=signed_in())
        return {**_version_of(track), "cues": _cues_of(track)}, 409
    return {**_version_of(saved.track), "cues": _cues_of(saved.track)}


@bp.get("/lessons/<uuid:lesson_id>/captions/version")
def version(lesson_id: UUID) -> ResponseReturnValue:
    """Tell an open editor whether somebody else saved meanwhile."""
    kind = request.args.get("kind", "captions")
    name = TrackName.parse(lesson_id, request.args.get("language", "th"), kind)
    return _version_of(get_track_to_edit(db(), name=name, by=signed_in()))


@bp.post("/lessons/<uuid:lesson_id>/captions/<uuid:text_track_id>/confirm")
def confirm(lesson_id: UUID, text_track_id: UUID) -> ResponseReturnValue:
    """Note that automatic captions were read."""
    confirm_captions(db(), clock(), text_track_id=text_track_id, by=signed_in())
    flash(_("The captions are marked as checked."), "good")
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/captions/<uuid:text_track_id>/remove")
def remove(lesson_id: UUID, text_track_id: UUID) -> ResponseReturnValue:
    """Take captions off; they can be brought back."""
    remove_captions(db(), clock(), text_track_id=text_track_id, by=signed_in())
    flash(_("The captions were taken off. They can be brought back below."), "good")
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/captions/automatic")
def ask(lesson_id: UUID) -> ResponseReturnValue:
    """Have the speech model write captions."""
    get_lesson_to_edit(db(), lesson_id=lesson_id, by=signed_in())
    if wiring().settings.speech_command:
        ask_for_captions(db(), clock(), lesson_id=lesson_id, by=signed_in())
        flash(_("Captions are being written. That takes a while; the lesson plays meanwhile."))
    return _back(lesson_id)


@bp.post("/captions-aside/<uuid:text_aside_id>/bring-back")
def bring_back(text_aside_id: UUID) -> ResponseReturnValue:
    """Show a former text again; the present one is laid aside."""
    by = signed_in()
    aside = get_text_aside(db(), text_aside_id=text_aside_id, by=by)
    lesson = get_lesson_to_edit(db(), lesson_id=aside.lesson_id, by=by)
    reading = read_captions(aside.text.encode(), duration_ms=duration_ms_of(lesson))
    if reading.faults:
        return redirect(url_for("studio_captions.correct", text_aside_id=aside.id), code=303)
    name = TrackName(aside.lesson_id, aside.language, aside.kind)
    keep_captions(db(), clock(), wiring().store, name=name, cues=reading.cues, by=by)
    drop_text_aside(db(), clock(), text_aside_id=text_aside_id, by=by)
    flash(_("The former captions are shown again."), "good")
    return _back(lesson.id)


@bp.post("/captions-aside/<uuid:text_aside_id>/drop")
def drop(text_aside_id: UUID) -> ResponseReturnValue:
    """Remove a text that is not shown, for good."""
    lesson_id = drop_text_aside(db(), clock(), text_aside_id=text_aside_id, by=signed_in())
    flash(_("The text was removed for good."), "good")
    return _back(lesson_id)


def _refused(lesson_id: UUID, by: Person, error: FieldError) -> ResponseReturnValue:
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    return edit_page(lesson, Form({}, {"captions": field_text(error.field, error.facts)})), 422


def _drafts_of(cues: object) -> list[DraftCue]:
    """Return [start_ms, end_ms, text] of each cue. Raises FieldError for anything else."""
    rows = cues if isinstance(cues, list) else [None]
    return [_draft_of(row) for row in rows]


def _draft_of(row: object) -> DraftCue:
    match row:
        case [start_ms, end_ms, str(words)]:
            return DraftCue(start_ms=_whole(start_ms), end_ms=_whole(end_ms), text=words)
        case _:
            raise FieldError("captions", "not what the editor sends", rule="unknown")


def _whole(value: object) -> int | None:
    """Return a number of JSON as an int; None for anything else, also for NaN."""
    if isinstance(value, int | float) and abs(value) < LONGEST_MS:
        return round(value)
    return None


def _version_of(track: TextTrack | None) -> dict[str, Any]:
    """Return which version there is, of whom; 0 without a track."""
    if track is None:
        return {"version": 0, "by": "", "at": None}
    by = name_of(db(), track.by_id) if track.by_id else ""
    return {"version": track.version, "by": by, "at": track.created_at.isoformat()}


def _cues_of(track: TextTrack | None) -> list[list[Any]]:
    drafts = read_captions(track.text.encode()).drafts if track else []
    return [[draft.start_ms, draft.end_ms, draft.text] for draft in drafts]


def _back(lesson_id: UUID) -> Response:
    address = url_for("studio_lessons.edit", lesson_id=lesson_id, _anchor="captions")
    return redirect(address, code=303)
