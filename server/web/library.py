"""The library: what is new and begun, what a search finds, and the ways in without typing."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from search.index import IndexFault
from server.errors import NotFound
from server.policy import may_manage_office
from server.request_context import after_answer, clock, db, viewer, wiring
from server.services.catalogue import (
    area_shelf,
    begun_lessons,
    newest_lessons,
    popular_lessons,
    school_names,
    shelves,
)
from server.services.classrooms import grades_of_pupil
from server.services.curriculum import texts_of
from server.services.find import MAX_PAGE, Found, Question, find_lessons
from server.services.search_log import note_query
from server.services.synonyms import office_synonyms
from server.web.cards import lesson_card
from server.web.choices import learning_area_labels
from server.web.search_facets import Wishes, wishes_in_address
from server.web.search_pages import ResultPage, result_page
from server.web.shelf_cards import area_page, begun_card, codes_of, shelf_cards
from server.web.watched_cards import watched_cards

bp = Blueprint("library", __name__)

NEWEST, POPULAR, BEGUN = 12, 4, 4


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show what this person has begun, what is new, what is popular, and the shelves."""
    by = viewer()
    begun = begun_lessons(db(), viewer=by, most=BEGUN)
    shown = [one.lesson.id for one in begun]  # each lesson stands on the page once
    newest = newest_lessons(db(), viewer=by, most=NEWEST, without=shown)
    shown += [one.id for one in newest]
    popular = popular_lessons(db(), viewer=by, most=POPULAR, without=shown)
    watched = watched_cards([*(one.lesson for one in begun), *newest, *popular])
    return render_template(
        "library/home.html",
        begun=[begun_card(one, watched=watched.get(one.lesson.id)) for one in begun],
        newest=[lesson_card(one, watched=watched.get(one.id)) for one in newest],
        popular=[lesson_card(one, watched=watched.get(one.id)) for one in popular],
        shelves=shelf_cards(shelves(db(), wiring().index, viewer=by)),
    )


@bp.get("/search")
def search() -> ResponseReturnValue:
    """Show what fits the words and filters; the address can be kept and sent."""
    wishes = wishes_in_address(last_page=MAX_PAGE)
    return render_template("library/search.html", result=_result(wishes))


@bp.get("/browse")
def browse() -> ResponseReturnValue:
    """Show the shelves: learning areas, grades, schools."""
    cards = shelf_cards(shelves(db(), wiring().index, viewer=viewer()))
    return render_template("library/browse.html", shelves=cards)


@bp.get("/browse/<letter>")
def browse_area(letter: str) -> ResponseReturnValue:
    """Show one learning area: its strands, and their indicators."""
    if letter not in learning_area_labels():
        raise NotFound(f"no learning area {letter}")
    shelf = area_shelf(db(), letter=letter, viewer=viewer())
    page = area_page(letter, shelf, texts_of(db(), clock(), codes_of(shelf)))
    return render_template("library/browse_area.html", area=page)


def _result(wishes: Wishes) -> ResultPage:
    try:
        found = find_lessons(db(), wiring().index, _question(wishes), viewer=viewer())
    except IndexFault:
        current_app.logger.exception("the search index cannot be read")
        return ResultPage(text=wishes.text, chosen=wishes.chosen, is_away=True)
    if wishes.is_bare and not found.is_incomplete:
        meant = found.did_you_mean if found.is_other_layout else wishes.text
        _count(meant, is_missed=not found.total)
    schools = school_names(db(), ids=_schools_in(wishes, found))
    is_counted = wiring().settings.search_log_days > 0
    is_office = may_manage_office(viewer())
    explain_url = wishes.url(explain="" if wishes.is_explained else "1") if is_office else ""
    return result_page(wishes, found, schools, explain_url=explain_url, is_counted=is_counted)


def _question(wishes: Wishes) -> Question:
    return Question(
        text=wishes.text,
        filters=wishes.filters(),
        sort=wishes.sort,
        page=wishes.page,
        synonyms=office_synonyms(db()),
        prefer_grades=grades_of_pupil(db(), person=viewer()),
        is_explained=wishes.is_explained and may_manage_office(viewer()),
    )


def _count(text: str, *, is_missed: bool) -> None:
    """Count the search when the answer is on its way: nobody waits for it."""
    if wiring().settings.search_log_days:
        now = clock()
        after_answer(lambda session: note_query(session, now, text=text, is_missed=is_missed))


def _schools_in(wishes: Wishes, found: Found) -> set[str]:
    chosen = wishes.chosen.get("school", "")
    return {*found.facets.get("school", {}), *([chosen] if chosen else [])}
