"""What a lesson consists of, in its editors' hands: items in order, given as a version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError, LessonNotReady, NotAllowed
from server.models.content import MOST_ITEMS, AnyItem, FileItem, QuizItem
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import may_upload
from server.request_context import clock, db, hat_id, signed_in, wiring
from server.services.adapting import adapt_lesson
from server.services.browse import get_own_original
from server.services.lesson_content import find_item
from server.services.lesson_drafts import Draft, read_draft
from server.services.lesson_items import (
    ItemChanged,
    PlanChanged,
    add_item,
    mark_of,
    mark_of_plan,
    move_item,
    remove_item,
    save_plan,
    who_changed,
)
from server.services.lesson_version_changes import give_to_pupils
from server.services.lessons import create_lesson, get_lesson_to_edit
from server.services.own_files import files_to_choose
from server.web.error_texts import error_text
from server.web.forms import Form, text, typed
from server.web.item_editor import editor_config, kept_name
from server.web.item_forms import KINDS, new_item
from server.web.lesson_steps import is_own_file, item_title, kind_names
from server.web.origin import Origin, item_url
from server.web.studio import proposed_title, share_of, uploader_config
from server.web.translate import translate as _

bp = Blueprint("studio_items", __name__, url_prefix="/studio")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item in the editors' list."""

    id: UUID
    number: int
    kind: str
    kind_name: str
    title: str
    is_required: bool
    is_own_file: bool
    question_count: int | None
    mark: str
    preview_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsPage:
    """The draft as its editors see it."""

    lesson_id: UUID
    title: str
    is_published: bool
    is_given: bool
    rows: Sequence[ItemRow]
    plan: str
    plan_mark: str
    changed_at: datetime | None
    changed_by: str
    has_room: bool
    lacks_own_file: bool  # it has one, and no item shows it


@bp.post("/lessons")
def begin() -> ResponseReturnValue:
    """Make a lesson without a file, to be filled with items."""
    try:
        lesson = create_lesson(
            db(), clock(), original_id=None, title=text("title"), by=signed_in(), hat_id=hat_id()
        )
    except FieldError as error:
        return render_template("studio/begin_lesson.html", form=typed(error)), 422
    return _back(lesson.id)


@bp.get("/lessons/new")
def ask_title() -> ResponseReturnValue:
    """Ask how a lesson without a file is called."""
    if not may_upload(signed_in()):
        raise NotAllowed("only teachers and administrators make lessons")
    return render_template("studio/begin_lesson.html", form=Form())


@bp.post("/lessons/<uuid:lesson_id>/adapt")
def adapt(lesson_id: UUID) -> ResponseReturnValue:
    """Make a lesson of one's own of a colleague's; whose it was stays written on it."""
    lesson = adapt_lesson(db(), clock(), lesson_id=lesson_id, by=signed_in(), hat_id=hat_id())
    flash(_("This is your own copy now. Change what you like, then publish it."), "good")
    return redirect(url_for("studio_lessons.edit", lesson_id=lesson.id), code=303)


@bp.get("/lessons/<uuid:lesson_id>/items")
def edit(lesson_id: UUID) -> ResponseReturnValue:
    """Show the items of the draft, the plan, and what can be added."""
    return items_page(lesson_id, Form())


@bp.post("/lessons/<uuid:lesson_id>/items")
def add(lesson_id: UUID) -> ResponseReturnValue:
    """Add an item of a kind, then go to where it is written: a quiz, to its questions."""
    by = signed_in()
    try:
        item = _named(new_item(), by)
        add_item(db(), clock(), lesson_id=lesson_id, item=item, by=by)
    except FieldError as error:
        return items_page(lesson_id, typed(error)), 422
    page = "studio_quiz.edit" if isinstance(item, QuizItem) else "studio_item.edit"
    return redirect(url_for(page, lesson_id=lesson_id, item_id=item.id), code=303)


@bp.get("/lessons/<uuid:lesson_id>/items/file")
def choose_file(lesson_id: UUID) -> ResponseReturnValue:
    """Show the person's files, and where a new one is sent; afterwards the sent one is offered."""
    by = signed_in()
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    sent_id = request.args.get("original", type=UUID)
    sent = get_own_original(db(), original_id=sent_id, by=by) if sent_id else None
    after = url_for("studio_items.choose_file", lesson_id=lesson_id)
    share = share_of(by)
    return render_template(
        "studio/choose_item_file.html",
        lesson_id=lesson_id,
        title=lesson.title,
        sent=(str(sent.id), proposed_title(sent.file_name)) if sent else None,
        files=[(str(file.id), file.file_name) for file in files_to_choose(db(), by=by)],
        uploader=uploader_config(f"{after}?original={{original}}", share),
        max_bytes=wiring().settings.max_upload_bytes,
        usage=share,
    )


