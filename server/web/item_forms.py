"""Items as forms have them: new ones, and what was typed into one."""

from typing import Any
from uuid import UUID

from flask import request
from pydantic import ValidationError

from server.errors import FieldError
from server.models.content import AnyItem, FileItem, HandInItem, LinkItem, QuizItem, TextItem
from server.services.lesson_items import ITEM, new_item_id
from server.web.forms import text

SHARES = (0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
KINDS = ("text", "file", "link", "quiz", "hand_in")
COUNTED = ("file", "quiz", "hand_in")  # required from the start; its teacher may change that
RULES = {"string_too_long": "too_long", "less_than_equal": "range"}


def new_item() -> AnyItem:
    """Return an item of the kind that the form names. Raises FieldError."""
    kind = text("kind")
    if kind not in KINDS:
        raise FieldError("kind", "not a kind of item", rule="unknown")
    values = {"id": new_item_id(), "kind": kind, "is_required": kind in COUNTED}
    return _checked({**values, **_fields(kind)})


def typed_item(item: AnyItem) -> AnyItem:
    """Return the item with what was typed. Raises FieldError."""
    return _checked({**item.model_dump(), **_fields(item.kind)})


def item_of_kind(kind: str, item_id: UUID) -> AnyItem:
    """Return what was typed as an item by itself, where the one that was opened is gone."""
    if kind not in KINDS:
        raise FieldError("kind", "not a kind of item", rule="unknown")
    return _checked({"id": item_id, "kind": kind, **_fields(kind)})


def form_values(item: AnyItem) -> dict[str, str]:
    """Return the item as the fields of its form."""
    values = {"title": item.title, "is_required": "yes" if item.is_required else ""}
    match item:
        case FileItem():
            values["min_share"] = str(item.min_share)
            values["original_id"] = str(item.original_id or "")
        case QuizItem():
            values["min_share"] = str(item.min_share)
        case TextItem():
            values["markdown"] = item.markdown
        case LinkItem():
            values |= {"url": str(item.url), "note": item.note}
        case HandInItem():
            values |= {
                "markdown": item.markdown,
                "most_points": f"{item.most_points:g}",
                "takes_files": "yes" if item.takes_files else "",
            }
    return values


def _fields(kind: str) -> dict[str, Any]:
    """Return the fields that the form has; what it lacks stays as it is."""
    form = request.form
    fields: dict[str, Any] = {"title": " ".join(text("title").split())} if "title" in form else {}
    if "has_conditions" in form:
        fields["is_required"] = "is_required" in form
    own = {
        "file": ("original_id", "min_share"),
        "text": ("markdown",),
        "link": ("url", "note"),
        "quiz": ("min_share",),
        "hand_in": ("markdown", "most_points"),
    }[kind]
    fields |= {name: form[name].strip() for name in own if form.get(name, "") != ""}
    if "markdown" in form and "markdown" in own:
        fields["markdown"] = form["markdown"].replace("\r\n", "\n")
    if kind == "hand_in" and "has_conditions" in form:
        fields["takes_files"] = "takes_files" in form
    return fields


def _checked(values: dict[str, Any]) -> AnyItem:
    if any("\x00" in value for value in values.values() if isinstance(value, str)):
        raise FieldError("title", "holds a NUL", rule="letters")
    try:
        return ITEM.validate_python(values)
    except ValidationError as error:
        fault = error.errors()[0]
        field = str(fault["loc"][-1])
        most = fault.get("ctx", {}).get("max_length")
        rule = RULES.get(fault["type"], "web_address" if field == "url" else "unknown")
        raise FieldError(field, fault["msg"], rule=rule, most=most) from error
