"""The page of one lesson, listed or by its link, and its poster."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response as WerkzeugResponse

from media_pipeline.caption_reading import read_captions
from media_pipeline.captions import format_cues, format_srt
from media_pipeline.timeline import shown_cues
from server.errors import NotFound, SignInNeeded
from server.models.lessons import Lesson, Visibility
from server.policy import may_edit_lesson
from server.request_context import after_answer, clock, db, viewer, wiring
from server.services.browse import read_poster
from server.services.documents import file_to_keep
from server.services.lessons import get_lesson_for
from server.services.openings import note_opening
from server.services.original_links import sign_kept_file
from server.services.own_work import assignment_of, own_work
from server.services.people_in_picture import may_show_pupils
from server.services.share import find_shared_lesson
from server.services.views import timeline_of
from server.web.beginnings import note_beginning
from server.web.lesson_pages import lesson_page
from server.web.origin import Origin

bp = Blueprint("lessons", __name__)

CAPTION_TYPES = {"vtt": "text/vtt", "srt": "application/x-subrip"}
POSTER_MAX_AGE_S = 24 * 3600
PUPILS_MAX_AGE_S = 60  # as soon as a consent is withdrawn, it is out of every cache


@bp.get("/lessons/<uuid:lesson_id>")
def show(lesson_id: UUID) -> ResponseReturnValue:
    """Show a lesson. Guests who may not see it are asked to sign in, whether it exists or not."""
    try:
        lesson = lesson_or_sign_in(lesson_id)
    except NotFound:
        return own_work_instead(lesson_id)
    count_opening(lesson)
    note_beginning(lesson)
    return render_template("lessons/show.html", page=lesson_page(lesson, Origin()))


@bp.get("/lessons/<uuid:lesson_id>/poster")
def poster(lesson_id: UUID) -> ResponseReturnValue:
    """Answer with the still image."""
    return _poster(lesson_or_sign_in(lesson_id))


@bp.get("/s/<token>")
def show_shared(token: str) -> ResponseReturnValue:
    """Show a lesson by its share link; search engines are told to leave it out."""
    shared = find_shared_lesson(db(), token)
    lesson = get_lesson_for(
        db(), clock(), lesson_id=shared.lesson.id, by=viewer(), share_token=token
    )
    count_opening(lesson)
    origin = Origin(share_token=token, share_link_id=shared.share_link_id)
    answer = make_response(render_template("lessons/show.html", page=lesson_page(lesson, origin)))
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@bp.get("/s/<token>/poster")
def shared_poster(token: str) -> ResponseReturnValue:
    """Answer with the still image of a shared lesson."""
    return _poster(find_shared_lesson(db(), token).lesson)


@bp.get("/lessons/<uuid:lesson_id>/captions/<uuid:text_track_id>.<form>")
def captions(lesson_id: UUID, text_track_id: UUID, form: str) -> ResponseReturnValue:
    """Answer with captions as a file, .vtt or .srt."""
    return _captions(lesson_or_sign_in(lesson_id), text_track_id, form)


@bp.get("/s/<token>/captions/<uuid:text_track_id>.<form>")
def shared_captions(token: str, text_track_id: UUID, form: str) -> ResponseReturnValue:
    """Answer with captions of a shared lesson as a file."""
    return _captions(find_shared_lesson(db(), token).lesson, text_track_id, form)


def _captions(lesson: Lesson, text_track_id: UUID, form: str) -> Response:
    track = next((each for each in lesson.text_tracks if each.id == text_track_id), None)
    if track is None or form not in CAPTION_TYPES:
        raise NotFound("no such captions of this lesson")
    cues = shown_cues(read_captions(track.text.encode()).cues, timeline_of(lesson))
    text = format_cues(cues) if form == "vtt" else format_srt(cues)
    # A mark in front: programs of Thai Windows would take SRT without one for CP874.
    content = text.encode("utf-8" if form == "vtt" else "utf-8-sig")
    answer = Response(content, content_type=f"{CAPTION_TYPES[form]}; charset=utf-8")
    name = f"{lesson.title[:100]}.{track.language}.{form}"
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@bp.get("/lessons/<uuid:lesson_id>/file")
def keep(lesson_id: UUID) -> ResponseReturnValue:
    """Lead to the file that viewers may keep, for a short time."""
    return _keep(lesson_or_sign_in(lesson_id))


@bp.get("/s/<token>/file")
def keep_shared(token: str) -> ResponseReturnValue:
    """Lead to the file of a shared lesson."""
    return _keep(find_shared_lesson(db(), token).lesson)


def _keep(lesson: Lesson) -> ResponseReturnValue:
    file_to_keep(db(), lesson=lesson, by=viewer())
    address = sign_kept_file(wiring().settings.playback_keys, lesson.id, clock()())
    answer = redirect(address, code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def lesson_or_sign_in(lesson_id: UUID) -> Lesson:
    """Return a lesson that the viewer may see. Raises NotFound; of guests SignInNeeded."""
    try:
        return get_lesson_for(db(), clock(), lesson_id=lesson_id, by=viewer())
    except NotFound as error:
        if viewer() is None:
            raise SignInNeeded("perhaps a signed-in person may see it") from error
        raise


def own_work_instead(lesson_id: UUID) -> WerkzeugResponse:
    """Lead a pupil to what they did with a lesson that is not shown any more. Raises NotFound."""
    by = viewer()
    assignment_id = assignment_of(db(), lesson_id=lesson_id, by=by) if by else None
    if by is None or assignment_id is None:
        raise NotFound(f"no lesson {lesson_id} for this person")
    own_work(db(), assignment_id=assignment_id, by=by)  # or nothing was done
    return redirect(url_for("own_work.show", assignment_id=assignment_id), code=303)


def count_opening(lesson: Lesson) -> None:
    """Count that somebody opens it, when the page is on its way; its editors do not count."""
    if request.method == "GET" and not may_edit_lesson(viewer(), lesson):
        now, lesson_id = clock(), lesson.id
        after_answer(lambda session: note_opening(session, now, lesson_id=lesson_id))


def _poster(lesson: Lesson) -> Response:
    image = read_poster(db(), wiring().store, lesson=lesson)
    answer = Response(image.content, mimetype=image.content_type)
    answer.set_etag(image.etag)
    shows_pupils = may_show_pupils(db(), lesson)
    is_public = lesson.is_published and lesson.shown_to == Visibility.PUBLIC
    scope = "public" if is_public and not shows_pupils else "private"
    max_age_s = PUPILS_MAX_AGE_S if shows_pupils else POSTER_MAX_AGE_S
    answer.headers["Cache-Control"] = f"{scope}, max-age={max_age_s}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.make_conditional(request)
    return answer
