"""The indexer dies at any moment: nothing is lost, nothing is doubled."""

import multiprocessing
import random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from search.index import SearchQuery
from search.words import query_words
from server.jobs.index_changes import drain_outbox, reindex
from server.models.jobs import OutboxEntry
from server.models.lessons import Lesson, Visibility
from server.services.index_lessons import note_change
from server.settings import Settings
from server.wiring import Wiring, wire
from tests.builders import StoppedClock, a_lesson, a_person

KILLS = 6


def drain_for_ever(settings: Settings) -> None:
    wiring = wire(settings)
    while True:
        drain_outbox(wiring.sessions, wiring.index)


@pytest.mark.slow
def test_kills_of_the_indexer_lose_and_double_nothing(
    settings: Settings, wiring: Wiring, session: Session, clock: StoppedClock
) -> None:
    owner = a_person(session)
    first = a_lesson(session, owner, visibility=Visibility.PUBLIC, published=True)
    with session.begin():
        copies = [_copy(first, number) for number in range(40)]
        session.add_all(copies)
    reindex(wiring.sessions, wiring.index, clock)
    moments = random.Random(2569)  # noqa: S311 (no secret)

    for kill in range(KILLS):
        process = multiprocessing.get_context("spawn").Process(
            target=drain_for_ever, args=(settings,)
        )
        process.start()
        for lesson in copies:
            with session.begin():
                lesson.title = f"แสง รอบ {kill}"
                note_change(session, clock, lesson.id)
        process.join(timeout=0.5 + moments.random())
        process.kill()
        process.join()
    drain_outbox(wiring.sessions, wiring.index)

    assert session.scalar(select(func.count()).select_from(OutboxEntry)) == 0
    result = wiring.index.search(
        SearchQuery(words=query_words(f"รอบ {KILLS - 1}"), audiences=frozenset({"public"}))
    )
    assert result.total == len(copies)
    wiring.index.close()


def _copy(lesson: Lesson, number: int) -> Lesson:
    names = ("owner_id", "school_id", "original_id", "visibility", "published_at")
    facts = {name: getattr(lesson, name) for name in (*names, "created_at", "changed_at")}
    return Lesson(title=f"แสง {number}", **facts)
