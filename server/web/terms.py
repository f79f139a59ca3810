"""When the terms of this academic year begin and end, for the area or one school."""

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import FieldError
from server.request_context import clock, db, signed_in
from server.services.browse import get_managed_school
from server.services.terms import Term, present_terms, set_term
from server.web.asked_again import asks_again
from server.web.dates import shown_day, shown_year
from server.web.forms import Form, typed
from server.web.translate import translate as _

bp = Blueprint("terms", __name__)


@bp.get("/admin/terms")
def show() -> ResponseReturnValue:
    """Show the terms; without a school, those of the area."""
    return _page(_school_id(), Form())


@bp.post("/admin/terms")
@asks_again
def save() -> ResponseReturnValue:
    """Set one term."""
    school_id = _school_id()
    try:
        set_term(db(), clock(), school_id=school_id, term=_typed_term(), by=signed_in())
    except FieldError as error:
        return _page(school_id, typed(error)), 422
    flash(_("The changes are kept."), "good")
    return redirect(url_for("terms.show", school=school_id), code=303)


def _page(school_id: UUID | None, form: Form) -> str:
    by = signed_in()
    terms = present_terms(db(), clock(), school_id=school_id, by=by)
    school = get_managed_school(db(), school_id=school_id, by=by) if school_id else None
    shown = [
        (term, shown_day(term.starts_on), shown_day(term.ends_on), shown_year(term.academic_year))
        for term in terms
    ]
    return render_template(
        "admin/terms.html",
        terms=shown,
        school_id=school_id,
        school=school.name if school else "",
        form=form,
    )


def _school_id() -> UUID | None:
    return request.values.get("school", type=UUID)


def _typed_term() -> Term:
    try:
        return Term(
            int(request.form["year"]),
            int(request.form["number"]),
            date.fromisoformat(request.form["starts_on"]),
            date.fromisoformat(request.form["ends_on"]),
        )
    except ValueError as error:
        raise FieldError("ends_on", "no date", rule="date") from error
