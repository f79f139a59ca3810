"""Bytes of uploads that do not fill a part yet, in a folder of this machine.

A file is named after its upload and the offset at which it begins. So when the server dies after
recording a part and before dropping the part's file, that file is known to be of the past.

Beside it a note says how much of it was synced, and only that much is told to anybody. After a
power cut a file may be longer than its note, with zeros where bytes had not reached the disk yet:
what is behind the note is forgotten then, and sent once more.
"""

import errno
import fcntl
import os
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from server.models.library import Upload
from storage.store import StoreError, StoreFull
from storage.syncing import sync

KEPT_S = 30 * 24 * 3600.0  # files of which no row knows
_NOTE = struct.Struct("<Q")
_NOTED = ".noted"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Return what is another one each time the machine starts; empty where nobody says."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Spool:
    """Where the bytes behind `Upload.stored_bytes` wait."""

    path: Path

    @property
    def boot_path(self) -> Path:
        """Where it stands at which start of the machine the files were written."""
        return self.path.with_name(f"{self.path.name}.boot")

    def file_of(self, upload_id: UUID, base_bytes: int) -> Path:
        """Return the file of the bytes from `base_bytes` on; it may not be there."""
        return self.path / f"{upload_id}.{base_bytes}"

    def offset_of(self, upload: Upload) -> int:
        """Return how many bytes of the upload have arrived and are kept, also after a power cut.

        Whoever is told does not send them again. Raises StoreError.
        """
        waiting_bytes = self.sync(upload.id, upload.stored_bytes)
        return min(upload.stored_bytes + waiting_bytes, upload.size_bytes)

    def sync(self, upload_id: UUID, base_bytes: int) -> int:
        """Have a file on the disk, and a note of how long it is; return that.

        Raises StoreFull, StoreError.
        """
        file = self.file_of(upload_id, base_bytes)
        try:
            size_bytes = file.stat().st_size  # first: what is appended meanwhile is not synced
            noted_bytes = _noted_bytes(file)
            if size_bytes > noted_bytes:
                sync(file)
            if size_bytes != noted_bytes:
                _note(file, size_bytes)
        except FileNotFoundError:
            return 0  # nothing has come, or its part is in the store by now
        except OSError as error:
            kind = StoreFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError
            raise kind(f"spool: {error}") from error
        return size_bytes

    def cut_back(self, upload_id: UUID, base_bytes: int) -> int:
        """Forget what could not be synced; return how much is left. Raises OSError."""
        return _cut_back(self.file_of(upload_id, base_bytes))

    def drop_file(self, upload_id: UUID, base_bytes: int) -> None:
        """Remove one file and its note."""
        file = self.file_of(upload_id, base_bytes)
        file.unlink(missing_ok=True)
        _note_of(file).unlink(missing_ok=True)

    def drop(self, upload_id: UUID, *, keep_base_bytes: int | None = None) -> None:
        """Remove the upload's files, but for the one that begins at `keep_base_bytes`."""
        for file in self.path.glob(f"{upload_id}.*"):
            if file.name.removesuffix(_NOTED) != f"{upload_id}.{keep_base_bytes}":
                file.unlink(missing_ok=True)

    def drop_strangers(self, read_ids: Callable[[], set[UUID]]) -> None:
        """Remove files of uploads that are no more, and were not touched for a month.

        Until then the check may find that a row was lost and make it anew. The ids are read after
        the files were seen: an upload is there before its first file.
        """
        files = [file for file in self.path.glob("*.*") if _is_old(file)]
        known = {str(upload_id) for upload_id in read_ids()}
        for file in files:
            if file.name.partition(".")[0] not in known:
                file.unlink(missing_ok=True)

    def forget_torn(self, boot: str) -> None:
        """Cut all files back to their notes if the machine was started anew, before any is used.

        Without a reboot everything that was written is there, also after `kill -9`.
        """
        path = self.boot_path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+") as last:
            fcntl.flock(last, fcntl.LOCK_EX)  # of several servers that start, one does it
            known = last.read()  # empty: files of a version that made no notes stay as they are
            if known == boot:
                return
            for file in self.path.glob("*.*") if known else ():
                if file.suffix.removeprefix(".").isdecimal():
                    _cut_back(file)
            last.seek(0)
            last.truncate()
            last.write(boot)
            last.flush()
            os.fsync(last.fileno())
            sync(path.parent)


def _is_old(file: Path) -> bool:
    with suppress(FileNotFoundError):
        return file.stat().st_mtime < time.time() - KEPT_S
    return False


def _note_of(file: Path) -> Path:
    return file.with_name(file.name + _NOTED)


def _noted_bytes(file: Path) -> int:
    with suppress(FileNotFoundError, struct.error):
        return int(_NOTE.unpack(_note_of(file).read_bytes())[0])
    return 0


def _note(file: Path, size_bytes: int) -> None:
    path = _note_of(file)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(descriptor, _NOTE.pack(size_bytes), 0)
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync(path.parent)  # the names of both


def _cut_back(file: Path) -> int:
    noted_bytes = min(_noted_bytes(file), file.stat().st_size)
    os.truncate(file, noted_bytes)
    sync(file)
    return noted_bytes
