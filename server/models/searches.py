"""What the office teaches the search, and what is searched for, without persons."""

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Key


class SynonymGroup(Base):
    """Words that mean the same to people of this area; each finds what any of them names."""

    __tablename__ = "synonym_group"
    id: Mapped[Key]
    words: Mapped[list[str]]
    changed_at: Mapped[datetime]


class AskedQuery(Base):
    """How often something was searched for on one day, and how often nothing was found.

    Who asked, from where, and at what time of day is not kept.
    """

    __tablename__ = "asked_query"
    __table_args__ = (UniqueConstraint("text", "asked_on"),)
    id: Mapped[Key]
    text: Mapped[str] = mapped_column(String(100))  # normalised
    asked_on: Mapped[date] = mapped_column(index=True)
    asked_count: Mapped[int]
    missed_count: Mapped[int]
