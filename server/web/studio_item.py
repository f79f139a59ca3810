"""One item in its editors' hands. Who was slower sees both: what is newer, and what they typed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from server.errors import FieldError, NotFound
from server.models.content import LONGEST_TEXT, AnyItem, FileItem
from server.models.lessons import Lesson
from server.request_context import clock, db, signed_in
from server.services.lesson_content import find_item
from server.services.lesson_drafts import read_draft
from server.services.lesson_items import ItemChanged, mark_of, save_item
from server.services.lessons import get_lesson_to_edit
from server.services.markdown import as_html
from server.web.forms import Form, text, typed
from server.web.item_editor import editor_config, kept_name
from server.web.item_forms import SHARES, form_values, item_of_kind, typed_item
from server.web.lesson_steps import is_own_file, item_title, kind_names
from server.web.origin import Origin, item_url
from server.web.studio_items import name_of_other
from server.web.translate import translate as _

bp = Blueprint("studio_item", __name__, url_prefix="/studio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """What somebody else saved while this person wrote; `values` is None when they removed it."""

    by: str
    values: dict[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEdit:
    """The page of one item."""

    lesson_id: UUID
    lesson_title: str
    id: UUID
    kind: str
    kind_name: str
    title: str
    is_own_file: bool
    mark: str  # of what is saved now; empty when it is gone
    preview_url: str
    config: dict[str, Any]  # data-item-editor, read by frontend/src/item_editor.ts


@bp.get("/lessons/<uuid:lesson_id>/items/<uuid:item_id>")
def edit(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Show the item's form."""
    lesson, item = _found(lesson_id, item_id)
    return _page(lesson, item, Form(form_values(item)), mark=mark_of(item))


@bp.post("/lessons/<uuid:lesson_id>/items/<uuid:item_id>")
def save(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Keep what was typed, unless somebody else changed the same item since it was opened."""
    by = signed_in()
    lesson, there = _there(lesson_id, item_id)
    try:
        item = typed_item(there) if there else item_of_kind(text("kind"), item_id)
    except FieldError as error:
        if there is None:
            raise NotFound(f"no item {item_id}") from error
        return _page(lesson, there, typed(error), mark=text("mark")), 422
    try:
        save_item(db(), clock(), lesson_id=lesson_id, item=item, seen=text("mark"), by=by)
    except ItemChanged as error:
        newer = Newer(
            by=name_of_other(error.draft),
            values=form_values(error.item) if error.item else None,
        )
        mark = mark_of(error.item) if error.item else ""
        return _page(lesson, item, typed(), mark=mark, newer=newer), 409
    flash(_("The step is kept. Pupils see it when it is given to them."), "good")
    return redirect(
        url_for("studio_items.edit", lesson_id=lesson_id, saved=item_id, _anchor=f"item-{item_id}"),
        code=303,
    )


@bp.post("/markdown")
def preview() -> ResponseReturnValue:
    """Answer with a text as pupils will see it."""
    signed_in()
    html = as_html(text("markdown")[:LONGEST_TEXT])
    return html, 200, {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}


def _found(lesson_id: UUID, item_id: UUID) -> tuple[Lesson, AnyItem]:
    lesson, item = _there(lesson_id, item_id)
    if item is None:
        raise NotFound(f"no item {item_id} of lesson {lesson_id}")
    return lesson, item


def _there(lesson_id: UUID, item_id: UUID) -> tuple[Lesson, AnyItem | None]:
    by = signed_in()
    lesson = get_lesson_to_edit(db(), lesson_id=lesson_id, by=by)
    return lesson, find_item(read_draft(db(), lesson_id=lesson_id, by=by).content, item_id)


def _page(
    lesson: Lesson, item: AnyItem, form: Form, *, mark: str, newer: Newer | None = None
) -> str:
    values = newer.values or {} if newer else {}
    card = ItemEdit(
        lesson_id=lesson.id,
        lesson_title=lesson.title,
        id=item.id,
        kind=item.kind,
        kind_name=kind_names()[item.kind],
        title=item_title(item, lesson),
        is_own_file=isinstance(item, FileItem) and is_own_file(item),
        mark=mark,
        preview_url=item_url(lesson, Origin(is_draft=True), item.id),
        config=editor_config(kept_name(lesson.id, str(item.id))),
    )
    return render_template(
        "studio/edit_item.html",
        item=card,
        form=form,
        newer=newer,
        newer_html=Markup(as_html(values.get("markdown", ""))),  # noqa: S704 (it was cleaned)
        shares={str(share): f"{share:.0%}" for share in SHARES},
    )
