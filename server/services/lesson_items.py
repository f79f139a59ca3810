"""A lesson's items one at a time: added, changed, moved, removed.

Two people may work on different items at once. Who changes one that somebody else changed since it
was opened is told, and nothing of either is lost.
"""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID, uuid5

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import Conflict, FieldError, NotFound
from server.models.base import uuid7
from server.models.content import MOST_ITEMS, AnyItem, Content
from server.models.lesson_versions import LessonDraft, LessonVersion
from server.models.people import Person
from server.services.clock import Clock
from server.services.lesson_content import find_item
from server.services.lesson_drafts import (
    Change,
    Draft,
    DraftChanged,
    change_draft,
    change_plan,
    read_draft,
)

ITEM: TypeAdapter[AnyItem] = TypeAdapter(AnyItem)
TRIES = 5  # at once with somebody else


class ItemChanged(Conflict):
    """Somebody else changed this item since it was opened, or (`item` empty) removed it."""

    code = "item_changed"

    def __init__(self, draft: Draft, item: AnyItem | None) -> None:
        """Keep what is newer."""
        super().__init__(f"an item of lesson {draft.lesson_id} was changed meanwhile")
        self.draft = draft
        self.item = item


class PlanChanged(Conflict):
    """Somebody else wrote the plan meanwhile; `draft` holds theirs."""

    code = "plan_changed"

    def __init__(self, draft: Draft) -> None:
        """Keep what is newer."""
        super().__init__(f"the plan of lesson {draft.lesson_id} was changed meanwhile")
        self.draft = draft


def mark_of(item: AnyItem) -> str:
    """Return a mark that changes with the item: forms carry it to tell what was seen."""
    return sha256(item.model_dump_json().encode()).hexdigest()[:32]


def mark_of_plan(plan: str) -> str:
    """Return a mark that changes with the plan."""
    return sha256(plan.encode()).hexdigest()[:32]


def add_item(session: Session, now: Clock, *, lesson_id: UUID, item: AnyItem, by: Person) -> Draft:
    """Put an item at the end. Raises NotFound, NotAllowed, FieldError."""
    return _change(
        session, now, lesson_id=lesson_id, change=lambda content: _added(content, item), by=by
    )


def save_item(
    session: Session, now: Clock, *, lesson_id: UUID, item: AnyItem, seen: str, by: Person
) -> Draft:
    """Put an item in the place of what was `seen`; empty: of whatever is there, or at the end.

    Raises NotFound, NotAllowed, ItemChanged, FieldError.
    """
    draft = read_draft(session, lesson_id=lesson_id, by=by)

    def save(content: Content) -> Content:
        there = find_item(content, item.id)
        if seen and (there is None or mark_of(there) != seen):
            raise ItemChanged(draft, there)
        kept = item if there else _back_again(session, lesson_id, item)
        if find_item(content, kept.id) is None:
            return _added(content, kept)
        items = (kept if each.id == kept.id else each for each in content.items)
        return Content(items=tuple(items))

    return _change(session, now, lesson_id=lesson_id, change=save, by=by)


def remove_item(
    session: Session, now: Clock, *, lesson_id: UUID, item_id: UUID, seen: str, by: Person
) -> Draft:
    """Take an item out; what pupils did with it stays. Raises as save_item does."""
    draft = read_draft(session, lesson_id=lesson_id, by=by)

    def remove(content: Content) -> Content:
        there = find_item(content, item_id)
        if there is not None and mark_of(there) != seen:
            raise ItemChanged(draft, there)
        return Content(items=tuple(each for each in content.items if each.id != item_id))

    return _change(session, now, lesson_id=lesson_id, change=remove, by=by)


def move_item(
    session: Session, now: Clock, *, lesson_id: UUID, item_id: UUID, by_places: int, by: Person
) -> Draft:
    """Move an item so many places, down or (negative) up. Raises NotFound, NotAllowed."""

    def move(content: Content) -> Content:
        return Content(items=tuple(_moved(content.items, item_id, by_places)))

    return _change(session, now, lesson_id=lesson_id, change=move, by=by)


def save_plan(
    session: Session, now: Clock, *, lesson_id: UUID, plan: str, seen: str, by: Person
) -> Draft:
    """Keep the teacher's plan. Raises NotFound, NotAllowed, PlanChanged, FieldError."""
    for _ in range(TRIES):
        draft = read_draft(session, lesson_id=lesson_id, by=by)
        if mark_of_plan(draft.plan) not in {seen, mark_of_plan(plan)}:
            raise PlanChanged(draft)
        try:
            return change_plan(
                session, now, lesson_id=lesson_id, revision=draft.revision, plan=plan, by=by
            )
        except DraftChanged:
            continue
    raise PlanChanged(draft)


def who_changed(session: Session, draft: Draft) -> str:
    """Return the name of who changed the draft last; empty if nobody did or they are gone."""
    with session.begin():
        row = session.get(LessonDraft, draft.lesson_id)
        person = session.get(Person, row.by_id) if row and row.by_id else None
    return person.display_name if person else ""


def new_item_id() -> UUID:
    """Return the id of a new item."""
    return uuid7()


def _change(session: Session, now: Clock, *, lesson_id: UUID, change: Change, by: Person) -> Draft:
    """Change what is newest: `change` itself says whether it still fits."""
    for _ in range(TRIES):
        draft = read_draft(session, lesson_id=lesson_id, by=by)
        try:
            return change_draft(
                session, now, lesson_id=lesson_id, revision=draft.revision, change=change, by=by
            )
        except DraftChanged as error:
            newer = error
    raise newer


def _added(content: Content, item: AnyItem) -> Content:
    if len(content.items) >= MOST_ITEMS:
        raise FieldError("items", "too many", rule="too_many", most=MOST_ITEMS)
    return Content(items=(*content.items, item))


def _back_again(session: Session, lesson_id: UUID, item: AnyItem) -> AnyItem:
    """Return an item that is not in the draft, under an id that is this lesson's.

    What pupils do is written down by the id: nobody takes one that belongs to another lesson.
    """
    versions = select(LessonVersion.content).where(LessonVersion.lesson_id == lesson_id)
    given = {each["id"] for content in session.scalars(versions) for each in content["items"]}
    if item.id == lesson_id or str(item.id) in given:
        return item
    return item.model_copy(update={"id": uuid5(lesson_id, str(item.id))})


def _moved(items: Sequence[AnyItem], item_id: UUID, by_places: int) -> list[AnyItem]:
    at = next((index for index, each in enumerate(items) if each.id == item_id), None)
    if at is None:
        raise NotFound(f"no item {item_id}")
    rest = [each for each in items if each.id != item_id]
    to = min(max(at + by_places, 0), len(rest))
    return [*rest[:to], items[at], *rest[to:]]
