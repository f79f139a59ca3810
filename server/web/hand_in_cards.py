"""What pages are given of what pupils hand in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from server.models.assignments import HandIn, HandInFile
from server.models.classrooms import Enrolment
from server.models.content import HandInItem
from server.models.library import Asset, AssetKind, AssetState
from server.request_context import clock, db
from server.services.hand_in_files import LARGEST_FILE_BYTES, MOST_FILES
from server.services.hand_ins import (
    LONGEST_TEXT,
    files_to_hand_in,
    is_given_to,
    own_hand_in,
    waits_for_teacher,
)
from server.services.markdown import as_html
from server.services.played_types import played_type
from server.web.classroom_cards import numbered
from server.web.forms import Form
from server.web.hand_in_words import hand_in_words
from server.web.item_places import ItemPlace
from server.web.saving_cards import owner_mark

SHOWN = frozenset({AssetKind.IMAGE, AssetKind.DOCUMENT})
MOST_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInFileCard:
    """One file: its pages are pictures made of it; `url` is for keeping it."""

    id: UUID
    name: str
    size_bytes: int
    url: str
    state: str  # waiting, shown, heard, watched, failed, other
    page_urls: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFileCard:
    """A file that the form offers; without the tick it is taken away."""

    id: UUID
    name: str
    size_bytes: int
    is_chosen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInCard:
    """What the page of the item shows: the task, what was handed in, what the teacher said."""

    html: Markup
    language: str
    item_id: UUID
    lesson_id: UUID
    is_given: bool
    is_known: bool
    is_open: bool
    takes_files: bool
    most_points: str
    text: str
    files: Sequence[HandInFileCard]
    form: Form  # what was sent and could not be taken
    sent_files: Sequence[SentFileCard]
    handed_in_at: datetime | None
    comment: str
    mark: str
    is_returned: bool
    is_once_more: bool
    longest_text: int
    sender: dict[str, Any]
    entries: tuple[str, ...] = ("src/hand_in.ts",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassHandInCard:
    """One pupil's work, as the teacher reads it."""

    id: UUID | None
    name: str
    text: str
    files: Sequence[HandInFileCard]
    handed_in_at: datetime | None
    read_at: str  # to find out whether it changed meanwhile
    comment: str
    mark: str
    is_waiting: bool
    is_returned: bool


def build_hand_in(place: ItemPlace) -> HandInCard:
    """Return the card of an item at which something is handed in."""
    item, lesson, by = place.item, place.lesson, place.by
    if not isinstance(item, HandInItem):
        raise TypeError(item.kind)
    is_draft = place.origin.is_draft
    row = own_hand_in(db(), item_id=item.id, by=by) if by and not is_draft else None
    is_given = by is not None and is_given_to(db(), clock(), lesson_id=lesson.id, by=by)
    is_returned = row is not None and row.returned_at is not None
    return HandInCard(
        html=Markup(as_html(item.markdown)),  # noqa: S704 (cleaned there)
        language=lesson.language,
        item_id=item.id,
        lesson_id=lesson.id,
        is_given=is_given,
        is_known=by is not None,
        is_open=is_given and not is_returned and not is_draft,
        takes_files=item.takes_files,
        most_points=number_text(item.most_points),
        text=row.text if row else "",
        files=[file_card(row, file) for file in row.files] if row else [],
        form=place.form,
        sent_files=_sent_files(row, place),
        handed_in_at=row.handed_in_at if row else None,
        comment=row.comment if row and row.marked_at else "",
        mark=number_text(row.mark) if row and is_returned else "",
        is_returned=is_returned,
        is_once_more=bool(row and row.marked_at and not is_returned and not waits_for_teacher(row)),
        longest_text=LONGEST_TEXT,
        sender=_sender(place, item),
    )


def class_hand_in_card(pupil: Enrolment, row: HandIn | None) -> ClassHandInCard:
    """Return one pupil's work; empty when nothing was handed in."""
    return ClassHandInCard(
        id=row.id if row else None,
        name=numbered(pupil),
        text=row.text if row else "",
        files=[file_card(row, file) for file in row.files] if row else [],
        handed_in_at=row.handed_in_at if row else None,
        read_at=row.handed_in_at.isoformat() if row and row.handed_in_at else "",
        comment=row.comment if row else "",
        mark=number_text(row.mark) if row else "",
        is_waiting=row is not None and waits_for_teacher(row),
        is_returned=row is not None and row.returned_at is not None,
    )


def file_card(row: HandIn, file: HandInFile) -> HandInFileCard:
    """Return one file of it."""
    asset, original_id = file.original.asset, file.original_id
    is_shown = asset.state == AssetState.READY and asset.kind in SHOWN
    count = min(asset.page_count, MOST_PAGES) if is_shown else 0
    return HandInFileCard(
        id=file.original_id,
        name=file.original.file_name,
        size_bytes=asset.size_bytes,
        url=url_for("hand_ins.keep", hand_in_id=row.id, original_id=original_id),
        state=_state(asset),
        page_urls=[
            url_for("hand_ins.page", hand_in_id=row.id, original_id=original_id, number=number)
            for number in range(1, count + 1)
        ],
    )


def number_text(value: float | None) -> str:
    """Return a mark without decimals that say nothing."""
    return "" if value is None else f"{value:g}"


def sent_file_ids() -> list[UUID]:
    """Return the files that the form names."""
    return request.form.getlist("original", type=UUID)


def _sent_files(row: HandIn | None, place: ItemPlace) -> list[SentFileCard]:
    """Return what was handed in; of a form that was refused also what else it may hold."""
    found = {file.original_id: file.original for file in row.files} if row else {}
    sent: Collection[UUID] = found
    if place.form.values and place.by:
        sent = sent_file_ids()
        own = files_to_hand_in(db(), item_id=place.item.id, original_ids=sent, by=place.by)
        found |= {original.id: original for original in own}
    return [
        SentFileCard(
            id=id_,
            name=original.file_name,
            size_bytes=original.asset.size_bytes,
            is_chosen=id_ in sent,
        )
        for id_, original in found.items()
    ]


def _state(asset: Asset) -> str:
    if asset.state == AssetState.FAILED:
        return "failed"
    if asset.state != AssetState.READY:
        return "waiting"
    if asset.kind in SHOWN:
        return "shown"
    played = played_type(asset)
    if not played:
        return "other"  # a player that stays silent helps nobody
    return "heard" if played.startswith("audio/") else "watched"


def _sender(place: ItemPlace, item: HandInItem) -> dict[str, Any]:
    """Return `data-sender`; the keys are read by frontend/src/hand_in.ts."""
    return {
        "createUrl": "/files/",
        "listUrl": "/api/v1/uploads",
        "lessonUrl": "",
        "csrf": generate_csrf() if place.by else "",
        "handIn": f"{place.lesson.id}/{item.id}",
        "maxBytes": LARGEST_FILE_BYTES,
        "mostFiles": MOST_FILES,
        "owner": owner_mark(),
        "words": hand_in_words(),
    }
