"""Bodies of tus PATCH: to the spool as they arrive, no thread held, nothing collected in memory.

Flask says who it is; then bytes go to disk in threads that are free between pieces. A second
request for an upload stops an older one that stalls (a phone that came back on another line).
"""

import asyncio
import hashlib
import hmac
import io
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import aclosing, asynccontextmanager
from http.cookies import CookieError
from typing import Any, TypeVar
from uuid import UUID

from a2wsgi.wsgi import build_environ
from flask import Flask
from sqlalchemy.orm import Session

from server.delivery import http, tus_headers
from server.delivery.bodies import Stopped, body_pieces
from server.delivery.spool_writer import Hashers, SpoolWriter
from server.errors import AppError
from server.models.library import Upload
from server.models.people import Person
from server.request_context import Wired, db, signed_in
from server.services.upload import find_upload
from storage.store import StoreError, StoreFull

Result = TypeVar("Result")

_PATH = re.compile(r"/files/([0-9a-f-]{36})/?")
_STAGE_BYTES = 2**20


class TusBodies:
    """Answers PATCH /files/<upload id>."""

    def __init__(self, app: Flask, wired: Wired, executor: Executor, hashers: Hashers) -> None:
        """Take the application, which knows who is signed in, and threads for disk and database."""
        self._app, self._wired, self._executor = app, wired, executor
        self._hashers = hashers
        self._active: dict[UUID, tuple[asyncio.Event, asyncio.Event]] = {}

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        """Answer one request."""
        try:
            answer = await self._patch(scope, receive)
        except http.Refused as refused:
            answer = http.problem(refused, tus_headers.COMMON)
        except (AppError, StoreError) as error:
            answer = http.problem(http.refusal(error), tus_headers.COMMON)
        await http.respond(send, answer)

    async def _patch(self, scope: http.Scope, receive: http.Receive) -> http.Answer:
        headers = http.headers_of(scope)
        tus_headers.check_version(headers.get("tus-resumable"))
        upload_id = _upload_id(scope["path"])
        owner = await self._in_thread(self._owner, scope, upload_id)
        async with self._alone(upload_id) as stop:
            upload = await self._in_thread(self._find, upload_id, owner)
            writer = await self._in_thread(SpoolWriter, self._wired, upload, self._hashers)
            check_patch(headers, offset_bytes=writer.offset_bytes, size_bytes=upload.size_bytes)
            with writer:
                await self._take(headers, receive, writer, upload, stop)
                if writer.offset_bytes == upload.size_bytes and not upload.original_id:
                    upload.original_id = await self._in_thread(writer.finish)
                else:
                    await self._in_thread(writer.sync)
        described = tus_headers.upload_headers(upload, writer.offset_bytes, self._wired.settings)
        return http.Answer(http.NO_CONTENT, described)

    async def _take(
        self,
        headers: dict[str, str],
        receive: http.Receive,
        writer: SpoolWriter,
        upload: Upload,
        stop: asyncio.Event,
    ) -> None:
        """Write the body. Raises Refused when it is too long, wrong, or was stopped."""
        checksum = tus_headers.parse_checksum(headers.get("upload-checksum"))
        stage = _Stage(checksum, self._wired, upload) if checksum else None
        write = stage.write if stage else writer.write
        room_bytes = upload.size_bytes - writer.offset_bytes
        try:
            async with aclosing(body_pieces(receive, stop)) as pieces:
                async for piece in pieces:
                    await self._in_thread(write, piece[:room_bytes])
                    if len(piece) > room_bytes:
                        raise http.Refused(http.TOO_LARGE, "too_much")
                    room_bytes -= len(piece)
            if stage:
                await self._in_thread(stage.pass_on, writer)
        except Stopped as stopped:
            raise http.Refused(http.CONFLICT, "conflict") from stopped
        finally:
            if stage:
                stage.drop()

    @asynccontextmanager
    async def _alone(self, upload_id: UUID) -> AsyncIterator[asyncio.Event]:
        """Stop an older request for this upload, wait for its end, and take its place."""
        while upload_id in self._active:
            stop, ended = self._active[upload_id]
            stop.set()
            await ended.wait()
        stop, ended = asyncio.Event(), asyncio.Event()
        self._active[upload_id] = stop, ended
        try:
            yield stop
        finally:
            del self._active[upload_id]
            ended.set()

    def _owner(self, scope: http.Scope, upload_id: UUID) -> Person:
        """Ask Flask whose it is, as for any page. Raises SignInNeeded, NotFound."""
        environ: Any = build_environ(scope, io.BytesIO())  # type: ignore[arg-type]
        try:
            with self._app.request_context(environ):
                find_upload(db(), upload_id=upload_id, owner=signed_in())
                return signed_in()
        except CookieError as error:
            raise http.Refused(401, "sign_in_needed") from error

    def _find(self, upload_id: UUID, owner: Person) -> Upload:
        with Session(self._wired.engine, expire_on_commit=False) as session:
            return find_upload(session, upload_id=upload_id, owner=owner)

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *arguments)


class _Stage:
    """Keeps a body with a checksum aside until it has proved right; nothing wrong is kept."""

    def __init__(self, checksum: tus_headers.Checksum, wired: Wired, upload: Upload) -> None:
        self._expected = checksum.digest
        self._hasher = hashlib.new(tus_headers.CHECKSUMS[checksum.algorithm], usedforsecurity=False)
        self._path = wired.settings.spool_path / f"{upload.id}.unchecked"
        self._room = wired.room

    def write(self, content: bytes) -> None:
        self._room.check(len(content))
        self._hasher.update(content)
        try:
            with self._path.open("ab") as file:
                file.write(content)
        except OSError as error:
            raise StoreFull(f"spool: {error}") from error

    def pass_on(self, writer: SpoolWriter) -> None:
        """Give the body to the writer. Raises Refused when its checksum differs."""
        if not hmac.compare_digest(self._hasher.digest(), self._expected):
            raise http.Refused(http.CHECKSUM_MISMATCH, "checksum_mismatch")
        if self._path.exists():
            with self._path.open("rb") as file:
                while content := file.read(_STAGE_BYTES):
                    writer.write(content)

    def drop(self) -> None:
        self._path.unlink(missing_ok=True)


def check_patch(headers: dict[str, str], *, offset_bytes: int, size_bytes: int) -> None:
    """Raise Refused when the body is of another type, for another place, or too long."""
    if headers.get("content-type", "").partition(";")[0].strip() != tus_headers.BODY_TYPE:
        raise http.Refused(http.UNSUPPORTED, "wrong_type")
    wanted = tus_headers.parse_length(headers.get("upload-offset"), "offset")
    if wanted != offset_bytes:
        raise http.Refused(http.CONFLICT, "conflict", (("Upload-Offset", str(offset_bytes)),))
    if "content-length" in headers:
        length = tus_headers.parse_length(headers["content-length"], "length")
        if length > size_bytes - offset_bytes:
            raise http.Refused(http.TOO_LARGE, "too_much")


def _upload_id(path: str) -> UUID:
    found = _PATH.fullmatch(path)
    try:
        return UUID(found[1] if found else "")
    except ValueError as error:
        raise http.Refused(http.NOT_FOUND, "not_found") from error
