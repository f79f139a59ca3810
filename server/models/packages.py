"""Packages (H5P, SCORM, HTML): what was unpacked, and how far people are in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Key


class Package(Base):
    """What an asset that is a package offers."""

    __tablename__ = "package"
    asset_id: Mapped[UUID] = mapped_column(
        ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True
    )
    form: Mapped[str] = mapped_column(String(10))  # h5p, scorm12, scorm2004, html
    title: Mapped[str] = mapped_column(String(300), default="")
    launches: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # title, path with query


class PackageFile(Base):
    """One file of a package: its path there, and the object that holds its bytes."""

    __tablename__ = "package_file"
    __table_args__ = (Index("ix_package_file_asset_id_folded", "asset_id", "folded"),)
    id: Mapped[Key]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(400))
    folded: Mapped[str] = mapped_column(String(1200))  # case and composition do not count
    key: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(BigInteger)


class PackageAttempt(Base):
    """How far one person is in a package of a lesson. The key is made on the device."""

    __tablename__ = "package_attempt"
    __table_args__ = (
        Index("ix_package_attempt_person_id_lesson_id", "person_id", "lesson_id", "started_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(index=True)  # no foreign key: results outlive it
    asset_id: Mapped[UUID]  # no foreign key: results outlive a file that was replaced
    revision: Mapped[int] = mapped_column(default=0)  # counted by the device; older ones are late
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by launch: text of its player
    score_raw: Mapped[float | None]
    score_min: Mapped[float | None]
    score_max: Mapped[float | None]
    score_scaled: Mapped[float | None]  # -1 to 1
    completion: Mapped[str] = mapped_column(String(20), default="unknown")
    success: Mapped[str] = mapped_column(String(20), default="unknown")
    duration_s: Mapped[float] = mapped_column(default=0.0)
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
