"""Whether a file stands anywhere: what tidying up keeps, and what nobody hands in once more."""

from sqlalchemy import ColumnElement, exists, or_

from server.models.assignments import HandInFile
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import Lesson, LessonFile
from server.models.library import Original


def is_used() -> ColumnElement[bool]:
    """Return whether a hand-in holds an original, or a lesson shows it or may come to show it."""
    return or_(
        exists().where(Lesson.original_id == Original.id),
        exists().where(LessonFile.original_id == Original.id),
        exists().where(LessonItemFile.original_id == Original.id),
        exists().where(HandInFile.original_id == Original.id),
    )
