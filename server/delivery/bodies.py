"""Bodies of requests as they arrive, without a thread and without growing in memory."""

import asyncio
from collections.abc import AsyncGenerator

from server.delivery.http import Message, Receive

PIECE_BYTES = 256 * 1024
PAUSE_S = 0.5  # a slow line's bytes are passed on after this, so that a crash loses little


class Stopped(Exception):
    """Somebody else goes on with it."""


async def body_pieces(receive: Receive, stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
    """Yield what has arrived, 256 KiB at a time or what there is when the line pauses.

    Ends with the body, also when it is cut. Raises Stopped, after the last piece, on `stop`.
    """
    stopped = asyncio.ensure_future(stop.wait())
    arriving = asyncio.ensure_future(_next(receive))
    pending = bytearray()
    try:
        has_more = True
        while has_more:
            timeout_s = PAUSE_S if pending else None
            done, _ = await asyncio.wait(
                {arriving, stopped}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if arriving in done:
                message = arriving.result()
                pending += message.get("body", b"")
                has_more = message["type"] == "http.request" and message.get("more_body", False)
                if has_more:
                    arriving = asyncio.ensure_future(_next(receive))
            must_pass = not has_more or stopped.done() or not done
            if pending and (must_pass or len(pending) >= PIECE_BYTES):
                yield bytes(pending)
                pending.clear()
            if has_more and stopped.done():
                raise Stopped
    finally:
        arriving.cancel()
        stopped.cancel()


async def _next(receive: Receive) -> Message:
    """Receive in a real coroutine: what granian returns cannot be made a task."""
    return await receive()
