"""Changing between the pupils of one home who share a phone, each behind pictures or a number."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import AppError, NotAllowed, NotFound, WrongPassword
from server.models.classrooms import SecretKind
from server.models.people import Person
from server.policy import is_only_pupil
from server.request_context import (
    clock,
    db,
    forget_signed_in,
    keep_signed_in,
    note_several,
    put_aside,
    signed_in,
    tablet_classroom_id,
    this_device,
    viewer,
)
from server.services.device_pupils import (
    MOST_PUPILS,
    PupilHere,
    change_pupil,
    choose_own_pictures,
    pupils_here,
    sign_out_everybody,
)
from server.services.pupil_keys import KeyLocked
from server.web.classroom_cards import pupil_here_card
from server.web.classroom_words import picture_labels
from server.web.error_texts import error_text
from server.web.forms import safe_next, text
from server.web.guesses import guess, of_pupil_on_phone

bp = Blueprint("change_pupil", __name__, url_prefix="/change")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show who is kept on this phone, and who is on it now."""
    person = viewer()
    here = pupils_here(db(), clock(), device=this_device())
    return render_template(
        "joining/change.html",
        others=[pupil_here_card(each) for each in here if each.person != person],
        is_kept=any(each.person == person for each in here),
        is_full=len(here) >= MOST_PUPILS,
    )


@bp.post("/aside")
def aside() -> ResponseReturnValue:
    """Let another pupil come in; who is on the phone chooses pictures first, to come back."""
    here = _here(_pupil_of_phone().id)
    there = safe_next(url_for("joining.enter_code"))
    if here is not None and here.asks is SecretKind.NONE and text("action") != "without":
        return redirect(url_for("change_pupil.ask_pictures", next=there), code=303)
    put_aside()
    return redirect(there, code=303)


@bp.get("/pictures")
def ask_pictures() -> ResponseReturnValue:
    """Ask for two pictures by which the pupil comes back on this phone."""
    return _secret_page(_pupil_of_phone().display_name, is_new=True)


@bp.post("/pictures")
def keep_pictures() -> ResponseReturnValue:
    """Keep them, after the second, and go on to let somebody else come in."""
    by = _pupil_of_phone()
    first, picture = text("first"), text("picture")
    if not first:
        return _secret_page(by.display_name, is_new=True, first=picture)
    secret = f"{first} {picture}"
    choose_own_pictures(db(), clock(), device=this_device(), by=by, secret=secret)
    put_aside()
    return redirect(safe_next(url_for("joining.enter_code")), code=303)


@bp.get("/<uuid:person_id>")
def ask_secret(person_id: UUID) -> ResponseReturnValue:
    """Ask a pupil who is kept here for pictures or number."""
    return _asked(person_id)


@bp.post("/<uuid:person_id>")
def change(person_id: UUID) -> ResponseReturnValue:
    """Give the phone to this pupil; one picture alone asks for the next."""
    first, secret = text("first"), text("secret")
    if text("picture"):
        if not first:
            return _asked(person_id, first=text("picture"))
        secret = f"{first} {text('picture')}"
    device = this_device()
    try:
        with guess(of_pupil_on_phone(person_id)):
            result = change_pupil(db(), clock(), device=device, person_id=person_id, secret=secret)
    except WrongPassword as error:
        return _asked(person_id, fault=error), 401
    except KeyLocked as error:
        return _asked(person_id, fault=error), 423
    keep_signed_in(result)
    note_several()
    return redirect(safe_next(url_for("start.home")), code=303)


@bp.post("/sign-out-all")
def sign_out_all() -> ResponseReturnValue:
    """Sign out all pupils of this phone; what it keeps of them goes."""
    sign_out_everybody(db(), clock(), device=this_device())
    forget_signed_in()
    answer = redirect(url_for("joining.enter_code"), code=303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def _pupil_of_phone() -> Person:
    by = signed_in()
    if not is_only_pupil(by) or tablet_classroom_id() is not None:
        raise NotAllowed("pupils change on a phone of their own")
    return by


def _here(person_id: UUID) -> PupilHere | None:
    here = pupils_here(db(), clock(), device=this_device())
    return next((each for each in here if each.person.id == person_id), None)


def _asked(person_id: UUID, *, first: str = "", fault: AppError | None = None) -> Response:
    found = _here(person_id)
    if found is None or found.asks is SecretKind.NONE:
        raise NotFound("this pupil is not kept here, or comes in anew")
    return _secret_page(found.person.display_name, kind=found.asks, first=first, fault=fault)


def _secret_page(
    name: str,
    *,
    kind: SecretKind = SecretKind.PICTURE,
    is_new: bool = False,
    first: str = "",
    fault: AppError | None = None,
) -> Response:
    wrong = isinstance(fault, WrongPassword)
    page = render_template(
        "joining/secret.html",
        name=name.partition(" ")[0],
        kind=str(kind),
        pictures=list(enumerate(picture_labels(), 1)),
        first=first,
        is_new=is_new,
        next=safe_next(""),
        fault=error_text("wrong_secret" if wrong else fault.code) if fault else None,
    )
    return Response(page, headers={"Cache-Control": "no-store"}, mimetype="text/html")
