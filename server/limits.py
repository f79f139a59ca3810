"""How often: wrong passwords, uploads, searches. Counted in memory, per address or account."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from server.request_context import viewer

WRONG_TRIES_HERE = "10 per 10 minutes"  # one account from one address
WRONG_TRIES_OF_ACCOUNT = "100 per hour"  # one account from everywhere
WRONG_TRIES_OF_ADDRESS = "300 per 10 minutes"  # a whole school shares one address
UPLOADS = "300 per hour"
SEARCHES = "240 per minute"
SUGGESTIONS = "1200 per minute"  # several for each search, of a whole school
ATTEMPTS = "90 per minute"  # of one person: a page saves every 3 s at most
QUIZ_ATTEMPTS = "1200 per minute"  # of a whole school behind one address
FIRST_RUNS = "10 per 10 minutes"
WRONG_CODES_HERE = "60 per 10 minutes"  # of classrooms: a whole school shares one address
WRONG_CODES = "3000 per hour"  # from everywhere: 148 million codes are not tried through
WRONG_SECRETS_HERE = "120 per 10 minutes"  # pictures and numbers on tablets of a whole school
WRONG_SECRETS = "60 per hour"  # of one classroom: three guesses at each child lock none
TEACHERS = "200 per hour"  # who join by a school's link: all of a large school in one meeting
REQUESTS = "20 per hour"  # to teach at a school
DEVICES = "600 per 10 minutes"  # that ask to come into a classroom
REFUSALS = frozenset({400, 401, 403, 422})  # what a form answers; 429 itself counts nothing


def register(app: Flask) -> None:
    """Put limits on the routes that need them; call when all routes are there."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    for key, limit in (
        (account_here, WRONG_TRIES_HERE),
        (account, WRONG_TRIES_OF_ACCOUNT),
        (get_remote_address, WRONG_TRIES_OF_ADDRESS),
    ):
        _limit(
            app,
            "/sign-in",
            limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=was_refused),
        )
    _limit(app, "/first-run", limiter.limit(FIRST_RUNS, methods=["POST"], deduct_when=was_refused))
    _limit_joining(app, limiter)
    _limit(app, "/files/", limiter.limit(UPLOADS, methods=["POST"]))
    attempts = "/api/v1/lessons/<uuid:lesson_id>/attempts/<uuid:attempt_id>"
    _limit(app, attempts, limiter.limit(ATTEMPTS, key_func=who_asks, methods=["PUT"]))
    tries = "/api/v1/quiz-attempts/<uuid:attempt_id>"
    _limit(app, tries, limiter.limit(QUIZ_ATTEMPTS, methods=["PUT"]))
    for path in ("/search", "/api/v1/lessons"):
        _limit(app, path, limiter.limit(SEARCHES, methods=["GET"]))
    _limit(app, "/api/v1/suggestions", limiter.limit(SUGGESTIONS, methods=["GET"]))


def _limit_joining(app: Flask, limiter: Limiter) -> None:
    """Codes of classrooms per address and in all; their links hold 128 bits and are not counted."""
    for key, limit in ((get_remote_address, WRONG_CODES_HERE), (everybody, WRONG_CODES)):
        _limit(
            app,
            "/join",
            limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=was_refused),
        )
    secrets = "/join/<token>/pupils/<uuid:enrolment_id>"
    for key, limit in ((get_remote_address, WRONG_SECRETS_HERE), (classroom, WRONG_SECRETS)):
        _limit(
            app,
            secrets,
            limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=was_refused),
        )
    _limit(app, "/join/<token>", limiter.limit(DEVICES, methods=["POST"]))
    _limit(app, "/teach/<token>", limiter.limit(TEACHERS, methods=["POST"]))
    _limit(app, "/ask-to-join", limiter.limit(REQUESTS, methods=["POST"]))


def everybody() -> str:
    """Return one name for all: what is counted are tries at the codes themselves."""
    return "everybody"


def classroom() -> str:
    """Return the link's token of the classroom."""
    return str((request.view_args or {}).get("token", ""))


def account() -> str:
    """Return whom the sign-in form names, however it is typed."""
    return request.form.get("user_name", "").strip().casefold()[:100]


def who_asks() -> str:
    """Return who is signed in, or the address: a whole school shares one."""
    person = viewer()
    return str(person.id) if person else get_remote_address()


def account_here() -> str:
    """Return the account and the address: a stranger's tries do not lock a teacher out."""
    return f"{account()} {get_remote_address()}"


def was_refused(answer: Response) -> bool:
    """Return whether the form was not accepted: who gets in uses up nothing."""
    return answer.status_code in REFUSALS


def _limit(app: Flask, path: str, decorate: Callable[[Callable[..., Any]], Any]) -> None:
    """Wrap the views of a path: limits are kept together here, not scattered over the pages."""
    for rule in list(app.url_map.iter_rules()):
        if rule.rule == path:
            app.view_functions[rule.endpoint] = decorate(app.view_functions[rule.endpoint])
