"""Appends arriving bytes to an upload: to the spool, and part by part to the store."""

import hashlib
import os
from collections import OrderedDict
from types import TracebackType
from typing import Self
from uuid import UUID

from server.errors import Conflict
from server.models.library import Upload
from server.request_context import Wired
from server.services.spool import Spool
from server.services.upload import finish_upload, record_part
from storage.store import PART_BYTES, StoreError, StoreFull

_MANY = 500


class Hashers:
    """SHA-256 of uploads as far as they have arrived; forgotten when the server restarts."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, tuple[int, hashlib._Hash]] = OrderedDict()

    def take(self, upload_id: UUID, offset_bytes: int) -> "hashlib._Hash | None":
        """Return the hash of the first `offset_bytes` bytes to go on with, if it is known."""
        if offset_bytes == 0:
            return hashlib.sha256()
        at_bytes, hasher = self._kept.pop(upload_id, (0, None))
        return hasher if at_bytes == offset_bytes else None

    def keep(self, upload_id: UUID, offset_bytes: int, hasher: "hashlib._Hash | None") -> None:
        """Remember it for the next request."""
        if hasher is not None:
            self._kept[upload_id] = (offset_bytes, hasher)
            if len(self._kept) > _MANY:
                self._kept.popitem(last=False)


class SpoolWriter:
    """Blocking; for one request at a time. Whatever was written is kept, also when it fails."""

    def __init__(self, wired: Wired, upload: Upload, hashers: Hashers) -> None:
        self._wired, self._upload, self._hashers = wired, upload, hashers
        self._spool = Spool(wired.settings.spool_path)
        self._spool.drop(upload.id, keep_base_bytes=upload.stored_bytes)
        self._base_bytes = upload.stored_bytes
        self.offset_bytes = self._spool.offset_of(upload)
        self._hasher = hashers.take(upload.id, self.offset_bytes)
        self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._close()
        self._hashers.keep(self._upload.id, self.offset_bytes, self._hasher)

    def write(self, content: bytes) -> None:
        """Append. Raises StorageFull before the disk's reserve is touched.

        Else StoreFull, StoreError, Conflict (another server went on with it).
        """
        self._wired.room.check(len(content))
        view = memoryview(content)
        while view:
            room_bytes = self._base_bytes + PART_BYTES - self.offset_bytes
            if not room_bytes:
                self.store_part()
                continue
            view = view[self._append(view[:room_bytes]) :]
        if self.offset_bytes == self._base_bytes + PART_BYTES:
            self.store_part()

    def sync(self) -> None:
        """Have what has arrived on the disk: after this its offset may be told.

        Raises StoreError; then what may be torn is forgotten, and is sent once more.
        """
        try:
            self._spool.sync(self._upload.id, self._base_bytes)
        except StoreError:
            left_bytes = self._spool.cut_back(self._upload.id, self._base_bytes)
            self.offset_bytes, self._hasher = self._base_bytes + left_bytes, None
            raise

    def finish(self) -> UUID:
        """Store the rest and make the original, when all bytes are there; return its id."""
        if self.offset_bytes > self._base_bytes:
            self.store_part()
        self._spool.drop(self._upload.id)
        sha256 = self._hasher.hexdigest() if self._hasher else None
        with self._wired.sessions() as session:
            original = finish_upload(
                session,
                self._wired.clock,
                self._wired.store,
                upload_id=self._upload.id,
                sha256=sha256,
            )
        return original.id

    def store_part(self) -> None:
        """Move the spool file into the store: row before removal, so that a crash loses nothing."""
        self._close()
        file = self._spool.file_of(self._upload.id, self._base_bytes)
        number = self._base_bytes // PART_BYTES + 1
        part = self._wired.store.put_part(
            self._upload.object_key, self._upload.multipart_id, number, file
        )
        with self._wired.sessions() as session:
            record_part(
                session,
                self._wired.clock,
                upload_id=self._upload.id,
                base_bytes=self._base_bytes,
                part=part,
            )
        self._spool.drop_file(self._upload.id, self._base_bytes)
        self._base_bytes += part.size_bytes

    def _append(self, view: memoryview) -> int:
        try:
            if self._file < 0:
                path = self._spool.file_of(self._upload.id, self._base_bytes)
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(path, flags, 0o600)
            count = os.write(self._file, view)
        except OSError as error:
            raise StoreFull(f"spool: {error}") from error
        if self._hasher:
            self._hasher.update(view[:count])
        self.offset_bytes += count
        return count

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def finish_if_complete(wired: Wired, upload: Upload, hashers: Hashers) -> UUID | None:
    """Finish an upload whose last byte arrived just before the server died; else do nothing.

    Returns the original's id once there is one. Raises StoreError.
    """
    if upload.original_id or Spool(wired.settings.spool_path).offset_of(upload) < upload.size_bytes:
        return upload.original_id
    try:
        with SpoolWriter(wired, upload, hashers) as writer:
            return writer.finish()
    except (
        Conflict,
        FileNotFoundError,
    ) as error:  # the request that brought the last byte is at it
        raise StoreError("being finished") from error
