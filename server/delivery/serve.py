"""Run the server in this process until SIGTERM or SIGINT."""

import asyncio
import gc
import logging
import os
import signal

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from server.delivery.asgi import Asgi
from server.settings import Settings

STOP_S = 3.0
_BACKLOG = 1024
OBJECTS_BETWEEN_COLLECTIONS = 50_000
BUFFER_BYTES = 128 * 1024  # per connection: 300 stalled players would fill 400 KiB each


def run_server(asgi: Asgi, settings: Settings) -> None:
    """Serve until told to stop; then give requests 3 s to end. Does not return."""
    collect_rarely()
    asyncio.run(_serve(asgi, settings))
    logging.shutdown()
    # Threads that wait for stalled clients, and granian's own, would hold the exit.
    os._exit(0)


def collect_rarely() -> None:
    """Look for cycles seldom, and never among what stands now: it would hold pages up.

    A large page makes tens of thousands of objects, nearly all of which go without being looked
    for; at Python's 700 they were gone through dozens of times while it was made.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


async def _serve(asgi: Asgi, settings: Settings) -> None:
    server = Server(
        asgi,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=BUFFER_BYTES),
        websockets=False,
        backlog=_BACKLOG,
        backpressure=_BACKLOG,
        log_level=LogLevels.error,
    )
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    serving = loop.create_task(server.serve())
    await asyncio.sleep(0)  # granian may set handlers of its own; ours come after
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    waiting = loop.create_task(stopping.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()  # such as: the port is taken
        return
    server.stop()  # type: ignore[no-untyped-call]
    await asyncio.wait({serving}, timeout=STOP_S)
