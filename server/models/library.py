"""Uploads, originals, and everything the pipeline makes of them.

Upload → Original (one per owner) → Asset (shared by equal files) → Rendition → Part
(one per Stretch).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from media_pipeline.ladder import LADDER_VERSION
from server.models.base import Base, EnumText, Key
from server.models.people import Person


class Upload(Base):
    """A file on its way in (tus). The object store has `stored_bytes`; more may be in the spool."""

    __tablename__ = "upload"
    id: Mapped[Key]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    school_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("school.id", ondelete="CASCADE"), index=True
    )
    lesson_id: Mapped[UUID | None]  # where a pupil hands it in; no foreign key: it only narrows
    file_name: Mapped[str] = mapped_column(String(400))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str] = mapped_column(
        String(200), default="", index=True
    )  # chosen by the client
    object_key: Mapped[str] = mapped_column(String(200))
    multipart_id: Mapped[str] = mapped_column(String(400))
    stored_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(
        default=list
    )  # fields of storage.store.StoredPart
    original_id: Mapped[UUID | None] = mapped_column(ForeignKey("original.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


class AssetKind(StrEnum):
    """What an asset turned out to be; unknown until probed."""

    UNKNOWN = "unknown"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    IMAGE = "image"
    PACKAGE = "package"  # H5P, SCORM, HTML: played in a sandbox


class AssetState(StrEnum):
    """Where an asset is on its way."""

    WAITING = "waiting"  # not probed yet
    PREPARING = "preparing"  # being encoded; perhaps watchable already
    READY = "ready"
    FAILED = "failed"  # nothing of it can be shown; `error_code` says why


class OriginalGone(StrEnum):
    """Why the original's bytes are not kept any more; what was made of them goes on playing."""

    NOT = ""
    EXPIRED = "expired"  # by the office's rule
    LOST = "lost"  # missing in the store
    DAMAGED = "damaged"  # other bytes than were sent: set aside, used as far as they can be read


class Asset(Base):
    """One original file's bytes and everything made from them; times are the original's."""

    __tablename__ = "asset"
    id: Mapped[Key]
    kind: Mapped[AssetKind] = mapped_column(EnumText(AssetKind, 20), default=AssetKind.UNKNOWN)
    state: Mapped[AssetState] = mapped_column(
        EnumText(AssetState, 20), default=AssetState.WAITING, index=True
    )
    error_code: Mapped[str] = mapped_column(String(60), default="")
    error_detail: Mapped[str] = mapped_column(
        Text, default=""
    )  # last lines of ffmpeg, for administrators
    original_key: Mapped[str] = mapped_column(
        String(200), index=True
    )  # shared with the asset it replaces, while both are there
    original_gone_at: Mapped[datetime | None]  # if the bytes that were sent are not there
    original_gone_why: Mapped[OriginalGone] = mapped_column(
        EnumText(OriginalGone, 10), default=OriginalGone.NOT
    )
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(
        String(64), default="", index=True
    )  # computed here, never the client's
    media_info: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # media_pipeline.probe.MediaInfo as a dict
    duration_s: Mapped[float] = mapped_column(default=0.0)
    missing_s: Mapped[float] = mapped_column(default=0.0)  # probed but not there: a cut-off file
    width_px: Mapped[int] = mapped_column(default=0)
    height_px: Mapped[int] = mapped_column(default=0)
    poster_key: Mapped[str] = mapped_column(String(200), default="")
    storyboard: Mapped[dict[str, Any]] = mapped_column(default=dict)
    waveform: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of sound alone
    slides: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # {"starts_s": […]} where slides change, once that was looked for
    candidates: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # {"keys": […]} stills to choose a poster from, once somebody asked
    stills_bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # poster, storyboard, waveform
    page_count: Mapped[int] = mapped_column(default=0)  # of the document: not all may be drawn
    copy_key: Mapped[str] = mapped_column(
        String(200), default=""
    )  # what viewers may keep, where that is not the original: a PDF, a picture without metadata
    copy_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    made_bytes: Mapped[int] = mapped_column(BigInteger, default=0)  # parts, pages and stills
    ladder_version: Mapped[int] = mapped_column(default=LADDER_VERSION)
    replaces_id: Mapped[UUID | None] = mapped_column(
        index=True
    )  # made anew of the same original; no foreign key: it may outlive the older one
    retired_at: Mapped[datetime | None] = mapped_column(index=True)  # replaced by a newer one
    created_at: Mapped[datetime]
    watchable_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    renditions: Mapped[list["Rendition"]] = relationship(cascade="all, delete-orphan")
    stretches: Mapped[list["Stretch"]] = relationship(
        cascade="all, delete-orphan", order_by="Stretch.number"
    )
    pages: Mapped[list["Page"]] = relationship(cascade="all, delete-orphan", order_by="Page.number")

    @property
    def has_bytes(self) -> bool:
        """Whether what was sent can be fetched, if only damaged."""
        return self.original_gone_why in {OriginalGone.NOT, OriginalGone.DAMAGED}


