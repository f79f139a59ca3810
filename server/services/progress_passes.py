"""Passes that say who watches which lesson's asset since when: reports of progress carry them.

They are signed, not kept: a report needs no cookie and no row of its playback, so that what was
watched without a connection still arrives when the playback is long over, from a tablet where
somebody else is signed in by then.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from pydantic import SecretStr

from server.errors import LinkExpired, NotAllowed
from server.models.lessons import PlaybackSession

VALID_FOR = timedelta(days=30)  # a tablet may lie in a cupboard over the holidays
LONGEST = 290
_MANY = 20_000
_PURPOSE = "progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressPass:
    """Who watches what, and since when by the server's clock."""

    person_id: UUID
    lesson_id: UUID
    asset_id: UUID
    share_link_id: UUID | None  # by which the person came, if that was their right
    begun_at: datetime
    class_session_id: UUID | None = None  # it counts for all who learn together
    sign_in_id: UUID | None = None  # once it is revoked, what comes with the pass is not believed


def sign_pass(keys: Mapping[str, SecretStr], opened: ProgressPass) -> str:
    """Return the pass as text, signed with the first key; rights were checked before."""
    key_id, secret = next(iter(keys.items()))
    link = opened.share_link_id.hex if opened.share_link_id else ""
    together = opened.class_session_id.hex if opened.class_session_id else ""
    device = opened.sign_in_id.hex if opened.sign_in_id else ""
    ids = [opened.person_id.hex, opened.lesson_id.hex, opened.asset_id.hex, link, together, device]
    message = ".".join([str(int(opened.begun_at.timestamp())), *ids])
    return f"{key_id}.{_signature(message, secret)}.{message}"


def pass_of(
    keys: Mapping[str, SecretStr],
    playback: PlaybackSession,
    class_session_id: UUID | None = None,
) -> str | None:
    """Return the pass for who plays; None for guests, of whom nothing is kept."""
    if playback.person_id is None:
        return None
    opened = ProgressPass(
        person_id=playback.person_id,
        lesson_id=playback.lesson_id,
        asset_id=playback.asset_id,
        share_link_id=playback.share_link_id,
        begun_at=playback.created_at,
        class_session_id=class_session_id,
        sign_in_id=playback.sign_in_id,
    )
    return sign_pass(keys, opened)


class PassReader:
    """Tells what passes say. Good ones are remembered: one comes with every report."""

    def __init__(self, keys: Mapping[str, SecretStr]) -> None:
        """Take the keys of which one has signed."""
        self._keys = keys
        self._good: dict[str, ProgressPass] = {}

    def read(self, text: str, now: datetime) -> ProgressPass:
        """Return what a pass says. Raises NotAllowed if it is forged, LinkExpired if too old."""
        opened = self._good.get(text)
        if opened is None:
            opened = self._verified(text)
            if len(self._good) >= _MANY:
                self._good.clear()
            self._good[text] = opened
        if opened.begun_at + VALID_FOR < now:
            raise LinkExpired("the pass is too old")
        return opened

    def _verified(self, text: str) -> ProgressPass:
        key_id, _, rest = text.partition(".")
        signature, _, message = rest.partition(".")
        secret = self._keys.get(key_id)
        if len(text) > LONGEST or not text.isascii() or secret is None:
            raise NotAllowed("not a pass of ours")
        if not hmac.compare_digest(_signature(message, secret), signature):
            raise NotAllowed("not a pass of ours")
        begun_s, person, lesson, asset, link, together, *devices = message.split(".")
        return ProgressPass(
            person_id=UUID(person),
            lesson_id=UUID(lesson),
            asset_id=UUID(asset),
            share_link_id=UUID(link) if link else None,
            begun_at=datetime.fromtimestamp(int(begun_s), UTC),
            class_session_id=UUID(together) if together else None,
            # Passes that were signed before sessions had scopes tell none.
            sign_in_id=UUID(devices[0]) if devices and devices[0] else None,
        )


def _signature(message: str, secret: SecretStr) -> str:
    # The purpose keeps it apart from everything else that these keys sign.
    text = f"{_PURPOSE} {message}".encode()
    digest = hmac.digest(secret.get_secret_value().encode(), text, sha256)
    return urlsafe_b64encode(digest[:18]).decode()
