"""What pupils answered to the questions of quizzes, and how it was marked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base


class QuizAttempt(Base):
    """One try of one person at one quiz. Its id is made on the device: sent again, it stays one.

    Lateness is judged by `answered_at` alone, the server's time at which it was given.
    """

    __tablename__ = "quiz_attempt"
    __table_args__ = (UniqueConstraint("person_id", "item_id", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(index=True)  # no foreign key: the try outlives it
    item_id: Mapped[UUID]
    number: Mapped[int]  # the first try is 1
    version: Mapped[int]  # of the lesson, by which it was marked; 0: before there was one
    answers: Mapped[dict[str, Any]]  # question id → what was answered; services.quiz_marking
    points: Mapped[float]
    most_points: Mapped[float]
    device_at: Mapped[datetime | None]  # by the device's clock: to be read, not to be judged by
    asked_at: Mapped[datetime]  # when the questions were given
    answered_at: Mapped[datetime]  # as far as can be known, never after received_at
    received_at: Mapped[datetime]
