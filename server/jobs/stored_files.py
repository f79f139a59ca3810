"""Small made files, stored under the hash of their bytes."""

import hashlib
from pathlib import Path
from uuid import UUID

from storage.keys import part_key
from storage.store import ObjectStore

CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "json": "application/json",
    "bin": "application/octet-stream",
}


def store_named_by_content(store: ObjectStore, asset_id: UUID, path: Path) -> str:
    """Store the file among what was made of the asset; return its key. Raises StoreError."""
    suffix = path.suffix.removeprefix(".")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    key = part_key(asset_id, sha256, suffix)
    store.put_file(key, path, content_type=CONTENT_TYPES[suffix])
    return key
