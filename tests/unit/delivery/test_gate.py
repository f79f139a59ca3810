"""One question per session and 30 s."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from server.delivery.gate import PlaybackGate

ASSET, OTHER = UUID(int=1), UUID(int=2)


class Application:
    """Answers, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, UUID]] = []
        self.answer: bool | Exception = True
        self.now_s = 1000.0

    def ask(self, session_id: str, asset_id: UUID) -> bool:
        self.asked.append((session_id, asset_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def gate(self) -> PlaybackGate:
        return PlaybackGate(self.ask, ThreadPoolExecutor(4), monotonic=lambda: self.now_s)


def test_many_ranges_at_once_ask_one_question() -> None:
    application = Application()

    async def play() -> list[bool]:
        gate = application.gate()
        return await asyncio.gather(*(gate.is_allowed("s", ASSET) for _ in range(50)))

    assert asyncio.run(play()) == [True] * 50
    assert application.asked == [("s", ASSET)]


def test_each_session_and_asset_is_asked_for_by_itself() -> None:
    application = Application()

    async def play() -> None:
        gate = application.gate()
        await gate.is_allowed("s", ASSET)
        await gate.is_allowed("s", OTHER)
        await gate.is_allowed("t", ASSET)

    asyncio.run(play())

    assert application.asked == [("s", ASSET), ("s", OTHER), ("t", ASSET)]


def test_a_withdrawn_right_ends_playback_within_35_s() -> None:
    application = Application()

    async def play() -> list[bool]:
        gate = application.gate()
        answers = [await gate.is_allowed("s", ASSET)]
        application.answer = False
        application.now_s += 29
        answers.append(await gate.is_allowed("s", ASSET))
        application.now_s += 2
        answers.append(await gate.is_allowed("s", ASSET))
        return answers

    assert asyncio.run(play()) == [True, True, False]
    assert len(application.asked) == 2


def test_a_failed_question_is_asked_again() -> None:
    application = Application()

    async def play() -> bool:
        gate = application.gate()
        application.answer = RuntimeError("the database is away")
        with pytest.raises(RuntimeError):
            await gate.is_allowed("s", ASSET)
        application.answer = True
        return await gate.is_allowed("s", ASSET)

    assert asyncio.run(play())
    assert len(application.asked) == 2


def test_old_answers_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.delivery.gate._MANY", 10)
    application = Application()

    async def play() -> None:
        gate = application.gate()
        for number in range(30):
            await gate.is_allowed(f"s{number}", ASSET)
            application.now_s += 4
        assert len(gate._answers) <= 11  # noqa: SLF001

    asyncio.run(play())
