"""tus 1.0: what both halves of it say in headers."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import NamedTuple

from server.delivery.http import BAD_REQUEST, Refused
from server.models.library import Upload
from server.settings import Settings

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,checksum,expiration"
CHECKSUMS = {"sha1": "sha1", "sha256": "sha256"}
BODY_TYPE = "application/offset+octet-stream"
COMMON = (("Tus-Resumable", VERSION), ("Cache-Control", "no-store"))


class Checksum(NamedTuple):
    """What the client says of one request's body."""

    algorithm: str
    digest: bytes


def capabilities(settings: Settings) -> dict[str, str]:
    """Return what OPTIONS answers."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.max_upload_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }


def upload_headers(
    upload: Upload, offset_bytes: int, settings: Settings
) -> tuple[tuple[str, str], ...]:
    """Return offset, expiry and, once finished, the original's id."""
    expires_at = upload.touched_at + timedelta(days=settings.upload_expiry_days)
    expiry = format_datetime(expires_at.astimezone(UTC), usegmt=True)
    headers = [*COMMON, ("Upload-Offset", str(offset_bytes)), ("Upload-Expires", expiry)]
    if upload.original_id:
        headers.append(("Upload-Original", str(upload.original_id)))
    return tuple(headers)


def parse_metadata(header: str) -> dict[str, str]:
    """Return Upload-Metadata ("key base64,key base64"). Raises Refused."""
    pairs = (pair.strip().partition(" ") for pair in header.split(",") if pair.strip())
    try:
        return {
            key: b64decode(value.strip(), validate=True).decode("utf-8", "replace")
            for key, _, value in pairs
        }
    except (binascii.Error, ValueError) as error:
        raise Refused(BAD_REQUEST, "bad_metadata") from error


def metadata_header(values: Mapping[str, str]) -> str:
    """Return the value of Upload-Metadata."""
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in values.items())


def parse_length(value: str | None, name: str) -> int:
    """Return a header that is a number of bytes. Raises Refused."""
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 18:  # noqa: PLR2004
        raise Refused(BAD_REQUEST, f"bad_{name}")
    return int(value)


def parse_checksum(header: str | None) -> Checksum | None:
    """Return Upload-Checksum ("sha1 base64"). Raises Refused."""
    if not header:
        return None
    algorithm, _, digest = header.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise Refused(BAD_REQUEST, "unknown_checksum_algorithm")
    try:
        return Checksum(algorithm, b64decode(digest, validate=True))
    except (binascii.Error, ValueError) as error:
        raise Refused(BAD_REQUEST, "bad_checksum") from error


def check_version(value: str | None) -> None:
    """Raise Refused when the client speaks another version of tus."""
    if value != VERSION:
        raise Refused(412, "tus_version", (("Tus-Version", VERSION),))
