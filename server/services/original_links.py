"""Addresses that give one file's bytes for a few hours: long enough to resume a download.

The file is an original, or what viewers of a lesson may keep of it.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.errors import LinkExpired, NotFound
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import Lesson, Visibility
from server.models.library import AssetKind, Original
from server.services.clock import Clock
from server.services.documents import kept_file, kept_file_of
from server.services.played_types import played_type

PREFIX = "/originals/"
OF_LESSON, OF_ITEM, HANDED_IN = "lessons/", "items/", "handed-in/"
LIFETIME = timedelta(hours=6)
UNKNOWN_TYPE = "application/octet-stream"
_PATH = re.compile(
    r"/originals/([A-Za-z0-9]+)\.([A-Za-z0-9_-]{43})/([0-9]{1,12})/(lessons/|handed-in/|items/)?([0-9a-f-]{36})"
)


@dataclass(frozen=True, slots=True)
class OpenedOriginal:
    """The object behind a good address, and what a browser shall call the file."""

    key: str
    file_name: str
    content_type: str = UNKNOWN_TYPE


def sign_original(keys: Mapping[str, SecretStr], original_id: UUID, now: datetime) -> str:
    """Return an address signed with the first key; rights were checked before."""
    return _sign(keys, str(original_id), now)


def sign_kept_file(keys: Mapping[str, SecretStr], lesson_id: UUID, now: datetime) -> str:
    """Return an address of what viewers of a lesson may keep; rights were checked before."""
    return _sign(keys, f"{OF_LESSON}{lesson_id}", now)


def sign_item_file(keys: Mapping[str, SecretStr], original_id: UUID, now: datetime) -> str:
    """Return an address of what viewers may keep of an item's file; rights were checked before."""
    return _sign(keys, f"{OF_ITEM}{original_id}", now)


def sign_handed_in(keys: Mapping[str, SecretStr], original_id: UUID, now: datetime) -> str:
    """Return an address of a file that was handed in; rights were checked before."""
    return _sign(keys, f"{HANDED_IN}{original_id}", now)


def open_original(
    session: Session, now: Clock, *, keys: Mapping[str, SecretStr], path: str
) -> OpenedOriginal:
    """Return what the path of a request opens. Raises NotFound or LinkExpired."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise NotFound("no such address")
    key_id, signature, expiry, kind, thing_id = found.groups()
    secret = keys.get(key_id)
    message = f"{expiry}/{kind or ''}{thing_id}"
    if secret is None or not hmac.compare_digest(_signature(message, secret), signature):
        raise NotFound("not signed here")
    if int(expiry) < now().timestamp():
        raise LinkExpired("too old")
    find = {OF_LESSON: _kept_file, OF_ITEM: _item_file, HANDED_IN: _handed_in}.get(kind, _original)
    with session.begin():
        return find(session, UUID(thing_id))


def _original(session: Session, original_id: UUID) -> OpenedOriginal:
    original = session.get(Original, original_id, options=[joinedload(Original.asset)])
    if original is None or not original.asset.has_bytes:
        raise NotFound("the original is not kept any more")
    return OpenedOriginal(original.asset.original_key, original.file_name)


def _handed_in(session: Session, original_id: UUID) -> OpenedOriginal:
    """Return the file itself, for players under its type if it is sound or film.

    Of a picture its copy, which does not tell where it was taken.
    """
    opened = _original(session, original_id)
    asset = session.get_one(Original, original_id).asset
    if asset.kind != AssetKind.IMAGE:
        return replace(opened, content_type=played_type(asset) or UNKNOWN_TYPE)
    if not asset.copy_key:
        raise NotFound("the picture is being prepared")
    stem, suffix = opened.file_name.rpartition(".")[0], asset.copy_key.rpartition(".")[2]
    return OpenedOriginal(asset.copy_key, f"{stem or opened.file_name}.{suffix}")


def _kept_file(session: Session, lesson_id: UUID) -> OpenedOriginal:
    lesson = session.get(Lesson, lesson_id)
    is_gone = lesson is None or lesson.deleted_at is not None or lesson.ceiling is Visibility.ME
    kept = None if lesson is None or is_gone else kept_file_of(lesson)
    if kept is None:
        raise NotFound("the file is not there any more")
    return OpenedOriginal(kept.key, kept.file_name)


def _item_file(session: Session, original_id: UUID) -> OpenedOriginal:
    """Return what may be kept of a file, while an item of a lesson uses it."""
    used = select(Original).join(LessonItemFile, LessonItemFile.original_id == Original.id)
    used = used.join(Lesson, Lesson.id == LessonItemFile.lesson_id)
    of_this = (Original.id == original_id, Lesson.deleted_at.is_(None))
    may_go_out = Lesson.ceiling != Visibility.ME  # no consent was withdrawn since it was signed
    original = session.scalars(used.where(*of_this, may_go_out).limit(1)).first()
    kept = kept_file(original.asset, Path(original.file_name).stem) if original else None
    if kept is None:
        raise NotFound("the file is not there any more")
    return OpenedOriginal(kept.key, kept.file_name)


def _sign(keys: Mapping[str, SecretStr], thing: str, now: datetime) -> str:
    key_id, secret = next(iter(keys.items()))
    message = f"{int((now + LIFETIME).timestamp())}/{thing}"
    return f"{PREFIX}{key_id}.{_signature(message, secret)}/{message}"


def _signature(message: str, secret: SecretStr) -> str:
    # "original": a signature for playback opens nothing here.
    key = secret.get_secret_value().encode()
    digest = hmac.digest(key, f"original {message}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
