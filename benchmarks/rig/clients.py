"""Clients of measurements: ranges one after another, pages, and clients that stall."""

import http.client
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.rig.site import LARGE_BYTES, MIB, Site, settle

RANGE_BYTES = 100_000
RANGE_COUNT = 3_000
WARM_COUNT = 100
TURN_COUNT = 5  # CPU time is counted in hundredths of a second: turns must not be short
STALLED_UPLOADS, STALLED_PLAYERS = 100, 300


@dataclass(frozen=True, slots=True)
class Server:
    """A server that has the file of which ranges are read."""

    port: int
    path: str
    cpu_s: Callable[[], float]


def cpu_of_ranges(*servers: Server) -> list[float]:
    """Return each server's CPU seconds for the same ranges of one file, read one after another.

    The servers take turns, so that whatever else the machine does troubles all of them alike.
    """
    spent_s = [0.0] * len(servers)
    connections = [
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=30) for server in servers
    ]
    for connection, server in zip(connections, servers, strict=True):
        _read_ranges(connection, server.path, range(WARM_COUNT))
    for turn in range(TURN_COUNT):
        numbers = range(turn * RANGE_COUNT // TURN_COUNT, (turn + 1) * RANGE_COUNT // TURN_COUNT)
        for place, (connection, server) in enumerate(zip(connections, servers, strict=True)):
            before_s = server.cpu_s()
            _read_ranges(connection, server.path, numbers)
            spent_s[place] += server.cpu_s() - before_s
    for connection in connections:
        connection.close()
    return spent_s


def _read_ranges(connection: http.client.HTTPConnection, path: str, numbers: range) -> None:
    for number in numbers:
        start = number * 7_919_000 % (LARGE_BYTES - RANGE_BYTES)
        asked = {"Range": f"bytes={start}-{start + RANGE_BYTES - 1}"}
        connection.request("GET", path, headers=asked)
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT or len(answer.read()) != RANGE_BYTES:
            raise RuntimeError(f"{path}: {answer.status}")


def slowest_page_beside_stalled_clients(site: Site, port: int) -> float:
    """Return seconds of the slowest of 20 pages while uploads and players neither send nor read."""
    asked = f"Host: khlang\r\nRange: bytes=0-{8 * MIB - 1}\r\n\r\n"
    requests = [
        f"GET {base}{site.large_name} HTTP/1.1\r\n{asked}" for base in site.bases(STALLED_PLAYERS)
    ]
    sockets = [_stalled(port, request.encode()) for request in requests]
    for number in range(STALLED_UPLOADS):
        path = site.begin_upload(8 * MIB, f"stalled {number}")
        lines = "".join(
            f"{key}: {value}\r\n" for key, value in patch_headers(site, 8 * MIB).items()
        )
        start = f"PATCH {path} HTTP/1.1\r\n{lines}\r\n".encode() + bytes(10_000)
        sockets.append(_stalled(port, start))
    settle()
    times_s = [_timed(lambda: get(port, "/")) for _ in range(20)]
    for each in sockets:
        each.close()
    return max(times_s)


def _stalled(port: int, request: bytes) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    connection.connect(("127.0.0.1", port))
    connection.sendall(request)
    return connection


def patch_headers(site: Site, length: int) -> dict[str, str]:
    """Return what a browser sends with `length` bytes of an upload."""
    return {
        "Host": f"127.0.0.1:{site.product.port}",
        "Cookie": site.cookie,
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(length),
    }


def get(port: int, path: str) -> bytes:
    """Return a page as a guest gets it. Raises RuntimeError for anything but 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Accept-Encoding": "br"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path}: {answer.status}")
    return content


def _timed(act: Callable[[], object]) -> float:
    began_s = time.monotonic()
    act()
    return time.monotonic() - began_s
