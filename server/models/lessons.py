"""Lessons, and who may see them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.errors import LessonNotReady
from server.models.base import Base, EnumText, Key
from server.models.library import Original
from server.models.people import Person, School


class Visibility(StrEnum):
    """Who may see a published lesson."""

    ME = "me"
    CLASSROOM = "classroom"  # the pupils to whom it is given; not listed, not found
    SCHOOL = "school"
    AREA = "area"
    LINK = "link"  # anyone with a share link; not listed, not found
    PUBLIC = "public"


WIDTHS = (  # from the narrowest; a link is none of these steps
    Visibility.ME,
    Visibility.CLASSROOM,
    Visibility.SCHOOL,
    Visibility.AREA,
    Visibility.PUBLIC,
)

WITHIN_SCHOOL = frozenset({Visibility.CLASSROOM, Visibility.SCHOOL})


def narrower(wish: Visibility, ceiling: Visibility) -> Visibility:
    """Return what is left of a wish below a ceiling.

    A link may come to anybody: below "everyone" it opens for nobody.
    """
    if ceiling is Visibility.PUBLIC:
        return wish
    if wish is Visibility.LINK:
        return Visibility.ME
    return min(wish, ceiling, key=WIDTHS.index)


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
    __table_args__ = (
        Index("ix_lesson_listed", "published_at", "id"),
        Index("ix_lesson_viewed", "view_count", "published_at", "id"),
        # Of the few that are deleted: else SQLite would read all others by it, in no order.
        Index(
            "ix_lesson_deleted_at",
            "deleted_at",
            sqlite_where=text("deleted_at IS NOT NULL"),
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
    )
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
    indicators: Mapped[list[str]] = mapped_column(default=list)  # such as "ค 1.1 ป.1/1"
    licence: Mapped[Licence] = mapped_column(EnumText(Licence, 30), default=Licence.UNKNOWN)
    rights_holder: Mapped[str] = mapped_column(String(200), default="")
    visibility: Mapped[Visibility] = mapped_column(
        EnumText(Visibility, 10), default=Visibility.ME
    )  # as its teacher wishes
    ceiling: Mapped[Visibility] = mapped_column(
        EnumText(Visibility, 10), default=Visibility.PUBLIC
    )  # as the consents of those in the picture allow (services/ceilings.py)
    poster_sha256: Mapped[str] = mapped_column(String(64), default="")  # empty: the file's own
    kept_ranges: Mapped[list[list[float]]] = mapped_column(
        default=list
    )  # [from_s, to_s] of the original that are shown; empty: all
    trim_version: Mapped[int] = mapped_column(default=0)  # one more with every change of these
    is_trim_exact: Mapped[bool] = mapped_column(
        default=False
    )  # until its cuts are encoded, whole segments between them are shown
    may_be_kept: Mapped[bool] = mapped_column(default=True)  # viewers may download it
    adapted_from_id: Mapped[UUID | None] = mapped_column(
        index=True
    )  # no foreign key: the credit outlives the lesson
    credit: Mapped[str] = mapped_column(String(300), default="")  # whose lesson it was made from
    view_count: Mapped[int] = mapped_column(default=0)  # how often it was opened
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    owner: Mapped[Person] = relationship()
    school: Mapped[School | None] = relationship()
    original: Mapped[Original | None] = relationship()
    text_tracks: Mapped[list["TextTrack"]] = relationship(cascade="all, delete-orphan")
    chapters: Mapped[list["Chapter"]] = relationship(
        cascade="all, delete-orphan", order_by="Chapter.start_s"
    )
    share_links: Mapped[list["ShareLink"]] = relationship(cascade="all, delete-orphan")

    def publish(self, *, at: datetime) -> None:
        """Show it to its audience. Raises LessonNotReady without a title."""
        if not self.title.strip():
            raise LessonNotReady("a title is needed")
        self.published_at = self.published_at or at

    @property
    def shown_to(self) -> Visibility:
        """Return who may really see it: the wish, below the ceiling."""
        return narrower(self.visibility, self.ceiling)

    @property
    def is_published(self) -> bool:
        """Shown to its audience now."""
        return self.published_at is not None and self.deleted_at is None


class FileRole(StrEnum):
    """Why a file stands beside the one that the lesson shows."""

    COMING = "coming"  # takes its place as soon as it can be watched
    FORMER = "former"  # can be put back while there is undo


class LessonFile(Base):
    """A file of a lesson beside the one it shows."""

    __tablename__ = "lesson_file"
    id: Mapped[Key]
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    original_id: Mapped[UUID] = mapped_column(ForeignKey("original.id"), index=True)
    role: Mapped[FileRole] = mapped_column(EnumText(FileRole, 10))
    keeps_captions: Mapped[bool] = mapped_column(default=True)  # of a coming file
    texts: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # of a former file: the captions and chapters that went with it
    texts_bytes: Mapped[int] = mapped_column(default=0)  # of these captions in the store
    by_id: Mapped[UUID | None]  # who chose it; no foreign key: the choice outlives the person
    at: Mapped[datetime]
    original: Mapped[Original] = relationship()


class ShareLink(Base):
    """An address for "anyone with the link": its own token, revocable, never the lesson's id."""

    __tablename__ = "share_link"
    id: Mapped[Key]
    token: Mapped[str] = mapped_column(String(43), unique=True)  # 128 bits or more, base64url
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class TrackKind(StrEnum):
    """What a text track is for; the names of HTML."""

    CAPTIONS = "captions"  # in the language that is spoken, for who cannot hear
    SUBTITLES = "subtitles"  # a translation
    DESCRIPTIONS = "descriptions"  # of what is seen, read aloud to who cannot see


