"""What the pages of a document are shown with: a stretch of them, as images or as text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import current_app, request, url_for

from server.models.lessons import Lesson
from server.policy import may_keep_file
from server.request_context import clock, current_sign_in_id, db, learner, viewer
from server.services.documents import (
    DocumentFacts,
    DocumentPage,
    KeptFile,
    document_facts,
    document_pages,
    kept_file,
    kept_file_of,
)
from server.services.play import open_playback
from server.services.progress import place_of
from server.services.shown_files import ShownFile
from server.web.origin import Origin, file_page_url
from server.web.progress_pass import progress_pass
from server.web.words import document_words

Sign = Callable[[str, UUID, datetime], str]  # (session, asset, until) → "/v/…/"
SHOWN_AT_ONCE = 50  # more would keep a poor line from the first page
LAST_NUMBER = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImage:
    """One page of a document; text-only ones have no address."""

    number: int
    url: str
    small_url: str
    width_px: int
    height_px: int
    text: str
    text_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """The pages of a lesson's document that are shown now, and the ways to the others."""

    pages: Sequence[PageImage]
    page_count: int  # of the file
    reach: int  # the last page that is here in this form
    is_text: bool
    is_picture: bool
    earlier_url: str
    later_url: str
    text_url: str
    images_url: str
    go_on_page: int
    go_on_url: str
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeptCard:
    """The file that may be kept."""

    url: str
    form: str  # PDF, JPG, PNG
    size_bytes: int


def document_view(file: ShownFile, origin: Origin) -> DocumentView | None:
    """Return what to read; None where there are no pages."""
    facts = document_facts(db(), asset_id=file.asset.id)
    if not facts.drawn_count:
        return None
    is_late = _page_asked_for() > facts.drawn_count  # it is there as text only
    is_text = facts.has_text and (is_late or request.args.get("view") == "text")
    reach = facts.kept_count if is_text else facts.drawn_count
    first = min(_page_asked_for(), reach)
    shown = document_pages(
        db(), asset_id=file.asset.id, first=first, count=SHOWN_AT_ONCE, with_text=is_text
    )
    base_url = "" if is_text else _signed_base(file, origin)
    return DocumentView(
        pages=[_page_image(file, origin, base_url, page) for page in shown],
        page_count=facts.page_count,
        reach=reach,
        is_text=is_text,
        is_picture=file.asset.kind == "image",
        earlier_url=_earlier_url(file, origin, first, is_text=is_text),
        later_url=_later_url(file, origin, shown, reach, is_text=is_text),
        text_url=page_url(file, origin, first, is_text=True) if facts.has_text else "",
        images_url=page_url(file, origin, min(first, facts.drawn_count)),
        **_going_on(file, origin, first, reach),
        config=_config(file, origin, facts),
    )


def page_url(file: ShownFile, origin: Origin, number: int, *, is_text: bool = False) -> str:
    """Return the address of one page of the document."""
    view = "text" if is_text else None
    place: dict[str, Any] = {"page": number, "view": view, "_anchor": f"page-{number}"}
    return file_page_url(file, origin, **place)


def kept_card(lesson: Lesson, origin: Origin) -> KeptCard | None:
    """Return the file that who is asking may keep; None if there is none for them."""
    kept = kept_file_of(lesson)
    by = None if origin.ticket else viewer()
    if kept is None or not may_keep_file(by, lesson):
        return None
    url = (
        url_for("lessons.keep_shared", token=origin.share_token)
        if origin.share_token
        else url_for("lessons.keep", lesson_id=lesson.id)
    )
    return _kept(kept, url)


def kept_item_card(file: ShownFile, origin: Origin) -> KeptCard | None:
    """Return what who is asking may keep of an item's file; None if there is none for them."""
    if file.is_own:
        return kept_card(file.lesson, origin)
    kept = kept_file(file.asset, file.title)
    if kept is None or not may_keep_file(viewer(), file.lesson):
        return None
    url = (
        url_for("items.keep_shared", token=origin.share_token, original_id=file.original.id)
        if origin.share_token
        else url_for("items.keep", lesson_id=file.lesson.id, original_id=file.original.id)
    )
    return _kept(kept, url)


def _kept(kept: KeptFile, url: str) -> KeptCard:
    form = kept.file_name.rpartition(".")[2].upper()
    return KeptCard(url, form, kept.size_bytes)


def _page_asked_for() -> int:
    asked = request.args.get("page", 1, type=int)
    return min(max(asked, 1), LAST_NUMBER)


def _signed_base(file: ShownFile, origin: Origin) -> str:
    playback = open_playback(
        db(),
        clock(),
        lesson=file.lesson,
        person=None if origin.ticket else viewer(),
        sign_in_id=None if origin.ticket else current_sign_in_id(),
        share_link_id=origin.share_link_id,
        file=file,
    )
    sign = cast(Sign, current_app.extensions["khlang.sign"])
    return sign(playback.id, playback.asset_id, playback.expires_at)


def _page_image(file: ShownFile, origin: Origin, base_url: str, page: DocumentPage) -> PageImage:
    text_url = page_url(file, origin, page.number, is_text=True) if page.has_text else ""
    return PageImage(
        number=page.number,
        url=base_url + page.name if page.name else "",
        small_url=base_url + page.small_name if page.small_name else "",
        width_px=page.width_px,
        height_px=page.height_px,
        text=page.text,
        text_url=text_url,
    )


def _earlier_url(file: ShownFile, origin: Origin, first: int, *, is_text: bool) -> str:
    if first == 1:
        return ""
    return page_url(file, origin, max(1, first - SHOWN_AT_ONCE), is_text=is_text)


def _later_url(
    file: ShownFile, origin: Origin, shown: Sequence[DocumentPage], reach: int, *, is_text: bool
) -> str:
    if not shown or shown[-1].number >= reach:
        return ""
    return page_url(file, origin, shown[-1].number + 1, is_text=is_text)


def _going_on(file: ShownFile, origin: Origin, first: int, reach: int) -> dict[str, Any]:
    """Return the page that somebody left off at, and its address; nothing for who came to one."""
    by = None if origin.ticket else learner(file.lesson.id)
    kept = int(place_of(db(), asset_id=file.asset.id, by=by))
    is_of_use = 1 < kept <= reach and "page" not in request.args and first == 1
    return {
        "go_on_page": kept if is_of_use else 0,
        "go_on_url": page_url(file, origin, kept) if is_of_use else "",
    }


def _config(file: ShownFile, origin: Origin, facts: DocumentFacts) -> dict[str, Any]:
    """Return `data-document`; the keys are read by frontend/src/document_viewer.ts."""
    return {
        "lessonId": file.name,
        "pageCount": facts.page_count,
        "progressPass": progress_pass(file.lesson, origin, original=file.original),
        "words": document_words(),
    }
