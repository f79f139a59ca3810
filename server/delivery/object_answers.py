"""What an asset is made of, as answers: named by content, so that it never changes."""

import re
from concurrent.futures import Executor

from server.delivery import http
from server.delivery.object_sender import ObjectSender, Wanted
from storage.store import ObjectStore

OBJECT_NAME = re.compile(r"[0-9a-f]{64}\.(?:m4s|vtt|jpg|webp|png|pdf|json)")
_TYPE_OF = {
    "m4s": b"video/mp4",
    "vtt": b"text/vtt; charset=utf-8",
    "jpg": b"image/jpeg",
    "webp": b"image/webp",
    "png": b"image/png",
    "pdf": b"application/pdf",
    "json": b"application/json",
}
# Encoded once: each of these goes out with every range.
_ALWAYS = http.encoded((*http.OPEN_TO_ALL, ("Cache-Control", "private, max-age=43200, immutable")))


class ObjectAnswers:
    """Answers requests for one object each."""

    def __init__(self, store: ObjectStore, executor: Executor) -> None:
        """Take threads for questions to the store."""
        self._send = ObjectSender(store, executor)

    async def __call__(
        self, scope: http.Scope, receive: http.Receive, send: http.Send, key: str
    ) -> None:
        """Answer with the object `key`, whose name matches OBJECT_NAME. Raises Refused."""
        wanted_range, if_range, if_none_match = _conditions(scope)
        sha256, _, suffix = key.rpartition("/")[2].partition(".")
        etag = b'"%s"' % sha256.encode()
        headers = [*_ALWAYS, (b"etag", etag)]
        if if_none_match and _names(if_none_match, etag):
            start = {"type": "http.response.start", "status": http.NOT_MODIFIED, "headers": headers}
            await send(start)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        headers.append((b"content-type", _TYPE_OF[suffix]))
        # If-Range that names another version than ours: then the range is not meant for this one.
        wanted = Wanted(key, wanted_range if if_range in {b"", etag} else "", headers)
        await self._send(scope, receive, send, wanted)


def _conditions(scope: http.Scope) -> tuple[str, bytes, bytes]:
    """Return Range, If-Range and If-None-Match, empty where they are missing."""
    wanted, if_range, if_none_match = b"", b"", b""
    for name, value in scope["headers"]:
        if name == b"range":
            wanted = value
        elif name == b"if-range":
            if_range = value
        elif name == b"if-none-match":
            if_none_match = value
    return wanted.decode("latin-1"), if_range, if_none_match


def _names(if_none_match: bytes, etag: bytes) -> bool:
    tags = {tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")}
    return etag in tags or b"*" in tags
