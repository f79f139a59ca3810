"""A poor line between a browser and the product: a TCP proxy that is slow and far away.

Unlike the throttling of a browser's own tools it also costs the round trip of every connection,
and all connections share its rate, as they do on a phone.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

PIECE_BYTES = 1_400  # about a packet: what comes is spread as evenly as on a line


@dataclass(slots=True)
class Line:
    """One direction: its rate is shared, its delay is added."""

    rate_bps: float
    delay_s: float
    free_at_s: float = 0.0
    carried_bytes: int = 0

    def arrival_s(self, now_s: float, size_bytes: int) -> float:
        """Return when a piece that is sent now has arrived."""
        self.free_at_s = max(self.free_at_s, now_s) + size_bytes * 8 / self.rate_bps
        self.carried_bytes += size_bytes
        return self.free_at_s + self.delay_s


@dataclass(slots=True)
class PoorLine:
    """The proxy; `port` is where the browser connects."""

    target_port: int
    down: Line
    up: Line
    port: int = 0

    async def serve(self, started: threading.Event, stop: asyncio.Event) -> None:
        """Carry connections until told to stop."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await stop.wait()
        server.close()
        carrying = asyncio.all_tasks() - {asyncio.current_task()}
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)

    async def _connect(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.down.delay_s + self.up.delay_s)  # the handshake
        far, forth = await asyncio.open_connection("127.0.0.1", self.target_port)
        with suppress(asyncio.CancelledError):  # Python 3.11 complains of it loudly
            await asyncio.gather(_carry(near, forth, self.up), _carry(far, back, self.down))


async def _carry(source: asyncio.StreamReader, drain: asyncio.StreamWriter, line: Line) -> None:
    """Carry pieces in order, each when the line has brought it."""
    clock = asyncio.get_running_loop().time
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=64)
    deliver = asyncio.ensure_future(_deliver(on_the_way, drain))
    with suppress(ConnectionError):
        while not deliver.done() and (piece := await source.read(PIECE_BYTES)):
            at_s = line.arrival_s(clock(), len(piece))
            await on_the_way.put((at_s, piece))
            # What waits here longer than the delay is the line's queue: the sender feels it.
            await asyncio.sleep(max(0.0, at_s - line.delay_s - clock()))
    if not deliver.done():
        await on_the_way.put((clock() + line.delay_s, b""))
    await deliver


async def _deliver(
    on_the_way: asyncio.Queue[tuple[float, bytes]], drain: asyncio.StreamWriter
) -> None:
    clock = asyncio.get_running_loop().time
    with suppress(ConnectionError):
        while True:
            at_s, piece = await on_the_way.get()
            await asyncio.sleep(max(0.0, at_s - clock()))
            if not piece:
                break
            if drain.is_closing():
                break  # the browser has left: what was for it does not block the line
            drain.write(piece)
            await drain.drain()
        drain.close()


@contextmanager
def poor_line(target_port: int, *, rate_bps: float, round_trip_s: float) -> Iterator[PoorLine]:
    """Open a line to a port of this machine, the same rate in both directions."""
    down, up = (Line(rate_bps, round_trip_s / 2) for _ in range(2))
    proxy, started = PoorLine(target_port, down, up), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        loop.run_until_complete(proxy.serve(started, stop))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
