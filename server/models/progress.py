"""How far people are: what each has covered of each asset, and where they go on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base


class WatchProgress(Base):
    """What one person has covered of one asset, in seconds of the original; of a document, pages.

    Every column is the join of all reports (union, latest, earliest), so that their order and
    repetition do not count. Times are the server's.
    """

    __tablename__ = "watch_progress"
    # The key is the table itself: one person's rows lie together, and nothing is stored twice.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy's own attribute)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    asset_id: Mapped[UUID] = mapped_column(
        primary_key=True, index=True
    )  # no foreign key: of files of erased lessons it is kept (models/erased_lessons.py)
    covered: Mapped[str] = mapped_column(Text, default="")  # services.covered: "0-754 800-1200"
    covered_s: Mapped[int] = mapped_column(default=0)  # how much that is, to be counted by
    position_s: Mapped[float] = mapped_column(default=0.0)  # where they were at last_at
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
