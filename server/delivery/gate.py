"""Rights are asked of the application once per playback session and 30 s, not once per range."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from uuid import UUID

ANSWER_LIFETIME_S = 30.0
_MANY = 10_000


class PlaybackGate:
    """Remembers answers for 30 s; requests that come meanwhile share one question."""

    def __init__(
        self,
        ask: Callable[[str, UUID], bool],
        executor: Executor,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take `ask`, which may block: it is called in `executor`."""
        self._ask, self._executor, self._monotonic = ask, executor, monotonic
        self._answers: dict[tuple[str, UUID], tuple[float, asyncio.Future[bool]]] = {}

    async def is_allowed(self, session_id: str, asset_id: UUID) -> bool:
        """Return the application's answer, at most 30 s old. Raises what `ask` raises."""
        key, now_s = (session_id, asset_id), self._monotonic()
        until_s, answer = self._answers.get(key, (0.0, None))
        if answer is None or until_s <= now_s or _has_failed(answer):
            loop = asyncio.get_running_loop()
            answer = loop.run_in_executor(self._executor, self._ask, session_id, asset_id)
            self._forget_old(now_s)
            self._answers[key] = (now_s + ANSWER_LIFETIME_S, answer)
        if answer.done():
            return answer.result()
        return await asyncio.shield(answer)  # one client going away must not cancel it for others

    def _forget_old(self, now_s: float) -> None:
        if len(self._answers) >= _MANY:
            fresh = {key: entry for key, entry in self._answers.items() if entry[0] > now_s}
            self._answers = fresh if len(fresh) < _MANY else {}


def _has_failed(answer: asyncio.Future[bool]) -> bool:
    return answer.done() and (answer.cancelled() or answer.exception() is not None)