class TextTrack(Base):
    """Captions or subtitles as WebVTT in the object store, timed to the original."""

    __tablename__ = "text_track"
    __table_args__ = (UniqueConstraint("lesson_id", "language", "kind"),)
    id: Mapped[Key]
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(20))
    kind: Mapped[TrackKind] = mapped_column(EnumText(TrackKind, 20), default=TrackKind.CAPTIONS)
    key: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    size_bytes: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)  # one more with every change
    is_automatic: Mapped[bool] = mapped_column(default=False)  # nobody has read it yet
    by_id: Mapped[UUID | None]  # who changed it last; no foreign key: it outlives the person
    created_at: Mapped[datetime]


class AsideReason(StrEnum):
    """Why a text is not shown."""

    REPLACED = "replaced"  # by a newer version
    REMOVED = "removed"
    FAULTY = "faulty"  # sent, but with faults that a person has to correct


class TextAside(Base):
    """A text that is not shown: it can be brought back, or corrected first."""

    __tablename__ = "text_aside"
    id: Mapped[Key]
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(20))
    kind: Mapped[TrackKind] = mapped_column(EnumText(TrackKind, 20))
    why: Mapped[AsideReason] = mapped_column(EnumText(AsideReason, 10))
    text: Mapped[str] = mapped_column(Text)
    is_automatic: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[UUID | None]
    at: Mapped[datetime]


class OwnPoster(Base):
    """The still image that a teacher chose or sent: a JPEG of at most 20 KB, in base 64.

    In a row, not in the store: it stays when the lesson's file is replaced or made anew, and every
    folder of objects belongs to a file.
    """

    __tablename__ = "own_poster"
    lesson_id: Mapped[UUID] = mapped_column(
        ForeignKey("lesson.id", ondelete="CASCADE"), primary_key=True
    )
    image: Mapped[str] = mapped_column(Text)


class Chapter(Base):
    """Where a part of a lesson begins, in seconds of the original."""

    __tablename__ = "chapter"
    __table_args__ = (UniqueConstraint("lesson_id", "start_s"),)
    id: Mapped[Key]
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"))
    start_s: Mapped[float]
    title: Mapped[str] = mapped_column(String(300))


class PlaybackSession(Base):
    """Rights checked once: what a token in a path refers to. `id` is 128 random bits."""

    __tablename__ = "playback_session"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lesson.id", ondelete="CASCADE"), index=True)
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    sign_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("sign_in.id", ondelete="CASCADE"))
    share_link_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("share_link.id", ondelete="CASCADE")
    )
    ticket_id: Mapped[str | None] = mapped_column(
        String(43), unique=True
    )  # an embed's ticket, used up
    embed_origin: Mapped[str] = mapped_column(String(255), default="")
    kept_ranges: Mapped[list[list[float]]] = mapped_column(
        default=list
    )  # of the original, as the lesson was when it began: nothing moves while it plays
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
