"""What players fetch below /v/: playlists from rows, ranges of objects from the store.

Asynchronous, no thread held for a slow client: pieces of at most 256 KiB are read when the client
has taken the one before.
"""

import asyncio
import mimetypes
import re
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import aclosing
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.delivery import http
from server.delivery.gate import PlaybackGate
from server.delivery.pieces import ObjectReader
from server.delivery.playlists import find_document
from server.delivery.ranges import Extent, choose_extent
from server.delivery.tokens import Opened, Refusal, verify
from server.request_context import Wired
from server.services.play import is_playback_allowed
from storage.keys import asset_prefix
from storage.store import ObjectNotFound, StoreError

Result = TypeVar("Result")

PREFIX = "/v/"
OPEN_TO_ALL = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Content-Length, Content-Range, ETag"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
)
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Range, If-None-Match, If-Range"),
    ("Access-Control-Max-Age", "86400"),
    ("Allow", "GET, HEAD, OPTIONS"),
)
_OBJECT_NAME = re.compile(r"([0-9a-f]{64})\.(m4s|vtt|jpg|webp|png|pdf)")
_TYPES = {"m4s": "video/mp4", "vtt": "text/vtt; charset=utf-8", "webp": "image/webp"}
_FOREVER = "private, max-age=43200, immutable"
WATCHED_BYTES = 256 * 1024  # a longer answer is not read to its end for a client that has left


class BytePath:
    """Answers requests whose path begins with /v/."""

    def __init__(self, wired: Wired, executor: Executor) -> None:
        """Take what is outside, and threads for questions to the database and the store."""
        self._wired, self._executor = wired, executor
        self._keys = wired.settings.playback_keys
        self._gate = PlaybackGate(self._ask, executor)
        self._reader = ObjectReader(wired.store, executor)

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        """Answer one request."""
        try:
            await self._answer(scope, receive, send)
        except http.Refused as refused:
            await http.respond(send, http.problem(refused, OPEN_TO_ALL))

    async def _answer(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        method = scope["method"]
        if method == "OPTIONS":
            await http.respond(send, http.Answer(http.NO_CONTENT, OPEN_TO_ALL + _PREFLIGHT))
            return
        if method not in {"GET", "HEAD"}:
            raise http.Refused(http.NOT_ALLOWED, "method_not_allowed")
        opened = await self._open(scope["path"])
        if named := _OBJECT_NAME.fullmatch(opened.name):
            await self._send_object(scope, receive, send, opened, named)
        else:
            document = await self._in_thread(self._document, opened.asset_id, opened.name)
            await http.respond(send, document, is_head=method == "HEAD")

    async def _open(self, path: str) -> Opened:
        """Return what the token in the path opens. Raises Refused."""
        opened = verify(self._keys, path, self._wired.clock())
        if isinstance(opened, Refusal):
            code = "not_found" if opened is Refusal.UNKNOWN else "link_expired"
            raise http.Refused(opened.value, code)
        try:
            is_allowed = await self._gate.is_allowed(opened.session_id, opened.asset_id)
        except SQLAlchemyError as error:
            raise http.Refused(http.UNAVAILABLE, "storage_unavailable") from error
        if not is_allowed:
            raise http.Refused(http.FORBIDDEN, "not_allowed")
        return opened

    async def _send_object(
        self,
        scope: http.Scope,
        receive: http.Receive,
        send: http.Send,
        opened: Opened,
        named: re.Match[str],
    ) -> None:
        sha256, suffix = named.groups()
        headers, etag = http.headers_of(scope), f'"{sha256}"'
        shared = (*OPEN_TO_ALL, ("ETag", etag), ("Cache-Control", _FOREVER))
        if _names(headers.get("if-none-match", ""), etag):
            await http.respond(send, http.Answer(http.NOT_MODIFIED, shared))
            return
        key = asset_prefix(opened.asset_id) + opened.name
        size_bytes = await self._size(key)
        extent = choose_extent(_wanted_range(headers, etag), size_bytes)
        if extent is None:
            total = (("Content-Range", f"bytes */{size_bytes}"),)
            raise http.Refused(http.UNSATISFIABLE, "range_not_satisfiable", total)
        described = (*shared, ("Accept-Ranges", "bytes"), ("Content-Type", _type_of(suffix)))
        await send(_extent_start(described, extent, size_bytes))
        if scope["method"] == "GET" and extent.end > extent.start:
            await self._send_pieces(receive, send, key, extent)
        else:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_pieces(
        self, receive: http.Receive, send: http.Send, key: str, extent: Extent
    ) -> None:
        """Send piece by piece as the client takes them, until it goes away."""
        left = extent.end - extent.start
        gone = asyncio.ensure_future(_until_gone(receive)) if left > WATCHED_BYTES else None
        try:
            async with aclosing(self._reader.pieces(key, extent.start, extent.end)) as pieces:
                async for piece in pieces:
                    left -= len(piece)
                    message = {"type": "http.response.body", "body": piece, "more_body": left > 0}
                    await send(message)
                    if gone and gone.done():
                        return
        finally:
            if gone:
                gone.cancel()

    async def _size(self, key: str) -> int:
        try:
            return await self._reader.size_of(key)
        except ObjectNotFound as error:
            raise http.Refused(http.NOT_FOUND, "not_found") from error
        except StoreError as error:
            raise http.refusal(error) from error

    def _document(self, asset_id: UUID, name: str) -> http.Answer:
        try:
            with Session(self._wired.engine) as session:
                document = find_document(session, asset_id, name)
        except SQLAlchemyError as error:
            raise http.Refused(http.UNAVAILABLE, "storage_unavailable") from error
        if document is None:
            raise http.Refused(http.NOT_FOUND, "not_found")
        cache = ("Cache-Control", f"private, max-age={document.max_age_s}")
        described = (*OPEN_TO_ALL, ("Content-Type", document.content_type), cache)
        return http.Answer(http.OK, described, document.text.encode())

    def _ask(self, session_id: str, asset_id: UUID) -> bool:
        with Session(self._wired.engine) as session:
            return is_playback_allowed(
                session, self._wired.clock, session_id=session_id, asset_id=asset_id
            )

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *arguments)


def _extent_start(headers: http.Headers, extent: Extent, size_bytes: int) -> http.Message:
    """Return how the answer with the bytes of an object begins."""
    described = [*headers, ("Content-Length", str(extent.end - extent.start))]
    if extent.is_part:
        described.append(("Content-Range", f"bytes {extent.start}-{extent.end - 1}/{size_bytes}"))
    return http.response_start(http.PARTIAL if extent.is_part else http.OK, described)


async def _until_gone(receive: http.Receive) -> None:
    """Wait for the client to go away: granian lets one send to nobody without a word."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _wanted_range(headers: dict[str, str], etag: str) -> str | None:
    """Return the Range header, unless If-Range names another version."""
    return headers.get("range") if headers.get("if-range", etag) == etag else None


def _names(if_none_match: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags


def _type_of(suffix: str) -> str:
    found = _TYPES.get(suffix) or mimetypes.guess_type(f"a.{suffix}")[0]
    return found or "application/octet-stream"
