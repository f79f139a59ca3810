"""New passwords: by a link where the old one is lost, and one's own after a first one."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError
from server.request_context import (
    clock,
    current_sign_in_id,
    db,
    owner_of_account,
    signed_in,
    viewer,
)
from server.services.names import split_title
from server.services.password_links import (
    WORKS_FOR,
    find_password_link,
    make_password_link,
    refuse_password_links,
    use_password_link,
)
from server.services.people import replace_first_password
from server.web.account import sign_in_here
from server.web.asked_again import asks_again
from server.web.forms import Form, safe_next, text, typed
from server.web.password_cards import SEEN, password_link
from server.web.translate import translate as _

bp = Blueprint("new_passwords", __name__)

LONGEST_STATE = 60


@bp.post("/admin/people/<uuid:person_id>/new-password")
@asks_again
def make(person_id: UUID) -> ResponseReturnValue:
    """Make the link for somebody who lost the password; it is shown once."""
    token, person = make_password_link(db(), clock(), person_id=person_id, by=signed_in())
    page = render_template(
        "admin/password_link.html",
        link=password_link(token),
        name=person.display_name,
        user_name=person.user_name,
        ends_at=clock()() + WORKS_FOR,
        back_url=safe_next(url_for("admin.home")),
    )
    return page, 200, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@bp.get("/new-password/<token>")
def show(token: str) -> ResponseReturnValue:
    """Show whose password it is about; only the form changes anything."""
    return _link_page(token, Form())


@bp.post("/new-password/<token>")
def use(token: str) -> ResponseReturnValue:
    """Set the new password and let the person in here, unless somebody else is."""
    other = viewer()
    try:
        person = use_password_link(db(), clock(), token=token, password=text("password"))
    except FieldError as error:
        return _link_page(token, typed(error)), 422
    if other is not None and other.id != person.id:
        flash(_("The new password of %(name)s is set.", name=person.display_name), "good")
        return redirect("/", code=303)
    is_shared = text("is_shared") == "yes"
    sign_in_here(person.user_name, text("password"), is_shared=is_shared)
    said = _("The new password is set. The user name is: %(name)s", name=person.user_name)
    flash(said, "good")
    return redirect("/", code=303)


@bp.get("/account/new-password")
def choose() -> ResponseReturnValue:
    """Ask for an own password instead of the first one."""
    if not owner_of_account().needs_new_password:
        return redirect(url_for("account.home"), code=303)
    return _first_page(Form())


@bp.post("/account/new-password")
def keep() -> ResponseReturnValue:
    """Set it and go on where the person wanted."""
    try:
        replace_first_password(
            db(),
            clock(),
            by=owner_of_account(),
            new=text("password"),
            keep_id=current_sign_in_id(),
        )
    except FieldError as error:
        return _first_page(typed(error)), 422
    flash(_("The password is changed. Other devices were signed out."), "good")
    return redirect(safe_next(), code=303)


@bp.post("/account/password-links/end")
def refuse() -> ResponseReturnValue:
    """End links for one's own account that one did not ask for."""
    refuse_password_links(db(), clock(), by=owner_of_account())
    flash(
        _("The link does not work any more. Tell the area office if nobody asked for it."), "good"
    )
    return redirect(url_for("account.home"), code=303)


@bp.post("/account/password-news")
def tell_no_more() -> ResponseReturnValue:
    """Tell this device no more of what it has told."""
    owner_of_account()
    cookie[SEEN] = text("state")[:LONGEST_STATE]
    return redirect(safe_next(), code=303)


def _link_page(token: str, form: Form) -> Response:
    _link, person = find_password_link(db(), clock(), token=token)
    other = viewer()
    page = render_template(
        "account/password_link.html",
        given_name=split_title(person.display_name).name.split(" ")[0],
        other_name=other.display_name if other and other.id != person.id else "",
        token=token,
        form=form,
    )
    return _kept_nowhere(page)


def _first_page(form: Form) -> Response:
    return _kept_nowhere(render_template("account/new_password.html", form=form, next=safe_next()))


def _kept_nowhere(page: str) -> Response:
    answer = make_response(page)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
