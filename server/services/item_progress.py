"""How far people are with the items of a lesson: begun, done, the best score."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from server.models.base import insert_into
from server.models.lesson_versions import ItemProgress, LessonStart
from server.services.clock import Clock


class Noted(NamedTuple):
    """What is written down of one person and one item."""

    is_done: bool
    score: float | None


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
) -> Mapping[UUID, Mapping[UUID, Noted]]:
    """Return what is written down of these people in these lessons, by person and item."""
    row = ItemProgress
    # Columns, not rows of the session: a class and its term are ten thousand of them.
    columns = (row.person_id, row.item_id, row.done_at.is_not(None), row.score)
    wanted = select(*columns).where(row.person_id.in_(person_ids), row.lesson_id.in_(lesson_ids))
    noted: dict[UUID, dict[UUID, Noted]] = defaultdict(dict)
    for person_id, item_id, is_done, score in session.execute(wanted):
        noted[person_id][item_id] = Noted(is_done, score)
    return noted


def hand_items(session: Session, *, from_id: UUID, to_id: UUID) -> None:
    """Let what one person did count for another, in the caller's transaction.

    For two entries of the same pupil that become one.
    """
    for row in session.scalars(select(ItemProgress).where(ItemProgress.person_id == from_id)):
        begun = ItemNote(
            person_id=to_id, lesson_id=row.lesson_id, item_id=row.item_id, score=row.score
        )
        note_item(session, partial(_same, row.begun_at), begun)
        if row.done_at is not None:
            note_item(session, partial(_same, row.done_at), replace(begun, is_done=True))
    for start in session.scalars(select(LessonStart).where(LessonStart.person_id == from_id)):
        same = {"lesson_id": start.lesson_id, "version_id": start.version_id, "at": start.at}
        kept = insert_into(session, LessonStart).values(person_id=to_id, **same)
        session.execute(kept.on_conflict_do_nothing())
    for table in (ItemProgress, LessonStart):
        session.execute(delete(table).where(table.person_id == from_id))


def _same(at: datetime) -> datetime:
    return at
