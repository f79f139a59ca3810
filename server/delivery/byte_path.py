"""What players fetch below /v/: playlists from rows, ranges of objects from the store.

Asynchronous, no thread held for a slow client: the next piece is read when the client has taken the
one before.
"""

import asyncio
import gzip
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.delivery import http
from server.delivery.gate import PlaybackGate
from server.delivery.object_answers import OBJECT_NAME, ObjectAnswers
from server.delivery.package_answers import PackageAnswers, split_package_path
from server.delivery.saved_files import SavedFiles
from server.delivery.tokens import Opened, Opener, Refusal
from server.errors import AppError
from server.request_context import Wired
from server.services.packages import find_package_object
from server.services.play import is_playback_allowed
from server.services.playlists import find_document
from server.services.saving import SAVED_NAME, SavedFile, find_saved_file
from server.services.views import view_of
from storage.keys import asset_prefix

Result = TypeVar("Result")

PREFIX = "/v/"
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Range, If-None-Match, If-Range"),
    ("Access-Control-Max-Age", "86400"),
    ("Allow", "GET, HEAD, OPTIONS"),
)
SMALL_BYTES = 500
# nginx, which checks token and rights before it answers, keeps playlists for all who watch the
# asset, as they are the same for all; briefly, since nobody can take them back from there.
SHARED_AGE_S = 10


class BytePath:
    """Answers requests whose path begins with /v/."""

    def __init__(self, wired: Wired, executor: Executor) -> None:
        """Take what is outside, and threads for questions to the database and the store."""
        self._wired, self._executor = wired, executor
        self._opener = Opener(wired.settings.playback_keys)
        self._gate = PlaybackGate(self._ask, executor)
        self._send_object = ObjectAnswers(wired.store, executor)
        self._send_saved = SavedFiles(wired.store, executor)
        self._send_package_file = PackageAnswers(wired.store, executor, wired.settings.public_url)

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        """Answer one request."""
        try:
            await self._answer(scope, receive, send)
        except http.Refused as refused:
            await http.respond(send, http.problem(refused, http.OPEN_TO_ALL))

    async def _answer(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        method = scope["method"]
        if method == "OPTIONS":
            await http.respond(send, http.Answer(http.NO_CONTENT, http.OPEN_TO_ALL + _PREFLIGHT))
            return
        if method not in {"GET", "HEAD"}:
            raise http.Refused(http.NOT_ALLOWED, "method_not_allowed")
        signed, inside = split_package_path(scope["path"])
        opened = await self._open(signed)
        if inside:
            found = await self._in_thread(self._package_object, opened.asset_id, inside)
            await self._send_package_file(scope, receive, send, found)
        elif OBJECT_NAME.fullmatch(opened.name):
            key = asset_prefix(opened.asset_id) + opened.name
            await self._send_object(scope, receive, send, key)
        elif SAVED_NAME.fullmatch(opened.name):
            saved = await self._in_thread(self._saved_file, opened)
            await self._send_saved(scope, receive, send, saved)
        else:
            may_gzip = "gzip" in http.headers_of(scope).get("accept-encoding", "")
            document = await self._in_thread(self._document, opened, may_gzip)
            await http.respond(send, document, is_head=method == "HEAD")

    async def _open(self, path: str) -> Opened:
        """Return what the token in the path opens. Raises Refused."""
        opened = self._opener.open(path, self._wired.clock())
        if isinstance(opened, Refusal):
            code = "not_found" if opened is Refusal.UNKNOWN else "link_expired"
            raise http.Refused(opened.value, code)
        try:
            is_allowed = await self._gate.is_allowed(opened.session_id, opened.asset_id)
        except SQLAlchemyError as error:
            raise http.refusal(error) from error
        if not is_allowed:
            raise http.Refused(http.FORBIDDEN, "not_allowed")
        return opened

    def _document(self, opened: Opened, may_gzip: bool) -> http.Answer:  # noqa: FBT001 (run in a thread)
        try:
            with Session(self._wired.engine) as session:
                view = view_of(session, opened.session_id)
                document = find_document(session, opened.asset_id, opened.name, view)
        except SQLAlchemyError as error:
            raise http.refusal(error) from error
        if document is None:
            raise http.Refused(http.NOT_FOUND, "not_found")
        described = [
            *http.OPEN_TO_ALL,
            ("Content-Type", document.content_type),
            ("Cache-Control", f"private, max-age={document.max_age_s}"),
            ("X-Accel-Expires", str(min(document.max_age_s, SHARED_AGE_S))),
            ("Vary", "Accept-Encoding"),
        ]
        body = document.text.encode()
        if may_gzip and len(body) > SMALL_BYTES:
            # The playlist of an hour is 50 KB of hashes and numbers: seconds on a poor line.
            described.append(("Content-Encoding", "gzip"))
            body = gzip.compress(body)
        return http.Answer(http.OK, tuple(described), body)

    def _saved_file(self, opened: Opened) -> SavedFile:
        try:
            with Session(self._wired.engine) as session:
                return find_saved_file(
                    session,
                    session_id=opened.session_id,
                    asset_id=opened.asset_id,
                    name=opened.name,
                )
        except (AppError, SQLAlchemyError) as error:
            raise http.refusal(error) from error

    def _package_object(self, asset_id: UUID, path: str) -> tuple[str, str]:
        """Return key and path of a package's file. Raises Refused."""
        try:
            with Session(self._wired.engine) as session:
                key = find_package_object(session, asset_id, path)
        except SQLAlchemyError as error:
            raise http.refusal(error) from error
        if key is None:
            raise http.Refused(http.NOT_FOUND, "not_found")
        return key, path

    def _ask(self, session_id: str, asset_id: UUID) -> bool:
        with Session(self._wired.engine) as session:
            return is_playback_allowed(
                session, self._wired.clock, session_id=session_id, asset_id=asset_id
            )

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *arguments)
