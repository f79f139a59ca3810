"""What each kind of item is shown with: one builder and one template per kind.

A card stands in templates/lessons/items/KIND.html as `card`; `entries` are the scripts it needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from flask import url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from server.errors import NotFound
from server.models.content import FileItem, HandInItem, LinkItem, TextItem
from server.request_context import db
from server.services.markdown import as_html
from server.services.shown_files import ShownFile, file_of_items, own_shown_file
from server.web.document_pages import KeptCard, kept_item_card
from server.web.file_stages import FileStage, file_stage
from server.web.hand_in_cards import build_hand_in
from server.web.item_places import ItemCard, ItemPlace
from server.web.origin import file_page_url
from server.web.quiz_cards import build_quiz


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCard:
    """What the components of files read of a lesson's card."""

    id: UUID
    title: str
    kind: str
    language: str
    poster_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCard:
    """A recording, document or package; the templates of files call it `page`."""

    card: StageCard
    stage: FileStage | None
    address: str
    kept: KeptCard | None

    @property
    def document(self) -> object:
        """Return the pages of a document."""
        return self.stage.document if self.stage else None

    @property
    def player(self) -> dict[str, Any] | None:
        """Return what the player is told."""
        return self.stage.player if self.stage else None

    @property
    def package(self) -> dict[str, Any] | None:
        """Return what the player of packages is told."""
        return self.stage.package if self.stage else None

    @property
    def entries(self) -> tuple[str, ...]:
        """Return the scripts of the file."""
        return self.stage.entries if self.stage else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCard:
    """Something to read."""

    html: Markup
    language: str
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """Another site's page; its host is shown, and nothing is asked of it before the press."""

    url: str
    host: str
    note: str
    opened_url: str  # told when it is pressed; empty for guests
    csrf: str
    entries: tuple[str, ...] = ("src/item_opened.ts",)


Builder: TypeAlias = Callable[[ItemPlace], ItemCard]


def build_card(place: ItemPlace) -> ItemCard:
    """Return the card of an item."""
    return BUILDERS[place.item.kind](place)


def build_file(place: ItemPlace) -> FileCard:
    """Return a file, the lesson's own or another one."""
    file = _shown(place)
    stage = file_stage(file, place.origin) if file else None
    return FileCard(
        card=StageCard(
            id=place.item.id,
            title=place.title,
            kind=stage.kind if stage else "unknown",
            language=place.lesson.language,
            poster_url=str((stage.player or {}).get("posterUrl") or "") if stage else "",
        ),
        stage=stage,
        address=file_page_url(file, place.origin, _external=True) if file else "",
        kept=kept_item_card(file, place.origin) if file else None,
    )


def build_text(place: ItemPlace) -> TextCard:
    """Return a text, cleaned."""
    item = place.item
    markdown = item.markdown if isinstance(item, TextItem | HandInItem) else ""
    return TextCard(html=Markup(as_html(markdown)), language=place.lesson.language)  # noqa: S704


def build_link(place: ItemPlace) -> LinkCard:
    """Return a link's card."""
    item = place.item
    if not isinstance(item, LinkItem):
        raise TypeError(item.kind)
    opened_url = url_for("items.note_opened", lesson_id=place.lesson.id, item_id=item.id)
    return LinkCard(
        url=str(item.url),
        host=item.url.host or "",
        note="" if item.note == place.title else item.note,
        opened_url=opened_url if place.by else "",
        csrf=generate_csrf() if place.by else "",
    )


def _shown(place: ItemPlace) -> ShownFile | None:
    """Return the file of the item; None where it is gone."""
    item, lesson = place.item, place.lesson
    if not isinstance(item, FileItem):
        raise TypeError(item.kind)
    if item.original_id is None:
        own = own_shown_file(lesson)
        return (
            ShownFile(lesson=lesson, original=own.original, title=place.title, item_id=item.id)
            if own
            else None
        )
    try:
        original = file_of_items(db(), lesson=lesson, original_id=item.original_id, by=place.by)
    except NotFound:
        return None
    return ShownFile(lesson=lesson, original=original, title=place.title, item_id=item.id)


BUILDERS: Mapping[str, Builder] = {
    "file": build_file,
    "text": build_text,
    "link": build_link,
    "quiz": build_quiz,
    "hand_in": build_hand_in,
}
