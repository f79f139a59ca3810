"""People in the picture: who is seen or heard in which file, and how far consents reach."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, EnumText, Key
from server.models.lessons import Visibility
from server.models.people import Person


class PeopleAnswer(StrEnum):
    """Are pupils seen or heard in a file? A file without a row: nobody has answered yet."""

    EARLIER = "earlier"  # it was there before this was asked
    NOBODY = "nobody"
    CLASSROOMS = "classrooms"
    PUPILS = "pupils"


class MediaPeople(Base):
    """What a teacher answered for one original."""

    __tablename__ = "media_people"
    original_id: Mapped[UUID] = mapped_column(
        ForeignKey("original.id", ondelete="CASCADE"), primary_key=True
    )
    answer: Mapped[PeopleAnswer] = mapped_column(EnumText(PeopleAnswer, 10))
    academic_year: Mapped[int]  # in which it was made: this year's consents are for it
    by_id: Mapped[UUID | None]  # no foreign key: the answer outlives the person
    at: Mapped[datetime]
    classrooms: Mapped[list["MediaClassroom"]] = relationship(cascade="all, delete-orphan")
    pupils: Mapped[list["MediaPupil"]] = relationship(cascade="all, delete-orphan")


class MediaClassroom(Base):
    """A classroom of which anybody may be seen or heard in a file."""

    __tablename__ = "media_classroom"
    original_id: Mapped[UUID] = mapped_column(
        ForeignKey("media_people.original_id", ondelete="CASCADE"), primary_key=True
    )
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class MediaPupil(Base):
    """A pupil who is seen or heard in a file."""

    __tablename__ = "media_pupil"
    original_id: Mapped[UUID] = mapped_column(
        ForeignKey("media_people.original_id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class PupilConsent(Base):
    """What a form says of one pupil and academic year; a newer one replaces it, none is changed.

    `reach` is the widest visibility of what the pupil is seen or heard in; ME is a refusal, and so
    is a consent that was withdrawn.
    """

    __tablename__ = "pupil_consent"
    __table_args__ = (
        Index("ix_pupil_consent_person_id_academic_year", "person_id", "academic_year"),
    )
    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    academic_year: Mapped[int]  # of the common era, in which it begins
    reach: Mapped[Visibility] = mapped_column(EnumText(Visibility, 10))
    by_id: Mapped[UUID | None]  # who ticked it; no foreign key, like the next
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[UUID | None]
    replaced_at: Mapped[datetime | None]  # by a newer form, or a correction
    person: Mapped[Person] = relationship()

    @property
    def allowed(self) -> Visibility:
        """Return how far it reaches now."""
        return Visibility.ME if self.withdrawn_at else self.reach
