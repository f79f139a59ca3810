"""One way to fetch a row that must be there."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.errors import NotFound
from server.models.lessons import Lesson

Row = TypeVar("Row")


def find_row(session: Session, kind: type[Row], row_id: UUID) -> Row:
    """Return the row. Raises NotFound."""
    row = session.get(kind, row_id)
    if row is None:
        raise NotFound(f"no {kind.__name__} {row_id}")
    return row


def hold_lesson(session: Session, lesson_id: UUID) -> Lesson:
    """Return a lesson that nobody else changes until the transaction ends. Raises NotFound."""
    # An update first: who saves at the same moment waits here, and then sees what was saved.
    same = update(Lesson).where(Lesson.id == lesson_id).values(title=Lesson.title)
    session.execute(same, execution_options={"synchronize_session": False})
    lesson = session.get(Lesson, lesson_id, populate_existing=True)
    if lesson is None:
        raise NotFound(f"no lesson {lesson_id}")
    return lesson
