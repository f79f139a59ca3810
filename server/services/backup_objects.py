"""Objects into a backup's folder: what is new is read and hashed, what is bad never replaces good.

Nearly every object says itself what it must be: made ones bear the SHA-256 of their bytes as
their name, sent files stand with theirs in a row. What was saved earlier is known by the backup
before; a share of it is read again each time, all of it in READ_WITHIN backups.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from server.services.backup_format import Held, hash_file, size_of
from storage.store import ObjectInfo, ObjectNotFound, ObjectStore, StoreError
from storage.syncing import sync

PREFIXES = ("originals/", "assets/")
READ_WITHIN = 30
PIECE_BYTES = 8 * 2**20
GIGABYTE = 10**9
_NAMED_BY_CONTENT = re.compile(r"assets/[^/]+/([0-9a-f]{64})\.\w+")


class Trouble(StrEnum):
    """What is wrong with an object, or was."""

    DAMAGED = "damaged"  # and nobody has a good copy
    DAMAGED_HERE = "damaged here, good in the backup"
    MISSING = "missing"
    MISSING_HERE = "missing here, good in the backup"
    DELETED = "deleted meanwhile"
    MENDED = "was damaged in the backup, copied anew"


HARMLESS = {Trouble.DELETED, Trouble.MENDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubled:
    """One object that is not, or was not, as it should be."""

    key: str
    trouble: Trouble


def hash_told_by(key: str, hashes: Mapping[str, str]) -> str:
    """Return what an object must be: by its name, or by `hashes` of rows; empty if unknown."""
    named = _NAMED_BY_CONTENT.fullmatch(key)
    return named[1] if named else hashes.get(key, "")


@dataclass(slots=True, kw_only=True)
class ObjectCopies:
    """One run over the objects of a store."""

    store: ObjectStore
    folder: Path
    arriving: Path
    hashes: Mapping[str, str]  # of sent files, by key
    before: Mapping[str, Held]
    number: int
    copied_count: int = 0
    copied_bytes: int = 0
    troubles: list[Troubled] = field(default_factory=list)
    changed_folders: set[Path] = field(default_factory=set)

    def save_all(self) -> Iterator[Held]:
        """Copy what is new; yield everything that is there. Raises StoreError, OSError."""
        for prefix in PREFIXES:
            for info in self.store.list_keys(prefix):
                if held := self._save(info):
                    yield held

    def room_needed(self) -> int:
        """Return the bytes that are not there yet, by size alone."""
        infos = (info for prefix in PREFIXES for info in self.store.list_keys(prefix))
        return sum(
            info.size_bytes for info in infos if size_of(self.folder / info.key) != info.size_bytes
        )

    def keep(self, key: str) -> Held | None:
        """Return what the backup before has of an object that the store has lost, if it is good."""
        old = self.before.get(key)
        path = self.folder / key
        if old is None or old.is_damaged or size_of(path) != old.size_bytes:
            return None
        return old if hash_file(path) == old.sha256 else None

    def sync(self) -> None:
        """Have the names of what was copied outlive a power cut."""
        for folder in self.changed_folders:
            sync(folder)

    def _save(self, info: ObjectInfo) -> Held | None:
        path, old = self.folder / info.key, self.before.get(info.key)
        if kept := self._saved_before(info, path, old):
            return kept
        must_be = self._must_be(info.key)
        was_there = path.exists()
        try:
            sha256, size_bytes = self._fetch(info)
        except ObjectNotFound:  # deleted since it was listed
            return None
        is_damaged = size_bytes != info.size_bytes or sha256 not in {must_be or sha256}
        if is_damaged:
            self._note(info.key, Trouble.DAMAGED)
            if not info.key.startswith("originals/"):
                return None  # a made one is made again; of a sent file this is the best there is
        elif was_there:
            self._note(info.key, Trouble.MENDED)
        self._take_in(path)
        return Held(key=info.key, size_bytes=size_bytes, sha256=sha256, is_damaged=is_damaged)

    def _saved_before(self, info: ObjectInfo, path: Path, old: Held | None) -> Held | None:
        """Return what the folder has already, when that is good."""
        must_be = self._must_be(info.key)
        size_bytes = size_of(path)
        if (old and old.is_damaged) or not must_be or size_bytes < 0:
            return None
        if old and size_bytes != old.size_bytes:
            return None
        is_read = old is None or old.sha256 != must_be or self._is_due(info.key)
        if is_read and hash_file(path) != must_be:
            return None
        if info.size_bytes != size_bytes:
            self._note(info.key, Trouble.DAMAGED_HERE)
        return Held(key=info.key, size_bytes=size_bytes, sha256=must_be)

    def _must_be(self, key: str) -> str:
        old = self.before.get(key)
        return hash_told_by(key, self.hashes) or (old.sha256 if old else "")

    def _is_due(self, key: str) -> bool:
        share = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)
        return share % READ_WITHIN == self.number % READ_WITHIN

    def _fetch(self, info: ObjectInfo) -> tuple[str, int]:
        """Copy an object beside the others; return hash and size of what could be read."""
        digest, size_bytes = hashlib.sha256(), 0
        with self.arriving.open("wb") as file:
            for piece in self._pieces(info):
                file.write(piece)
                digest.update(piece)
                size_bytes += len(piece)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest(), size_bytes

    def _pieces(self, info: ObjectInfo) -> Iterator[bytes]:
        """Yield what can be read. Raises ObjectNotFound, and StoreError if the store is away."""
        for start in range(0, info.size_bytes, PIECE_BYTES):
            try:
                piece = self.store.read_range(info.key, start, PIECE_BYTES)
            except ObjectNotFound:
                raise
            except StoreError:
                self.store.stat(info.key)  # or it is the store, not this object
                return
            yield piece
            if not piece:
                return

    def _take_in(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.arriving.replace(path)
        self.changed_folders |= {path.parent, path.parent.parent, self.folder}
        self.copied_count += 1
        self.copied_bytes += size_of(path)

    def _note(self, key: str, trouble: Trouble) -> None:
        self.troubles.append(Troubled(key=key, trouble=trouble))
