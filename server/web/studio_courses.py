"""Courses in their teachers' hands: units, weeks, lessons in order, copied to the next term."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from search.index import IndexFault
from server.errors import FieldError, NotAllowed
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import may_upload
from server.request_context import clock, db, hat_id, signed_in, wiring
from server.services.course_units import (
    UnitFacts,
    add_lessons,
    add_unit,
    edit_unit,
    move_lesson,
    move_unit,
    remove_lesson,
    remove_unit,
)
from server.services.courses import (
    CourseFacts,
    copy_course,
    create_course,
    delete_course,
    edit_course,
    get_course_to_edit,
    list_courses,
    restore_course,
)
from server.services.find import Question, find_lessons
from server.services.lesson_facets import Filters
from server.services.lessons import list_own_lessons
from server.services.terms import day_in_bangkok, terms_around
from server.web.course_cards import course_card, course_page, lesson_choices, term_text
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("studio_courses", __name__, url_prefix="/studio/courses")


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the person's courses, and the form for a new one."""
    return _home(Form())


@bp.post("/")
def create() -> ResponseReturnValue:
    """Make a course, then fill it."""
    try:
        course = create_course(
            db(), clock(), facts=_course_facts(), by=signed_in(), hat_id=hat_id()
        )
    except FieldError as error:
        return _home(typed(error)), 422
    return _back(course.id)


@bp.get("/<uuid:course_id>")
def edit(course_id: UUID) -> ResponseReturnValue:
    """Show everything about a course that may be changed."""
    return _edit(course_id, Form())


@bp.post("/<uuid:course_id>")
def save(course_id: UUID) -> ResponseReturnValue:
    """Change title, description and term."""
    try:
        edit_course(db(), clock(), course_id=course_id, facts=_course_facts(), by=signed_in())
    except FieldError as error:
        return _edit(course_id, typed(error)), 422
    flash(_("The changes are kept."), "good")
    return _back(course_id)


@bp.post("/<uuid:course_id>/copy")
def copy(course_id: UUID) -> ResponseReturnValue:
    """Make the same course for the next term."""
    made = copy_course(db(), clock(), course_id=course_id, by=signed_in(), hat_id=hat_id())
    flash(
        _(
            "Copied to %(term)s. The lessons are the same ones.",
            term=term_text(made.academic_year, made.term_number),
        ),
        "good",
    )
    return _back(made.id)


@bp.post("/<uuid:course_id>/delete")
def delete(course_id: UUID) -> ResponseReturnValue:
    """Delete; the list says until when it can be brought back. Its lessons stay."""
    delete_course(db(), clock(), course_id=course_id, by=signed_in())
    flash(_("The course was deleted. Its lessons are unchanged."), "good")
    return redirect(url_for("studio_courses.home", _anchor="deleted"), code=303)


@bp.post("/<uuid:course_id>/restore")
def restore(course_id: UUID) -> ResponseReturnValue:
    """Bring it back as it was."""
    restore_course(db(), clock(), course_id=course_id, by=signed_in())
    flash(_("The course is back as it was."), "good")
    return _back(course_id)


@bp.post("/<uuid:course_id>/units")
def new_unit(course_id: UUID) -> ResponseReturnValue:
    """Put a unit at the end."""
    try:
        unit = add_unit(db(), clock(), course_id=course_id, facts=_unit_facts(), by=signed_in())
    except FieldError as error:
        return _edit(course_id, typed(error)), 422
    return _back(course_id, f"unit-{unit.id}")


