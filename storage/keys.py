"""How every key is built, so that prefixes mean the same everywhere.

`assets/<asset>/` is what a playback token opens, a quota counts and a deletion removes.
Originals live under another prefix that no playback token opens.
"""

from uuid import UUID


def original_key(original_id: UUID) -> str:
    """Return the key of an uploaded file."""
    return f"originals/{original_id}"


def asset_prefix(asset_id: UUID) -> str:
    """Return the folder of all that was made from one original."""
    return f"assets/{asset_id}/"


def part_key(asset_id: UUID, sha256: str, suffix: str = "m4s") -> str:
    """Return the key of made bytes: named by content, so a late worker does no harm."""
    return f"{asset_prefix(asset_id)}{sha256}.{suffix}"
