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
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_PATH = re.compile(
    rf"/v/([A-Za-z0-9]+)\.([A-Za-z0-9_-]{{22}})/([0-9]{{1,12}})/([0-9a-f]{{32}})/({_UUID})/"
    rf"({_NAME.pattern})"
)
_MANY = 10_000


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


class Opener:
    """Tells what tokens open. Good signatures are remembered: a token comes with every range."""

    def __init__(self, keys: Keys) -> None:
        """Take the keys of which one has signed."""
        self._keys = keys
        self._good: dict[str, tuple[int, str, UUID]] = {}

    def open(self, path: str, now: datetime) -> Opened | Refusal:
        """Return what the (decoded) path of a request opens; the signature is checked first."""
        base, _, name = path.rpartition("/")
        good = self._good.get(base)
        if good is None or not _NAME.fullmatch(name):
            return self._verify(path, base, now)
        expires_s, session_id, asset_id = good
        return (
            Refusal.EXPIRED if expires_s < now.timestamp() else Opened(session_id, asset_id, name)
        )

    def _verify(self, path: str, base: str, now: datetime) -> Opened | Refusal:
        found = _PATH.fullmatch(path)
        if found is None:
            return Refusal.UNKNOWN
        key_id, signature, expiry, session_id, asset, name = found.groups()
        secret = self._keys.get(key_id)
        if secret is None:
            return Refusal.FORGED
        expected = _signature(f"{expiry}/{session_id}/{asset}", secret)
        if not hmac.compare_digest(expected, signature):
            return Refusal.FORGED
        if int(expiry) < now.timestamp():
            return Refusal.EXPIRED
        if len(self._good) >= _MANY:
            self._good.clear()
        self._good[base] = int(expiry), session_id, UUID(asset)
        return Opened(session_id, UUID(asset), name)


def _signature(message: str, secret: SecretStr) -> str:
    # MD5 is what nginx's secure_link has; the secret is long and random.
    digest = md5(f"{message} {secret.get_secret_value()}".encode(), usedforsecurity=False).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
