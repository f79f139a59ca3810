"""Coming in and going out: first run, sign-in, invitations, language, own account."""

import json
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError, TooManyTries, WrongPassword
from server.models.people import Invitation, Person, RoleName
from server.outcomes import headers_of, status_of
from server.policy import is_only_pupil
from server.request_context import (
    clock,
    current_sign_in_id,
    db,
    forget_signed_in,
    keep_signed_in,
    owner_of_account,
    signed_in,
    tablet_classroom_id,
    this_device,
    viewer,
    wiring,
)
from server.services.class_joining import open_token
from server.services.device_pupils import pupils_here
from server.services.invitations import accept_as, accept_invitation, find_invitation
from server.services.joining import NewPerson
from server.services.kept_facts import everything_kept, kept_facts
from server.services.people import (
    change_password,
    end_other_sign_ins,
    end_sign_in,
    first_run,
    list_sign_ins,
    sign_in,
    sign_out_here,
)
from server.services.school_joining import have_school_link, requests_of_person
from server.services.setup_code import (
    Arrival,
    check_setup_code,
    needs_setup_code,
    setup_code_of,
)
from server.web.account_cards import invitation_card, kept_card, sign_in_card
from server.web.choices import role_labels
from server.web.error_texts import error_text
from server.web.forms import Form, safe_next, text, typed
from server.web.guesses import guess, know_this_device, of_first_run, of_own_password, of_sign_in
from server.web.password_cards import news_card
from server.web.translate import translate as _

bp = Blueprint("account", __name__)

LANGUAGES = ("th", "en")
A_YEAR_S = 365 * 24 * 3600


@bp.get("/sign-in")
def sign_in_page() -> ResponseReturnValue:
    """Ask for name and password; who is signed in already goes on."""
    if viewer() is not None:
        return redirect(safe_next(), code=303)
    return render_template("account/sign_in.html", form=Form(), fault=None, next=safe_next())


@bp.post("/sign-in")
def start_sign_in() -> ResponseReturnValue:
    """Sign in on this device and go where the person wanted."""
    try:
        with guess(of_sign_in(text("user_name"))):
            is_shared = text("is_shared") == "yes"
            sign_in_here(text("user_name"), text("password"), is_shared=is_shared)
    except (WrongPassword, TooManyTries) as error:
        fault = error_text(error.code, error.facts)
        page = render_template("account/sign_in.html", form=typed(), fault=fault, next=safe_next())
        return page, status_of(error), list(headers_of(error))
    return redirect(safe_next(), code=303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this device's sign-in; what the browser keeps of this person goes.

    A shared tablet goes back to the names of its classroom, for the next child; a phone of several
    pupils to those who are still kept on it.
    """
    room_id = tablet_classroom_id()
    token = open_token(db(), clock(), classroom_id=room_id) if room_id else ""
    sign_in_id, person, device = current_sign_in_id(), viewer(), this_device()
    if sign_in_id is not None:
        sign_out_here(db(), clock(), sign_in_id=sign_in_id, by=signed_in())
    forget_signed_in()
    is_pupil = person is not None and is_only_pupil(person)
    if is_pupil and not token and pupils_here(db(), clock(), device=device):
        return redirect(url_for("change_pupil.show"), code=303)  # their work stays on the phone
    there = url_for("joining.choose_name", token=token) if token else safe_next()
    answer = redirect(there, code=303)
    answer.headers["Clear-Site-Data"] = '"storage"'  # lessons and recordings that were kept here
    return answer


@bp.post("/language")
def choose_language() -> ResponseReturnValue:
    """Keep the language for a year, without telling anyone else."""
    chosen = text("lang") if text("lang") in LANGUAGES else LANGUAGES[0]
    answer = redirect(safe_next(), code=303)
    is_https = wiring().settings.public_url.startswith("https:")
    answer.set_cookie("lang", chosen, max_age=A_YEAR_S, samesite="Lax", secure=is_https)
    return answer


@bp.get("/first-run")
def first_run_page() -> ResponseReturnValue:
    """Ask for the office and its first administrator."""
    return _first_run_page(Form())


@bp.post("/first-run")
def finish_first_run() -> ResponseReturnValue:
    """Make the office and sign its administrator in."""
    try:
        with guess(of_first_run(), wrong=FieldError):
            check_setup_code(wiring().settings, _arrival(), text("setup_code"))
        first_run(
            db(),
            clock(),
            office_name=text("office_name"),
            user_name=text("user_name"),
            display_name=text("display_name"),
            password=text("password"),
        )
    except FieldError as error:
        return _first_run_page(typed(error)), 422
    sign_in_here(text("user_name"), text("password"))
    flash(_("The library is ready. Add the schools of the area next."), "good")
    return redirect(url_for("admin.home"), code=303)


@bp.get("/invitations/<token>")
def invitation(token: str) -> ResponseReturnValue:
    """Show what a link invites to."""
    return _invitation_page(token, Form())


@bp.post("/invitations/<token>")
def accept(token: str) -> ResponseReturnValue:
    """Become the invited person, or take the role on in the present account."""
    row, _school = find_invitation(db(), clock(), token)
    if viewer() is not None and text("action") == "take_on":
        return _first_page(row, accept_as(db(), clock(), token=token, by=owner_of_account()))
    new = NewPerson(
        user_name=text("user_name"), display_name=text("display_name"), password=text("password")
    )
    try:
        person = accept_invitation(db(), clock(), token=token, new=new)
    except FieldError as error:
        return _invitation_page(token, typed(error)), 422
    sign_in_here(new.user_name, new.password)
    flash(_("Welcome. This account is ready."), "good")
    return _first_page(row, person)


@bp.get("/account")
def home() -> ResponseReturnValue:
    """Show the person's devices and password."""
    return _account_page(Form())


@bp.get("/account/kept.json")
def kept_file() -> ResponseReturnValue:
    """Give the person everything that is kept of them, as a file."""
    kept = everything_kept(db(), clock(), person=owner_of_account())
    answer = make_response(json.dumps(kept, ensure_ascii=False, indent=1))
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="kept.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/account/password")
def save_password() -> ResponseReturnValue:
    """Change the password; the other devices are signed out."""
    try:
        with guess(of_own_password(owner_of_account().id)):
            change_password(
                db(),
                clock(),
                by=owner_of_account(),
                old=text("password_old"),
                new=text("password"),
                keep_id=current_sign_in_id(),
            )
    except WrongPassword:
        fault = _("The present password is another one. Nothing was changed; try again.")
        return _account_page(Form({}, {"password_old": fault})), 422
    except FieldError as error:
        return _account_page(typed(error)), 422
    flash(_("The password is changed. Other devices were signed out."), "good")
    return _to_account()


