"""Bytes of uploads that do not fill a part yet, in a folder of this machine.

A file is named after its upload and the offset at which it begins. So when the server dies after
recording a part and before dropping the part's file, that file is known to be of the past.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from server.models.library import Upload
from storage.store import StoreError
from storage.syncing import sync


@dataclass(frozen=True, slots=True)
class Spool:
    """Where the bytes behind `Upload.stored_bytes` wait."""

    path: Path

    def file_of(self, upload_id: UUID, base_bytes: int) -> Path:
        """Return the file of the bytes from `base_bytes` on; it may not be there."""
        return self.path / f"{upload_id}.{base_bytes}"

    def offset_of(self, upload: Upload) -> int:
        """Return how many bytes of the upload have arrived and are kept, also after a power cut.

        Whoever is told does not send them again. Raises StoreError.
        """
        waiting_bytes = self._synced_bytes(self.file_of(upload.id, upload.stored_bytes))
        return min(upload.stored_bytes + waiting_bytes, upload.size_bytes)

    def make_file(self, upload_id: UUID, base_bytes: int) -> int:
        """Open the file to append to, its name on the disk; return its descriptor."""
        path = self.file_of(upload_id, base_bytes)
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if is_new:
            sync(self.path)
        return descriptor

    def _synced_bytes(self, file: Path) -> int:
        try:
            size_bytes = file.stat().st_size  # first: what is appended meanwhile is not synced
            if size_bytes:
                sync(file)
        except FileNotFoundError:
            return 0  # its part is in the store by now
        except OSError as error:
            raise StoreError(f"spool: {error}") from error
        return size_bytes

    def drop(self, upload_id: UUID, *, keep_base_bytes: int | None = None) -> None:
        """Remove the upload's files, but for the one that begins at `keep_base_bytes`."""
        for file in self.path.glob(f"{upload_id}.*"):
            if file.name != f"{upload_id}.{keep_base_bytes}":
                file.unlink(missing_ok=True)

    def drop_strangers(self, read_ids: Callable[[], set[UUID]]) -> None:
        """Remove files of uploads that are no more.

        The ids are read after the files were seen: an upload is there before its first file.
        """
        files = [file for file in self.path.glob("*.*") if file.is_file()]
        known = {str(upload_id) for upload_id in read_ids()}
        for file in files:
            if file.name.partition(".")[0] not in known:
                file.unlink(missing_ok=True)
