"""Objects in a bucket of any S3 server, such as MinIO or SeaweedFS."""

import hashlib
import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.datatypes import Part
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, S3Error, ServerError

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

_MISSING = {"NoSuchKey", "NoSuchUpload", "NoSuchObject", "NoSuchBucket", "NotFound"}
_FULL = {
    "XMinioStorageFull",
    "XMinioAdminBucketQuotaExceeded",
    "StorageFull",
    "InsufficientCapacity",
    "QuotaExceeded",
}
_INSUFFICIENT_STORAGE = 507
_SHA256 = "x-amz-meta-sha256"
_COPY_LIMIT_BYTES = 5 * 2**30  # S3 copies no more in one request
_BLOCK_BYTES = 2**20


@contextmanager
def _store_errors(key: str) -> Iterator[None]:
    """Turn what the client raises into the port's errors."""
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING:
            raise ObjectNotFound(f"{key}: {error.code}") from error
        is_full = error.code in _FULL or error.response.status == _INSUFFICIENT_STORAGE
        kind = StoreFull if is_full else StoreError
        raise kind(f"{key}: {error.code} {error.message}") from error
    except ServerError as error:
        is_full = error.status_code == _INSUFFICIENT_STORAGE
        raise (StoreFull if is_full else StoreError)(f"{key}: {error}") from error
    except (InvalidResponseError, urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreError(f"{key}: {error}") from error


class S3Store:
    """An ObjectStore in one bucket, which check() makes if it is not there."""

    def __init__(self, url: str) -> None:
        """Take s3://KEY:SECRET@HOST:PORT/BUCKET?secure=0&region=…; opens no connection."""
        address = urlsplit(url)
        options = parse_qs(address.query)
        self._bucket = address.path.strip("/")
        self._client = Minio(
            address.netloc.rpartition("@")[2],
            access_key=unquote(address.username or ""),
            secret_key=unquote(address.password or ""),
            secure=options.get("secure", ["1"])[0] == "1",
            region=options.get("region", ["us-east-1"])[0],  # given, so that nobody asks for it
            http_client=_connections(),
        )

    def put_file(self, key: str, path: Path, *, content_type: str) -> None:
        check_key(key)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with _store_errors(key):
            if not self._is_there(key, path.stat().st_size, sha256):
                self._client.fput_object(
                    self._bucket, key, str(path), content_type, metadata={_SHA256: sha256}
                )

    def put_bytes(self, key: str, content: bytes, *, content_type: str) -> None:
        check_key(key)
        sha256 = hashlib.sha256(content).hexdigest()
        with _store_errors(key):
            if not self._is_there(key, len(content), sha256):
                self._client.put_object(
                    self._bucket,
                    key,
                    io.BytesIO(content),
                    len(content),
                    content_type,
                    metadata={_SHA256: sha256},
                )

    def get_file(self, key: str, path: Path) -> None:
        with _store_errors(key), path.open("wb") as file:
            for block in self._blocks(check_key(key)):
                file.write(block)

    def read_range(self, key: str, start: int, length: int) -> bytes:
        check_key(key)
        if length <= 0:
            return b""
        try:
            with _store_errors(key):
                return b"".join(self._blocks(key, start, length))
        except StoreError as error:
            if "InvalidRange" in str(error):  # begins behind the end
                return b""
            raise

    def stat(self, key: str) -> ObjectInfo:
        with _store_errors(key):
            found = self._client.stat_object(self._bucket, check_key(key))
        return ObjectInfo(key, found.size or 0, found.last_modified or datetime.now(UTC))

    def list_keys(self, prefix: str) -> Iterator[ObjectInfo]:
        with _store_errors(prefix):
            for found in self._client.list_objects(
                self._bucket, prefix=check_prefix(prefix), recursive=True
            ):
                modified_at = found.last_modified or datetime.now(UTC)
                yield ObjectInfo(found.object_name or "", found.size or 0, modified_at)

    def copy(self, key: str, to_key: str) -> None:
        source = CopySource(self._bucket, check_key(key))
        size_bytes = self.stat(key).size_bytes
        with _store_errors(key):
            if self._find(check_key(to_key)) is not None:
                if self._digest(key) != self._digest(to_key):
                    raise ObjectExists(to_key)
            elif size_bytes < _COPY_LIMIT_BYTES:
                self._client.copy_object(self._bucket, to_key, source)
            else:
                self._client.compose_object(self._bucket, to_key, [source])  # type: ignore[list-item]

    def delete(self, key: str) -> None:
        with _store_errors(key):
            self._client.remove_object(self._bucket, check_key(key))

    def delete_prefix(self, prefix: str) -> None:
        doomed = [DeleteObject(info.key) for info in self.list_keys(prefix)]
        with _store_errors(prefix):
            failures = list(self._client.remove_objects(self._bucket, doomed))
        if failures:
            raise StoreError(f"{prefix}: {failures[0]}")

    def start_multipart(self, key: str, *, content_type: str) -> str:
        with _store_errors(key):
            return self._client._create_multipart_upload(  # noqa: SLF001 (no public way to go on later)
                self._bucket, check_key(key), {"Content-Type": content_type}
            )

    def put_part(self, key: str, multipart_id: str, number: int, content: Path) -> StoredPart:
        data = content.read_bytes()  # PART_BYTES at most
        with _store_errors(key):
            tag = self._client._upload_part(  # noqa: SLF001
                self._bucket, check_key(key), data, None, multipart_id, number
            )
        return StoredPart(number=number, tag=tag, size_bytes=len(data))

    def finish_multipart(self, key: str, multipart_id: str, parts: list[StoredPart]) -> None:
        receipts = [Part(part.number, part.tag) for part in parts]
        try:
            with _store_errors(key):
                self._client._complete_multipart_upload(  # noqa: SLF001
                    self._bucket, check_key(key), multipart_id, receipts
                )
        except ObjectNotFound:
            if self.stat(key).size_bytes != sum(part.size_bytes for part in parts):
                raise

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        with _store_errors(key):
            found = self._client._list_parts(  # noqa: SLF001
                self._bucket, check_key(key), multipart_id
            )
        parts = sorted(found.parts, key=lambda part: part.part_number)
        whole = [
            StoredPart(number=part.part_number, tag=part.etag, size_bytes=part.size or 0)
            for number, part in enumerate(parts, start=1)
            if part.part_number == number
        ]
        return list(takewhile(lambda part: part.size_bytes == PART_BYTES, whole))

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        try:
            with _store_errors(key):
                self._client._abort_multipart_upload(  # noqa: SLF001
                    self._bucket, check_key(key), multipart_id
                )
        except ObjectNotFound:
            return

    def list_unfinished(self) -> Iterator[UnfinishedObject]:
        with _store_errors(self._bucket):
            found = self._client._list_multipart_uploads(self._bucket)  # noqa: SLF001
        for upload in found.uploads:
            began_at = upload.initiated_time or datetime.now(UTC)
            yield UnfinishedObject(unquote(upload.object_name), upload.upload_id or "", began_at)

    def check(self) -> None:
        with _store_errors(self._bucket):
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket)
        key = f"check/{secrets.token_hex(8)}"
        self.put_bytes(key, key.encode(), content_type="text/plain")
        if self.read_range(key, 0, len(key)) != key.encode():
            raise StoreError("what was written cannot be read back")
        self.delete(key)

    def _blocks(self, key: str, start: int = 0, length: int = 0) -> Iterator[bytes]:
        """Yield the object, or `length` bytes of it, in blocks; gives the connection back."""
        response = self._client.get_object(self._bucket, key, offset=start, length=length)
        try:
            yield from response.stream(_BLOCK_BYTES)
        finally:
            response.close()
            response.release_conn()

    def _is_there(self, key: str, size_bytes: int, sha256: str) -> bool:
        """Return whether these bytes are stored already. Raises ObjectExists if others are."""
        found = self._find(key)
        if found is None:
            return False
        if found != size_bytes or self._digest(key) != sha256:
            raise ObjectExists(key)
        return True

    def _find(self, key: str) -> int | None:
        try:
            return self.stat(key).size_bytes
        except ObjectNotFound:
            return None

    def _digest(self, key: str) -> str:
        """Return the SHA-256 of an object: as noted when it was put, else by reading it."""
        metadata = self._client.stat_object(self._bucket, key).metadata or {}
        if noted := {name.lower(): value for name, value in metadata.items()}.get(_SHA256):
            return str(noted)
        hasher = hashlib.sha256()
        for block in self._blocks(key):
            hasher.update(block)
        return hasher.hexdigest()


def _connections() -> urllib3.PoolManager:
    """Give up on a dead server after some seconds, and on a slow one after a minute."""
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=5, read=60),
        maxsize=32,
        retries=urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
    )
