"""A classroom that learns together before one screen: who is there, and which hands were raised."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Key
from server.models.classrooms import Classroom


class ClassSession(Base):
    """One teacher's screen before one classroom, from start to end."""

    __tablename__ = "class_session"
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), index=True
    )
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # by itself, when nobody ends it before
    classroom: Mapped[Classroom] = relationship()
    present: Mapped[list["Attendance"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="Attendance.person_id"
    )

    @property
    def present_ids(self) -> tuple[UUID, ...]:
        """Return the pupils who are there."""
        return tuple(row.person_id for row in self.present)


class Attendance(Base):
    """That a pupil was there."""

    __tablename__ = "attendance"
    class_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("class_session.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class RaisedHands(Base):
    """How many raised their hand for each answer to one question."""

    __tablename__ = "raised_hands"
    class_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("class_session.id", ondelete="CASCADE"), primary_key=True
    )
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(index=True)
    counts: Mapped[dict[str, Any]]  # by the answer's value as a form sends it
    at: Mapped[datetime]
