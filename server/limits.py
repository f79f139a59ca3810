"""How often: uploads, searches, joining. Counted in each process's memory, per address or account.

Guesses of secrets are counted in the database (server/web/guesses.py).
"""

import time
from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address

from server.error_pages import answer_error
from server.errors import TooManyTries
from server.request_context import viewer

UPLOADS = "300 per hour"
SEARCHES = "240 per minute"
SUGGESTIONS = "1200 per minute"  # several for each search, of a whole school
ATTEMPTS = "90 per minute"  # of one person: a page saves every 3 s at most
QUIZ_ATTEMPTS = "1200 per minute"  # of a whole school behind one address
TEACHERS = "200 per hour"  # who join by a school's link: all of a large school in one meeting
REQUESTS = "20 per hour"  # to teach at a school
DEVICES = "600 per 10 minutes"  # that ask to come into a classroom, or choose their picture


def register(app: Flask) -> None:
    """Put limits on the routes that need them; call when all routes are there."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    _limit_joining(app, limiter)
    _limit(app, "/files/", limiter.limit(UPLOADS, methods=["POST"]))
    attempts = "/api/v1/lessons/<uuid:lesson_id>/attempts/<uuid:attempt_id>"
    _limit(app, attempts, limiter.limit(ATTEMPTS, key_func=who_asks, methods=["PUT"]))
    tries = "/api/v1/quiz-attempts/<uuid:attempt_id>"
    _limit(app, tries, limiter.limit(QUIZ_ATTEMPTS, methods=["PUT"]))
    for path in ("/search", "/api/v1/lessons"):
        _limit(app, path, limiter.limit(SEARCHES, methods=["GET"]))
    _limit(app, "/api/v1/suggestions", limiter.limit(SUGGESTIONS, methods=["GET"]))
    app.register_error_handler(RateLimitExceeded, partial(answer_too_many, limiter))


def answer_too_many(limiter: Limiter, _error: RateLimitExceeded) -> ResponseReturnValue:
    """Answer as wrong guesses are answered: with when to come back."""
    passed = limiter.current_limit
    wait_s = ceil(passed.reset_at - time.time()) if passed else 1
    return answer_error(TooManyTries("too many requests", retry_after_s=max(wait_s, 1)))


def _limit_joining(app: Flask, limiter: Limiter) -> None:
    """Limit honest devices and people, of whom many share an address."""
    for path in ("/join/<token>", "/waiting"):
        _limit(app, path, limiter.limit(DEVICES, methods=["POST"]))
    _limit(app, "/teach/<token>", limiter.limit(TEACHERS, methods=["POST"]))
    _limit(app, "/ask-to-join", limiter.limit(REQUESTS, methods=["POST"]))


def who_asks() -> str:
    """Return who is signed in, or the address: a whole school shares one."""
    person = viewer()
    return str(person.id) if person else get_remote_address()


def _limit(app: Flask, path: str, decorate: Callable[[Callable[..., Any]], Any]) -> None:
    """Wrap the views of a path: limits are kept together here, not scattered over the pages."""
    for rule in list(app.url_map.iter_rules()):
        if rule.rule == path:
            app.view_functions[rule.endpoint] = decorate(app.view_functions[rule.endpoint])
