"""What the scripts of forms with texts are told: where the browser keeps what is not saved yet."""

from typing import Any
from uuid import UUID

from flask import url_for
from flask_wtf.csrf import generate_csrf

from server.web.saving_cards import owner_mark
from server.web.translate import translate as _


def kept_name(lesson_id: UUID, part: str) -> str:
    """Return under which name the browser of this person keeps a text of a lesson."""
    return f"item:{owner_mark()}:{lesson_id}:{part}"


def editor_config(name: str) -> dict[str, Any]:
    """Return `data-item-editor`; the keys are read by frontend/src/item_editor.ts."""
    return {
        "name": name,
        "previewUrl": url_for("studio_item.preview"),
        "csrf": generate_csrf(),
        "words": {
            "bold": _("Bold"),
            "heading": _("Heading"),
            "list": _("List"),
            "numbers": _("Numbered list"),
            "link": _("Link"),
            "preview": _("See how it looks"),
            "write": _("Go on writing"),
            "kept": _("What you wrote is kept on this device until it is saved."),
            "found": _("There is a text on this device that was not saved."),
            "take": _("Use the unsaved text"),
            "drop": _("Throw it away"),
            "failed": _("No connection: the preview comes when it is back."),
        },
    }
