"""How pupils come in: a code, a name, and the teacher's nod; a slip; pictures or a number."""

import hmac
from hashlib import sha256
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import AppError, FieldError, LinkExpired, NotFound, WrongPassword
from server.models.classrooms import Classroom, Enrolment, SecretKind
from server.request_context import (
    clock,
    db,
    is_tablet_of,
    keep_signed_in,
    keep_tablet_of,
    note_several,
    owner_of_account,
    this_device,
    viewer,
    wiring,
)
from server.services import class_choices
from server.services.class_choices import Choice, WaitingDevice, waiting_device
from server.services.class_joining import (
    Joiner,
    ask_to_join,
    claim_session,
    find_by_code,
    find_by_token,
)
from server.services.classrooms import classrooms_of_pupil
from server.services.device_pupils import note_arrival, pupils_here
from server.services.open_rooms import shows_names
from server.services.pupil_keys import (
    KeyLocked,
    come_in_by_secret,
    come_in_by_slip,
    find_slip,
    secret_kind_of,
)
from server.services.sign_ins import SignInResult
from server.web.classroom_cards import classroom_card, name_choices
from server.web.classroom_words import picture_labels
from server.web.error_texts import error_text
from server.web.forms import Form, text, typed
from server.web.guesses import address_here, guess, of_class_code, of_pupil_secret

bp = Blueprint("joining", __name__)

WAITING = "waiting"  # in the cookie: the token of this device
LONGEST_NUMBER = 3
# After how long a page that waits asks again; who chooses a picture is left in peace.
ASK_AGAIN_S = {Choice.ASKED: 30, Choice.RIGHT: 3, Choice.NO_MORE: 5, Choice.CLOSED: 10}


@bp.get("/join")
def enter_code() -> ResponseReturnValue:
    """Ask for the code of a classroom."""
    return render_template("joining/code.html", form=Form())


@bp.post("/join")
def find_code() -> ResponseReturnValue:
    """Go to the classroom of a code."""
    try:
        with guess(of_class_code(), wrong=FieldError):
            classroom = find_by_code(db(), clock(), typed=text("code"))
    except FieldError as error:
        return render_template("joining/code.html", form=typed(error)), 422
    return redirect(url_for("joining.choose_name", token=classroom.token), code=303)


@bp.get("/join/<token>")
def choose_name(token: str) -> ResponseReturnValue:
    """Show the names of a classroom to choose one's own."""
    return _names_page(token, Form())


@bp.post("/join/<token>")
def choose(token: str) -> ResponseReturnValue:
    """Wait for the teacher under a name; where tablets are shared, ask for the secret instead."""
    enrolment_id = request.form.get("pupil", type=UUID)
    if enrolment_id is not None and text("action") != "wait":
        classroom, _members = find_by_token(db(), clock(), token=token)
        kind = secret_kind_of(db(), enrolment_id=enrolment_id, classroom=classroom)
        if kind is not SecretKind.NONE:
            there = url_for("joining.ask_secret", token=token, enrolment_id=enrolment_id)
            return redirect(there, code=303)
    try:
        cookie[WAITING] = ask_to_join(db(), clock(), token=token, joiner=_joiner(enrolment_id))
    except FieldError as error:
        return _names_page(token, typed(error)), 422
    cookie.permanent = True
    return redirect(url_for("joining.wait"), code=303)


@bp.get("/waiting")
def wait() -> ResponseReturnValue:
    """Wait for the teacher; the page asks again by itself, and leads in when confirmed."""
    token = cookie.get(WAITING)
    if token is None and viewer() is not None:
        return redirect(url_for("start.home"), code=303)  # the page before, opened again
    if token is None:
        raise NotFound("this device waits for nothing")
    waits = waiting_device(db(), clock(), token=token)
    if waits.is_confirmed:
        result = claim_session(db(), clock(), token=token, device=this_device())
        cookie.pop(WAITING)
        if result is not None:
            _arrive(result)
        return redirect(url_for("start.home"), code=303)
    return _waiting_page(waits)


@bp.post("/waiting")
def choose_picture() -> ResponseReturnValue:
    """Take the picture that the pupil chose; a wrong one asks once more."""
    token, picture = cookie.get(WAITING), request.form.get("picture", type=int)
    if token is None:
        raise NotFound("this device waits for nothing")
    if picture is not None:
        chosen = class_choices.choose_picture(db(), clock(), token=token, picture=picture)
        if chosen is Choice.ASKED:
            waits = waiting_device(db(), clock(), token=token)
            return _waiting_page(waits, is_wrong=True), 422
    return redirect(url_for("joining.wait"), code=303)


@bp.get("/join/<token>/pupils/<uuid:enrolment_id>")
def ask_secret(token: str, enrolment_id: UUID) -> ResponseReturnValue:
    """Ask a pupil on a shared tablet for two pictures or a number."""
    return _secret_page(token, enrolment_id, fault=None)


