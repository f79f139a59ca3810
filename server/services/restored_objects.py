"""Objects from a backup into the store: each is read and compared before it is put there."""

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from server.services.backup_check import objects_of
from server.services.backup_format import BackupRefused, Dump, Held, hash_file, is_whole
from server.services.backup_objects import GIGABYTE, PIECE_BYTES
from server.services.backup_words import ObjectNames
from storage.store import HasPaths, ObjectExists, ObjectNotFound, ObjectStore, StoreError

ROOM_PER_ROW_BYTE = 3  # rows as tables with their indexes, beside what a transaction keeps
BYTES = "application/octet-stream"
CONTENT_TYPES = {
    ".m4s": "video/mp4",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".vtt": "text/vtt; charset=utf-8",
}


@dataclass(slots=True)
class ObjectReturns:
    """One run over the objects of a backup."""

    store: ObjectStore
    dump: Dump
    count: int = 0
    faults: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)  # keys that stand in `faults`

    def bring_all(self) -> None:
        """Bring what is good; note what is not. Raises StoreError when the store fails."""
        names, unfinished = ObjectNames(self.dump), self._keys_of_uploads()
        for held in objects_of(self.dump):
            if held.key in unfinished:
                continue  # joined when its row was written already; it is sent again
            fault = self._bring(held)
            if fault:
                self.told.add(held.key)
                self.faults.append(f"{fault}: {names.name(held.key)}")

    def refuse_without_room(self) -> None:
        """Raise BackupRefused when the disk of a store on this machine is too small."""
        if not isinstance(self.store, HasPaths):
            return
        rows_bytes = sum(path.stat().st_size for path in self.dump.path.glob("*.jsonl"))
        stored = self.store.path_of
        sizes = (held.size_bytes for held in objects_of(self.dump) if not stored(held.key).exists())
        needed_bytes = sum(sizes) + rows_bytes * ROOM_PER_ROW_BYTE
        root = next(path for path in stored("originals/x").parents if path.exists())
        free_bytes = shutil.disk_usage(root).free
        if needed_bytes > free_bytes:
            raise BackupRefused(
                f"{needed_bytes / GIGABYTE:.1f} GB come back, and {root} has room for "
                f"{free_bytes / GIGABYTE:.1f} GB: make room, or take a larger disk"
            )

    def _bring(self, held: Held) -> str:
        """Bring one object; return what is wrong with it, empty if nothing is."""
        path = self.dump.objects_path / held.key
        if not self._is_there(held, path):
            if not is_whole(path, held):
                return "damaged in the backup" if path.exists() else "missing in the backup"
            self._put(held.key, path)
        self.count += 1
        return "was damaged when it was saved, and is so again" if held.is_damaged else ""

    def _put(self, key: str, path: Path) -> None:
        """Put a good file in the place of whatever is there."""
        content_type = CONTENT_TYPES.get(path.suffix, BYTES)
        try:
            self.store.put_file(key, path, content_type=content_type)
        except ObjectExists:
            self.store.delete(key)
            self.store.put_file(key, path, content_type=content_type)

    def _is_there(self, held: Held, path: Path) -> bool:
        """Return whether the store has it already, when it outlived the database."""
        try:
            if self.store.stat(held.key).size_bytes != held.size_bytes:
                return False
            return _sha256_of(self.store, held) == (held.sha256 or hash_file(path))
        except ObjectNotFound:
            return False
        except StoreError:
            self.store.stat(held.key)  # or it is the store, not this object
            return False

    def _keys_of_uploads(self) -> set[str]:
        rows = self.dump.lines("upload")
        return {row["object_key"] for row in rows if row["finished_at"] is None}


def _sha256_of(store: ObjectStore, held: Held) -> str:
    digest = hashlib.sha256()
    for start in range(0, held.size_bytes, PIECE_BYTES):
        digest.update(store.read_range(held.key, start, PIECE_BYTES))
    return digest.hexdigest()
