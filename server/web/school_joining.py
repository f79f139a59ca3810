"""Teachers come to a school: they ask, somebody of it decides; and the first administrators."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from werkzeug import Response

from server.errors import AlreadyThere, FieldError, ManyWait
from server.models.people import Person
from server.policy import may_make_any_classroom
from server.request_context import clock, db, owner_of_account, signed_in, viewer
from server.services.classrooms import list_classrooms
from server.services.joining import NewPerson
from server.services.school_joining import (
    ask_by_link,
    ask_by_link_as,
    ask_to_teach,
    ask_to_teach_as,
    end_school_link,
    find_school_link,
    invite_first_administrators,
    make_school_link,
    requests_of_person,
    schools_to_ask,
    set_takes_requests,
)
from server.services.school_requests import Decided, decide_requests
from server.staff_policy import may_take_on_staff_role
from server.web.account import sign_in_here
from server.web.admin_cards import invitation_link
from server.web.asked_again import asks_again
from server.web.error_texts import ErrorText, error_text
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("school_joining", __name__)

LOOK_AGAIN_S = "5"
MOST_NAMED = 3


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
    flash(_("The link stopped. Who asked by it goes on waiting for you."), "good")
    return _to_school(school_id)


@bp.post("/admin/schools/<uuid:school_id>/requests")
@asks_again
def switch_requests(school_id: UUID) -> ResponseReturnValue:
    """Let people ask to teach here, or not."""
    takes = text("takes_requests") == "yes"
    set_takes_requests(db(), clock(), school_id=school_id, takes_requests=takes, by=signed_in())
    return _to_school(school_id)


@bp.post("/admin/schools/<uuid:school_id>/asked")
@asks_again
def decide(school_id: UUID) -> ResponseReturnValue:
    """Confirm or decline those who were ticked, or the one whose button was pressed."""
    chosen = request.form.getlist("request", type=UUID)
    is_accepted = text("action") == "accept"
    decided = decide_requests(
        db(),
        clock(),
        school_id=school_id,
        request_ids=chosen,
        is_accepted=is_accepted,
        although_pupils=text("although") == "pupil",
        by=signed_in(),
    )
    _say_decided(decided, is_accepted=is_accepted)
    return _to_school(school_id)


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
    """Show at which school a link lets ask."""
    return _teach_page(token, Form())


@bp.post("/teach/<token>")
def join(token: str) -> ResponseReturnValue:
    """Ask to teach at the school, with a new account or the present one."""
    try:
        _ask_by_link(token)
    except AlreadyThere:
        flash(_("This account teaches at the school already."), "good")
        return redirect(url_for("classrooms.home"), code=303)
    except FieldError as error:
        return _teach_page(token, typed(error)), 422
    except ManyWait as error:
        return _teach_page(token, typed(), error_text(error.code, error.facts)), 409
    return redirect(url_for("school_joining.waiting"), code=303)


@bp.get("/account/asked")
def waiting() -> ResponseReturnValue:
    """Wait for a school's administrator; the page asks again by itself, and leads on."""
    by = owner_of_account()
    asked = requests_of_person(db(), person=by)
    if not asked:
        return redirect(_first_place(by), code=303)
    page = render_template("joining/asked.html", schools=[row.school.name for row in asked])
    answer = make_response(page)
    answer.headers["Refresh"] = LOOK_AGAIN_S  # also where scripts do not run
    answer.headers["Cache-Control"] = "no-store"
    return answer


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
    except ManyWait as error:
        return _ask_page(typed(), error_text(error.code, error.facts)), 409
    return redirect(url_for("school_joining.waiting"), code=303)


def _ask_by_link(token: str) -> None:
    address = get_remote_address()
    if viewer() is not None:
        ask_by_link_as(db(), clock(), token=token, by=owner_of_account(), address=address)
        return
    new = _new_person()
    ask_by_link(db(), clock(), token=token, new=new, address=address)
    sign_in_here(new.user_name, new.password)


def _ask_school(school_id: UUID | None) -> None:
    if school_id is None:
        raise FieldError("school_id", "no school was chosen", rule="empty")
    address = get_remote_address()
    if viewer() is not None:
        by = owner_of_account()
        ask_to_teach_as(db(), clock(), school_id=school_id, by=by, address=address)
        return
    new = _new_person()
    ask_to_teach(db(), clock(), school_id=school_id, new=new, address=address)
    sign_in_here(new.user_name, new.password)


def _first_place(by: Person) -> str:
    """Return where somebody goes when nothing is waited for any more."""
    if not may_make_any_classroom(by):
        return url_for("start.home")
    has_one = bool(list_classrooms(db(), by=by))
    return url_for("classrooms.home" if has_one else "classrooms.new")


def _say_decided(decided: Decided, *, is_accepted: bool) -> None:
    """Say who was confirmed or declined, and that some were not."""
    names, count = ", ".join(decided.names[:MOST_NAMED]), len(decided.names)
    if not count and not decided.left_count:
        flash(_("Nobody was ticked. Nothing was changed."), "warning")
    elif count > MOST_NAMED and is_accepted:
        flash(_("%(count)s people teach at this school now.", count=count), "good")
    elif count > MOST_NAMED:
        flash(_("%(count)s requests were declined.", count=count), "good")
    elif count and is_accepted:
        flash(_("%(name)s teaches at this school now.", name=names), "good")
    elif count:
        flash(_("The request of %(name)s was declined.", name=names), "good")
    if decided.left_count:
        left = _(
            "%(count)s were left as they are: somebody decided meanwhile, or the account was "
            "switched off or is a pupil's.",
            count=decided.left_count,
        )
        flash(left, "warning")


def _new_person() -> NewPerson:
    return NewPerson(
        user_name=text("user_name"), display_name=text("display_name"), password=text("password")
    )


def _teach_page(token: str, form: Form, fault: ErrorText | None = None) -> Response:
    link, school = find_school_link(db(), clock(), token=token)
    by = viewer()
    page = render_template(
        "joining/teach.html",
        school=school.name,
        ends_at=link.expires_at,
        token=token,
        form=form,
        fault=fault,
        may_ask=by is None or by.has_password,
        is_pupils=by is not None and not may_take_on_staff_role(by) and bool(by.roles),
    )
    answer = make_response(page)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _ask_page(form: Form, fault: ErrorText | None = None) -> str:
    schools = {str(school.id): school.name for school in schools_to_ask(db())}
    return render_template("joining/ask.html", schools=schools, form=form, fault=fault)


def _to_school(school_id: UUID) -> Response:
    return redirect(url_for("admin.school", school_id=school_id), code=303)
