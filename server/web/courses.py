"""The page of a course."""

from uuid import UUID

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from server.errors import NotFound, SignInNeeded
from server.policy import may_upload
from server.request_context import clock, db, viewer
from server.services.courses import get_course_for
from server.web.course_cards import course_page

bp = Blueprint("courses", __name__)


@bp.get("/courses/<uuid:course_id>")
def show(course_id: UUID) -> ResponseReturnValue:
    """Show a course to who may see one of its lessons; guests are asked to sign in otherwise."""
    by = viewer()
    try:
        shown = get_course_for(db(), clock(), course_id=course_id, by=by)
    except NotFound as error:
        if by is None:
            raise SignInNeeded("perhaps a signed-in person may see it") from error
        raise
    page = render_template("courses/show.html", course=course_page(shown), may_copy=may_upload(by))
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
