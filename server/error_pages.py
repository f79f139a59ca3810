"""Errors as people see them: a page for browsers, a problem for programs."""

import logging
from urllib.parse import urlencode

from flask import Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from server.api.problems import as_problem, problem
from server.errors import (
    AppError,
    Conflict,
    FieldError,
    NotAllowed,
    NotFound,
    SignInNeeded,
    TooManyTries,
)
from server.outcomes import headers_of, outcome_of, status_of
from server.request_context import db
from server.web.error_texts import field_label
from server.web.forms import Form, typed
from storage.store import StoreError

FOR_PROGRAMS = ("/api/", "/files/", "/_/")
CODE_OF_STATUS = {
    400: "bad_request",
    401: "sign_in_needed",
    403: "not_allowed",
    404: "not_found",
    405: "bad_request",
    413: "too_much",
    429: "too_many_tries",
    500: "internal",
}


def register(app: Flask) -> None:
    """Answer every error in one place."""
    app.register_error_handler(AppError, answer_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(CSRFError, answer_forged_form)
    app.register_error_handler(StoreError, answer_no_storage)
    app.register_error_handler(OperationalError, answer_no_storage)
    app.register_error_handler(DataError, answer_unfit)


def answer_error(error: AppError) -> ResponseReturnValue:
    """Answer an outcome of a service."""
    if is_for_programs():
        return as_problem(error)
    if isinstance(error, SignInNeeded) and request.method == "GET":
        return ask_to_sign_in()
    fault = typed(error) if isinstance(error, FieldError) else _what_was_typed(error)
    body, status = error_page(error.code, status_of(error), error.facts, fault)
    return body, status, list(headers_of(error))


def _what_was_typed(error: AppError) -> Form | None:
    """Return it where it could be sent again: signed out meanwhile, or somebody was quicker.

    Also where it has no place any more: a lesson was taken back while somebody wrote.
    """
    kept = SignInNeeded | Conflict | NotAllowed | NotFound | TooManyTries
    return _texts_typed() if isinstance(error, kept) else None


def _texts_typed() -> Form:
    """Return what stands in fields that have names: what a person wrote, and no secrets.

    What another site sends is not said here as if its reader had typed it.
    """
    names = [name for name in request.form if field_label(name) != name] if _is_from_here() else ()
    return Form({name: "\n".join(filter(None, request.form.getlist(name))) for name in names})


def _is_from_here() -> bool:
    """Tell whether a page of ours sent this; browsers that do not say by which are believed."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin == "null" or origin.partition("://")[2] == request.host


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask itself refuses."""
    if error.response is not None:
        return error.response  # a redirect to the address with a slash, for example
    status = error.code or 500
    code = CODE_OF_STATUS.get(status, "bad_request")
    if is_for_programs():
        return problem(code, status, error.description or "")
    headers = [(k, v) for k, v in error.get_headers() if k not in {"Content-Type"}]
    body, _ = error_page(code, status, {})
    return body, status, headers


def answer_forged_form(error: CSRFError) -> ResponseReturnValue:
    """Answer a form or JSON without a good token."""
    if is_for_programs():
        return problem("form_expired", 400, error.description or "")
    return error_page("form_expired", 400, {}, _texts_typed())


def answer_no_storage(error: StoreError | OperationalError) -> ResponseReturnValue:
    """Answer when disk, store or database cannot do it now: nothing was changed."""
    logging.getLogger(__name__).error("storage is unavailable", exc_info=error)
    db().rollback()
    return answer_error(outcome_of(error))


def answer_unfit(_error: DataError) -> ResponseReturnValue:
    """Answer a value that no column can hold, such as a text with a zero byte."""
    db().rollback()
    return answer_error(AppError("a value that cannot be kept"))


def error_page(
    code: str, status: int, facts: dict[str, object], form: Form | None = None
) -> tuple[str, int]:
    """Return the page that says what happened, what is safe and what to do.

    With `form`, also which field cannot be taken, and what was typed, so that nothing is lost.
    """
    page = render_template(
        "error.html",
        code=code,
        status=status,
        facts=facts,
        form=form,
        field_label=field_label,
        way_back=_way_back(),
    )
    return page, status


def ask_to_sign_in() -> ResponseReturnValue:
    """Send a guest to the sign-in page and afterwards back; programs get 401."""
    if is_for_programs():
        return as_problem(SignInNeeded("sign in first"))
    return redirect(f"/sign-in?{urlencode({'next': _way_back()})}", code=303)


def _way_back() -> str:
    """Return where to go on after signing in: this page, or the page of the form that was sent.

    There the browser offers what was typed, if it has kept it.
    """
    if request.method == "GET":
        return request.full_path.rstrip("?")
    adapter = current_app.create_url_adapter(request)
    has_page = adapter is not None and adapter.test(request.path, method="GET")
    return request.path if has_page else "/"


def is_for_programs() -> bool:
    """Return whether the answer is read by a program rather than a person."""
    return request.path.startswith(FOR_PROGRAMS)
