"""Teachers come to a school: the link that many use, asking, and the first administrators."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError
from server.request_context import clock, db, owner_of_account, signed_in, viewer
from server.services.joining import NewPerson
from server.services.school_joining import (
    ask_to_teach,
    ask_to_teach_as,
    decide_request,
    end_school_link,
    find_school_link,
    invite_first_administrators,
    join_by_link,
    join_by_link_as,
    make_school_link,
    schools_to_ask,
    set_takes_requests,
)
from server.web.account import sign_in_here
from server.web.admin_cards import invitation_link
from server.web.asked_again import asks_again
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("school_joining", __name__)


@bp.post("/admin/schools/<uuid:school_id>/teacher-link")
@asks_again
def make_link(school_id: UUID) -> ResponseReturnValue:
    """Make the link by which teachers join; an older one ends."""
    make_school_link(db(), clock(), school_id=school_id, by=signed_in())
    flash(_("The link is ready. Send it to the teachers, or let them scan it."), "good")
    return _to_school(school_id)


@bp.post("/admin/schools/<uuid:school_id>/teacher-link/end")
def end_link(school_id: UUID) -> ResponseReturnValue:
    """End the link."""
    end_school_link(db(), clock(), school_id=school_id, by=signed_in())
    flash(_("The link stopped. Teachers who came by it stay."), "good")
    return _to_school(school_id)


@bp.post("/admin/schools/<uuid:school_id>/requests")
@asks_again
def switch_requests(school_id: UUID) -> ResponseReturnValue:
    """Let people ask to teach here, or not."""
    takes = text("takes_requests") == "yes"
    set_takes_requests(db(), clock(), school_id=school_id, takes_requests=takes, by=signed_in())
    return _to_school(school_id)


@bp.post("/admin/school-requests/<uuid:request_id>")
@asks_again
def decide(request_id: UUID) -> ResponseReturnValue:
    """Accept or refuse who asks."""
    is_accepted = text("action") == "accept"
    row = decide_request(
        db(), clock(), request_id=request_id, is_accepted=is_accepted, by=signed_in()
    )
    said = _("%(name)s teaches at this school now.", name=row.person.display_name)
    flash(said if is_accepted else _("The request was refused."), "good")
    return _to_school(row.school_id)


@bp.post("/admin/first-administrators")
@asks_again
def first_administrators() -> ResponseReturnValue:
    """Make a link for each school that has no administrator, to be printed; shown once."""
    made = invite_first_administrators(db(), clock(), by=signed_in())
    page = render_template(
        "admin/first_administrators.html",
        letters=[(each.school.name, invitation_link(each.token)) for each in made],
    )
    return page, 200, {"Cache-Control": "no-store"}


@bp.get("/teach/<token>")
def teach(token: str) -> ResponseReturnValue:
    """Show to which school a link invites."""
    return _teach_page(token, Form())


@bp.post("/teach/<token>")
def join(token: str) -> ResponseReturnValue:
    """Become a teacher of the school, with a new account or the present one."""
    if viewer() is not None:
        join_by_link_as(db(), clock(), token=token, by=owner_of_account())
        return redirect(url_for("classrooms.home"), code=303)
    new = _new_person()
    try:
        join_by_link(db(), clock(), token=token, new=new)
    except FieldError as error:
        return _teach_page(token, typed(error)), 422
    sign_in_here(new.user_name, new.password)
    flash(_("Welcome. Make the first classroom next."), "good")
    return redirect(url_for("classrooms.new"), code=303)


@bp.get("/ask-to-join")
def ask() -> ResponseReturnValue:
    """Let somebody choose the school at which they teach."""
    return _ask_page(Form())


@bp.post("/ask-to-join")
def send() -> ResponseReturnValue:
    """Send the request to the school's administrator."""
    try:
        _ask_school(request.form.get("school_id", type=UUID))
    except FieldError as error:
        return _ask_page(typed(error)), 422
    return redirect(url_for("start.home"), code=303)


def _ask_school(school_id: UUID | None) -> None:
    if school_id is None:
        raise FieldError("school_id", "no school was chosen", rule="empty")
    if viewer() is not None:
        ask_to_teach_as(db(), clock(), school_id=school_id, by=owner_of_account())
        return
    new = _new_person()
    ask_to_teach(db(), clock(), school_id=school_id, new=new)
    sign_in_here(new.user_name, new.password)


def _new_person() -> NewPerson:
    return NewPerson(
        user_name=text("user_name"), display_name=text("display_name"), password=text("password")
    )


def _teach_page(token: str, form: Form) -> Response:
    link, school = find_school_link(db(), clock(), token=token)
    page = render_template(
        "joining/teach.html", school=school.name, ends_at=link.expires_at, token=token, form=form
    )
    answer = make_response(page)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _ask_page(form: Form) -> str:
    schools = {str(school.id): school.name for school in schools_to_ask(db())}
    return render_template("joining/ask.html", schools=schools, form=form)


def _to_school(school_id: UUID) -> Response:
    return redirect(url_for("admin.school", school_id=school_id), code=303)
