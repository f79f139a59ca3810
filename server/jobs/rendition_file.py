"""A rendition's parts as one file, for what looks at or listens to all of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from server.jobs.workshop import Workshop
from server.models.library import Asset, Part, Rendition, RenditionKind
from storage.keys import part_key

PIECE_BYTES = 2**20


def smallest_picture(asset: Asset) -> Rendition | None:
    """Return the lowest whole rendition with pictures."""
    whole = [row for row in asset.renditions if row.is_whole and row.parts and row.height_px]
    encoded = [row for row in whole if row.kind == RenditionKind.VIDEO]
    return min(encoded or whole, key=lambda row: row.height_px, default=None)


def write_rendition(
    shop: Workshop, asset_id: UUID, parts: Sequence[Part], path: Path, tick: Callable[[], None]
) -> Path:
    """Write the parts one behind the other: the first with its head, the others without.

    Their fragments carry their own times. Raises StoreError, and whatever `tick` raises.
    """
    with path.open("wb") as file:
        for number, part in enumerate(parts):
            tick()
            at = part.init_bytes if number else 0
            while at < part.size_bytes:
                size_bytes = min(PIECE_BYTES, part.size_bytes - at)
                file.write(shop.store.read_range(part_key(asset_id, part.sha256), at, size_bytes))
                at += size_bytes
    return path
