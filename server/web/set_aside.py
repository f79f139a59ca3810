"""Files that were set aside: taken again by who sent them, or removed by a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from server.models.library import Original
from server.models.people import Person
from server.models.set_aside import AsideWhy, SetAside
from server.request_context import clock, db, signed_in, wiring
from server.services.set_aside import (
    claim_found,
    may_claim_set_aside,
    names_of_damaged,
    remove_set_aside,
)
from server.services.unused_files import remove_unused_file
from server.web.forms import safe_next
from server.web.translate import translate as _

bp = Blueprint("set_aside", __name__, url_prefix="/studio")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideCard:
    """One file in a list. `whose` is a person's or a school's name, or empty."""

    id: UUID
    file_name: str
    size_bytes: int
    whole_bytes: int
    sent_at: datetime | None
    whose: str
    what: str
    may_claim: bool
    fetch_url: str


def set_aside_cards(rows: Sequence[SetAside], by: Person) -> list[SetAsideCard]:
    """Return what the lists of the office and of a teacher are given."""
    damaged = names_of_damaged(db(), rows)
    return [_card(row, by, damaged.get(row.asset_id) if row.asset_id else None) for row in rows]


@bp.post("/found-files/<uuid:set_aside_id>/take")
def take(set_aside_id: UUID) -> ResponseReturnValue:
    """Go on to making a lesson of it."""
    original = claim_found(db(), clock(), set_aside_id=set_aside_id, by=signed_in())
    return redirect(url_for("studio.new_lesson", original_id=original.id), code=303)


@bp.post("/found-files/<uuid:set_aside_id>/remove")
def remove(set_aside_id: UUID) -> ResponseReturnValue:
    """Remove it for good."""
    by = signed_in()
    remove_set_aside(db(), clock(), wiring().store, set_aside_id=set_aside_id, by=by)
    flash(_("The file was removed for good."), "good")
    return redirect(safe_next(url_for("studio.home")), code=303)


@bp.post("/originals/<uuid:original_id>/remove")
def remove_file(original_id: UUID) -> ResponseReturnValue:
    """Remove a file of which no lesson was made."""
    remove_unused_file(db(), clock(), original_id=original_id, by=signed_in())
    flash(_("The file was removed for good. Its space is free in a few minutes."), "good")
    return redirect(url_for("studio.home"), code=303)


def _card(row: SetAside, by: Person, original: Original | None) -> SetAsideCard:
    owner, school = (original.owner, None) if original else (row.owner, row.school)
    return SetAsideCard(
        id=row.id,
        file_name=original.file_name if original else row.file_name,
        size_bytes=row.size_bytes,
        whole_bytes=row.whole_bytes,
        sent_at=original.created_at if original else row.sent_at,
        whose=owner.display_name if owner else school.name if school else "",
        what=_what(row),
        may_claim=may_claim_set_aside(by, row),
        fetch_url=url_for("studio_files.fetch", original_id=original.id) if original else "",
    )


def _what(row: SetAside) -> str:
    if row.why is AsideWhy.DAMAGED:
        return _(
            "The bytes of this file have changed on the disk. What was made of it plays on; what "
            "is left of it is kept. Sending the same file again puts it right."
        )
    if row.why is AsideWhy.PIECES:
        return _("The beginning of a file that was not sent to its end. Nobody knows whose it is.")
    return _("It was sent completely, and no lesson knows of it.")
