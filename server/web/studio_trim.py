"""Where a lesson begins and ends, and what is left out of it, in its teacher's hands."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import FieldError
from server.models.lessons import Lesson
from server.request_context import clock, db, signed_in
from server.services.lessons import get_lesson_to_edit
from server.services.trims import MOST_CUTS, TrimDraft, save_trim, trim_of
from server.web.clock_texts import fine_clock, read_clock
from server.web.dates import length_text
from server.web.editor_cards import player_beside
from server.web.editor_words import trim_words
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("studio_trim", __name__, url_prefix="/studio")

LARGEST_VERSION = 2**31 - 1  # of the databases' integers


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimTexts:
    """The times of the form as they are written."""

    start: str
    end: str
    cuts: Sequence[tuple[str, str]]


@bp.get("/lessons/<uuid:lesson_id>/trim")
def edit(lesson_id: UUID) -> ResponseReturnValue:
    """Show the player with two handles, and the list of cuts. Raises LessonNotReady."""
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=signed_in())
    draft = trim_of(lesson).draft
    texts = TrimTexts(
        start=fine_clock(draft.start_s),
        end=fine_clock(draft.end_s or 0),
        cuts=[(fine_clock(from_s), fine_clock(to_s)) for from_s, to_s in draft.cut_out],
    )
    return _page(lesson, texts, Form())


@bp.post("/lessons/<uuid:lesson_id>/trim")
def save(lesson_id: UUID) -> ResponseReturnValue:
    """Show what is left from now on; `act` "undo" shows everything again."""
    by = signed_in()
    texts = _typed_texts()
    try:
        draft = TrimDraft() if text("act") == "undo" else _draft(texts)
        lesson = save_trim(
            db(), clock(), lesson_id=lesson_id, draft=draft, version=_version(), by=by
        )
    except FieldError as error:
        lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
        return _page(lesson, texts, typed(error)), 422
    _tell(lesson)
    return redirect(url_for("studio_trim.edit", lesson_id=lesson_id), code=303)


def _tell(lesson: Lesson) -> None:
    if not lesson.kept_ranges:
        flash(_("The lesson shows the whole recording again."), "good")
        return
    told = _(
        "Students see the trimmed lesson from now on. The cuts are exact in a moment; until then "
        "up to 4 seconds more are left out beside each. The file that was sent is unchanged."
    )
    flash(told, "good")


def _page(lesson: Lesson, texts: TrimTexts, form: Form) -> str:
    card, player = player_beside(lesson)
    trim = trim_of(lesson)
    return render_template(
        "studio/trim.html",
        lesson_id=lesson.id,
        title=lesson.title,
        page={"card": card, "player": player},
        texts=texts,
        form=form,
        version=text("version") if form.faults else trim.version,
        is_trimmed=bool(lesson.kept_ranges),
        is_exact=trim.is_exact,
        length=length_text(trim.duration_s),
        shown_length=length_text(trim.shown_s),
        most_cuts=MOST_CUTS,
        config={
            "durationS": trim.duration_s,
            "mostCuts": MOST_CUTS,
            "words": trim_words(),
        },
    )


def _typed_texts() -> TrimTexts:
    """Return the form's times; empty lines are no cuts."""
    pairs = zip_longest(request.form.getlist("from"), request.form.getlist("to"), fillvalue="")
    return TrimTexts(
        start=text("start").strip(),
        end=text("end").strip(),
        cuts=[(one.strip(), other.strip()) for one, other in pairs if one.strip() or other.strip()],
    )


def _draft(texts: TrimTexts) -> TrimDraft:
    return TrimDraft(
        start_s=_seconds("start", texts.start) if texts.start else 0.0,
        end_s=_seconds("end", texts.end) if texts.end else None,
        cut_out=[(_seconds("cuts", one), _seconds("cuts", other)) for one, other in texts.cuts],
    )


def _seconds(field: str, typed_text: str) -> float:
    seconds = read_clock(typed_text)
    if seconds is None:
        raise FieldError(field, "not a time", rule="time")
    return seconds


def _version() -> int:
    return min(request.form.get("version", -1, type=int), LARGEST_VERSION)
