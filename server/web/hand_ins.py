"""Handing in, and what the teacher says of it."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from server.errors import FieldError, NotFound
from server.request_context import clock, db, signed_in, wiring
from server.services.hand_in_files import page_of_hand_in
from server.services.hand_ins import (
    Verdict,
    get_hand_in_file,
    hand_in,
    hand_ins_of_class,
    mark_hand_in,
)
from server.services.original_links import sign_handed_in
from server.web.forms import safe_next, text, typed
from server.web.hand_in_cards import class_hand_in_card, number_text, sent_file_ids
from server.web.item_pages import answer_refused
from server.web.lesson_steps import item_title
from server.web.translate import translate as _

bp = Blueprint("hand_ins", __name__)


@bp.post("/lessons/<uuid:lesson_id>/items/<uuid:item_id>/hand-in")
def send(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Hand in a text and files."""
    try:
        hand_in(
            db(),
            clock(),
            lesson_id=lesson_id,
            item_id=item_id,
            text=text("text"),
            original_ids=sent_file_ids(),
            by=signed_in(),
        )
    except FieldError as error:
        return answer_refused(lesson_id, item_id, typed(error))
    flash(_("It is with the teacher."), "good")
    return redirect(url_for("items.show", lesson_id=lesson_id, item_id=item_id), code=303)


@bp.get("/assignments/<uuid:assignment_id>/items/<uuid:item_id>/hand-ins")
def list_all(assignment_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Show what the class handed in, those first that wait."""
    found = hand_ins_of_class(db(), assignment_id=assignment_id, item_id=item_id, by=signed_in())
    cards = [class_hand_in_card(pupil, row) for pupil, row in found.rows]
    return render_template(
        "classrooms/hand_ins.html",
        classroom_id=found.assignment.classroom_id,
        assignment_id=assignment_id,
        lesson_title=found.lesson.title,
        title=item_title(found.item, found.lesson),
        most_points=number_text(found.item.most_points) if found.item.most_points else "",
        handed_in=[card for card in cards if card.handed_in_at],
        missing=[card.name for card in cards if not card.handed_in_at],
    )


@bp.post("/hand-ins/<uuid:hand_in_id>/mark")
def mark(hand_in_id: UUID) -> ResponseReturnValue:
    """Give it back, or ask for it once more."""
    verdict = Verdict(
        comment=text("comment"),
        mark=_mark(),
        is_final=text("action") != "again",
        read_at=_read_at(),
    )
    mark_hand_in(db(), clock(), hand_in_id=hand_in_id, verdict=verdict, by=signed_in())
    if verdict.is_final:
        flash(_("It is given back; the pupil sees mark and comment."), "good")
    else:
        flash(_("The pupil is asked to do it once more."), "good")
    return redirect(safe_next(url_for("classrooms.home")), code=303)


@bp.get("/hand-ins/<uuid:hand_in_id>/files/<uuid:original_id>")
def keep(hand_in_id: UUID, original_id: UUID) -> ResponseReturnValue:
    """Lead to a file of it, for a short time; of pictures to a copy without what a phone noted."""
    get_hand_in_file(db(), hand_in_id=hand_in_id, original_id=original_id, by=signed_in())
    address = sign_handed_in(wiring().settings.playback_keys, original_id, clock()())
    answer = redirect(address, code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/hand-ins/<uuid:hand_in_id>/files/<uuid:original_id>/pages/<int(max=99999):number>")
def page(hand_in_id: UUID, original_id: UUID, number: int) -> ResponseReturnValue:
    """Answer with a page of a file, as a picture that was made of it here."""
    original = get_hand_in_file(
        db(), hand_in_id=hand_in_id, original_id=original_id, by=signed_in()
    )
    image = page_of_hand_in(db(), wiring().store, asset_id=original.asset_id, number=number)
    answer = Response(image.content, mimetype=image.content_type)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _mark() -> float | None:
    typed = text("mark").strip().replace(",", ".")
    if not typed:
        return None
    try:
        return float(typed)
    except ValueError as error:
        raise FieldError("mark", "no number", rule="range") from error


def _read_at() -> datetime | None:
    try:
        return datetime.fromisoformat(text("read_at")) if text("read_at") else None
    except ValueError as error:
        raise NotFound("no such hand-in") from error
