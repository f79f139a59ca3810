"""The office's part in the search: what people look for in vain, and words that mean the same."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError
from server.request_context import clock, db, signed_in, wiring
from server.services.search_log import LEAST_ASKED, AskedText, search_log
from server.services.synonyms import (
    add_synonyms,
    change_synonyms,
    list_synonyms,
    remove_synonyms,
)
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("search_admin", __name__, url_prefix="/admin/search")

PERIODS_DAYS = (7, 30, 365)
BETWEEN_WORDS = re.compile(r"[,\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCard:
    """One query, and the way to its results."""

    text: str
    asked_count: int
    missed_count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCard:
    """One group of words that mean the same."""

    id: UUID
    words: str


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show what is searched for, and the office's words."""
    return _page(Form())


@bp.post("/synonyms")
def add() -> ResponseReturnValue:
    """Add a group of words."""
    try:
        add_synonyms(db(), clock(), words=_words(), by=signed_in())
    except FieldError as error:
        return _page(typed(error)), 422
    flash(_("The words are kept. Searches find them at once."), "good")
    return _back()


@bp.post("/synonyms/<uuid:group_id>")
def change(group_id: UUID) -> ResponseReturnValue:
    """Change the words of a group."""
    try:
        change_synonyms(db(), clock(), group_id=group_id, words=_words(), by=signed_in())
    except FieldError as error:
        return _page(typed(error), wrong_group=group_id), 422
    flash(_("The words are kept. Searches find them at once."), "good")
    return _back()


@bp.post("/synonyms/<uuid:group_id>/remove")
def remove(group_id: UUID) -> ResponseReturnValue:
    """Remove a group."""
    remove_synonyms(db(), clock(), group_id=group_id, by=signed_in())
    flash(_("The group is removed."), "good")
    return _back()


def _page(form: Form, *, wrong_group: UUID | None = None) -> str:
    by = signed_in()
    days = _days()
    log = search_log(db(), clock(), days=days, by=by)
    return render_template(
        "admin/search.html",
        popular=[_asked_card(one) for one in log.popular],
        missed=[_asked_card(one) for one in log.missed],
        asked_count=log.asked_count,
        missed_count=log.missed_count,
        days=days,
        periods=PERIODS_DAYS,
        least=LEAST_ASKED,
        kept_days=wiring().settings.search_log_days,
        groups=[
            GroupCard(id=group.id, words=", ".join(group.words))
            for group in list_synonyms(db(), by=by)
        ],
        form=form,
        empty_form=Form(),
        wrong_group=wrong_group,
        proposed=request.args.get("words", "")[:100],
    )


def _asked_card(one: AskedText) -> AskedCard:
    return AskedCard(
        text=one.text,
        asked_count=one.asked_count,
        missed_count=one.missed_count,
        url=f"{url_for('library.search')}?{urlencode({'q': one.text})}",
    )


def _days() -> int:
    asked = request.args.get("days", type=int)
    return asked if asked in PERIODS_DAYS else PERIODS_DAYS[1]


def _words() -> list[str]:
    return BETWEEN_WORDS.split(text("words"))


def _back() -> Response:
    return redirect(url_for("search_admin.home", _anchor="synonyms"), code=303)
