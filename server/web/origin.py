"""By which way somebody came to a lesson, and the addresses that lead on from there."""

from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from server.models.lessons import Lesson
from server.services.shown_files import ShownFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """By which way somebody came to a lesson."""

    share_token: str = ""
    share_link_id: UUID | None = None
    ticket: str = ""
    is_draft: bool = False  # its editor looks at what pupils do not see yet


def lesson_url(lesson: Lesson, origin: Origin, **place: object) -> str:
    """Return the address of a lesson's page."""
    if origin.share_token:
        return url_for("lessons.show_shared", token=origin.share_token, **place)  # type: ignore[arg-type]
    return url_for("lessons.show", lesson_id=lesson.id, **place)  # type: ignore[arg-type]


def item_url(lesson: Lesson, origin: Origin, item_id: UUID, **place: object) -> str:
    """Return the address of the page of one of its items."""
    if origin.share_token:
        place["token"] = origin.share_token
        return url_for("items.show_shared", item_id=item_id, **place)  # type: ignore[arg-type]
    place["draft"] = "yes" if origin.is_draft else None
    return url_for("items.show", lesson_id=lesson.id, item_id=item_id, **place)  # type: ignore[arg-type]


def file_page_url(file: ShownFile, origin: Origin, **place: object) -> str:
    """Return the address of the page on which a file stands."""
    if file.item_id is not None:
        return item_url(file.lesson, origin, file.item_id, **place)
    return lesson_url(file.lesson, origin, **place)