@bp.post("/<uuid:course_id>/units/<uuid:unit_id>")
def change_unit(course_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Rename, move or remove a unit, as the button says."""
    place = {"course_id": course_id, "unit_id": unit_id}
    by = signed_in()
    match text("action"):
        case "up" | "down" as way:
            by_places = -1 if way == "up" else 1
            move_unit(db(), clock(), **place, by_places=by_places, by=by)
        case "remove":
            remove_unit(db(), clock(), **place, by=by)
        case _other:
            try:
                edit_unit(db(), clock(), **place, facts=_unit_facts(), by=by)
            except FieldError as error:
                return _edit(course_id, typed(error)), 422
    return _back(course_id, f"unit-{unit_id}")


@bp.post("/<uuid:course_id>/units/<uuid:unit_id>/lessons")
def put_lessons(course_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Put the chosen lessons at the end of a unit."""
    lesson_ids = request.form.getlist("lesson_id", type=UUID)
    try:
        count = add_lessons(
            db(),
            clock(),
            course_id=course_id,
            unit_id=unit_id,
            lesson_ids=lesson_ids,
            by=signed_in(),
        )
    except FieldError as error:
        return _edit(course_id, typed(error)), 422
    if not count:
        flash(_("Nothing was added: choose a lesson that is not in this unit yet."), "warning")
    return _back(course_id, f"unit-{unit_id}")


@bp.post("/<uuid:course_id>/lessons/<uuid:place_id>")
def change_lesson(course_id: UUID, place_id: UUID) -> ResponseReturnValue:
    """Move a lesson in its unit, or take it out, as the button says."""
    place = {"course_id": course_id, "place_id": place_id}
    if text("action") == "remove":
        remove_lesson(db(), clock(), **place, by=signed_in())
    else:
        by_places = -1 if text("action") == "up" else 1
        move_lesson(db(), clock(), **place, by_places=by_places, by=signed_in())
    return _back(course_id, text("anchor") or None)


def _home(form: Form) -> str:
    by = signed_in()
    if not may_upload(by):
        raise NotAllowed("courses are made by teachers and administrators")
    undo_days = wiring().settings.undo_days
    undo = timedelta(days=undo_days)
    listed = list_courses(db(), clock(), by=by, undo_days=undo_days)
    return render_template(
        "studio/courses.html",
        courses=[course_card(course) for course in listed if course.deleted_at is None],
        deleted=[
            (course_card(course), course.deleted_at + undo)
            for course in listed
            if course.deleted_at is not None
        ],
        terms=_terms(),
        present_term=_present_term(),
        form=form,
    )


def _edit(course_id: UUID, form: Form) -> str:
    by = signed_in()
    shown = get_course_to_edit(db(), clock(), course_id=course_id, by=by)
    card = course_page(shown)
    words = request.args.get("q", "").strip()
    return render_template(
        "studio/edit_course.html",
        course=card,
        terms={card.term_key: card.term, **_terms()},
        words=words,
        choices=lesson_choices(_lessons(words, by)),
        form=form,
    )


def _lessons(words: str, by: Person) -> list[Lesson]:
    """Return the lessons to pick from: the person's own, or what was looked for."""
    if not words:
        own = list_own_lessons(db(), clock(), by=by, undo_days=0)
        return [lesson for lesson in own if lesson.deleted_at is None]
    try:
        wished = Question(text=words, filters=Filters(whole="lesson"))
        found = find_lessons(db(), wiring().index, wished, viewer=by)
    except IndexFault:
        flash(_("The search is away just now. Your own lessons are listed."), "warning")
        return _lessons("", by)
    return [each.lesson for each in found.lessons]


def _terms() -> dict[str, str]:
    terms = terms_around(day_in_bangkok(clock()()))
    return {
        f"{term.academic_year}-{term.number}": term_text(term.academic_year, term.number)
        for term in terms
    }


def _present_term() -> str:
    """Return the term that is going on, else the next one."""
    today = day_in_bangkok(clock()())
    terms = terms_around(today)
    now = next((term for term in terms if term.ends_on >= today), terms[-1])
    return f"{now.academic_year}-{now.number}"


def _course_facts() -> CourseFacts:
    year, _dash, number = text("term").partition("-")
    is_term = year.isdecimal() and number.isdecimal()
    return CourseFacts(
        title=text("title"),
        description=text("description"),
        academic_year=int(year[:9]) if is_term else 0,
        term_number=int(number[:9]) if is_term else 0,
    )


def _unit_facts() -> UnitFacts:
    return UnitFacts(
        title=text("title"), first_week=_week("first_week"), last_week=_week("last_week")
    )


def _week(name: str) -> int | None:
    typed_week = text(name).strip()
    if not typed_week:
        return None
    return int(typed_week[:9]) if typed_week.isdecimal() else 0


def _back(course_id: UUID, anchor: str | None = None) -> Response:
    address = url_for("studio_courses.edit", course_id=course_id, _anchor=anchor)
    return redirect(address, code=303)
