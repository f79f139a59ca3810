"""Errors for programs: application/problem+json (RFC 9457) with a stable code."""

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from server.errors import AppError, FieldError
from server.outcomes import headers_of, status_of


def as_problem(error: AppError) -> ResponseReturnValue:
    """Answer an outcome of a service."""
    facts = dict(error.facts)
    if isinstance(error, FieldError):
        facts["field"] = error.field
    answer = problem(error.code, status_of(error), str(error), **facts)
    answer.headers.extend(headers_of(error))
    return answer


def problem(code: str, status: int, detail: str, **facts: object) -> Response:
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
