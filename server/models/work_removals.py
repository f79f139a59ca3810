"""Classrooms of past years whose work is due to be removed: told for a month before it happens."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base


class WorkRemoval(Base):
    """That a classroom's work goes; counted are days on which it was said, not those between."""

    __tablename__ = "work_removal"
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), primary_key=True
    )
    told_days: Mapped[int] = mapped_column(default=0)  # a machine that was off told nobody
    last_told_on: Mapped[date]
    extra_years: Mapped[int] = mapped_column(default=0)  # as its school prolonged it
    removed_at: Mapped[datetime | None]
