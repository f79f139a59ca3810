"""The library: what is new, and what a search finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from search.index import IndexFault
from server.request_context import db, viewer, wiring
from server.services.find import Filters, Found, FoundLesson, find_lessons
from server.web.cards import LessonCard, lesson_card
from server.web.choices import grade_labels, kind_labels, learning_area_labels

bp = Blueprint("library", __name__)

LONGEST_QUERY = 200
LAST_PAGE = 500
FILTERS = ("learning_area", "grade", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """One page of lessons, and the way to the others."""

    cards: list[LessonCard]
    text: str
    chosen: Mapping[str, str]
    facets: Mapping[str, Mapping[str, int]]
    total: int
    page: int
    did_you_mean: str
    did_you_mean_url: str
    newer_url: str
    older_url: str
    is_away: bool


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the newest lessons for this person."""
    return render_template("library/home.html", result=_result(), **_choices())


@bp.get("/search")
def search() -> ResponseReturnValue:
    """Show what fits the words and filters; the address can be kept and sent."""
    return render_template("library/search.html", result=_result(), **_choices())


def _result() -> ResultPage:
    text = request.args.get("q", "")[:LONGEST_QUERY].replace("\x00", "").strip()
    chosen = {name: request.args.get(name, "")[:40] for name in FILTERS}
    filters = Filters(
        learning_area=chosen["learning_area"],
        grade=chosen["grade"],
        kind=chosen["kind"],
        school_id=_school_id(),
    )
    page = _page_number()
    is_away = False
    try:
        found = find_lessons(
            db(), wiring().index, text=text, viewer=viewer(), filters=filters, page=page
        )
    except IndexFault:
        current_app.logger.exception("the search index cannot be read")
        found, is_away = Found(), True
    return _shown(found, text, chosen, is_away=is_away)


def _shown(found: Found, text: str, chosen: Mapping[str, str], *, is_away: bool) -> ResultPage:
    return ResultPage(
        cards=[_card(one) for one in found.lessons],
        text=text,
        chosen=chosen,
        facets=found.facets,
        total=found.total,
        page=found.page,
        did_you_mean=found.did_you_mean,
        did_you_mean_url=url_for("library.search", q=found.did_you_mean),
        newer_url=_page_url(found.page - 1) if found.page > 1 else "",
        older_url=_page_url(found.page + 1) if found.page < found.page_count else "",
        is_away=is_away,
    )


def _card(one: FoundLesson) -> LessonCard:
    return lesson_card(one.lesson, passage=one.passages[0] if one.passages else None)


def _choices() -> dict[str, Mapping[str, str]]:
    return {
        "learning_areas": learning_area_labels(),
        "grades": grade_labels(),
        "kinds": kind_labels(),
    }


def _page_number() -> int:
    typed = request.args.get("page", 1, type=int)
    return min(max(typed, 1), LAST_PAGE)


def _page_url(page: int) -> str:
    others = [(name, value) for name, value in request.args.items() if name != "page" and value]
    return f"{request.path}?{urlencode([*others, ('page', page)])}"


def _school_id() -> UUID | None:
    try:
        return UUID(request.args["school"]) if request.args.get("school") else None
    except ValueError:
        return None
