"""Documents: their pages to read, and files to keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session, joinedload

from server.errors import NotAllowed, NotFound
from server.models.lessons import Lesson
from server.models.library import Asset, AssetKind, AssetState, Page
from server.models.people import Person
from server.policy import may_keep_file
from server.services.saving import file_stem


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """One page; names are relative to the playback's base address, empty for text only."""

    number: int
    name: str
    small_name: str
    width_px: int
    height_px: int
    has_text: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """The object that viewers may keep, and what their browsers call it."""

    key: str
    file_name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """How much of a document there is."""

    page_count: int  # of the file
    kept_count: int  # pages with an image or text
    drawn_count: int  # pages from the first on that have an image
    has_text: bool


def document_facts(session: Session, *, asset_id: UUID) -> DocumentFacts:
    """Return how many pages there are, and how many of them as images."""
    drawn = func.count().filter(Page.image_key != "")
    texts = func.count().filter(Page.text != "")
    counts = select(func.count(), drawn, texts).where(Page.asset_id == asset_id)
    with session.begin():
        kept_count, drawn_count, text_count = session.execute(counts).one()
        page_count = session.scalar(select(Asset.page_count).where(Asset.id == asset_id)) or 0
    return DocumentFacts(
        page_count=max(page_count, kept_count),
        kept_count=kept_count,
        drawn_count=drawn_count,
        has_text=text_count > 0,
    )


def document_pages(
    session: Session, *, asset_id: UUID, first: int, count: int, with_text: bool = False
) -> Sequence[DocumentPage]:
    """Return up to `count` pages from number `first` on; texts only when they are wanted."""
    text = Page.text if with_text else literal("")
    wanted = select(
        Page.number,
        Page.image_key,
        Page.small_key,
        Page.width_px,
        Page.height_px,
        Page.text != "",
        text,
    ).where(Page.asset_id == asset_id, Page.number >= first)
    if not with_text:
        wanted = wanted.where(Page.image_key != "")
    with session.begin():
        rows = session.execute(wanted.order_by(Page.number).limit(count)).all()
    return [
        DocumentPage(
            number=number,
            name=image_key.rpartition("/")[2],
            small_name=(small_key or image_key).rpartition("/")[2],
            width_px=width_px,
            height_px=height_px,
            has_text=bool(has_text),
            text=words,
        )
        for number, image_key, small_key, width_px, height_px, has_text, words in rows
    ]


def file_to_keep(session: Session, *, lesson: Lesson, by: Person | None) -> KeptFile:
    """Return the file that somebody who may see the lesson may keep.

    A PDF is the teacher's own; of an office file it is the PDF made of it, of a picture a copy
    without its metadata. Raises NotFound when there is none, NotAllowed when its teacher does not
    want it.
    """
    with session.begin():
        found = session.get(Lesson, lesson.id, options=[joinedload(Lesson.original)])
        kept = kept_file_of(found) if found else None
        if found is None or kept is None:
            raise NotFound(f"lesson {lesson.id} has no file to keep")
        if not may_keep_file(by, found):
            raise NotAllowed(f"the file of lesson {lesson.id} is not for keeping")
    return kept


def kept_file_of(lesson: Lesson) -> KeptFile | None:
    """Return which object it is, its name and size; None if there is none."""
    return kept_file(lesson.original.asset, lesson.title) if lesson.original else None


def kept_file(asset: Asset, title: str) -> KeptFile | None:
    """Return what viewers may keep of a file, under this title; None if there is nothing."""
    if asset.state != AssetState.READY:
        return None
    stem = file_stem(title)
    if asset.copy_key:
        suffix = asset.copy_key.rpartition(".")[2]
        return KeptFile(asset.copy_key, f"{stem}.{suffix}", asset.copy_bytes)
    is_pdf = asset.kind == AssetKind.DOCUMENT and asset.media_info.get("container") == "pdf"
    if not is_pdf or asset.original_gone_at is not None:
        return None
    return KeptFile(asset.original_key, f"{stem}.pdf", asset.size_bytes)
