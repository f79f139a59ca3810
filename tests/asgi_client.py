"""Calls of the ASGI application as granian makes them, without a socket."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from flask import Flask

from server.delivery.asgi import Asgi, create_asgi
from server.wiring import Wiring
from tests.browsing import Visitor


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem's stable code."""
        return str(self.json["type"]).removeprefix("/problems/")


class AsgiClient:
    """One browser on the whole application; signed in if its Flask visitor is."""

    def __init__(self, app: Flask, wiring: Wiring, visitor: Visitor | None = None) -> None:
        self.asgi: Asgi = create_asgi(app, wiring)
        self._visitor = visitor

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Iterable[bytes] = (),
        is_cut: bool = False,
        **headers: str,
    ) -> Answer:
        """Send a request whose body arrives in pieces and perhaps ends too early."""
        return asyncio.run(self.answer(method, path, list(body), is_cut=is_cut, headers=headers))

    def answer_to(
        self, method: str, path: str, pieces: list[bytes], headers: Mapping[str, str]
    ) -> Answer:
        """Send a request with headers that are given as a mapping."""
        return asyncio.run(self.answer(method, path, pieces, headers=headers))

    async def answer(
        self,
        method: str,
        path: str,
        pieces: list[bytes],
        *,
        is_cut: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent: list[Any] = []
        waiting = list(pieces)

        async def receive() -> dict[str, Any]:
            if waiting:
                piece = waiting.pop(0)
                has_more = bool(waiting) or is_cut
                return {"type": "http.request", "body": piece, "more_body": has_more}
            if is_cut or pieces:
                return {"type": "http.disconnect"}
            pieces.append(b"")
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.asgi(self.scope(method, path, headers or {}), receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in sent)
        names = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], names, body)

    def scope(self, method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """Return what granian says of a request."""
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        named |= {"host": "localhost"} | self._cookies()
        return {
            "type": "http",
            "method": method,
            "path": unquote(path.partition("?")[0]),
            "query_string": path.partition("?")[2].encode(),
            "http_version": "1.1",
            "scheme": "http",
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 12345),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
        }

    def _cookies(self) -> dict[str, str]:
        cookie = self._visitor.get_cookie("khlang") if self._visitor else None
        return {"cookie": f"khlang={cookie.value}"} if cookie else {}
