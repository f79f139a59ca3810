"""Lessons, who may see them, and where people are in them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.errors import LessonNotReady
from server.models.base import Base, EnumText, Key
from server.models.library import Original
from server.models.people import Person, School


class Visibility(StrEnum):
    """Who may see a published lesson."""

    ME = "me"
    SCHOOL = "school"
    AREA = "area"
    LINK = "link"  # anyone with a share link; not listed, not found
    PUBLIC = "public"


class Licence(StrEnum):
    """Under which terms others may use it."""

    UNKNOWN = "unknown"
    ALL_RIGHTS_RESERVED = "all_rights_reserved"
    CC_BY = "cc_by"
    CC_BY_SA = "cc_by_sa"
    CC_BY_NC = "cc_by_nc"
    CC_BY_NC_SA = "cc_by_nc_sa"
    THAI_OER = "thai_oer"


class Lesson(Base):
    """What a teacher shares and a student opens."""

    __tablename__ = "lesson"
    __table_args__ = (Index("ix_lesson_listed", "published_at", "visibility"),)
    id: Mapped[Key]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    school_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("school.id"), index=True
    )  # empty: the office
    original_id: Mapped[UUID | None] = mapped_column(ForeignKey("original.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(String(20), default="th")  # BCP 47
    learning_area: Mapped[str] = mapped_column(
        String(10), default=""
    )  # a letter such as "ค", or empty
    grades: Mapped[list[str]] = mapped_column(default=list)  # A1…A3 P1…P6 M1…M6
    licence: Mapped[Licence] = mapped_column(EnumText(Licence, 30), default=Licence.UNKNOWN)
    rights_holder: Mapped[str] = mapped_column(String(200), default="")
    visibility: Mapped[Visibility] = mapped_column(EnumText(Visibility, 10), default=Visibility.ME)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None] = mapped_column(index=True)
    owner: Mapped[Person] = relationship()
    school: Mapped[School | None] = relationship()
    original: Mapped[Original | None] = relationship()
    text_tracks: Mapped[list["TextTrack"]] = relationship(cascade="all, delete-orphan")
    share_links: Mapped[list["ShareLink"]] = relationship(cascade="all, delete-orphan")

    def publish(self, *, at: datetime, is_watchable: bool) -> None:
        """Show it to its audience. Raises LessonNotReady without a title or anything to play."""
        if not self.title.strip() or not is_watchable:
            raise LessonNotReady("a title and something to play are needed")
        self.published_at = self.published_at or at

    @property
    def is_published(self) -> bool:
        """Shown to its audience now."""
        return self.published_at is not None and self.deleted_at is None


class ShareLink(Base):
    """An address for "anyone with the link": its own token, revocable, never the lesson's id."""

    __tablename__ = "share_link"
    id: Mapped[Key]
    token: Mapped[str] = mapped_column(String(43), unique=True)  # 128 bits or more, base64url
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class TextTrack(Base):
    """Captions or subtitles as WebVTT in the object store, timed to the original."""

    __tablename__ = "text_track"
    __table_args__ = (UniqueConstraint("lesson_id", "language", "kind"),)
    id: Mapped[Key]
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(10), default="captions")  # captions | subtitles
    key: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class ResumePoint(Base):
    """Where a person goes on in a lesson, in seconds of the original."""

    __tablename__ = "resume_point"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id"),)
    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    position_s: Mapped[float]
    at: Mapped[datetime]


class PlaybackSession(Base):
    """Rights checked once: what a token in a path refers to. `id` is 128 random bits."""

    __tablename__ = "playback_session"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    sign_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("sign_in.id", ondelete="CASCADE"))
    share_link_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("share_link.id", ondelete="CASCADE")
    )
    ticket_id: Mapped[str | None] = mapped_column(
        String(43), unique=True
    )  # an embed's ticket, used up
    embed_origin: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