def has_bytes() -> ColumnElement[bool]:
    """Return whether there are bytes under an asset's `original_key`: whole ones, or damaged."""
    is_damaged = Asset.original_gone_why == OriginalGone.DAMAGED
    return or_(Asset.original_gone_at.is_(None), is_damaged)


class Original(Base):
    """One person's file: a row that points to the asset, which equal files share."""

    __tablename__ = "original"
    id: Mapped[Key]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"), index=True)
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    asset: Mapped[Asset] = relationship()
    owner: Mapped[Person] = relationship()


class RenditionKind(StrEnum):
    """How a rendition came to be."""

    VIDEO = "video"  # encoded picture without sound
    AUDIO = "audio"  # encoded sound
    REMUX = "remux"  # the original's own picture, repackaged
    AV1 = "av1"  # the encoded picture once more, made last, for players that can


class Rendition(Base):
    """One encoded version. Rates are measured when whole; until then they are the ladder's caps."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("asset_id", "name"),)
    id: Mapped[Key]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(
        String(20)
    )  # "240p", "audio", "remux": part of playlist addresses
    kind: Mapped[RenditionKind] = mapped_column(EnumText(RenditionKind, 10))
    width_px: Mapped[int] = mapped_column(default=0)
    height_px: Mapped[int] = mapped_column(default=0)
    fps: Mapped[float] = mapped_column(default=0.0)
    codecs: Mapped[str] = mapped_column(String(60), default="")  # RFC 6381
    is_first: Mapped[bool] = mapped_column(
        default=False
    )  # offered while it grows: sound, lowest, remux
    is_whole: Mapped[bool] = mapped_column(default=False)
    is_retired: Mapped[bool] = mapped_column(
        default=False
    )  # left the playlist; its parts still play
    peak_bps: Mapped[int] = mapped_column(default=0)
    average_bps: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    parts: Mapped[list["Part"]] = relationship(cascade="all, delete-orphan", order_by="Part.number")
    cut_parts: Mapped[list["CutPart"]] = relationship(cascade="all, delete-orphan")


class Stretch(Base):
    """A time range of the original: the unit of work and retry for pictures."""

    __tablename__ = "stretch"
    __table_args__ = (UniqueConstraint("asset_id", "number"),)
    id: Mapped[Key]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    number: Mapped[int]
    start_s: Mapped[float]
    duration_s: Mapped[float]


class Part(Base):
    """What one stretch gives for one rendition: one immutable object, named by its content."""

    __tablename__ = "part"
    __table_args__ = (UniqueConstraint("rendition_id", "number"),)
    id: Mapped[Key]
    rendition_id: Mapped[UUID] = mapped_column(ForeignKey("rendition.id", ondelete="CASCADE"))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    init_bytes: Mapped[int]  # ftyp + moov at the start of the object
    start_s: Mapped[float]
    duration_s: Mapped[float]
    segments: Mapped[list[list[float]]]  # [duration_s, offset_bytes, length_bytes]


class CutPart(Base):
    """A piece of one segment that ends or begins where a lesson is cut: encoded from the segment.

    Lessons that cut the same file at the same place share it.
    """

    __tablename__ = "cut_part"
    __table_args__ = (UniqueConstraint("rendition_id", "from_ms", "to_ms"),)
    id: Mapped[Key]
    rendition_id: Mapped[UUID] = mapped_column(ForeignKey("rendition.id", ondelete="CASCADE"))
    from_ms: Mapped[int]
    to_ms: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    init_bytes: Mapped[int]
    duration_s: Mapped[float]
    segments: Mapped[list[list[float]]]  # as of a part
    created_at: Mapped[datetime]


class Page(Base):
    """One page of a document: its image in two sizes and its text; of late pages text only."""

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("asset_id", "number"),)
    id: Mapped[Key]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    number: Mapped[int]
    image_key: Mapped[str] = mapped_column(String(200))
    width_px: Mapped[int]
    height_px: Mapped[int]
    size_bytes: Mapped[int]
    small_key: Mapped[str] = mapped_column(String(200), default="")  # for phones
    small_bytes: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(Text, default="")
