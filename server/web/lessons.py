"""The page of one lesson, listed or by its link, and its poster."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from server.errors import NotFound, SignInNeeded
from server.models.lessons import Lesson, Visibility
from server.request_context import db, viewer, wiring
from server.services.browse import read_poster
from server.services.lessons import get_lesson_for
from server.services.share import find_shared_lesson
from server.web.lesson_pages import Origin, lesson_page

bp = Blueprint("lessons", __name__)

POSTER_MAX_AGE_S = 24 * 3600


@bp.get("/lessons/<uuid:lesson_id>")
def show(lesson_id: UUID) -> ResponseReturnValue:
    """Show a lesson. Guests who may not see it are asked to sign in, whether it exists or not."""
    lesson = _lesson_or_sign_in(lesson_id)
    answer = make_response(render_template("lessons/show.html", page=lesson_page(lesson, Origin())))
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@bp.get("/lessons/<uuid:lesson_id>/poster")
def poster(lesson_id: UUID) -> ResponseReturnValue:
    """Answer with the still image."""
    return _poster(_lesson_or_sign_in(lesson_id))


@bp.get("/s/<token>")
def show_shared(token: str) -> ResponseReturnValue:
    """Show a lesson by its share link; search engines are told to leave it out."""
    shared = find_shared_lesson(db(), token)
    lesson = get_lesson_for(db(), lesson_id=shared.lesson.id, by=viewer(), share_token=token)
    origin = Origin(share_token=token, share_link_id=shared.share_link_id)
    answer = make_response(render_template("lessons/show.html", page=lesson_page(lesson, origin)))
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@bp.get("/s/<token>/poster")
def shared_poster(token: str) -> ResponseReturnValue:
    """Answer with the still image of a shared lesson."""
    return _poster(find_shared_lesson(db(), token).lesson)


def _lesson_or_sign_in(lesson_id: UUID) -> Lesson:
    try:
        return get_lesson_for(db(), lesson_id=lesson_id, by=viewer())
    except NotFound as error:
        if viewer() is None:
            raise SignInNeeded("perhaps a signed-in person may see it") from error
        raise


def _poster(lesson: Lesson) -> Response:
    image = read_poster(wiring().store, lesson=lesson)
    answer = Response(image.content, mimetype=image.content_type)
    answer.set_etag(image.etag)
    is_public = lesson.is_published and lesson.visibility == Visibility.PUBLIC
    scope = "public" if is_public else "private"
    answer.headers["Cache-Control"] = f"{scope}, max-age={POSTER_MAX_AGE_S}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.make_conditional(request)
    return answer
