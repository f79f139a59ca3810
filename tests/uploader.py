"""A person's browser that uploads, through both halves of the server."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.models.library import Original
from server.wiring import Wiring
from storage.store import PART_BYTES
from tests.asgi_client import Answer, AsgiClient
from tests.browsing import Visitor

TUS = {"Tus-Resumable": "1.0.0"}
SMALL = b"small file " * 1000
LARGE = bytes(range(256)) * (PART_BYTES // 256) + SMALL  # a part and a bit


@dataclass
class Uploader:
    """A person's browser that uploads."""

    visitor: Visitor
    asgi: AsgiClient

    def create(
        self, size: int | str, *, name: str = "บทที่ 1.mp4", fingerprint: str = ""
    ) -> TestResponse:
        metadata = f"filename {encoded(name)},fingerprint {encoded(fingerprint)}"
        headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
        return self.visitor.post("/files/", headers={**headers, "X-CSRFToken": self.visitor.csrf})

    def begin(self, size: int, **facts: Any) -> str:
        answer = self.create(size, **facts)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def head(self, url: str) -> TestResponse:
        return self.visitor.head(url, headers=TUS)

    def cancel(self, url: str) -> TestResponse:
        return self.visitor.delete(url, headers={**TUS, "X-CSRFToken": self.visitor.csrf})

    def patch(
        self, url: str, offset: int, body: bytes, *, is_cut: bool = False, **headers: str
    ) -> Answer:
        pieces = [body[start : start + 100_000] for start in range(0, len(body), 100_000)]
        return self.asgi.call(
            "PATCH", url, body=pieces, is_cut=is_cut, **patch_headers(offset, **headers)
        )

    def send(self, content: bytes, **facts: Any) -> UUID:
        """Upload at once; return the original's id."""
        answer = self.patch(self.begin(len(content), **facts), 0, content)
        assert answer.status == 204, answer
        return UUID(answer.headers["upload-original"])


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def patch_headers(offset: int, **headers: str) -> dict[str, str]:
    usual = {
        "tus_resumable": "1.0.0",
        "upload_offset": str(offset),
        "content_type": "application/offset+octet-stream",
    }
    return {**usual, **headers}


def stored_bytes(session: Session, wiring: Wiring, original_id: UUID) -> bytes:
    original = session.get_one(Original, original_id)
    return wiring.store.read_range(original.asset.original_key, 0, 2**30)
