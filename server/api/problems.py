"""Errors for programs: application/problem+json (RFC 9457) with a stable code."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from server.errors import (
    AppError,
    Conflict,
    FieldError,
    LinkExpired,
    NotAllowed,
    NotFound,
    ReadOnly,
    SignInNeeded,
    TooMuch,
    WrongPassword,
)

STATUS_OF: dict[type[BaseException], int] = {
    NotFound: 404,
    SignInNeeded: 401,
    NotAllowed: 403,
    Conflict: 409,
    ReadOnly: 507,
    LinkExpired: 410,
    TooMuch: 413,
    WrongPassword: 401,
    FieldError: 422,
    AppError: 400,
}


def status_of(error: AppError) -> int:
    """Return the status of the nearest listed base class."""
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def as_problem(error: AppError) -> ResponseReturnValue:
    """Answer an outcome of a service."""
    facts = dict(error.facts)
    if isinstance(error, FieldError):
        facts["field"] = error.field
    return problem(error.code, status_of(error), str(error), **facts)


def problem(code: str, status: int, detail: str, **facts: object) -> ResponseReturnValue:
    """Answer with one problem; `facts` (a limit, a field) stand beside the standard members."""
    answer = jsonify(
        facts
        | {
            "type": f"/problems/{code}",
            "title": code.replace("_", " "),
            "status": status,
            "detail": detail,
        }
    )
    answer.content_type = "application/problem+json"
    answer.status_code = status
    return answer