@bp.post("/account/sign-ins/<uuid:sign_in_id>/end")
def end_device(sign_in_id: UUID) -> ResponseReturnValue:
    """Sign out one device."""
    end_sign_in(db(), clock(), sign_in_id=sign_in_id, by=owner_of_account())
    flash(_("That device is signed out."), "good")
    return _to_account()


@bp.post("/account/sign-ins/end-others")
def end_other_devices() -> ResponseReturnValue:
    """Sign out all but this device."""
    end_other_sign_ins(db(), clock(), by=owner_of_account(), keep_id=current_sign_in_id())
    flash(_("The other devices are signed out."), "good")
    return _to_account()


def sign_in_here(user_name: str, password: str, *, is_shared: bool = False) -> None:
    """Sign in on this device. Raises WrongPassword."""
    device = this_device(is_shared=is_shared)
    result = sign_in(db(), clock(), user_name=user_name, password=password, device=device)
    keep_signed_in(result)
    if not is_shared:
        know_this_device(result)


def _first_page(taken: Invitation, person: Person) -> Response:
    """Lead who runs a school now to its page, where the link for its teachers is ready."""
    if taken.role is not RoleName.SCHOOL_ADMIN or taken.school_id is None:
        return redirect("/", code=303)
    have_school_link(db(), clock(), school_id=taken.school_id, by=person)
    return redirect(url_for("admin.school", school_id=taken.school_id), code=303)


def _first_run_page(form: Form) -> Response:
    needs_code = needs_setup_code(wiring().settings, _arrival())
    if needs_code:
        setup_code_of(wiring().settings)  # it is there when somebody looks for it
    return make_response(
        render_template("account/first_run.html", form=form, needs_code=needs_code)
    )


def _arrival() -> Arrival:
    """Return how the request came, before proxies were believed."""
    came = {**request.environ, **request.environ.get("werkzeug.proxy_fix.orig", {})}
    return Arrival(
        peer=came.get("REMOTE_ADDR") or "",
        host=came.get("HTTP_HOST") or "",
        protocol=came.get("SERVER_PROTOCOL") or "",
        header_names=[name for name, _value in request.headers],
    )


def _invitation_page(token: str, form: Form) -> Response:
    row, school = find_invitation(db(), clock(), token)
    card = invitation_card(row, school, role_labels())
    page = render_template("account/invitation.html", card=card, token=token, form=form)
    answer = make_response(page)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _account_page(form: Form) -> str:
    by = owner_of_account()
    rows = list_sign_ins(db(), clock(), person=by)
    devices = [sign_in_card(row, current_sign_in_id()) for row in rows]
    labels = role_labels()
    roles = [(labels[role.name], role.school.name if role.school else "") for role in by.roles]
    return render_template(
        "account/home.html",
        devices=devices,
        form=form,
        roles=roles,
        user_name=by.user_name if by.has_password else "",
        news=news_card(by),
        kept=kept_card(kept_facts(db(), person=by)),
        is_pupil=is_only_pupil(by),
        asked=[row.school.name for row in requests_of_person(db(), person=by)],
    )


def _to_account() -> Response:
    return redirect(url_for("account.home"), code=303)
