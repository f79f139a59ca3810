"""Originals for those who brought them: the whole file or a range, without a thread held."""

import asyncio
from concurrent.futures import Executor
from urllib.parse import quote

from sqlalchemy.orm import Session

from server.delivery import http
from server.delivery.object_sender import ObjectSender, Wanted
from server.errors import AppError
from server.request_context import Wired
from server.services.original_links import OpenedOriginal, open_original


class OriginalPath:
    """Answers requests whose path begins with /originals/."""

    def __init__(self, wired: Wired, executor: Executor) -> None:
        """Take what is outside, and threads for questions to the database and the store."""
        self._wired, self._executor = wired, executor
        self._send = ObjectSender(wired.store, executor)

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        """Answer one request."""
        try:
            await self._answer(scope, receive, send)
        except http.Refused as refused:
            await http.respond(send, http.problem(refused))
        except AppError as error:
            await http.respond(send, http.problem(http.refusal(error)))

    async def _answer(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            raise http.Refused(http.NOT_ALLOWED, "method_not_allowed")
        loop = asyncio.get_running_loop()
        opened = await loop.run_in_executor(self._executor, self._open, scope["path"])
        wanted_range = http.headers_of(scope).get("range", "")
        wanted = Wanted(opened.key, wanted_range, http.encoded(_headers(opened)))
        await self._send(scope, receive, send, wanted)

    def _open(self, path: str) -> OpenedOriginal:
        keys = self._wired.settings.playback_keys
        with Session(self._wired.engine) as session:
            return open_original(session, self._wired.clock, keys=keys, path=path)


def _headers(opened: OpenedOriginal) -> list[tuple[str, str]]:
    """Return headers under which no browser shows the file as a page of ours.

    Players do not ask whether it is an attachment; opened by itself it is kept.
    """
    name = quote(opened.file_name, safe="")
    return [
        ("Content-Type", opened.content_type),
        ("Content-Disposition", f"attachment; filename*=UTF-8''{name}"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "sandbox"),
        ("Cache-Control", "private, no-store"),
        ("X-Accel-Buffering", "no"),  # nginx shall not keep a copy
    ]
