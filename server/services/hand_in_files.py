"""Files of hand-ins: which may be handed in, and their pages as the pictures made of them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from server.errors import FieldError, NotFound, TooMuch
from server.models.assignments import HandIn, HandInFile
from server.models.library import Original, Page, Upload
from server.models.people import Person
from server.services.browse import Poster, read_image
from server.services.clock import Clock
from server.services.used_files import is_used
from storage.store import ObjectStore

MOST_FILES, MOST_LOOSE_FILES = 10, 30
LARGEST_FILE_BYTES = 10_000_000


def page_of_hand_in(session: Session, store: ObjectStore, *, asset_id: UUID, number: int) -> Poster:
    """Return one page; the right to see it was asked before. Raises NotFound, StoreError."""
    wanted = select(Page.image_key).where(Page.asset_id == asset_id, Page.number == number)
    with session.begin():
        key = session.scalar(wanted)
    if not key:
        raise NotFound(f"no page {number}")
    return read_image(store, key)


def files_to_attach(
    session: Session, row: HandIn | None, original_ids: Collection[UUID], by: Person
) -> Sequence[Original]:
    """Return those of these files that the hand-in may hold: its own, and the person's new ones.

    New is what stands nowhere yet: neither a lesson nor another hand-in has it. Nobody hands in a
    file by knowing its id. Inside a transaction.
    """
    held = [file.original_id for file in row.files] if row else []
    is_new = and_(Original.owner_id == by.id, ~is_used())
    wanted = select(Original).where(
        Original.id.in_(original_ids), or_(Original.id.in_(held), is_new)
    )
    return session.scalars(wanted.options(joinedload(Original.asset))).all()


def take_files(
    session: Session, now: Clock, row: HandIn, original_ids: Collection[UUID], by: Person
) -> None:
    """Let the hand-in consist of these files. Raises FieldError, also for one not sent for it."""
    wanted = list(dict.fromkeys(original_ids))
    if len(wanted) > MOST_FILES:
        raise FieldError("files", "too many files", rule="too_many", most=MOST_FILES)
    if {original.id for original in files_to_attach(session, row, wanted, by)} != set(wanted):
        raise FieldError("files", "not sent for this by this person", rule="unknown")
    held = {file.original_id: file for file in row.files}
    row.files = [held.get(id_) or HandInFile(original_id=id_, created_at=now()) for id_ in wanted]


def check_loose_files(session: Session, person_id: UUID) -> None:
    """Let nobody fill the disk with files that are never handed in. Raises TooMuch."""
    loose = select(func.count(Original.id)).where(Original.owner_id == person_id, ~is_used())
    coming = select(func.count(Upload.id)).where(
        Upload.owner_id == person_id, Upload.finished_at.is_(None)
    )
    if (session.scalar(loose) or 0) + (session.scalar(coming) or 0) >= MOST_LOOSE_FILES:
        raise TooMuch("too many files that were not handed in")
