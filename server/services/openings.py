"""How often lessons are opened, without persons."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.models.lessons import Lesson
from server.services.clock import Clock
from server.services.index_lessons import note_change

TOLD_AT = frozenset({"1", "2", "5"})


def note_opening(session: Session, now: Clock, *, lesson_id: UUID) -> None:
    """Count one; the index hears of 1, 2, 5, 10, 20, 50, …, which is enough to sort by."""
    more = (
        update(Lesson)
        .where(Lesson.id == lesson_id)
        .values(view_count=Lesson.view_count + 1)
        .returning(Lesson.view_count)
    )
    with session.begin():
        count = session.scalar(more, execution_options={"synchronize_session": False})
        if str(count or 0).rstrip("0") in TOLD_AT:
            note_change(session, now, lesson_id)
