"""How every key is built, so that prefixes mean the same everywhere.

`assets/<asset>/` is what a playback token opens, a quota counts and a deletion removes.
Originals live under another prefix that no playback token opens.
"""

import re
from uuid import UUID

from storage.store import BadKey

MAX_KEY_LENGTH = 200
ORIGINALS = "originals/"


def original_key(original_id: UUID) -> str:
    """Return the key of an uploaded file."""
    return f"{ORIGINALS}{original_id}"


NOTE = ".note.json"


def note_key(original_key: str) -> str:
    """Return the key of what is noted beside an uploaded file: whose it is."""
    return f"{original_key}{NOTE}"


def damaged_key(name: UUID) -> str:
    """Return the key under which a sent file is set aside whose bytes have changed."""
    return f"{ORIGINALS}damaged/{name}"


def asset_prefix(asset_id: UUID) -> str:
    """Return the folder of all that was made from one original."""
    return f"assets/{asset_id}/"


def part_key(asset_id: UUID, sha256: str, suffix: str = "m4s") -> str:
    """Return the key of made bytes: named by content, so a late worker does no harm."""
    return f"{asset_prefix(asset_id)}{sha256}.{suffix}"


_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


def check_key(key: str) -> str:
    """Return `key`. Raises BadKey if it is absolute, empty, too long, or holds ".." or the like."""
    if len(key) > MAX_KEY_LENGTH or not _KEY.fullmatch(key) or ".." in key:
        raise BadKey(repr(key[:MAX_KEY_LENGTH]))
    return key


def check_prefix(prefix: str) -> str:
    """Return `prefix`: a folder ending in "/", or nothing for all. Raises BadKey."""
    if prefix:
        if not prefix.endswith("/"):
            raise BadKey(repr(prefix))
        check_key(prefix[:-1])
    return prefix
