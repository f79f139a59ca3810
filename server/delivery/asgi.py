"""One port: bytes out and upload bodies in without Flask, everything else to Flask in threads."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.delivery import http
from server.delivery.byte_path import PREFIX, BytePath
from server.delivery.original_path import OriginalPath
from server.delivery.package_host import PackageHost
from server.delivery.progress_path import PATH as PROGRESS
from server.delivery.progress_path import ProgressPath
from server.delivery.spool_writer import Hashers
from server.delivery.tus_patch import TusBodies
from server.request_context import Wired
from server.services.original_links import PREFIX as ORIGINALS
from server.services.spool import Spool, boot_id
from server.services.upload import upload_ids

PAGE_THREADS = 32
BYTE_THREADS = 16
BODY_BYTES = 9 * 2**20  # a little above what Flask accepts, so that Flask gives the answer
BODY_PAUSE_S = 30.0

Asgi = Callable[[http.Scope, http.Receive, http.Send], Any]


def create_asgi(app: Flask, wired: Wired) -> Asgi:
    """Return the ASGI application for this Flask application; tidies this machine's spool."""
    _drop_old_spool(wired)
    if wired.ballast:
        wired.ballast.fill(wired.room.left_bytes)
    executor = ThreadPoolExecutor(BYTE_THREADS, thread_name_prefix="bytes")
    hashers = Hashers()
    app.extensions["khlang.hashers"] = hashers
    beside_flask: dict[str, Asgi] = {  # by the first step of the path
        PREFIX.strip("/"): BytePath(wired, executor),
        ORIGINALS.strip("/"): OriginalPath(wired, executor),
        PROGRESS.strip("/"): ProgressPath(wired),
    }
    tus_bodies = TusBodies(app, wired, executor, hashers)
    wsgi: Any = app
    # A queue without end: a thread never waits for a slow client. What Flask answers is small.
    package_host = PackageHost(wired.settings.package_url)
    pages: Any = WSGIMiddleware(wsgi, workers=PAGE_THREADS, send_queue_size=0)

    async def route(scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        if scope["type"] != "http":
            await pages(scope, _real(receive), _real(send))
        elif package_host.refuses(scope):
            await http.respond(send, http.problem(http.Refused(http.NOT_FOUND, "not_found")))
        elif answer := beside_flask.get(scope["path"][1:].partition("/")[0]):
            await answer(scope, receive, send)
        elif scope["method"] == "PATCH" and scope["path"].startswith("/files/"):
            await tus_bodies(scope, _real(receive), _real(send))
        else:
            await _to_pages(pages, scope, _real(receive), _real(send))

    async def asgi(scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        # granian cancels what a client has left, and everything when it stops: no fault of ours.
        with suppress(asyncio.CancelledError):
            await route(scope, receive, send)

    return asgi


def _drop_old_spool(wired: Wired) -> None:
    """Forget what a power cut may have torn, and what was given up or finished elsewhere."""
    spool = Spool(wired.settings.spool_path)
    spool.forget_torn(boot_id())
    try:
        with Session(wired.engine) as session:
            spool.drop_strangers(lambda: upload_ids(session))
    except SQLAlchemyError:
        logging.getLogger(__name__).warning("the spool was not tidied: no database")


async def _to_pages(pages: Asgi, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
    """Give a request to Flask once its body is here: threads do not wait for slow senders."""
    try:
        body = await _small_body(scope, receive)
    except http.Refused as refused:
        await http.respond(send, http.problem(refused))
        return
    if body is None:
        return  # the client went away: nobody to answer

    async def receive_all() -> http.Message:
        return {"type": "http.request", "body": body, "more_body": False}

    await pages(scope, receive_all, send)


async def _small_body(scope: http.Scope, receive: http.Receive) -> bytes | None:
    """Return the body; None if it was cut. Raises Refused when it is large or stalls."""
    if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return b""
    body, has_more = bytearray(), True
    while has_more:
        try:
            message = await asyncio.wait_for(receive(), BODY_PAUSE_S)
        except TimeoutError as error:
            raise http.Refused(http.REQUEST_TIMEOUT, "too_slow") from error
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
        if len(body) > BODY_BYTES:
            raise http.Refused(http.TOO_LARGE, "too_much", (("Connection", "close"),))
    return bytes(body)


def _real(awaitable: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap granian's receive or send, whose results are awaitable but no coroutines."""

    async def coroutine(*arguments: object) -> Any:  # noqa: ANN401 (a message or nothing)
        return await awaitable(*arguments)

    return coroutine