@bp.post("/lessons/<uuid:lesson_id>/items/own-file")
def add_own_file(lesson_id: UUID) -> ResponseReturnValue:
    """Show the lesson's own file again among its items, under the id that it always has."""
    item = FileItem(id=lesson_id, is_required=True)
    if find_item(read_draft(db(), lesson_id=lesson_id, by=signed_in()).content, lesson_id) is None:
        add_item(db(), clock(), lesson_id=lesson_id, item=item, by=signed_in())
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/items/<uuid:item_id>/move")
def move(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Move an item one place up or down."""
    by_places = -1 if text("to") == "up" else 1
    move_item(
        db(), clock(), lesson_id=lesson_id, item_id=item_id, by_places=by_places, by=signed_in()
    )
    return _back(lesson_id, f"item-{item_id}")


@bp.post("/lessons/<uuid:lesson_id>/items/<uuid:item_id>/remove")
def remove(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Take an item out, unless somebody changed it meanwhile."""
    try:
        remove_item(
            db(), clock(), lesson_id=lesson_id, item_id=item_id, seen=text("mark"), by=signed_in()
        )
    except ItemChanged as error:
        words = _("%(who)s changed this step meanwhile. It is still here; look at it first.")
        flash(words % {"who": name_of_other(error.draft)}, "warning")
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/items/give")
def give(lesson_id: UUID) -> ResponseReturnValue:
    """Make the draft what pupils get."""
    try:
        give_to_pupils(db(), clock(), lesson_id=lesson_id, by=signed_in())
    except LessonNotReady as error:
        words = error_text(error.code)
        flash(_("%(what)s. %(more)s", what=words.title, more=words.text), "warning")
    else:
        flash(
            _("Pupils who begin from now on get this. Who has begun keeps what they began."),
            "good",
        )
    return _back(lesson_id)


@bp.post("/lessons/<uuid:lesson_id>/plan")
def plan(lesson_id: UUID) -> ResponseReturnValue:
    """Keep the teacher's plan; who was slower sees both texts."""
    try:
        save_plan(
            db(),
            clock(),
            lesson_id=lesson_id,
            plan=text("plan").replace("\r\n", "\n"),
            seen=text("mark"),
            by=signed_in(),
        )
    except FieldError as error:
        return items_page(lesson_id, typed(error)), 422
    except PlanChanged as error:
        return items_page(lesson_id, typed(), newer_plan_by=name_of_other(error.draft)), 409
    flash(_("The plan is kept. Only teachers who may edit the lesson see it."), "good")
    return _back(lesson_id, "plan", saved="plan")


def items_page(lesson_id: UUID, form: Form, *, newer_plan_by: str = "") -> str:
    """Return the page with what was typed and what is wrong with it."""
    by = signed_in()
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    draft = read_draft(db(), lesson_id=lesson_id, by=by)
    return render_template(
        "studio/items.html",
        page=_page(lesson, draft),
        form=form,
        kinds={kind: kind_names()[kind] for kind in KINDS},
        newer_plan_by=newer_plan_by,
        plan_config=editor_config(kept_name(lesson_id, "plan")),
        saved_name=_saved_name(lesson_id),
    )


def _saved_name(lesson_id: UUID) -> str:
    """Return under which name the browser keeps what has just been saved; empty for nothing."""
    saved = request.args.get("saved", "")
    return kept_name(lesson_id, saved) if saved else ""


def _named(item: AnyItem, by: Person) -> AnyItem:
    """Return a file's item under the file's name, where no title was typed."""
    if not isinstance(item, FileItem) or item.title or item.original_id is None:
        return item
    file = get_own_original(db(), original_id=item.original_id, by=by)
    return item.model_copy(update={"title": proposed_title(file.file_name)})


def name_of_other(draft: Draft) -> str:
    """Return who changed the draft, as pages say it."""
    return who_changed(db(), draft) or _("Somebody else")


def _page(lesson: Lesson, draft: Draft) -> ItemsPage:
    items = draft.content.items
    return ItemsPage(
        lesson_id=lesson.id,
        title=lesson.title,
        is_published=lesson.is_published,
        is_given=draft.is_given,
        rows=[_row(lesson, number, item) for number, item in enumerate(items, start=1)],
        plan=draft.plan,
        plan_mark=mark_of_plan(draft.plan),
        changed_at=draft.changed_at,
        changed_by=who_changed(db(), draft),
        has_room=len(items) < MOST_ITEMS,
        lacks_own_file=lesson.original_id is not None and not any(map(is_own_file, items)),
    )


def _row(lesson: Lesson, number: int, item: AnyItem) -> ItemRow:
    return ItemRow(
        id=item.id,
        number=number,
        kind=item.kind,
        kind_name=kind_names()[item.kind],
        title=item_title(item, lesson),
        is_required=item.is_required,
        is_own_file=is_own_file(item),
        question_count=len(item.questions) if isinstance(item, QuizItem) else None,
        mark=mark_of(item),
        preview_url=item_url(lesson, Origin(is_draft=True), item.id),
    )


def _back(lesson_id: UUID, anchor: str | None = None, saved: str | None = None) -> Response:
    address = url_for("studio_items.edit", lesson_id=lesson_id, saved=saved, _anchor=anchor)
    return redirect(address, code=303)
