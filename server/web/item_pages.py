"""The page of one item of a lesson, with the way to the next one."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response as WerkzeugResponse

from server.errors import NotAllowed, NotFound
from server.models.content import AnyItem, LinkItem
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import may_edit_lesson, may_keep_file
from server.request_context import clock, db, learner, signed_in, viewer, wiring
from server.services.erased_lessons import hold_for_work
from server.services.item_progress import ItemNote, note_item
from server.services.lesson_content import content_for, find_item
from server.services.lessons import get_lesson_for
from server.services.original_links import sign_item_file
from server.services.share import find_shared_lesson
from server.services.shown_files import file_of_items
from server.web.beginnings import note_beginning
from server.web.forms import Form
from server.web.item_cards import build_card
from server.web.item_places import ItemCard, ItemPlace
from server.web.lesson_steps import (
    LessonPlace,
    StepCard,
    StepList,
    item_title,
    lesson_place,
    steps_of,
)
from server.web.lessons import lesson_or_sign_in, own_work_instead
from server.web.origin import Origin, lesson_url

bp = Blueprint("items", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """Everything that the page of an item shows."""

    id: UUID
    lesson_id: UUID
    kind: str
    title: str
    lesson_title: str
    lesson_url: str
    language: str
    card: ItemCard
    is_done: bool
    steps: StepList | None
    before: StepCard | None
    after: StepCard | None
    edit_url: str
    is_draft: bool
    is_unlisted: bool


@bp.get("/lessons/<uuid:lesson_id>/items/<uuid:item_id>")
def show(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Show an item; who may see the lesson may see it. Its editors may look at the draft."""
    try:
        lesson = lesson_or_sign_in(lesson_id)
    except NotFound:
        return own_work_instead(lesson_id)
    is_draft = "draft" in request.args and may_edit_lesson(viewer(), lesson)
    return _show(lesson, item_id, Origin(is_draft=is_draft))


@bp.get("/s/<token>/items/<uuid:item_id>")
def show_shared(token: str, item_id: UUID) -> ResponseReturnValue:
    """Show an item of a lesson that was shared by a link."""
    shared = find_shared_lesson(db(), token)
    lesson = get_lesson_for(
        db(), clock(), lesson_id=shared.lesson.id, by=viewer(), share_token=token
    )
    origin = Origin(share_token=token, share_link_id=shared.share_link_id)
    answer = make_response(_show(lesson, item_id, origin))
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@bp.post("/lessons/<uuid:lesson_id>/items/<uuid:item_id>/opened")
def note_opened(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Write down that somebody followed a link."""
    signed_in()
    lesson = lesson_or_sign_in(lesson_id)
    by = learner(lesson_id)
    content = content_for(db(), lesson, person_id=by.id if by else None)
    item = _item(lesson_id, find_item(content, item_id))
    if by is not None and isinstance(item, LinkItem):
        note = ItemNote(person_id=by.id, lesson_id=lesson.id, item_id=item.id, is_done=True)
        with db().begin():
            hold_for_work(db(), lesson.id)
            note_item(db(), clock(), note)
    return "", 204


@bp.get("/lessons/<uuid:lesson_id>/files/<uuid:original_id>")
def keep(lesson_id: UUID, original_id: UUID) -> ResponseReturnValue:
    """Lead to an item's file that viewers may keep, for a short time."""
    return _keep(lesson_or_sign_in(lesson_id), original_id)


@bp.get("/s/<token>/files/<uuid:original_id>")
def keep_shared(token: str, original_id: UUID) -> ResponseReturnValue:
    """Lead to an item's file of a lesson that was shared by a link."""
    return _keep(find_shared_lesson(db(), token).lesson, original_id)


def answer_refused(lesson_id: UUID, item_id: UUID, form: Form) -> ResponseReturnValue:
    """Show an item with what was sent there and could not be taken, so that nothing is lost."""
    return _show(lesson_or_sign_in(lesson_id), item_id, Origin(), form), 422


def _keep(lesson: Lesson, original_id: UUID) -> ResponseReturnValue:
    file_of_items(db(), lesson=lesson, original_id=original_id, by=viewer())
    if not may_keep_file(viewer(), lesson):
        raise NotAllowed(f"the files of lesson {lesson.id} are not for keeping")
    keys = wiring().settings.playback_keys
    answer = redirect(sign_item_file(keys, original_id, clock()()), code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _show(
    lesson: Lesson, item_id: UUID, origin: Origin, form: Form | None = None
) -> WerkzeugResponse:
    place = lesson_place(lesson, origin)
    item = find_item(place.content, item_id)
    if item is None and find_item(content_for(db(), lesson, person_id=None), item_id):
        return redirect(lesson_url(lesson, origin))  # newer than what this person began
    item = _item(lesson.id, item)
    if not origin.is_draft:
        note_beginning(lesson, item)
    page = _page(place, item, form or Form())
    answer = make_response(render_template("lessons/item.html", page=page))
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _item(lesson_id: UUID, item: AnyItem | None) -> AnyItem:
    if item is None:
        raise NotFound(f"no such item of lesson {lesson_id}")
    return item


def _page(place: LessonPlace, item: AnyItem, form: Form) -> ItemPage:
    lesson, origin = place.lesson, place.origin
    state = place.states.get(item.id)
    shown = ItemPlace(
        lesson=lesson,
        origin=origin,
        content=place.content,
        item=item,
        title=item_title(item, lesson),
        by=place.by,
        state=state,
        form=form,
    )
    steps = steps_of(place)
    before, after = _neighbours(steps, item.id)
    return ItemPage(
        id=item.id,
        lesson_id=lesson.id,
        kind=item.kind,
        title=shown.title,
        lesson_title=lesson.title,
        lesson_url=lesson_url(lesson, origin),
        language=lesson.language,
        card=build_card(shown),
        is_done=state is not None and state.is_done,
        steps=steps,
        before=before,
        after=after,
        edit_url=_edit_url(lesson, viewer()),
        is_draft=origin.is_draft,
        is_unlisted=bool(origin.share_token),
    )


def _edit_url(lesson: Lesson, by: Person | None) -> str:
    if not may_edit_lesson(by, lesson):
        return ""
    return url_for("studio_items.edit", lesson_id=lesson.id)


def _neighbours(steps: StepList | None, item_id: UUID) -> tuple[StepCard | None, StepCard | None]:
    listed = list(steps.steps) if steps else []
    at = next((index for index, step in enumerate(listed) if step.id == item_id), None)
    if at is None:
        return None, None
    return (
        listed[at - 1] if at > 0 else None,
        listed[at + 1] if at + 1 < len(listed) else None,
    )
