"""Two at once, while a lesson is removed for good: what was acknowledged is there."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import AppError
from server.models.assignments import HandIn
from server.models.lessons import Lesson
from server.models.people import Person
from server.request_context import RequestSession
from server.services.hand_ins import Verdict, hand_in, mark_hand_in
from server.services.lessons import restore_lesson
from server.services.tidy import erase_lesson
from server.wiring import Wiring
from tests.builders import (
    StoppedClock,
)
from tests.given_class import Class, a_busy_class


@pytest.fixture
def busy(db: Session, world: Wiring, clock: StoppedClock) -> Class:
    return a_busy_class(db, world, clock)


Deed = Callable[[Class, Session], object]


def _hands_in(klass: Class, session: Session) -> None:
    hand_in(
        session,
        klass.clock,
        lesson_id=klass.lesson_id,
        item_id=klass.task.id,
        text="ทันเวลา",
        original_ids=(),
        by=session.get_one(Person, klass.pupils[2].id),
    )


def _marks(klass: Class, session: Session) -> None:
    work_id = session.scalars(select(HandIn.id)).one()
    by = session.get_one(Person, klass.teacher.id)
    said = Verdict(comment="ดี", mark=7)
    mark_hand_in(session, klass.clock, hand_in_id=work_id, verdict=said, by=by)


def _brings_back(klass: Class, session: Session) -> None:
    by = session.get_one(Person, klass.teacher.id)
    restore_lesson(session, klass.clock, lesson_id=klass.lesson_id, by=by)


@pytest.mark.parametrize("deed", [_hands_in, _marks, _brings_back])
def test_two_at_once_what_was_acknowledged_is_there(busy: Class, deed: Deed) -> None:
    busy.delete()
    both = Barrier(2)

    def do(what: Deed) -> AppError | None:
        changes = {"changes": True}
        with RequestSession(busy.world.engine, expire_on_commit=False, info=changes) as session:
            both.wait()
            try:
                what(busy, session)
            except AppError as error:
                return error
        return None

    with ThreadPoolExecutor(2) as pool:
        done = pool.submit(do, deed)
        erased = pool.submit(do, _erases)
    refused, kept = done.result(), erased.result()

    busy.db.expire_all()
    texts = dict(busy.db.execute(select(HandIn.text, HandIn.mark)).all())
    is_there = busy.db.get(Lesson, busy.lesson_id) is not None
    if deed is _hands_in:
        assert refused is None
        assert set(texts) == {"งานของฉัน", "ทันเวลา"}
    elif deed is _marks:
        assert refused is None
        assert texts == {"งานของฉัน": 7}
    else:
        assert is_there == (refused is None)
        assert (kept is None) == (refused is not None)


def _erases(klass: Class, session: Session) -> None:
    by = session.get_one(Person, klass.teacher.id)
    erase_lesson(session, klass.clock, lesson_id=klass.lesson_id, by=by)
