"""Acts of administration ask for the password again when it was given too long ago.

The page that asks sends the same form to the same address, with the password beside: nothing that
was typed is lost, and nothing is kept on the server meanwhile.
"""

from collections.abc import Callable
from functools import wraps

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import AppError, NotAllowed, TooManyTries, WrongPassword
from server.outcomes import headers_of
from server.request_context import clock, current_sign_in_id, db, owner_of_account, proved_at
from server.services.idle import is_proven
from server.services.people import prove
from server.web.error_texts import error_text
from server.web.forms import Form, text
from server.web.guesses import guess, of_own_password
from server.web.page_frame import page_address
from server.web.translate import translate as _

PROOF = "password_proof"
NOT_SENT_AGAIN = frozenset({"csrf_token", PROOF})
ASKED = 403

View = Callable[..., ResponseReturnValue]


def asks_again(view: View) -> View:
    """Have a view that changes something ask for the password, unless it was given lately.

    Sessions without a password (pupils, shared tablets) never reach it.
    """

    @wraps(view)
    def asked(*args: object, **values: object) -> ResponseReturnValue:
        if not is_proven(proved_at(), clock()()):
            refused = _prove_now()
            if refused is not None:
                return refused
        return view(*args, **values)

    asked.asks_again = True  # type: ignore[attr-defined]
    return asked


def _prove_now() -> Response | None:
    """Take the password that came with the form; return the page that asks where it is not right.

    Raises NotAllowed for persons and sessions without one.
    """
    person, sign_in_id = owner_of_account(), current_sign_in_id()
    if not person.has_password or sign_in_id is None:
        raise NotAllowed("only who has a password does this")
    if PROOF not in request.form:
        return _page(Form())
    try:
        with guess(of_own_password(person.id)):
            prove(db(), clock(), by=person, sign_in_id=sign_in_id, password=text(PROOF))
    except WrongPassword as error:
        fault = _("The password is another one. Nothing was changed; try again.")
        return _page(Form({}, {PROOF: fault}), error)
    except TooManyTries as error:
        return _page(Form({}, {PROOF: error_text(error.code, error.facts).text}), error)
    return None


def _page(form: Form, error: AppError | None = None) -> Response:
    sent = [pair for pair in request.form.items(multi=True) if pair[0] not in NOT_SENT_AGAIN]
    page = render_template(
        "account/asked_again.html", form=form, sent=sent, address=page_address(), name=PROOF
    )
    answer = make_response(page, 429 if isinstance(error, TooManyTries) else ASKED)
    answer.headers.extend(headers_of(error) if error else ())
    answer.headers["Cache-Control"] = "no-store"  # a first password may stand among what was typed
    return answer
