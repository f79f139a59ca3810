"""Deaths of the indexer at any moment, and what is lost or doubled by them."""

import multiprocessing
import random

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
from tests.builders import a_lesson, a_person

LESSON_COUNT = 25
PUBLIC = frozenset({"public"})


def count_lost(settings: Settings, wiring: Wiring, session: Session, *, kills: int) -> int:
    """Kill an indexer again and again while all lessons change; return what is wrong at the end.

    Counted are notes that stay, lessons that are missing in their last state, and those that are
    found in an earlier one or twice.
    """
    lessons = _lessons(session)
    reindex(wiring.sessions, wiring.index, wiring.clock)
    moments = random.Random(2569)  # noqa: S311 (no secret)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    for kill in range(kills):
        process = context.Process(target=drain_for_ever, args=(settings,))
        process.start()
        with session.begin():
            for lesson in lessons:
                lesson.title = f"แสง รอบ {1000 + kill}"
                note_change(session, wiring.clock, lesson.id)
        process.join(timeout=0.1 + 0.4 * moments.random())
        process.kill()
        process.join()
    drain_outbox(wiring.sessions, wiring.index)
    left = session.scalar(select(func.count()).select_from(OutboxEntry)) or 0
    totals = [_total(wiring, f"รอบ {1000 + kill}") for kill in range(kills)]
    wiring.index.close()
    return left + sum(totals[:-1]) + abs(totals[-1] - len(lessons))


def drain_for_ever(settings: Settings) -> None:
    """Be an indexer until killed."""
    wiring = wire(settings)
    while True:
        drain_outbox(wiring.sessions, wiring.index)


def _total(wiring: Wiring, text: str) -> int:
    """Count lessons that hold all words of the text."""
    number = text.rsplit(maxsplit=1)[-1]
    words = tuple(word for word in query_words(text) if word.terms[0].texts == (number,))
    return wiring.index.search(SearchQuery(words=words, audiences=PUBLIC)).total


def _lessons(session: Session) -> list[Lesson]:
    owner = a_person(session)
    first = a_lesson(session, owner, visibility=Visibility.PUBLIC, published=True)
    names = ("owner_id", "school_id", "original_id", "visibility", "published_at")
    facts = {name: getattr(first, name) for name in (*names, "created_at", "changed_at")}
    with session.begin():
        copies = [Lesson(title=f"แสง {number}", **facts) for number in range(LESSON_COUNT)]
        session.add_all(copies)
    return copies
