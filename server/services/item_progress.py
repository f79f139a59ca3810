"""How far people are with the items of a lesson: begun, done, the best score."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.models.base import insert_into
from server.models.lesson_versions import ItemProgress
from server.services.clock import Clock

PersonItem: TypeAlias = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNote:
    """That somebody began an item, or is done with it; `score` is a share, 0 to 1."""

    person_id: UUID
    lesson_id: UUID
    item_id: UUID
    is_done: bool = False
    score: float | None = None


def note_item(session: Session, now: Clock, note: ItemNote) -> None:
    """Write down, in the caller's transaction; once done it stays done, and the best score stays.

    Coming twice, late and in any order changes nothing.
    """
    at = now()
    added = insert_into(session, ItemProgress).values(
        person_id=note.person_id,
        item_id=note.item_id,
        lesson_id=note.lesson_id,
        begun_at=at,
        done_at=at if note.is_done else None,
        score=note.score,
    )
    new, old = added.excluded, ItemProgress
    best = case((old.score.is_(None), new.score), (new.score > old.score, new.score))
    session.execute(
        added.on_conflict_do_update(
            index_elements=["person_id", "item_id"],
            set_={
                "done_at": func.coalesce(old.done_at, new.done_at),
                "score": func.coalesce(best, old.score),
            },
        )
    )


def items_of(
    session: Session, person_ids: Collection[UUID], *, lesson_ids: Collection[UUID]
) -> Mapping[PersonItem, ItemProgress]:
    """Return what is written down of these people in these lessons; one query."""
    wanted = select(ItemProgress).where(
        ItemProgress.person_id.in_(person_ids), ItemProgress.lesson_id.in_(lesson_ids)
    )
    return {(row.person_id, row.item_id): row for row in session.scalars(wanted)}
