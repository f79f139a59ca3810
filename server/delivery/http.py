"""Answers below Flask: what the byte path and tus bodies have in common."""

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from server.errors import AppError
from server.outcomes import headers_of as outcome_headers
from server.outcomes import outcome_of, status_of
from storage.store import StoreError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[str, str]]
EncodedHeaders = list[tuple[bytes, bytes]]

OK, NO_CONTENT, PARTIAL, NOT_MODIFIED = 200, 204, 206, 304
BAD_REQUEST, FORBIDDEN, NOT_FOUND, NOT_ALLOWED, REQUEST_TIMEOUT = 400, 403, 404, 405, 408
CONFLICT, TOO_LARGE, UNSUPPORTED, UNSATISFIABLE, CHECKSUM_MISMATCH = 409, 413, 415, 416, 460
UNAVAILABLE = 503

OPEN_TO_ALL = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Content-Length, Content-Range, ETag"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A short answer, in memory."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(slots=True, eq=False)
class Refused(Exception):
    """Ends a request with a problem; `code` is stable, its text is the client's to choose."""

    status: int
    code: str
    headers: tuple[tuple[str, str], ...] = field(default=())


def refusal(error: AppError | StoreError | SQLAlchemyError) -> Refused:
    """Return the problem of an outcome that is not success."""
    outcome = error if isinstance(error, AppError) else outcome_of(error)
    return Refused(status_of(outcome), outcome.code, outcome_headers(outcome))


def problem(refused: Refused, headers: Headers = ()) -> Answer:
    """Return problem+json."""
    body = {
        "type": f"/problems/{refused.code}",
        "title": refused.code.replace("_", " "),
        "status": refused.status,
    }
    return Answer(
        refused.status,
        (("Content-Type", "application/problem+json"), *refused.headers, *headers),
        json.dumps(body).encode(),
    )


async def respond(send: Send, answer: Answer, *, is_head: bool = False) -> None:
    """Send a short answer."""
    length = [] if answer.status in {NO_CONTENT, NOT_MODIFIED} else [len(answer.body)]
    headers = [*answer.headers, *(("Content-Length", str(size)) for size in length)]
    await send(response_start(answer.status, headers))
    body = b"" if is_head else answer.body
    await send({"type": "http.response.body", "body": body, "more_body": False})


def response_start(status: int, headers: Headers) -> Message:
    """Return the message that begins an answer."""
    return {"type": "http.response.start", "status": status, "headers": encoded(headers)}


def encoded(headers: Headers) -> EncodedHeaders:
    """Return headers as ASGI wants them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by their names in lower case; the first of each wins."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(bytes(name).decode("latin-1").lower(), bytes(value).decode("latin-1"))
    return headers
