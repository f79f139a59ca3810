"""Who came in with a password that somebody else chose sets an own one before anything else."""

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.error_pages import is_for_programs
from server.errors import NewPasswordNeeded
from server.first_run_gate import ALWAYS_OPEN
from server.request_context import SAFE_METHODS, viewer

PAGE = "new_passwords.choose"
OPEN = frozenset({PAGE, "new_passwords.keep", "account.sign_out", "saving.service_worker"})


def register(app: Flask) -> None:
    """Look before every request, after the first run."""
    app.before_request(lead_to_new_password)


def lead_to_new_password() -> ResponseReturnValue | None:
    """Lead pages there, and back afterwards. Raises NewPasswordNeeded for programs."""
    if request.endpoint in OPEN or request.path.startswith(ALWAYS_OPEN):
        return None
    person = viewer()
    if person is None or not person.needs_new_password:
        return None
    if is_for_programs():
        raise NewPasswordNeeded("choose a password of your own first")
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else "/"
    return redirect(url_for(PAGE, next=back), code=303)