@bp.post("/join/<token>/pupils/<uuid:enrolment_id>")
def come_in(token: str, enrolment_id: UUID) -> ResponseReturnValue:
    """Let in who shows the right pictures or number; one picture alone asks for the next."""
    first, secret = text("first"), text("secret")
    if text("picture"):
        if not first:
            return _secret_page(token, enrolment_id, fault=None, first=text("picture"))
        secret = f"{first} {text('picture')}"
    try:
        with guess(of_pupil_secret(token)):
            result = come_in_by_secret(
                db(),
                clock(),
                token=token,
                enrolment_id=enrolment_id,
                secret=secret,
                device=this_device(),
            )
    except WrongPassword as error:
        return _secret_page(token, enrolment_id, fault=error), 401
    except KeyLocked as error:  # no guess any more: it was given back
        return _secret_page(token, enrolment_id, fault=error), 423
    keep_signed_in(result)
    keep_tablet_of(find_by_token(db(), clock(), token=token)[0].id)
    return redirect(url_for("start.home"), code=303)


@bp.get("/in/<token>")
def slip(token: str) -> ResponseReturnValue:
    """Show whose slip it is: a picture of the link in a chat must not sign anybody in."""
    row = find_slip(db(), token=token)
    answer = make_response(render_template("joining/slip.html", name=_name_of(row), token=token))
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/in/<token>")
def use_slip(token: str) -> ResponseReturnValue:
    """Sign the pupil of the slip in."""
    _arrive(come_in_by_slip(db(), clock(), token=token, device=this_device()))
    return redirect(url_for("start.home"), code=303)


def _arrive(result: SignInResult) -> None:
    """Keep a pupil signed in on a phone of their own; others of the home stay on it, too."""
    device = this_device()
    note_arrival(db(), clock(), device=device, person_id=result.person.id)
    keep_signed_in(result)
    if len(pupils_here(db(), clock(), device=device)) > 1:
        note_several()


def _joiner(enrolment_id: UUID | None) -> Joiner:
    typed_number = text("typed_number").strip()
    if typed_number and not (typed_number.isdecimal() and len(typed_number) <= LONGEST_NUMBER):
        raise FieldError("typed_number", "no number", rule="place")
    return Joiner(
        enrolment_id=enrolment_id,
        typed_name=text("typed_name"),
        typed_number=int(typed_number) if typed_number else None,
        person=owner_of_account() if text("action") == "as_me" else None,
        device=this_device(),
        address_key=_address_key(),
        instead_of=cookie.get(WAITING, ""),
    )


def _address_key() -> str:
    """Return what tells addresses apart; nobody finds one by it without the server's key."""
    key = wiring().settings.secret_key.get_secret_value()
    return hmac.digest(key.encode(), f"waiting at {address_here()}".encode(), sha256).hex()


def _waiting_page(waits: WaitingDevice, *, is_wrong: bool = False) -> Response:
    page = render_template(
        "joining/waiting.html",
        name=waits.name,
        token=waits.link,
        choice=str(waits.choice),
        is_wrong=is_wrong,
        pictures=list(enumerate(picture_labels(), 1)),
    )
    answer = make_response(page)
    # A header, not an element: the page goes on by itself also where scripts do not run.
    answer.headers["Refresh"] = f"{ASK_AGAIN_S[waits.choice]}; url={url_for('joining.wait')}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _names_page(token: str, form: Form) -> str:
    classroom, members = find_by_token(db(), clock(), token=token)
    is_shown = shows_names(classroom, clock()(), is_its_tablet=is_tablet_of(classroom.id))
    person = viewer()
    mine = classrooms_of_pupil(db(), person=person) if person else []
    return render_template(
        "joining/names.html",
        classroom=classroom_card(classroom),
        token=token,
        choices=name_choices([row for row in members if is_shown and not row.person.has_password]),
        is_in=any(each.id == classroom.id for each in mine),
        form=form,
    )


def _secret_page(
    token: str, enrolment_id: UUID, *, fault: AppError | None, first: str = ""
) -> Response:
    classroom, members = find_by_token(db(), clock(), token=token)
    member = next((row for row in members if row.id == enrolment_id), None)
    kind = secret_kind_of(db(), enrolment_id=enrolment_id, classroom=classroom)
    if member is None or kind is SecretKind.NONE:
        raise LinkExpired("nothing is asked of this pupil")
    return make_response(_secret_template(classroom, member, kind, fault, first))


def _secret_template(
    classroom: Classroom, member: Enrolment, kind: SecretKind, fault: AppError | None, first: str
) -> str:
    return render_template(
        "joining/secret.html",
        classroom=classroom_card(classroom),
        token=classroom.token,
        enrolment_id=member.id,
        name=_name_of(member),
        kind=str(kind),
        pictures=list(enumerate(picture_labels(), 1)),
        first=first,
        fault=error_text("wrong_secret" if isinstance(fault, WrongPassword) else fault.code)
        if fault
        else None,
    )


def _name_of(row: Enrolment) -> str:
    return row.person.display_name.partition(" ")[0]


def _device() -> str:
    return request.headers.get("User-Agent", "")
