"""What is given to a class to learn, what its pupils hand in, and what it is told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from server.models.base import Base, Key
from server.models.classrooms import Classroom
from server.models.erased_lessons import ErasedLesson
from server.models.lessons import Lesson
from server.models.library import Original


class Assignment(Base):
    """A lesson given to a classroom, or to some of its pupils.

    It stays when the lesson is removed for good, and so does what pupils did: `erased` is then
    what is left of the lesson. Empty `lesson_id`: removed before such a rest was kept.
    """

    __tablename__ = "assignment"
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), index=True
    )
    lesson_id: Mapped[UUID | None] = mapped_column(index=True)  # no foreign key: it outlives it
    course_id: Mapped[UUID | None] = mapped_column(index=True)  # given as a part of this course
    title: Mapped[str] = mapped_column(String(300))  # of the lesson, when it was given
    is_for_all: Mapped[bool] = mapped_column(default=True)  # else for those in assignment_pupil
    opens_lesson: Mapped[bool] = mapped_column(
        default=False
    )  # given by an editor: seen by these pupils also where the lesson's audience is narrower
    opens_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[UUID | None]  # no foreign key: the task outlives the person
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    classroom: Mapped[Classroom] = relationship()
    lesson: Mapped[Lesson | None] = relationship(
        primaryjoin=lambda: foreign(Assignment.lesson_id) == Lesson.id
    )
    erased: Mapped[ErasedLesson | None] = relationship(
        primaryjoin=lambda: foreign(Assignment.lesson_id) == ErasedLesson.id, viewonly=True
    )

    @property
    def learnt(self) -> Lesson | ErasedLesson | None:
        """Return the lesson, or what is left of it."""
        return self.lesson or self.erased


class AssignmentPupil(Base):
    """One of the pupils to whom a lesson is given, where that is not the whole classroom."""

    __tablename__ = "assignment_pupil"
    assignment_id: Mapped[UUID] = mapped_column(
        ForeignKey("assignment.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class PupilGroup(Base):
    """Some pupils of a classroom whom the teacher chooses together."""

    __tablename__ = "pupil_group"
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    members: Mapped[list["PupilGroupPupil"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )


class PupilGroupPupil(Base):
    """A pupil of a group."""

    __tablename__ = "pupil_group_pupil"
    group_id: Mapped[UUID] = mapped_column(
        ForeignKey("pupil_group.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class HandIn(Base):
    """What a pupil handed in for one item of a lesson; changed until the teacher gives it back."""

    __tablename__ = "hand_in"
    __table_args__ = (UniqueConstraint("person_id", "item_id"),)
    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(index=True)  # no foreign key: the work outlives it
    item_id: Mapped[UUID] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    handed_in_at: Mapped[datetime | None]  # empty: files came, but it was not handed in yet
    mark: Mapped[float | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    marked_by_id: Mapped[UUID | None]
    marked_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]  # the pupil sees mark and comment
    files: Mapped[list["HandInFile"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="HandInFile.created_at"
    )


class HandInFile(Base):
    """A file of it; an original of the pupil's."""

    __tablename__ = "hand_in_file"
    hand_in_id: Mapped[UUID] = mapped_column(
        ForeignKey("hand_in.id", ondelete="CASCADE"), primary_key=True
    )
    original_id: Mapped[UUID] = mapped_column(
        ForeignKey("original.id"), primary_key=True, index=True
    )
    created_at: Mapped[datetime]
    original: Mapped[Original] = relationship(lazy="joined")


class Announcement(Base):
    """What a classroom is told."""

    __tablename__ = "announcement"
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), index=True
    )
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(200), default="")  # as it was signed
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class AnnouncementSeen(Base):
    """That it was shown to a pupil."""

    __tablename__ = "announcement_seen"
    announcement_id: Mapped[UUID] = mapped_column(
        ForeignKey("announcement.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]
