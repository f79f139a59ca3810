"""A line between a browser and a server that tests may cut."""

import socket
import threading
from contextlib import suppress


class Line:
    """What lies between the browser and the server, and may be cut."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._ends: list[socket.socket] = []
        self.is_cut = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._take_in, daemon=True).start()

    def cut(self) -> None:
        """End what goes through it, and let nothing new through."""
        self.is_cut = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let through what comes from now on."""
        self.is_cut = False

    def close(self) -> None:
        """Cut it, and answer no more."""
        self.cut()
        self._door.close()

    def _take_in(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                here, _address = self._door.accept()
                if self.is_cut:
                    here.close()
                    continue
                there = socket.create_connection(("127.0.0.1", self._to_port))
                self._ends += [here, there]
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=_carry, args=pair, daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
