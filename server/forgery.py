"""Requests forged by other sites: a token in every form and in JSON that a cookie speaks for."""

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect

from server.request_context import SAFE_METHODS, viewer

FOR_PROGRAMS = ("/api/", "/files/")
PLAYBACK = "api.start_playback"

csrf = CSRFProtect()


def register(app: Flask) -> None:
    """Check by our own rule: playback also starts in frames, by a ticket."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open all day; it ends with the session
        WTF_CSRF_SSL_STRICT=False,  # some in-app browsers send no Referer; the token is enough
        WTF_CSRF_HEADERS=["X-CSRFToken"],
    )
    csrf.init_app(app)
    app.before_request(check_token)


def check_token() -> None:
    """Refuse a change without a token, unless no cookie speaks for anybody."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    if request.path.startswith(FOR_PROGRAMS) and viewer() is None:
        return  # nothing to forge; a sign-in form, on the contrary, is worth forging
    if request.endpoint == PLAYBACK and _names_ticket():
        return
    csrf.protect()


def _names_ticket() -> bool:
    body = request.get_json(silent=True)
    return isinstance(body, dict) and bool(body.get("ticket"))
