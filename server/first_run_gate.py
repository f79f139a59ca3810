"""Before there is an office, every page leads to the first-run page; afterwards it is gone."""

from flask import Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue

from server.errors import NotFound
from server.request_context import db
from server.services.people import office_of

PATH = "/first-run"
ALWAYS_OPEN = ("/static/", "/language", "/_/")


def register(app: Flask) -> None:
    """Look before every request, until there is an office."""
    app.before_request(lead_to_first_run)


def lead_to_first_run() -> ResponseReturnValue | None:
    """Redirect to the first-run page, or hide it when it is done."""
    if has_office():
        if request.path == PATH:
            raise NotFound("there is an office already")
        return None
    if request.path == PATH or request.path.startswith(ALWAYS_OPEN):
        return None
    return redirect(PATH, code=303)


def has_office() -> bool:
    """Return whether the first run is over; asked of the database until it is."""
    if not current_app.extensions["khlang.has_office"]:
        current_app.extensions["khlang.has_office"] = office_of(db()) is not None
    return bool(current_app.extensions["khlang.has_office"])
