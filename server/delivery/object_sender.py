"""An object, or a range of it, as the body of an answer: piece by piece as the client takes them.

Almost every byte of the embedded mode goes this way, and each step is taken for every range: what
is in memory is sent at once, without a thread and in one message.
"""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass

from server.delivery import http
from server.delivery.pieces import ObjectReader
from server.delivery.ranges import Extent, choose_extent
from storage.store import ObjectNotFound, ObjectStore, StoreError

WATCHED_BYTES = 256 * 1024  # a longer answer is not read to its end for a client that has left


@dataclass(slots=True)
class Wanted:
    """An object that is asked for: the Range header ("" for all), and what is said beside."""

    key: str
    range: str
    headers: http.EncodedHeaders


class ObjectSender:
    """Sends objects, of which it remembers the sizes."""

    def __init__(self, store: ObjectStore, executor: Executor) -> None:
        """Take threads for questions to the store."""
        self._reader = ObjectReader(store, executor)

    async def __call__(
        self, scope: http.Scope, receive: http.Receive, send: http.Send, wanted: Wanted
    ) -> None:
        """Answer a GET or HEAD. Raises Refused while nothing was sent yet, later StoreError."""
        key = wanted.key
        size_bytes = await self._size(key)
        extent = choose_extent(wanted.range, size_bytes)
        if extent is None:
            total = (("Content-Range", f"bytes */{size_bytes}"),)
            raise http.Refused(http.UNSATISFIABLE, "range_not_satisfiable", total)
        start = start_of(wanted.headers, extent, size_bytes)
        if scope["method"] == "HEAD" or extent.start == extent.end:
            await send(start)
            await send(LAST)
        elif piece := self._piece(key, extent):
            await send(start)
            await send({"type": "http.response.body", "body": piece, "more_body": False})
        else:
            pieces = self._reader.pieces(key, extent.start, extent.end)
            await send_pieces(receive, send, start, pieces, extent.end - extent.start)

    async def _size(self, key: str) -> int:
        try:
            return await self._reader.size_of(key)
        except StoreError as error:
            raise _refusal(error) from error

    def _piece(self, key: str, extent: Extent) -> bytes | None:
        try:
            return self._reader.read_now(key, extent.start, extent.end)
        except StoreError as error:
            raise _refusal(error) from error


LAST: http.Message = {"type": "http.response.body", "body": b"", "more_body": False}


def start_of(headers: http.EncodedHeaders, extent: Extent, size_bytes: int) -> http.Message:
    """Return the message that begins the answer."""
    start, end, is_part = extent.start, extent.end, extent.is_part
    described = [
        *headers,
        (b"accept-ranges", b"bytes"),
        (b"content-length", b"%d" % (end - start)),
    ]
    if is_part:
        described.append((b"content-range", b"bytes %d-%d/%d" % (start, end - 1, size_bytes)))
    status = http.PARTIAL if is_part else http.OK
    return {"type": "http.response.start", "status": status, "headers": described}


async def send_pieces(
    receive: http.Receive,
    send: http.Send,
    start: http.Message,
    pieces: AsyncGenerator[bytes, None],
    left_bytes: int,
) -> None:
    """Send `start`, then piece by piece as the client takes them, until it goes away.

    Raises Refused while nothing was sent yet, later StoreError.
    """
    async with aclosing(pieces):
        piece = await _first(pieces)
        await send(start)
        gone = asyncio.ensure_future(_until_gone(receive)) if left_bytes > WATCHED_BYTES else None
        try:
            while not (gone and gone.done()):
                left_bytes -= len(piece)
                more = left_bytes > 0
                await send({"type": "http.response.body", "body": piece, "more_body": more})
                if not more:
                    return
                piece = await anext(pieces)
        finally:
            if gone:
                gone.cancel()


async def _first(pieces: AsyncGenerator[bytes, None]) -> bytes:
    """Return the first piece: what fails until then can still be told."""
    try:
        return await anext(pieces)
    except StoreError as error:
        raise _refusal(error) from error


async def _until_gone(receive: http.Receive) -> None:
    """Wait for the client to go away: granian lets one send to nobody without a word."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _refusal(error: StoreError) -> http.Refused:
    if isinstance(error, ObjectNotFound):
        return http.Refused(http.NOT_FOUND, "not_found")
    return http.refusal(error)
