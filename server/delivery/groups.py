"""Group commit: what arrives within a moment is written in one go, then all are answered."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Waiting = tuple[Item, asyncio.Future[Outcome]]


class GroupFull(Exception):
    """More waits to be written than fits: come back a little later."""


class GroupCommit(Generic[Item, Outcome]):
    """Collects items for `wait_s`, or until `most` are there, and has them written together.

    One group is written at a time, in a thread of its own; meanwhile the next one gathers.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Sequence[Outcome]],
        *,
        wait_s: float = 0.25,
        most: int = 1_000,
        room: int = 5_000,
    ) -> None:
        """Take `write`, which returns an outcome for each item, and may block."""
        self._write, self._wait_s, self._most, self._room = write, wait_s, most, room
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="group")
        self._waiting: list[Waiting[Item, Outcome]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Outcome:
        """Return the item's outcome once its group is written.

        Raises GroupFull, or what `write` raises.
        """
        if len(self._waiting) >= self._room:
            raise GroupFull
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((item, answer))
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        """Write groups until nothing waits."""
        while self._waiting:
            if len(self._waiting) < self._most:
                await asyncio.sleep(self._wait_s)
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._write_group(group)

    async def _write_group(self, group: Sequence[Waiting[Item, Outcome]]) -> None:
        loop = asyncio.get_running_loop()
        items = [item for item, _ in group]
        writing = loop.run_in_executor(self._thread, self._write, items)
        await asyncio.wait({writing})
        error = writing.exception()  # each of those who wait raises it
        outcomes = writing.result() if error is None else ()
        for number, (_, answer) in enumerate(group):
            if answer.done():
                continue  # its client has gone
            if error is None:
                answer.set_result(outcomes[number])
            else:
                answer.set_exception(error)
