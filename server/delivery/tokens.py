"""Addresses that open one asset for one playback session until they expire.

/v/<key id>.<signature>/<expiry>/<session>/<asset>/ : what is below inherits the token, so that the
relative addresses of a playlist need nothing more. nginx checks the same signature (secure_link:
MD5 of "<expiry>/<session>/<asset> <secret>", which a secret behind the message keeps unforgeable).
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import md5
from uuid import UUID

from pydantic import SecretStr

Keys = Mapping[str, SecretStr]

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PATH = re.compile(
    rf"/v/([A-Za-z0-9]+)\.([A-Za-z0-9_-]{{22}})/([0-9]{{1,12}})/([0-9a-f]{{32}})/({_UUID})/"
    r"([A-Za-z0-9._-]{1,100})"
)


class Refusal(Enum):
    """Why a token opens nothing; the value is the HTTP status."""

    FORGED = 403
    EXPIRED = 410
    UNKNOWN = 404


@dataclass(frozen=True, slots=True)
class Opened:
    """What a good token opens."""

    session_id: str
    asset_id: UUID
    name: str


def sign(keys: Keys, session_id: str, asset_id: UUID, expires_at: datetime) -> str:
    """Return the base address, signed with the first key; it ends in "/"."""
    key_id, secret = next(iter(keys.items()))
    message = f"{int(expires_at.timestamp())}/{session_id}/{asset_id}"
    return f"/v/{key_id}.{_signature(message, secret)}/{message}/"


def verify(keys: Keys, path: str, now: datetime) -> Opened | Refusal:
    """Return what the (decoded) path of a request opens; the signature is checked first."""
    found = _PATH.fullmatch(path)
    if found is None:
        return Refusal.UNKNOWN
    key_id, signature, expiry, session_id, asset, name = found.groups()
    secret = keys.get(key_id)
    if secret is None:
        return Refusal.FORGED
    expected = _signature(f"{expiry}/{session_id}/{asset}", secret)
    if not hmac.compare_digest(expected, signature):
        return Refusal.FORGED
    if int(expiry) < now.timestamp():
        return Refusal.EXPIRED
    return Opened(session_id, UUID(asset), name)


def _signature(message: str, secret: SecretStr) -> str:
    # MD5 is what nginx's secure_link has; the secret is long and random.
    digest = md5(f"{message} {secret.get_secret_value()}".encode(), usedforsecurity=False).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
