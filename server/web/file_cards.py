"""What pages about a lesson's file are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import url_for

from server.models.lessons import Lesson, LessonFile
from server.models.library import Asset, OriginalGone
from server.services.quota import Usage
from server.services.replacing import FilesBeside
from server.web.cards import StateCard, state_card


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideCard:
    """A file beside the one that a lesson shows."""

    id: UUID
    file_name: str
    state: StateCard
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonFilesCard:
    """The file of a lesson, what comes, and what can be put back."""

    file_name: str
    size_bytes: int
    fetch_url: str
    gone: str  # why the original is not kept: "", "expired", "lost"
    asset_id: UUID | None
    coming: BesideCard | None
    former: Sequence[BesideCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCard:
    """How much of a share of the disk is used; without a limit `limit_bytes` is 0."""

    whose: str
    used_bytes: int
    limit_bytes: int
    left_bytes: int | None
    percent: int


def lesson_files_card(files: FilesBeside, lesson: Lesson, *, undo: timedelta) -> LessonFilesCard:
    """Return what the edit page says of files."""
    original = lesson.original
    asset = original.asset if original else None
    return LessonFilesCard(
        file_name=original.file_name if original else "",
        size_bytes=asset.size_bytes if asset else 0,
        fetch_url=_fetch_url(original.id, asset) if original and asset else "",
        gone=asset.original_gone_why if asset else OriginalGone.NOT,
        asset_id=asset.id if asset else None,
        coming=_beside(files.coming, undo) if files.coming else None,
        former=[_beside(file, undo) for file in files.former],
    )


def usage_card(whose: str, usage: Usage) -> UsageCard:
    """Return a share of the disk."""
    limit_bytes = usage.limit_bytes
    return UsageCard(
        whose=whose,
        used_bytes=usage.used_bytes,
        limit_bytes=limit_bytes,
        left_bytes=usage.left_bytes,
        percent=min(100, round(100 * usage.used_bytes / limit_bytes)) if limit_bytes else 0,
    )


def _beside(file: LessonFile, undo: timedelta) -> BesideCard:
    return BesideCard(
        id=file.id,
        file_name=file.original.file_name,
        state=state_card(file.original.asset),
        until=file.at + undo,
    )


def _fetch_url(original_id: UUID, asset: Asset) -> str:
    if not asset.has_bytes:
        return ""
    return url_for("studio_files.fetch", original_id=original_id)
