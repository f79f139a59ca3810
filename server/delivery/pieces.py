"""Objects read piece by piece, without holding a thread while the client is slow."""

import asyncio
import os
from collections.abc import AsyncGenerator
from concurrent.futures import Executor
from pathlib import Path

from storage.store import HasPaths, ObjectNotFound, ObjectStore, StoreError

PIECE_BYTES = 128 * 1024  # what a player asks for at once often fits into one
FETCH_BYTES = 2**20  # over the network fewer, larger questions are cheaper
_MANY = 20_000


class ObjectReader:
    """Reads files directly where the store has them, else by read_range."""

    def __init__(self, store: ObjectStore, executor: Executor) -> None:
        """Take threads for what may block."""
        self._store, self._executor = store, executor
        self._sizes: dict[str, int] = {}  # objects never change
        self._buffer = memoryview(bytearray(PIECE_BYTES))  # of the event loop's thread alone

    async def size_of(self, key: str) -> int:
        """Return an object's size. Raises ObjectNotFound, StoreError."""
        if isinstance(self._store, HasPaths):
            return _file_size(self._store.path_of(key))
        if key not in self._sizes:
            loop = asyncio.get_running_loop()
            info = await loop.run_in_executor(self._executor, self._store.stat, key)
            if len(self._sizes) >= _MANY:
                self._sizes.clear()
            self._sizes[key] = info.size_bytes
        return self._sizes[key]

    async def pieces(self, key: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield the bytes from `start` to before `end`. Raises StoreError if they are not there."""
        if isinstance(self._store, HasPaths):
            async for piece in self._file_pieces(self._store.path_of(key), start, end):
                yield piece
            return
        loop, store = asyncio.get_running_loop(), self._store
        while start < end:
            length = min(FETCH_BYTES, end - start)
            fetched = await loop.run_in_executor(
                self._executor, store.read_range, key, start, length
            )
            if not fetched:
                raise StoreError(f"{key} ends at {start}")
            start += len(fetched)
            for offset in range(0, len(fetched), PIECE_BYTES):
                yield fetched[offset : offset + PIECE_BYTES]

    async def _file_pieces(self, path: Path, start: int, end: int) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            while start < end:
                length = min(PIECE_BYTES, end - start)
                piece = _read_cached(descriptor, self._buffer[:length], start)
                if piece is None:
                    piece = await loop.run_in_executor(
                        self._executor, os.pread, descriptor, length, start
                    )
                if not piece:
                    raise StoreError(f"{path.name} ends at {start}")
                start += len(piece)
                yield piece
        finally:
            os.close(descriptor)


def _read_cached(descriptor: int, buffer: memoryview, start: int) -> bytes | None:
    """Return bytes that are in memory already; None if the disk must be asked.

    Most are: a thread for each piece would cost more than the reading.
    """
    try:
        count = os.preadv(descriptor, [buffer], start, os.RWF_NOWAIT)
    except OSError:  # not in memory, or the file system cannot tell
        return None
    return bytes(buffer[:count]) or None


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError as error:
        raise ObjectNotFound(path.name) from error
