"""Objects read piece by piece, without holding a thread while the client is slow."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from typing import TypeVar

from storage.store import HasPaths, ObjectNotFound, ObjectStore, StoreError

Result = TypeVar("Result")

PIECE_BYTES = 128 * 1024  # what a player asks for at once often fits into one
FETCH_BYTES = 2**20  # over the network fewer, larger questions are cheaper
_MANY = 20_000


class ObjectReader:
    """Reads files directly where the store has them, else by read_range."""

    def __init__(self, store: ObjectStore, executor: Executor) -> None:
        """Take threads for what may block."""
        self._store, self._executor = store, executor
        # Asked once: to ask whether something is a Protocol costs as much as to read a piece.
        self._files = store if isinstance(store, HasPaths) else None
        self._known: dict[str, tuple[str, int]] = {}  # path and size: objects never change
        self._buffer = memoryview(bytearray(PIECE_BYTES))  # of the event loop's thread alone

    async def size_of(self, key: str) -> int:
        """Return an object's size. Raises ObjectNotFound, StoreError."""
        known = self._known.get(key)
        if known is None:
            size_bytes = (await self._in_thread(self._store.stat, key)).size_bytes
            if len(self._known) >= _MANY:
                self._known.clear()
            path = os.fspath(self._files.path_of(key)) if self._files else ""
            known = self._known[key] = (path, size_bytes)
        return known[1]

    def read_now(self, key: str, start: int, end: int) -> bytes | None:
        """Return these bytes if they are one piece of a file that is in memory, else None.

        `size_of` was asked before. Most ranges are: a thread for each would cost more than the
        reading. Raises ObjectNotFound.
        """
        if self._files is None or end - start > PIECE_BYTES:
            return None
        descriptor = self._open(key)
        try:
            piece = _read_cached(descriptor, self._buffer[: end - start], start)
        finally:
            os.close(descriptor)
        return piece if piece and len(piece) == end - start else None

    async def pieces(self, key: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield the bytes from `start` to before `end`; `size_of` was asked before.

        Raises ObjectNotFound; StoreError if the object ends too early.
        """
        read = self._file_pieces if self._files else self._fetched_pieces
        async for piece in read(key, start, end):
            yield piece

    async def _fetched_pieces(self, key: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        while start < end:
            length = min(FETCH_BYTES, end - start)
            fetched = await self._in_thread(self._store.read_range, key, start, length)
            if not fetched:
                raise StoreError(f"{key} ends at {start}")
            start += len(fetched)
            for offset in range(0, len(fetched), PIECE_BYTES):
                yield fetched[offset : offset + PIECE_BYTES]

    async def _file_pieces(self, key: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        descriptor = self._open(key)
        try:
            while start < end:
                length = min(PIECE_BYTES, end - start)
                piece = _read_cached(descriptor, self._buffer[:length], start)
                if piece is None:
                    piece = await self._in_thread(os.pread, descriptor, length, start)
                if not piece:
                    raise StoreError(f"{key} ends at {start}")
                start += len(piece)
                yield piece
        finally:
            os.close(descriptor)

    def _open(self, key: str) -> int:
        try:
            return os.open(self._known[key][0], os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            del self._known[key]
            raise ObjectNotFound(key) from error
        except OSError as error:
            raise StoreError(f"{key}: {error}") from error

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *arguments)


def _read_cached(descriptor: int, buffer: memoryview, start: int) -> bytes | None:
    """Return bytes that are in memory already; None if the disk must be asked."""
    try:
        count = os.preadv(descriptor, [buffer], start, os.RWF_NOWAIT)
    except OSError:  # not in memory, or the file system cannot tell
        return None
    return bytes(buffer[:count]) or None
