"""Addresses that give one original's bytes for a few hours: long enough to resume a download."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.orm import Session, joinedload

from server.errors import LinkExpired, NotFound
from server.models.library import Original
from server.services.clock import Clock

PREFIX = "/originals/"
LIFETIME = timedelta(hours=6)
_PATH = re.compile(r"/originals/([A-Za-z0-9]+)\.([A-Za-z0-9_-]{43})/([0-9]{1,12})/([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class OpenedOriginal:
    """The object behind a good address, and what a browser shall call the file."""

    key: str
    file_name: str


def sign_original(keys: Mapping[str, SecretStr], original_id: UUID, now: datetime) -> str:
    """Return an address signed with the first key; rights were checked before."""
    key_id, secret = next(iter(keys.items()))
    message = f"{int((now + LIFETIME).timestamp())}/{original_id}"
    return f"{PREFIX}{key_id}.{_signature(message, secret)}/{message}"


def open_original(
    session: Session, now: Clock, *, keys: Mapping[str, SecretStr], path: str
) -> OpenedOriginal:
    """Return what the path of a request opens. Raises NotFound or LinkExpired."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise NotFound("no such address")
    key_id, signature, expiry, original_id = found.groups()
    secret = keys.get(key_id)
    message = f"{expiry}/{original_id}"
    if secret is None or not hmac.compare_digest(_signature(message, secret), signature):
        raise NotFound("not signed here")
    if int(expiry) < now().timestamp():
        raise LinkExpired("too old")
    with session.begin():
        asked = [joinedload(Original.asset)]
        original = session.get(Original, UUID(original_id), options=asked)
    if original is None or original.asset.original_gone_at is not None:
        raise NotFound("the original is not kept any more")
    return OpenedOriginal(original.asset.original_key, original.file_name)


def _signature(message: str, secret: SecretStr) -> str:
    # "original": a signature for playback opens nothing here.
    key = secret.get_secret_value().encode()
    digest = hmac.digest(key, f"original {message}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
