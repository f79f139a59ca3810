"""Objects as files in one folder: what the embedded mode uses.

What a method has stored is on the disk when it returns, with its name: a row may name it then.
"""

import errno
import filecmp
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from storage.keys import check_key, check_prefix
from storage.store import (
    PART_BYTES,
    ObjectExists,
    ObjectInfo,
    ObjectNotFound,
    StoredPart,
    StoreError,
    StoreFull,
    UnfinishedObject,
)
from storage.syncing import make_folder, sync, sync_names

# EFBIG: what a limit on file sizes says where a full disk would say ENOSPC.
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HIDDEN = ".incoming"  # no key starts with "."


@contextmanager
def _store_errors(key: str) -> Iterator[None]:
    """Turn what the operating system raises into the port's errors."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectNotFound(key) from error
    except OSError as error:
        kind = StoreFull if error.errno in _NO_SPACE else StoreError
        raise kind(f"{key}: {error}") from error


class FolderStore:
    """An ObjectStore whose objects are files below `root`; also HasPaths."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._incoming = self._root / _HIDDEN

    def path_of(self, key: str) -> Path:
        return self._root / check_key(key)

    def put_file(self, key: str, path: Path, *, content_type: str) -> None:  # noqa: ARG002 (files have none)
        target = self.path_of(key)
        with _store_errors(key):
            if self._is_kept(target, path):
                return
            with self._incoming_file() as arriving:
                shutil.copyfile(path, arriving)
                self._publish(arriving, target)

    def put_bytes(self, key: str, content: bytes, *, content_type: str) -> None:  # noqa: ARG002
        target = self.path_of(key)
        with _store_errors(key), self._incoming_file() as arriving:
            arriving.write_bytes(content)
            if not self._is_kept(target, arriving):
                self._publish(arriving, target)

    def get_file(self, key: str, path: Path) -> None:
        with _store_errors(key):
            shutil.copyfile(self.path_of(key), path)

    def read_range(self, key: str, start: int, length: int) -> bytes:
        with _store_errors(key), self.path_of(key).open("rb") as file:
            return os.pread(file.fileno(), max(length, 0), start)

    def stat(self, key: str) -> ObjectInfo:
        with _store_errors(key):
            return _info(key, self.path_of(key))

    def list_keys(self, prefix: str) -> Iterator[ObjectInfo]:
        with _store_errors(prefix):
            yield from self._walk(check_prefix(prefix))

    def copy(self, key: str, to_key: str) -> None:
        source, target = self.path_of(key), self.path_of(to_key)
        with _store_errors(key):
            if not self._is_kept(target, source):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(source)
                self._keep(target)

    def delete(self, key: str) -> None:
        with _store_errors(key):
            self.path_of(key).unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> None:
        with _store_errors(prefix):
            for info in list(self._walk(check_prefix(prefix))):
                self.path_of(info.key).unlink(missing_ok=True)
            if prefix:
                shutil.rmtree(self._root / prefix, ignore_errors=True)  # the empty folders

    def start_multipart(self, key: str, *, content_type: str) -> str:  # noqa: ARG002
        check_key(key)
        multipart_id = secrets.token_hex(16)
        with _store_errors(key):
            make_folder(self._incoming)
            self._multipart_path(multipart_id).touch(exist_ok=False)
            sync(self._incoming)
        return multipart_id

    def put_part(self, key: str, multipart_id: str, number: int, content: Path) -> StoredPart:
        with _store_errors(key), self._multipart_path(multipart_id).open("r+b") as file:
            file.seek((number - 1) * PART_BYTES)
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, 2**20)
            file.flush()
            os.fsync(file.fileno())
            size_bytes = file.tell() - (number - 1) * PART_BYTES
        return StoredPart(number=number, tag=str(number), size_bytes=size_bytes)

    def finish_multipart(self, key: str, multipart_id: str, parts: list[StoredPart]) -> None:
        target, arriving = self.path_of(key), self._multipart_path(multipart_id)
        size_bytes = sum(part.size_bytes for part in parts)
        with _store_errors(key):
            if not arriving.exists() and target.exists() and target.stat().st_size == size_bytes:
                self._keep(target)
                return
            os.truncate(arriving, size_bytes)
            if self._is_kept(target, arriving):
                arriving.unlink()
            else:
                self._publish(arriving, target)

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        """Leave out the last one: a power cut may have torn it."""
        with _store_errors(key):
            whole_count = self._multipart_path(multipart_id).stat().st_size // PART_BYTES
        return [
            StoredPart(number=number, tag=str(number), size_bytes=PART_BYTES)
            for number in range(1, whole_count)
        ]

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        with _store_errors(key):
            self._multipart_path(multipart_id).unlink(missing_ok=True)
            self._new_path(multipart_id).unlink(missing_ok=True)

    def list_unfinished(self) -> Iterator[UnfinishedObject]:
        with _store_errors(_HIDDEN):
            for path in self._incoming.glob("*.*"):
                with suppress(FileNotFoundError):  # finished meanwhile
                    began_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    yield UnfinishedObject("", path.stem, began_at, is_copy=path.suffix == ".new")

    def check(self) -> None:
        key = f"check/{secrets.token_hex(8)}"
        self.put_bytes(key, key.encode(), content_type="text/plain")
        if self.read_range(key, 0, len(key)) != key.encode():
            raise StoreError("what was written cannot be read back")
        self.delete(key)

    def _multipart_path(self, multipart_id: str) -> Path:
        return self._incoming / f"{check_key(multipart_id)}.multipart"

    def _new_path(self, name: str) -> Path:
        return self._incoming / f"{check_key(name)}.new"

    @contextmanager
    def _incoming_file(self) -> Iterator[Path]:
        """Give a new name to write under; nothing is left of it afterwards."""
        make_folder(self._incoming)
        arriving = self._new_path(secrets.token_hex(16))
        try:
            yield arriving
        finally:
            arriving.unlink(missing_ok=True)

    def _publish(self, arriving: Path, target: Path) -> None:
        """Make a whole file visible under its name, and make both outlive a power cut."""
        sync(arriving)
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving.replace(target)
        sync_names(target, up_to=self._root)

    def _is_kept(self, target: Path, source: Path) -> bool:
        """Return whether the object is there; one that was just stored elsewhere is synced too."""
        if not _is_there(target, source):
            return False
        self._keep(target)
        return True

    def _keep(self, target: Path) -> None:
        sync(target)
        sync_names(target, up_to=self._root)

    def _walk(self, prefix: str) -> Iterator[ObjectInfo]:
        for folder, folders, names in os.walk(self._root / prefix):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = Path(folder) / name
                with suppress(FileNotFoundError):  # deleted meanwhile
                    yield _info(path.relative_to(self._root).as_posix(), path)


def _is_there(target: Path, source: Path) -> bool:
    """Return whether `target` holds the bytes of `source`. Raises ObjectExists for others."""
    if not target.exists():
        return False
    if not filecmp.cmp(target, source, shallow=False):
        raise ObjectExists(str(target))
    return True


def _info(key: str, path: Path) -> ObjectInfo:
    facts = path.stat()
    return ObjectInfo(key, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))
