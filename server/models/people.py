"""The office, its schools, and the persons who act for them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, EnumText, Key


class RoleName(StrEnum):
    """What a person may be; additive, each for one school or, for the office, for all."""

    OFFICE_ADMIN = "office_admin"
    SCHOOL_ADMIN = "school_admin"
    TEACHER = "teacher"
    STUDENT = "student"


class Office(Base):
    """The area office that runs this installation: one row."""

    __tablename__ = "office"
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    is_demo: Mapped[bool] = mapped_column(default=False)
    originals_kept_days: Mapped[int] = mapped_column(default=0)  # after they are ready; 0: for ever
    school_quota_bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # 0: no limit
    person_quota_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    pupils_signed_out_at: Mapped[datetime | None]  # by the upgrade after which classes have scopes
    work_kept_years: Mapped[int] = mapped_column(
        default=1, server_default="1"
    )  # pupils' work, after its own academic year; 0: for ever
    created_at: Mapped[datetime]


class School(Base):
    """A school of the area."""

    __tablename__ = "school"
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    originals_kept_days: Mapped[int | None]  # empty: as the office says, like the quota
    quota_bytes: Mapped[int | None] = mapped_column(BigInteger)
    takes_requests: Mapped[bool] = mapped_column(default=False)  # people may ask to teach here
    created_at: Mapped[datetime]
    identifiers: Mapped[list["SchoolIdentifier"]] = relationship(cascade="all, delete-orphan")
    embed_sites: Mapped[list["EmbedSite"]] = relationship(cascade="all, delete-orphan")


class SchoolIdentifier(Base):
    """A code by which others know the school; unique in its scheme (smis, ministry, …)."""

    __tablename__ = "school_identifier"
    __table_args__ = (UniqueConstraint("scheme", "value"),)
    id: Mapped[Key]
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"), index=True)
    scheme: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(40))


class EmbedSite(Base):
    """A web origin (https://example.ac.th) that may show this school's lessons in a frame."""

    __tablename__ = "embed_site"
    __table_args__ = (UniqueConstraint("school_id", "origin"),)
    id: Mapped[Key]
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"))
    origin: Mapped[str] = mapped_column(String(255))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a session opens of its person's: the whole account, or what is of some classrooms.

    Who lets somebody in gives what their class may give (docs/decisions/0033). `lent_ids` are
    classrooms in which the person stands in for a colleague now.
    """

    is_whole: bool = True
    classroom_ids: frozenset[UUID] = frozenset()
    school_ids: frozenset[UUID] = frozenset()  # of these classrooms
    lent_ids: frozenset[UUID] = frozenset()

    def opens(self, classroom_id: UUID) -> bool:
        """Return whether what is of this classroom is open."""
        return self.is_whole or classroom_id in self.classroom_ids


WHOLE_ACCOUNT = Scope()


class Person(Base):
    """Somebody who can sign in: with a password, or let into a classroom by its teacher."""

    __tablename__ = "person"
    id: Mapped[Key]
    user_name: Mapped[str] = mapped_column(
        String(100), unique=True
    )  # kept casefolded; without a password nobody types it: the id stands there
    title: Mapped[str] = mapped_column(String(40), default="")  # ด.ช., ด.ญ., … of pupils
    display_name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(String(400), default="", index=True)  # Thai order
    password_hash: Mapped[str] = mapped_column(String(200))  # empty: no password opens it
    needs_new_password: Mapped[bool] = mapped_column(default=False)  # somebody else chose it
    password_news_until: Mapped[datetime | None]  # until when pages tell of links for a new one
    is_active: Mapped[bool] = mapped_column(default=True)
    quota_bytes: Mapped[int | None] = mapped_column(BigInteger)  # empty: as the office says
    created_at: Mapped[datetime]
    roles: Mapped[list["Role"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    # No column: of the session by which the person is here, set where its sign-in was read.
    scope = WHOLE_ACCOUNT

    @property
    def has_password(self) -> bool:
        """Return whether they sign in by themselves."""
        return bool(self.password_hash)

    @property
    def full_name(self) -> str:
        """Return title and name, as registers write them."""
        return f"{self.title} {self.display_name}".strip()


class Role(Base):
    """One role of a person; `school_id` is empty for the office's roles only."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("person_id", "name", "school_id"),)
    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[RoleName] = mapped_column(EnumText(RoleName, 20))
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"))
    school: Mapped[School | None] = relationship(lazy="joined")


class SignInWay(StrEnum):
    """How a device was signed in."""

    PASSWORD = "password"  # noqa: S105 (a word, not one)
    TEACHER = "teacher"  # confirmed by the teacher of a classroom
    SLIP = "slip"
    PICTURE = "picture"
    PIN = "pin"


class SignIn(Base):
    """A person's session on one device; ended on the server, so a stolen cookie dies with it.

    One that came through a classroom opens that classroom; the whole account only if its leader
    let in and the classroom is the pupil's home (`services/scopes.py`). Several of one person
    in one browser add up, and each is ended by its own class.
    """

    __tablename__ = "sign_in"
    id: Mapped[Key]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(String(200), default="")
    way: Mapped[SignInWay] = mapped_column(EnumText(SignInWay, 10), default=SignInWay.PASSWORD)
    device_sha256: Mapped[str] = mapped_column(String(64), default="", index=True)  # of its cookie
    beside_id: Mapped[UUID | None] = mapped_column(
        index=True
    )  # the first of the sessions with which it adds up: it began in a browser that held one
    classroom_id: Mapped[UUID | None] = mapped_column(index=True)  # through which it came
    let_in_by_id: Mapped[UUID | None]  # who nodded, or printed the slip
    opens_account: Mapped[bool] = mapped_column(default=False)  # through a home class
    hat_id: Mapped[UUID | None]  # the role in which the person acts here; empty: their first
    known_device_id: Mapped[UUID | None]  # forgotten with this session, when that is ended
    is_shared: Mapped[bool] = mapped_column(default=False)  # as the person said: ends when idle
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]  # of sessions that end when idle, to a fifteenth of that time
    proved_at: Mapped[datetime | None]  # when the password was given last
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    is_revoked: Mapped[bool] = mapped_column(
        default=False
    )  # ended by somebody else, or as a lost device: its passes are not believed any more


class Invitation(Base):
    """A link that gives a role to one person, once; the token itself is not kept."""

    __tablename__ = "invitation"
    id: Mapped[Key]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[RoleName] = mapped_column(EnumText(RoleName, 20))
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"))
    invited_name: Mapped[str] = mapped_column(String(200), default="")  # whom it is for, if known
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    revoked_at: Mapped[datetime | None]


class PasswordLink(Base):
    """A link by which one person sets a new password, once; the token itself is not kept."""

    __tablename__ = "password_link"
    id: Mapped[Key]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    is_by_machine: Mapped[bool]  # from the command line: nobody's right ends it
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # before its use: by a newer one, or by the person


class AuditEntry(Base):
    """Who changed rights or content, when; written in the transaction of the change."""

    __tablename__ = "audit_entry"
    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[UUID | None]  # no foreign key: the entry outlives the person
    action: Mapped[str] = mapped_column(String(60))
    thing_id: Mapped[UUID | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
