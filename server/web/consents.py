"""Consents of a classroom: the form on paper, ticked off once, and withdrawn in one action."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError
from server.models.lessons import Visibility
from server.request_context import clock, db, signed_in
from server.services.consents import class_consents, tick_consents, withdraw_consent
from server.web.classroom_cards import classroom_card
from server.web.consent_cards import consent_marks, consent_rows, form_sentences
from server.web.forms import safe_next, text
from server.web.people_cards import reach_labels, say_moved
from server.web.translate import translate as _

bp = Blueprint("consents", __name__)
UNSAID = "none"


@bp.get("/classrooms/<uuid:classroom_id>/consents")
def show(classroom_id: UUID) -> ResponseReturnValue:
    """Show what the form of each pupil says, to be ticked off."""
    classroom, forms = class_consents(db(), classroom_id=classroom_id, by=signed_in())
    return render_template(
        "classrooms/consents.html",
        classroom=classroom_card(classroom),
        rows=consent_rows(forms),
        marks=consent_marks(),
        reaches={key: label for key, label in reach_labels().items() if key != Visibility.ME},
    )


@bp.post("/classrooms/<uuid:classroom_id>/consents")
def save(classroom_id: UUID) -> ResponseReturnValue:
    """Keep what was ticked; lessons follow at once."""
    ticked = tick_consents(
        db(),
        clock(),
        classroom_id=classroom_id,
        reaches=_reaches("reach-", text("rest") or UNSAID),
        seen=_reaches("seen-", UNSAID),
        by=signed_in(),
    )
    flash(_("The consents are kept."), "good")
    if ticked.left_alone:
        names = ", ".join(form.enrolment.person.full_name for form in ticked.left_alone)
        said = _("Changed by somebody else meanwhile, and left so: %(names)s", names=names)
        flash(said, "warning")
    say_moved(ticked.moved)
    return _to(classroom_id)


@bp.get("/classrooms/<uuid:classroom_id>/consents/form")
def print_form(classroom_id: UUID) -> ResponseReturnValue:
    """Show a form for each pupil, to be printed and signed at home."""
    classroom, forms = class_consents(db(), classroom_id=classroom_id, by=signed_in())
    return render_template(
        "classrooms/consent_form.html",
        classroom=classroom_card(classroom),
        rows=[row for row in consent_rows(forms) if not row.has_left],
        reaches=form_sentences(),
    )


@bp.post("/pupils/<uuid:enrolment_id>/consent/withdraw")
def withdraw(enrolment_id: UUID) -> ResponseReturnValue:
    """Withdraw a pupil's consent: what shows them is taken out at once."""
    by = signed_in()
    moved = withdraw_consent(db(), clock(), enrolment_id=enrolment_id, by=by)
    said = _("The consent is withdrawn. Lessons with this pupil stop being shown within a minute.")
    flash(said, "good")
    say_moved(moved)
    return redirect(safe_next(url_for("classrooms.home")), code=303)


def _reaches(prefix: str, rest: str) -> dict[UUID, Visibility | None]:
    """Return what the form has, by enrolment; `rest` is for who has no form. Raises FieldError."""
    try:
        return {
            UUID(name.removeprefix(prefix)): _reach(rest if value == UNSAID else value)
            for name, value in request.form.items()
            if name.startswith(prefix)
        }
    except ValueError as error:
        raise FieldError("reach", "no such reach", rule="unknown") from error


def _reach(value: str) -> Visibility | None:
    return None if value == UNSAID else Visibility(value)


def _to(classroom_id: UUID) -> Response:
    return redirect(url_for("consents.show", classroom_id=classroom_id), code=303)
