"""Saved lessons as one file each: joined from parts while they are sent, whole or from anywhere.

Nothing of them is stored. Which byte lies where follows from the parts, so a phone goes on where
its line was cut, also after the server was started again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from urllib.parse import quote

from media_pipeline.errors import MediaFailed
from media_pipeline.joining import JoinedFile, Piece, join_parts
from server.delivery import http
from server.delivery.object_sender import LAST, send_pieces, start_of
from server.delivery.ranges import choose_extent
from server.services.saving import SavedFile
from storage.store import ObjectNotFound, ObjectStore, StoreError

READERS = 8  # parts whose tables are read at a time
MOST_HEAD_BYTES = 64 * 2**20  # of files whose layout is remembered
BLOCK_BYTES = 512 * 1024  # read at once: picture and sound stand in turns of a second
BLOCKS = 3  # picture, sound, and the one before at a seam
PIECE_BYTES = 128 * 1024


class SavedFiles:
    """Answers requests for saved files."""

    def __init__(self, store: ObjectStore, executor: Executor) -> None:
        """Take threads for questions to the store."""
        self._store, self._executor = store, executor
        self._layouts: OrderedDict[str, asyncio.Future[JoinedFile]] = OrderedDict()

    async def __call__(
        self, scope: http.Scope, receive: http.Receive, send: http.Send, saved: SavedFile
    ) -> None:
        """Answer a GET or HEAD. Raises Refused."""
        joined = await self._layout(saved)
        asked = http.headers_of(scope)
        etag = f'"{saved.etag}"'
        # If-Range that names another version than ours: then the range is not meant for this one.
        is_ours = asked.get("if-range", etag) == etag
        extent = choose_extent(asked.get("range", "") if is_ours else "", joined.size_bytes)
        if extent is None:
            total = (("Content-Range", f"bytes */{joined.size_bytes}"),)
            raise http.Refused(http.UNSATISFIABLE, "range_not_satisfiable", total)
        start = start_of(http.encoded(_headers(saved)), extent, joined.size_bytes)
        if scope["method"] == "HEAD":
            await send(start)
            await send(LAST)
            return
        pieces = self._pieces(joined, extent.start, extent.end)
        await send_pieces(receive, send, start, pieces, extent.end - extent.start)

    async def _layout(self, saved: SavedFile) -> JoinedFile:
        """Return the layout; who asks at the same time waits for the same one."""
        layout = self._layouts.get(saved.etag)
        if layout is None or (layout.done() and layout.exception()):
            loop = asyncio.get_running_loop()
            layout = loop.run_in_executor(self._executor, self._join, saved)
            self._layouts[saved.etag] = layout
        self._layouts.move_to_end(saved.etag)
        try:
            joined = await asyncio.shield(layout)
        except ObjectNotFound as error:
            raise http.Refused(http.NOT_FOUND, "not_found") from error
        except MediaFailed as error:
            raise http.Refused(http.CONFLICT, "not_savable") from error
        except StoreError as error:
            raise http.refusal(error) from error
        self._forget_old()
        return joined

    def _join(self, saved: SavedFile) -> JoinedFile:
        with ThreadPoolExecutor(READERS, thread_name_prefix="join") as readers:
            return join_parts(saved.renditions, self._store.read_range, readers.map)

    def _forget_old(self) -> None:
        """Keep the layouts used last; one is kept, however large."""
        done = [each for each in self._layouts.values() if each.done() and not each.exception()]
        held_bytes = sum(len(each.result().head) for each in done)
        while held_bytes > MOST_HEAD_BYTES and len(self._layouts) > 1:
            _etag, oldest = self._layouts.popitem(last=False)
            held_bytes -= len(oldest.result().head) if oldest in done else 0

    async def _pieces(
        self, joined: JoinedFile, start: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        """Yield the bytes between two offsets. Raises StoreError when an object is shorter."""
        ahead = _ReadAhead(self._read)
        for extent in joined.extents(start, end):
            if isinstance(extent, bytes):
                for at in range(0, len(extent), PIECE_BYTES):
                    yield extent[at : at + PIECE_BYTES]
                continue
            async for piece in ahead.pieces(extent):
                yield piece

    async def _read(self, key: str, start: int, length: int) -> bytes:
        loop = asyncio.get_running_loop()
        read: Callable[[str, int, int], bytes] = self._store.read_range
        return await loop.run_in_executor(self._executor, read, key, start, length)


class _ReadAhead:
    """Larger blocks of few objects, as what comes next lies behind what was read."""

    def __init__(self, read: Callable[[str, int, int], Awaitable[bytes]]) -> None:
        self._read = read
        self._blocks: OrderedDict[str, tuple[int, bytes]] = OrderedDict()

    async def pieces(self, wanted: Piece) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a piece."""
        at, end = wanted.offset, wanted.offset + wanted.length
        while at < end:
            start, block = self._blocks.get(wanted.name, (0, b""))
            if not start <= at < start + len(block):
                start, block = at, await self._read(wanted.name, at, BLOCK_BYTES)
                if not block:
                    raise StoreError(f"{wanted.name} ends at {at}")
                self._keep(wanted.name, start, block)
            piece = block[at - start : min(end - start, at - start + PIECE_BYTES)]
            yield piece
            at += len(piece)

    def _keep(self, name: str, start: int, block: bytes) -> None:
        self._blocks.pop(name, None)
        self._blocks[name] = start, block
        if len(self._blocks) > BLOCKS:
            self._blocks.popitem(last=False)


def _headers(saved: SavedFile) -> list[tuple[str, str]]:
    """Return headers with which browsers keep the file, under its name, instead of playing it."""
    suffix = saved.file_name.rpartition(".")[2]
    names = f"filename=\"lesson.{suffix}\"; filename*=UTF-8''{quote(saved.file_name, safe='')}"
    return [
        *http.OPEN_TO_ALL,
        ("Content-Type", saved.content_type),
        # The first name is for programs that know no other letters (RFC 6266).
        ("Content-Disposition", f"attachment; {names}"),
        ("ETag", f'"{saved.etag}"'),
        ("Cache-Control", "private, no-store"),
        ("X-Accel-Buffering", "no"),  # nginx shall not keep a copy
    ]
