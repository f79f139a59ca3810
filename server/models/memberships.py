"""Whom a school switched off, and what persons are told about their place at a school."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, EnumText, Key
from server.models.people import Person, School


class SwitchedOff(Base):
    """Somebody whose roles at a school its administrators took, until they are given back."""

    __tablename__ = "switched_off"
    id: Mapped[Key]
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    roles: Mapped[list[str]] = mapped_column(default=list)  # which were held
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    back_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="joined")


class NewsKind(StrEnum):
    """What somebody else did about a person's place at a school."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    SWITCHED_OFF = "switched_off"
    LET_IN = "let_in"
    ROLE_TAKEN = "role_taken"
    SIGNED_OUT = "signed_out"


class PersonNews(Base):
    """What a person is told on every page until they say that they have read it."""

    __tablename__ = "person_news"
    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    school_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("school.id", ondelete="CASCADE")
    )  # empty: the office
    kind: Mapped[NewsKind] = mapped_column(EnumText(NewsKind, 20))
    detail: Mapped[str] = mapped_column(String(40), default="")  # such as the role that was taken
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    school: Mapped[School | None] = relationship(lazy="joined")
