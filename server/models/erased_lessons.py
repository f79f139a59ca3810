"""What stays of a lesson that was removed for good, as long as work of it is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, EnumText, Key
from server.models.library import AssetKind


class ErasedLesson(Base):
    """A lesson that is no more, under its old key: so work, tasks and versions find one another.

    What was asked stands in its versions, which never change. No foreign keys: it outlives all.
    """

    __tablename__ = "erased_lesson"
    id: Mapped[Key]
    owner_id: Mapped[UUID]
    school_id: Mapped[UUID | None]
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(20))
    original_id: Mapped[UUID | None]  # of its own file
    kept_ranges: Mapped[list[list[float]]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime]


class ErasedFile(Base):
    """How long a file of it was: what was watched is a share of that."""

    __tablename__ = "erased_file"
    lesson_id: Mapped[UUID] = mapped_column(
        ForeignKey("erased_lesson.id", ondelete="CASCADE"), primary_key=True
    )
    original_id: Mapped[UUID] = mapped_column(primary_key=True)
    asset_id: Mapped[UUID] = mapped_column(index=True)  # its progress is kept, too
    kind: Mapped[AssetKind] = mapped_column(EnumText(AssetKind, 20))
    duration_s: Mapped[float]
    page_count: Mapped[int]
