"""Home classes: confirmed by the school, taken as subject classes, and lent for a day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError
from server.models.classrooms import Classroom
from server.request_context import clock, db, signed_in
from server.services.browse import get_managed_school
from server.services.classrooms import colleagues_of, get_led_classroom
from server.services.home_classes import (
    HomeQuestion,
    confirm_homes,
    home_classes,
    home_questions,
    move_home,
    take_home_classes,
)
from server.services.loans import end_loan, lend_classroom, open_loans
from server.services.terms import day_in_bangkok
from server.web.asked_again import asks_again
from server.web.classroom_cards import classroom_card
from server.web.dates import language
from server.web.forms import Form, text, typed
from server.web.translate import translate as _
from server.web.typed_dates import read_day, typed_day

bp = Blueprint("home_classes", __name__)

FIELD, NONE = "home-", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeQuestionCard:
    """A pupil whose home class the school says."""

    field: str
    name: str
    choices: dict[str, str]
    suggested: str
    is_proposed: bool  # typed into a classroom, not enrolled there yet


@bp.get("/admin/schools/<uuid:school_id>/home-classes")
def ask(school_id: UUID) -> ResponseReturnValue:
    """Show pupils whose home class the school has not said, with what is proposed."""
    by = signed_in()
    school = get_managed_school(db(), school_id=school_id, by=by)
    questions = home_questions(db(), school_id=school_id, by=by)
    cards = [_question_card(one) for one in questions]
    return render_template(
        "admin/home_classes.html", school_id=school_id, school=school.name, questions=cards
    )


@bp.post("/admin/schools/<uuid:school_id>/home-classes")
@asks_again
def confirm(school_id: UUID) -> ResponseReturnValue:
    """Keep what was chosen, for all pupils of the page in one press."""
    count = confirm_homes(
        db(), clock(), school_id=school_id, chosen=_chosen_homes(), by=signed_in()
    )
    flash(_("%(count)s pupils have their home class now.", count=count), "good")
    return redirect(url_for("home_classes.ask", school_id=school_id), code=303)


@bp.post("/pupils/<uuid:enrolment_id>/home")
def move(enrolment_id: UUID) -> ResponseReturnValue:
    """Give a pupil another home class of the school."""
    classroom_id = request.form.get("classroom_id", type=UUID)
    if classroom_id is None:
        raise FieldError("classroom_id", "no classroom was chosen", rule="empty")
    move_home(db(), clock(), enrolment_id=enrolment_id, classroom_id=classroom_id, by=signed_in())
    flash(_("The home class is changed. The pupil stays in this classroom, too."), "good")
    return redirect(url_for("class_members.show", enrolment_id=enrolment_id), code=303)


@bp.get("/classrooms/<uuid:classroom_id>/home-classes")
def choose(classroom_id: UUID) -> ResponseReturnValue:
    """Show home classes whose pupils come into a subject class together."""
    return _choose_page(classroom_id, Form())


@bp.post("/classrooms/<uuid:classroom_id>/home-classes")
def take(classroom_id: UUID) -> ResponseReturnValue:
    """Enrol the pupils of the chosen home classes."""
    ids = request.form.getlist("home", type=UUID)
    try:
        count = take_home_classes(
            db(), clock(), classroom_id=classroom_id, home_ids=ids, by=signed_in()
        )
    except FieldError as error:
        return _choose_page(classroom_id, typed(error)), 422
    flash(_("%(count)s pupils were added.", count=count), "good")
    return redirect(url_for("classrooms.show", classroom_id=classroom_id), code=303)


@bp.get("/classrooms/<uuid:classroom_id>/loans")
def loans(classroom_id: UUID) -> ResponseReturnValue:
    """Show who stands in, and ask for a colleague."""
    return _loans_page(classroom_id, Form())


@bp.post("/classrooms/<uuid:classroom_id>/loans")
def lend(classroom_id: UUID) -> ResponseReturnValue:
    """Let a colleague stand in until the end of a day."""
    try:
        lend_classroom(
            db(),
            clock(),
            classroom_id=classroom_id,
            person_id=_colleague_id(),
            last_on=_last_day(),
            by=signed_in(),
        )
    except FieldError as error:
        return _loans_page(classroom_id, typed(error)), 422
    flash(_("The colleague finds the classroom on the page of classrooms."), "good")
    return _to_loans(classroom_id)


@bp.post("/classrooms/loans/<uuid:loan_id>/end")
def stop(loan_id: UUID) -> ResponseReturnValue:
    """End it now."""
    classroom_id = end_loan(db(), clock(), loan_id=loan_id, by=signed_in())
    flash(_("The colleague does not stand in any more."), "good")
    return _to_loans(classroom_id)


def _colleague_id() -> UUID:
    person_id = request.form.get("person_id", type=UUID)
    if person_id is None:
        raise FieldError("person_id", "nobody was chosen", rule="empty")
    return person_id


def _last_day() -> date | None:
    typed_text = text("last_on")
    day = read_day(typed_text, day_in_bangkok(clock()())) if typed_text else None
    if typed_text and day is None:
        raise FieldError("last_on", "no date", rule="loan")
    return day


def _chosen_homes() -> dict[UUID, UUID | None]:
    """Return by pupil what was chosen; nothing where nothing was."""
    chosen: dict[UUID, UUID | None] = {}
    for name, value in request.form.items():
        if not name.startswith(FIELD) or not value:
            continue
        try:
            person_id = UUID(name.removeprefix(FIELD))
            chosen[person_id] = None if value == NONE else UUID(value)
        except ValueError as error:
            raise FieldError("home", "no such classroom", rule="unknown") from error
    return chosen


def _question_card(question: HomeQuestion) -> HomeQuestionCard:
    choices = {str(room.id): _with_teachers(room) for room in question.choices}
    if question.proposed_ids:
        choices[NONE] = _("None of these: leave it as it is")
    return HomeQuestionCard(
        field=f"{FIELD}{question.person.id}",
        name=question.person.full_name,
        choices=choices,
        suggested=str(question.suggested_id or ""),
        is_proposed=bool(question.proposed_ids),
    )


def _with_teachers(room: Classroom) -> str:
    """Return a classroom and who leads it: confirming lets them into the accounts."""
    names = ", ".join(row.person.display_name for row in room.teachers)
    return f"{room.name} ({names})" if names else room.name


def _choose_page(classroom_id: UUID, form: Form) -> str:
    classroom = _led(classroom_id)
    homes = home_classes(db(), classroom=classroom)
    return render_template(
        "classrooms/home_classes.html",
        classroom=classroom_card(classroom),
        homes=[classroom_card(each.classroom, pupils=each.pupil_count) for each in homes],
        form=form,
    )


def _loans_page(classroom_id: UUID, form: Form) -> str:
    classroom = _led(classroom_id)
    by = signed_in()
    rows = open_loans(db(), clock(), classroom_id=classroom_id)
    colleagues = colleagues_of(db(), classroom=classroom, by=by)
    return render_template(
        "classrooms/loans.html",
        classroom=classroom_card(classroom),
        loans=[(row.id, row.person.display_name, row.ends_at) for row in rows],
        colleagues={str(person.id): person.display_name for person in colleagues},
        today=typed_day(day_in_bangkok(clock()()), language()),
        form=form,
    )


def _led(classroom_id: UUID) -> Classroom:
    return get_led_classroom(db(), classroom_id=classroom_id, by=signed_in())


def _to_loans(classroom_id: UUID) -> Response:
    return redirect(url_for("home_classes.loans", classroom_id=classroom_id), code=303)
