"""From the outbox to the search index.

The database is the truth. An outbox row goes only after its lesson is in the index, so a death at
any moment means that something is indexed twice, and that changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from search.index import Changes, SearchDocument, SearchIndex
from server.jobs.workshop import Workshop
from server.messages import IndexChanges
from server.models.courses import Course
from server.models.jobs import OutboxEntry
from server.models.lessons import Lesson
from server.queue import Lease, enqueue
from server.services.clock import Clock
from server.services.index_courses import (
    document_of_course,
    ids_of_courses_with,
    load_courses_for_index,
)
from server.services.index_lessons import NO_ITEMS, documents_of, load_for_index
from server.services.lesson_content import newest_contents

BATCH = 500  # outbox rows per commit of the index
LOADED_AT_ONCE = 50  # lessons in memory
AGAIN = timedelta(seconds=5)


def index_changes(_job: IndexChanges, workshop: Workshop, lease: Lease) -> None:
    """Bring the index up to date; make it anew if it is missing or of another version."""
    if workshop.index.needs_rebuild():
        if workshop.index.is_rebuilding():
            _come_back(workshop)
            return
        reindex(workshop.sessions, workshop.index, workshop.now)
    drain_outbox(workshop.sessions, workshop.index, on_batch=lambda: lease.renew(0.0))


def drain_outbox(
    sessions: sessionmaker[Session],
    index: SearchIndex,
    *,
    on_batch: Callable[[], None] | None = None,
) -> int:
    """Index what the outbox names, batch by batch; return how many rows were seen.

    While the index is being rebuilt the rows stay, for the folder that will be in use afterwards.
    """
    seen, last = 0, None
    while True:
        keeps_rows = index.is_rebuilding()  # asked first: a rebuild that begins later reads later
        rows = _next_rows(sessions, last)
        if not rows:
            return seen
        if on_batch:
            on_batch()
        ids = _with_courses(sessions, [changed_id for _, changed_id in rows])
        index.apply(
            Changes(lesson_ids=[str(id_) for id_ in ids], documents=_documents(sessions, ids))
        )
        if not keeps_rows:
            _forget(sessions, [row_id for row_id, _ in rows])
        seen, last = seen + len(rows), rows[-1][0]


def reindex(sessions: sessionmaker[Session], index: SearchIndex, now: Clock) -> int:
    """Make the index anew beside the one in use; return how many documents it holds.

    What changes meanwhile waits in the outbox and is indexed by the job that is queued at the end.
    """
    count = index.rebuild(_all_documents(sessions))
    with sessions() as session, session.begin():
        enqueue(session, IndexChanges(), now())
    return count


def _come_back(workshop: Workshop) -> None:
    """Try again soon: what another process is making may be ready then."""
    now = workshop.now()
    with workshop.sessions() as session, session.begin():
        enqueue(session, IndexChanges(), now, run_at=now + AGAIN)


def _next_rows(sessions: sessionmaker[Session], last: UUID | None) -> Sequence[tuple[UUID, UUID]]:
    query = select(OutboxEntry.id, OutboxEntry.lesson_id).order_by(OutboxEntry.id).limit(BATCH)
    if last is not None:
        query = query.where(OutboxEntry.id > last)
    with sessions() as session, session.begin():
        return [(row_id, lesson_id) for row_id, lesson_id in session.execute(query)]


def _with_courses(sessions: sessionmaker[Session], ids: Sequence[UUID]) -> list[UUID]:
    """Return these lessons and courses, each once, and the courses that hold one of the lessons."""
    with sessions() as session, session.begin():
        return list(dict.fromkeys([*ids, *ids_of_courses_with(session, ids)]))


def _forget(sessions: sessionmaker[Session], row_ids: list[UUID]) -> None:
    with sessions() as session, session.begin():
        session.execute(delete(OutboxEntry).where(OutboxEntry.id.in_(row_ids)))


def _all_documents(sessions: sessionmaker[Session]) -> Iterator[SearchDocument]:
    for kind in (Lesson, Course):
        for ids in _ids_of_all(sessions, kind):
            yield from _documents(sessions, ids)


def _ids_of_all(
    sessions: sessionmaker[Session], kind: type[Lesson | Course]
) -> Iterator[Sequence[UUID]]:
    last: UUID | None = None
    while True:
        query = select(kind.id).order_by(kind.id).limit(LOADED_AT_ONCE)
        if last is not None:
            query = query.where(kind.id > last)
        with sessions() as session, session.begin():
            ids = session.scalars(query).all()
        if not ids:
            return
        yield ids
        last = ids[-1]


def _documents(sessions: sessionmaker[Session], ids: Sequence[UUID]) -> Iterator[SearchDocument]:
    """Yield what there is of lessons and courses when it is asked for."""
    for start in range(0, len(ids), LOADED_AT_ONCE):
        with sessions() as session, session.begin():
            documents = _loaded(session, ids[start : start + LOADED_AT_ONCE])
        yield from documents


def _loaded(session: Session, ids: Sequence[UUID]) -> list[SearchDocument]:
    lessons = load_for_index(session, ids)
    contents = newest_contents(session, [lesson.id for lesson in lessons])
    return [
        *(each for one in lessons for each in documents_of(one, contents.get(one.id, NO_ITEMS))),
        *map(document_of_course, load_courses_for_index(session, ids)),
    ]
