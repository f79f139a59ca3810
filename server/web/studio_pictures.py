"""Chapters and the still picture of a lesson, in its teacher's hands."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import FieldError
from server.models.lessons import Lesson
from server.request_context import clock, db, signed_in, wiring
from server.services.chapters import (
    ChapterDraft,
    look_for_slides,
    may_look_for_slides,
    proposed_starts,
    save_chapters,
)
from server.services.lessons import get_lesson_to_edit
from server.services.posters import (
    as_poster,
    candidate_keys,
    read_candidate,
    set_poster,
    want_candidates,
)
from server.web.cards import poster_url
from server.web.clock_texts import read_clock
from server.web.dates import clock_time
from server.web.editor_cards import player_beside
from server.web.editor_words import chapter_editor_words
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("studio_pictures", __name__, url_prefix="/studio")

EMPTY_ROWS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterRow:
    """One line of the editor: a chapter, a proposal, or an empty line."""

    time: str
    title: str
    is_used: bool
    is_proposal: bool = False


@bp.get("/lessons/<uuid:lesson_id>/chapters")
def chapters(lesson_id: UUID) -> ResponseReturnValue:
    """Show the list of chapters, and proposals."""
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=signed_in())
    return _chapters_page(lesson, _rows_of(lesson), Form())


@bp.post("/lessons/<uuid:lesson_id>/chapters")
def keep_chapters(lesson_id: UUID) -> ResponseReturnValue:
    """Keep the lines that are ticked."""
    by = signed_in()
    rows = _typed_rows()
    try:
        drafts = [_draft(row, number) for number, row in enumerate(rows, start=1) if row.is_used]
        save_chapters(db(), clock(), lesson_id=lesson_id, drafts=drafts, by=by)
    except FieldError as error:
        lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
        return _chapters_page(lesson, rows, typed(error)), 422
    flash(_("The chapters are kept."), "good")
    return redirect(url_for("studio_pictures.chapters", lesson_id=lesson_id), code=303)


@bp.post("/lessons/<uuid:lesson_id>/chapters/find")
def find_chapters(lesson_id: UUID) -> ResponseReturnValue:
    """Have slide changes looked for."""
    look_for_slides(db(), clock(), lesson_id=lesson_id, by=signed_in())
    flash(_("Looking for places where slides change. Open this page again in a minute."))
    return redirect(url_for("studio_pictures.chapters", lesson_id=lesson_id), code=303)


@bp.get("/lessons/<uuid:lesson_id>/poster")
def poster(lesson_id: UUID) -> ResponseReturnValue:
    """Show the still picture, and others to choose from; they are drawn when first asked for."""
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=signed_in())
    return _poster_page(lesson, Form())


@bp.post("/lessons/<uuid:lesson_id>/poster")
def choose_poster(lesson_id: UUID) -> ResponseReturnValue:
    """Take a candidate, a sent picture, or the file's own again."""
    by = signed_in()
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    try:
        image = _chosen_image(lesson)
    except FieldError as error:
        return _poster_page(lesson, typed(error)), 422
    set_poster(db(), clock(), lesson_id=lesson_id, image=image, by=by)
    flash(_("The still picture is changed."), "good")
    return redirect(url_for("studio_pictures.poster", lesson_id=lesson_id), code=303)


@bp.get("/lessons/<uuid:lesson_id>/poster/<int:number>")
def candidate(lesson_id: UUID, number: int) -> ResponseReturnValue:
    """Answer with one picture to choose from."""
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=signed_in())
    answer = Response(
        read_candidate(wiring().store, lesson=lesson, number=number), mimetype="image/jpeg"
    )
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def _chapters_page(lesson: Lesson, rows: list[ChapterRow], form: Form) -> str:
    card, player = player_beside(lesson)
    return render_template(
        "studio/edit_chapters.html",
        lesson_id=lesson.id,
        title=lesson.title,
        page={"card": card, "player": player},
        rows=rows,
        form=form,
        may_look=may_look_for_slides(lesson),
        words=chapter_editor_words(),
    )


def _rows_of(lesson: Lesson) -> list[ChapterRow]:
    """Return chapters and proposals in order of time, then empty lines."""
    own = [(each.start_s, each.title, False) for each in lesson.chapters]
    proposals = [
        (start_s, _("Part %(number)s", number=number), True)
        for number, start_s in enumerate(proposed_starts(lesson), start=1)
    ]
    rows = [
        ChapterRow(
            time=clock_time(start_s), title=title, is_used=not proposed, is_proposal=proposed
        )
        for start_s, title, proposed in sorted([*own, *proposals])
    ]
    return [*rows, *(ChapterRow(time="", title="", is_used=True) for _n in range(EMPTY_ROWS))]


def _typed_rows() -> list[ChapterRow]:
    """Return the form's lines; empty ones are not used."""
    used = set(request.form.getlist("use"))
    pairs = zip(request.form.getlist("time"), request.form.getlist("title"), strict=False)
    return [
        ChapterRow(
            time=time.strip(),
            title=title.strip(),
            is_used=str(number) in used and bool(time.strip() or title.strip()),
        )
        for number, (time, title) in enumerate(pairs)
    ]


def _draft(row: ChapterRow, number: int) -> ChapterDraft:
    start_s = read_clock(row.time)
    if start_s is None:
        raise FieldError("chapters", "no time", rule="time", line=number)
    return ChapterDraft(start_s, row.title)


def _poster_page(lesson: Lesson, form: Form) -> str:
    is_drawing = want_candidates(db(), clock(), lesson=lesson)
    return render_template(
        "studio/poster.html",
        lesson_id=lesson.id,
        title=lesson.title,
        poster_url=poster_url(lesson),
        is_own=bool(lesson.poster_sha256),
        is_drawing=is_drawing,
        numbers=range(len(candidate_keys(lesson))),
        form=form,
    )


def _chosen_image(lesson: Lesson) -> bytes | None:
    """Return the picture to show; None for the file's own. Raises FieldError, NotFound."""
    if text("choice") == "own":
        return None
    if text("choice").isdecimal():
        number = int(text("choice")[:9])
        return read_candidate(wiring().store, lesson=lesson, number=number)
    file = request.files.get("poster")
    return as_poster(file.read() if file else b"")
