"""The port to where objects are kept, and what can go wrong there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable


class StoreError(Exception):
    """The store could not do it; trying again later may help."""


class ObjectNotFound(StoreError):
    """No object under this key."""


class ObjectExists(StoreError):
    """Other bytes are under this key already."""


class StoreFull(StoreError):
    """No space left."""


class BadKey(ValueError):
    """Not a key: absolute, empty, or with "..", "//" or odd characters in it."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One stored object."""

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One piece of a multipart upload. `number` counts from 1; `tag` is the store's receipt."""

    number: int
    tag: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class UnfinishedObject:
    """An object that began to arrive in pieces; `key` is empty where the store does not know it."""

    key: str
    multipart_id: str
    began_at: datetime
    is_copy: bool = False  # of something that is elsewhere, too


class ObjectStore(Protocol):
    """Keeps originals and parts under keys such as "assets/018f…/9b3c….m4s".

    Keys are relative, use "/", and never hold "..". Every method raises StoreError on failure.
    What was stored outlives a power cut from the moment the method returns.
    """

    def put_file(self, key: str, path: Path, *, content_type: str) -> None:
        """Store the file under `key`. Readers never see half a file.

        The same bytes again are fine; raises ObjectExists if others are there.
        """

    def put_bytes(self, key: str, content: bytes, *, content_type: str) -> None:
        """Store small content under `key`, as put_file does."""

    def get_file(self, key: str, path: Path) -> None:
        """Copy the object to `path`. Raises ObjectNotFound."""

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`; fewer only at the end. Raises ObjectNotFound."""

    def stat(self, key: str) -> ObjectInfo:
        """Return size and time. Raises ObjectNotFound."""

    def list_keys(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield every object under `prefix` (a folder, ending in "/", or "" for all), unsorted."""

    def copy(self, key: str, to_key: str) -> None:
        """Give the same bytes a second name, as objects never change; each is deleted by itself.

        Raises ObjectNotFound, ObjectExists.
        """

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens if there is none."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object under the folder `prefix`."""

    def start_multipart(self, key: str, *, content_type: str) -> str:
        """Begin an object that arrives in pieces; return its multipart id."""

    def put_part(self, key: str, multipart_id: str, number: int, content: Path) -> StoredPart:
        """Store one piece. All but the last are PART_BYTES long.

        Again with the same number replaces it.
        """

    def finish_multipart(self, key: str, multipart_id: str, parts: list[StoredPart]) -> None:
        """Make the object visible. Again after success does nothing."""

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        """Return the pieces that are surely whole, in order, without a gap."""

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        """Drop the pieces; nothing happens if there are none."""

    def list_unfinished(self) -> Iterator[UnfinishedObject]:
        """Yield what arrives in pieces now, and what a crash has left; abort_multipart drops it."""

    def check(self) -> None:
        """Write, read and delete a small object. Raises StoreError with what is wrong."""


@runtime_checkable
class HasPaths(Protocol):
    """A store whose objects are files on this machine."""

    def path_of(self, key: str) -> Path:
        """Return where the object is; the file may not exist. Raises BadKey."""


PART_BYTES = 8 * 2**20
