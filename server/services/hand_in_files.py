"""Pages of files that were handed in, as the pictures that were made of them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotFound
from server.models.library import Page
from server.services.browse import Poster, read_image
from storage.store import ObjectStore


def page_of_hand_in(session: Session, store: ObjectStore, *, asset_id: UUID, number: int) -> Poster:
    """Return one page; the right to see it was asked before. Raises NotFound, StoreError."""
    wanted = select(Page.image_key).where(Page.asset_id == asset_id, Page.number == number)
    with session.begin():
        key = session.scalar(wanted)
    if not key:
        raise NotFound(f"no page {number}")
    return read_image(store, key)
