"""Drafts and versions of what lessons consist of, who began which, and how far they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Key


class LessonDraft(Base):
    """What a lesson's editors work on; pupils see it when it becomes a version."""

    __tablename__ = "lesson_draft"
    lesson_id: Mapped[UUID] = mapped_column(
        ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[dict[str, Any]]  # models.content.Content
    plan: Mapped[str] = mapped_column(Text, default="")  # the teacher's, never shown to pupils
    revision: Mapped[int] = mapped_column(default=1)  # one more with every change
    by_id: Mapped[UUID | None]  # who changed it last; no foreign key: it outlives the person
    changed_at: Mapped[datetime]


class LessonVersion(Base):
    """What pupils get; never changed, so that those who began it keep it.

    It outlives its lesson as long as work is kept: it says what was asked.
    """

    __tablename__ = "lesson_version"
    __table_args__ = (UniqueConstraint("lesson_id", "number"),)
    id: Mapped[Key]
    lesson_id: Mapped[UUID]  # no foreign key
    number: Mapped[int]
    content: Mapped[dict[str, Any]]  # models.content.Content
    by_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class LessonItemFile(Base):
    """A file that a draft or a version uses besides the lesson's own: it is kept for them."""

    __tablename__ = "lesson_item_file"
    lesson_id: Mapped[UUID] = mapped_column(
        ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True
    )
    original_id: Mapped[UUID] = mapped_column(
        ForeignKey("original.id"), primary_key=True, index=True
    )


class LessonStart(Base):
    """Which version of a lesson a person began."""

    __tablename__ = "lesson_start"
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    lesson_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)  # no foreign key
    version_id: Mapped[UUID] = mapped_column(
        ForeignKey("lesson_version.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]


class ItemProgress(Base):
    """How far one person is with one item: begun, done, and the best score, 0 to 1."""

    __tablename__ = "item_progress"
    # The key is the table itself: one person's rows lie together, and nothing is stored twice.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy's own attribute)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(index=True)  # no foreign key, as above
    begun_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    score: Mapped[float | None]
