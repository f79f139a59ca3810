"""Courses: lessons in units, over the weeks of a term."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, Key
from server.models.people import Person, School


class Course(Base):
    """Lessons of one term in order; who may see a lesson of it may see it."""

    __tablename__ = "course"
    id: Mapped[Key]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    school_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("school.id"), index=True
    )  # empty: the office
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    academic_year: Mapped[int]  # of the common era, in which it begins
    term_number: Mapped[int]
    copied_from_id: Mapped[UUID | None]  # no foreign key: the older one may go
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    owner: Mapped[Person] = relationship()
    school: Mapped[School | None] = relationship()
    units: Mapped[list["CourseUnit"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="CourseUnit.place"
    )


class CourseUnit(Base):
    """A part of a course, over one or several weeks of the term."""

    __tablename__ = "course_unit"
    id: Mapped[Key]
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]  # its order, from 0
    title: Mapped[str] = mapped_column(String(300))
    first_week: Mapped[int | None]
    last_week: Mapped[int | None]
    lessons: Mapped[list["CourseLesson"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="CourseLesson.place"
    )


class CourseLesson(Base):
    """A lesson's place in a unit. It stays, with its title, when the lesson is gone."""

    __tablename__ = "course_lesson"
    __table_args__ = (UniqueConstraint("unit_id", "lesson_id"),)
    id: Mapped[Key]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("course_unit.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(index=True)  # no foreign key: the place stays
    title: Mapped[str] = mapped_column(String(300))  # as it was when it was put here
    place: Mapped[int]
