"""Tries are counted before they are judged: exactly, at once, and past a restart."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from server.errors import TooManyTries
from server.models.tries import TryCount
from server.request_context import RequestSession
from server.services.tries import Limit, Taken, forget_old_tries, give_back, keep, take
from tests.builders import StoppedClock

AT_ONCE = 100
TEN = Limit(what="somebody", most=10, within=timedelta(minutes=10))
MANY = Limit(what="everybody", most=1000, within=timedelta(hours=1))


def a_session(engine: Engine) -> RequestSession:
    return RequestSession(engine, expire_on_commit=False, info={"changes": True})


def all_at_once(engine: Engine, act: Callable[[RequestSession], str]) -> list[str]:
    start = threading.Barrier(20)

    def one(_number: int) -> str:
        start.wait()
        with a_session(engine) as session:
            return act(session)

    with ThreadPoolExecutor(20) as threads:
        return list(threads.map(one, range(AT_ONCE)))


def test_of_a_hundred_wrong_tries_at_once_ten_are_judged(
    engine: Engine, clock: StoppedClock
) -> None:
    def wrong(session: RequestSession) -> str:
        try:
            taken = take(session, clock, [MANY, TEN])
        except TooManyTries as error:
            return f"come back in {error.retry_after_s} s"
        keep(session, clock, taken)
        return "judged"

    ends = all_at_once(engine, wrong)

    assert ends.count("judged") == 10
    assert ends.count("come back in 600 s") == 90
    with a_session(engine) as session:  # who was refused counts nowhere
        rows = session.scalars(select(TryCount)).all()
    assert {row.key: row.taken for row in rows} == {TEN.key: 10, MANY.key: 10}


def test_a_hundred_right_tries_at_once_use_up_nothing(engine: Engine, clock: StoppedClock) -> None:
    def right(session: RequestSession) -> str:
        give_back(session, take(session, clock, [MANY, TEN]))
        return "judged"

    assert all_at_once(engine, right) == ["judged"] * AT_ONCE
    with a_session(engine) as session:
        assert session.scalar(select(func.max(TryCount.taken))) == 0


def test_who_is_right_beside_wrong_ones_waits_until_they_are_judged(
    engine: Engine, clock: StoppedClock
) -> None:
    with a_session(engine) as session:
        taken = [take(session, clock, [TEN]) for _ in range(10)]

        with ThreadPoolExecutor(1) as thread:
            waits = thread.submit(_taken_by_another, engine, clock)
            give_back(session, taken[0])

            assert waits.result().rows == taken[0].rows


def _taken_by_another(engine: Engine, clock: StoppedClock) -> Taken:
    with a_session(engine) as session:
        return take(session, clock, [TEN])


def test_a_try_that_was_never_judged_counts_as_wrong(
    engine: Engine, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.services.tries.WAITS_S", 0.1)
    with a_session(engine) as session:
        for _ in range(10):
            take(session, clock, [TEN])  # and the process was killed

        with pytest.raises(TooManyTries):
            take(session, clock, [TEN])

        clock.forward(minutes=10)
        assert take(session, clock, [TEN])


def test_a_lock_outlives_a_restart_and_ends_in_its_time(
    engine: Engine, clock: StoppedClock
) -> None:
    with a_session(engine) as session:
        for _ in range(10):
            clock.forward(seconds=5)
            keep(session, clock, take(session, clock, [TEN]))
    engine.dispose()  # nothing is left of the process

    with a_session(engine) as session:
        with pytest.raises(TooManyTries) as refused:
            take(session, clock, [TEN])
        clock.forward(seconds=refused.value.retry_after_s)

        assert take(session, clock, [TEN])


def test_counts_whose_time_is_over_are_swept(engine: Engine, clock: StoppedClock) -> None:
    with a_session(engine) as session:
        for number in range(30):
            limit = Limit(what=f"name {number}", most=10, within=timedelta(minutes=10))
            keep(session, clock, take(session, clock, [limit]))
        clock.forward(minutes=11)

        keep(session, clock, take(session, clock, [TEN]))
        after_one = session.scalar(select(func.count(TryCount.key)))
        session.rollback()
        with session.begin():
            forget_old_tries(session, clock, most=1000)

        assert after_one == 11
        assert session.scalars(select(TryCount.key)).all() == [TEN.key]
