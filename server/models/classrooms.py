"""Classrooms, who learns and teaches in them, and how pupils come in without a password."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, EnumText, Key
from server.models.people import Person, RoleName, School


class SecretKind(StrEnum):
    """What pupils show on a tablet that many use, besides choosing their name."""

    NONE = "none"
    PICTURE = "picture"  # two of sixteen, in order
    PIN = "pin"  # four digits


class Classroom(Base):
    """Pupils of one or several grades, and their teachers, for one academic year.

    Typed by hand: `code`, six characters, exchanged for `token`, which nobody guesses. Both are
    good until `code_ends_at` only, and change together. They show names only while the room is
    open for a lesson (services/open_rooms.py).
    """

    __tablename__ = "classroom"
    id: Mapped[Key]
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    grades: Mapped[list[str]] = mapped_column(default=list)  # A1…A3 P1…P6 M1…M6
    academic_year: Mapped[int]  # of the common era, in which it begins
    code: Mapped[str] = mapped_column(String(6), unique=True)
    token: Mapped[str] = mapped_column(String(22), unique=True)
    code_ends_at: Mapped[datetime]
    room_opened_at: Mapped[datetime | None]
    room_ends_at: Mapped[datetime | None]
    room_secret: Mapped[str] = mapped_column(String(22), default="")  # of this opening's pictures
    secret_kind: Mapped[SecretKind] = mapped_column(
        EnumText(SecretKind, 10), default=SecretKind.NONE
    )
    created_at: Mapped[datetime]
    school: Mapped[School] = relationship()
    teachers: Mapped[list["ClassroomTeacher"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ClassroomTeacher.created_at"
    )

    @property
    def teacher_ids(self) -> frozenset[UUID]:
        """Return who teaches it."""
        return frozenset(row.person_id for row in self.teachers)


class ClassroomTeacher(Base):
    """Somebody who teaches a classroom; all of them may do the same."""

    __tablename__ = "classroom_teacher"
    __table_args__ = (UniqueConstraint("classroom_id", "person_id"),)
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(ForeignKey("classroom.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")


class ClassroomLoan(Base):
    """A colleague who stands in (สอนแทน): teaches the classroom for a day or a few."""

    __tablename__ = "classroom_loan"
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")


class HomePlace(Base):
    """Which classroom is a pupil's home (ห้องประจำชั้น): one a school and academic year.

    Its leaders open the whole account, and with the school change the pupil's name and sign-ins.
    """

    __tablename__ = "home_place"
    __table_args__ = (UniqueConstraint("person_id", "school_id", "academic_year"),)
    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"), index=True)
    academic_year: Mapped[int]  # the classroom's
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), index=True
    )
    set_by_id: Mapped[UUID | None]  # empty: by the upgrade
    created_at: Mapped[datetime]


class HomeProposal(Base):
    """A pupil whom the school knows, typed into a classroom: the school says if it is the home."""

    __tablename__ = "home_proposal"
    __table_args__ = (UniqueConstraint("classroom_id", "person_id"),)
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(ForeignKey("classroom.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    list_number: Mapped[int | None]
    by_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")


class Enrolment(Base):
    """A pupil's place in a classroom; `left_at` keeps it when they have left."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("classroom_id", "person_id"),)
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(ForeignKey("classroom.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    list_number: Mapped[int | None]  # เลขที่, the place in the register
    created_at: Mapped[datetime]
    came_in_at: Mapped[datetime | None]  # the first time
    left_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="joined")
    classroom: Mapped[Classroom] = relationship()


class StudentNumber(Base):
    """By which a school knows a pupil; imports find people again by it. Never a national number."""

    __tablename__ = "student_number"
    __table_args__ = (UniqueConstraint("school_id", "value"),)
    id: Mapped[Key]
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    value: Mapped[str] = mapped_column(String(20))


class JoinRequest(Base):
    """A device that waits to be let into a classroom, under a name of the list or a typed one."""

    __tablename__ = "join_request"
    id: Mapped[Key]
    classroom_id: Mapped[UUID] = mapped_column(
        ForeignKey("classroom.id", ondelete="CASCADE"), index=True
    )
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)  # of the device
    enrolment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE")
    )
    person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE")
    )  # a pupil who is signed in already
    typed_name: Mapped[str] = mapped_column(String(200), default="")
    typed_number: Mapped[int | None]
    device: Mapped[str] = mapped_column(String(200), default="")
    device_sha256: Mapped[str] = mapped_column(
        String(64), default="", index=True
    )  # hashes: of what
    address_key: Mapped[str] = mapped_column(String(64), default="")  # its browser keeps; its line
    wrong_count: Mapped[int] = mapped_column(default=0)  # pictures, since the room was opened
    wrong_at: Mapped[datetime | None]
    chose_right_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[UUID | None]
    refused_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]  # the device came in


class KeyKind(StrEnum):
    """What a pupil holds to come in again."""

    SLIP = "slip"  # a QR code on paper
    PICTURE = "picture"
    PIN = "pin"


class PupilKey(Base):
    """A slip, two pictures or a PIN of one pupil in one classroom. Only its hash is kept."""

    __tablename__ = "pupil_key"
    __table_args__ = (UniqueConstraint("enrolment_id", "kind"),)
    id: Mapped[Key]
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    kind: Mapped[KeyKind] = mapped_column(EnumText(KeyKind, 10))
    secret_hash: Mapped[str] = mapped_column(String(200), index=True)
    wrong_count: Mapped[int] = mapped_column(default=0)  # in a row
    locked_at: Mapped[datetime | None]
    made_by_id: Mapped[UUID | None]  # who printed it
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DevicePupil(Base):
    """The two pictures by which a pupil comes back on a phone that others of the home use, too."""

    __tablename__ = "device_pupil"
    __table_args__ = (UniqueConstraint("device_sha256", "person_id"),)
    id: Mapped[Key]
    device_sha256: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    wrong_count: Mapped[int] = mapped_column(default=0)  # in a row
    locked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SchoolLink(Base):
    """A link by which many may ask to become a teacher of a school, until it ends."""

    __tablename__ = "school_link"
    id: Mapped[Key]
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(22), unique=True)
    role: Mapped[RoleName] = mapped_column(EnumText(RoleName, 20))
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    used_count: Mapped[int] = mapped_column(default=0)  # by how many persons
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SchoolRequest(Base):
    """Somebody who asks to teach at a school, once at a time; its administrator decides."""

    __tablename__ = "school_request"
    __table_args__ = (
        Index("ix_school_request_school_id", "school_id", "person_id"),
        Index(
            "uq_school_request_waiting",
            "school_id",
            "person_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )
    id: Mapped[Key]
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    school_link_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("school_link.id", ondelete="SET NULL"), index=True
    )  # by which it came; empty: from the sign-in page
    address_sha256: Mapped[str] = mapped_column(String(64), default="")  # while it waits
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    is_accepted: Mapped[bool | None]  # empty: not decided yet, or before it was kept
    decided_by_id: Mapped[UUID | None]
    person: Mapped[Person] = relationship(lazy="joined")
    school: Mapped[School] = relationship(lazy="joined")


class TermDates(Base):
    """When a term begins and ends, where the office or a school sets it otherwise."""

    __tablename__ = "term_dates"
    __table_args__ = (UniqueConstraint("school_id", "academic_year", "number"),)
    id: Mapped[Key]
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"))
    academic_year: Mapped[int]
    number: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
