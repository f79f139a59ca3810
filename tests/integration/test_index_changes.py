"""From the outbox to the index, with deaths and rebuilds between."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from search.index import Changes, SearchDocument, SearchIndex
from server.jobs.index_changes import drain_outbox, index_changes, reindex
from server.jobs.originals import OriginalFiles
from server.jobs.workshop import Limits, Workshop
from server.messages import IndexChanges
from server.models.jobs import JobRow, OutboxEntry
from server.models.lessons import Visibility
from server.queue import Lease, claim, enqueue, finish
from server.services.find import Question, find_lessons
from server.services.index_lessons import documents_of, note_change
from server.services.lesson_facets import Filters
from server.wiring import Wiring
from tests.builders import StoppedClock, a_lesson, queued_jobs


def outbox(session: Session) -> list[UUID]:
    with session.begin():
        return list(session.scalars(select(OutboxEntry.lesson_id)))


def test_a_note_is_written_with_its_job(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session)

    with session.begin():
        note_change(session, clock, lesson.id)
        note_change(session, clock, lesson.id)

    assert outbox(session) == [lesson.id, lesson.id]
    assert queued_jobs(session) == ["index_changes"]


class DyingIndex:
    """A SearchIndex whose process dies right after a commit."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index

    def apply(self, changes: Changes) -> None:
        self._index.apply(changes)
        raise KeyboardInterrupt

    def is_rebuilding(self) -> bool:
        return self._index.is_rebuilding()


def test_a_crash_between_the_index_and_the_outbox_loses_and_doubles_nothing(
    wiring: Wiring, session: Session, clock: StoppedClock
) -> None:
    lesson = a_lesson(session, title="แสง", visibility=Visibility.PUBLIC, published=True)
    with session.begin():
        note_change(session, clock, lesson.id)

    with pytest.raises(KeyboardInterrupt):
        drain_outbox(wiring.sessions, DyingIndex(wiring.index))  # type: ignore[arg-type]  # a part
    assert outbox(session) == [lesson.id]

    drain_outbox(wiring.sessions, wiring.index)
    assert outbox(session) == []
    assert find_lessons(session, wiring.index, Question(text="แสง")).total == 1


def test_reindexing_finds_all_again_and_queues_what_changed_meanwhile(
    wiring: Wiring, session: Session, clock: StoppedClock
) -> None:
    lesson = a_lesson(session, title="แสง", visibility=Visibility.PUBLIC, published=True)
    assert wiring.index.needs_rebuild()

    assert reindex(wiring.sessions, wiring.index, clock) == 1

    [found] = find_lessons(session, wiring.index, Question(text="แสง")).lessons
    assert found.lesson.id == lesson.id
    assert queued_jobs(session) == ["index_changes"]
    assert not wiring.index.needs_rebuild()


def test_changes_during_a_rebuild_are_found_at_once_and_not_forgotten_by_the_new_index(
    wiring: Wiring, session: Session, clock: StoppedClock
) -> None:
    lesson = a_lesson(session, title="แสง", visibility=Visibility.PUBLIC, published=True)
    reindex(wiring.sessions, wiring.index, clock)

    def rebuilt() -> Iterator[SearchDocument]:
        with session.begin():
            documents = documents_of(lesson)
            lesson.title = "เสียง"
            note_change(session, clock, lesson.id)
        drain_outbox(wiring.sessions, wiring.index)
        assert find_lessons(session, wiring.index, Question(text="เสียง")).total == 1
        yield from documents

    wiring.index.rebuild(rebuilt())
    assert outbox(session) == [lesson.id]

    drain_outbox(wiring.sessions, wiring.index)
    assert find_lessons(session, wiring.index, Question(text="เสียง")).total == 1
    assert (
        find_lessons(session, wiring.index, Question(text="แสง", filters=Filters(grade="P1"))).total
        == 0
    )
    assert outbox(session) == []


def a_workshop(wiring: Wiring) -> Workshop:
    return Workshop(
        sessions=wiring.sessions,
        now=wiring.clock,
        store=wiring.store,
        index=wiring.index,
        tools=wiring.tools,
        originals=OriginalFiles(wiring.store, wiring.settings.work_path, max_bytes=2**30),
        limits=Limits(max_duration_s=60, upload_expiry_days=1, undo_days=1, search_log_days=1),
        spool_path=wiring.settings.spool_path,
        work_path=wiring.settings.work_path,
        nice=0,
    )


def run_index_job(wiring: Wiring, session: Session, clock: StoppedClock) -> None:
    with session.begin():
        enqueue(session, IndexChanges(), clock())
    claimed = claim(session, clock(), worker="test", first_work_only=True)
    assert claimed is not None
    lease = Lease(wiring.sessions, clock, claimed)
    index_changes(IndexChanges(), a_workshop(wiring), lease)
    finish(session, claimed)


def test_the_job_makes_a_missing_index(
    wiring: Wiring, session: Session, clock: StoppedClock
) -> None:
    a_lesson(session, title="แสง", visibility=Visibility.PUBLIC, published=True)

    run_index_job(wiring, session, clock)

    assert find_lessons(session, wiring.index, Question(text="แสง")).total == 1
    assert not wiring.index.needs_rebuild()


def test_the_job_comes_back_while_another_process_makes_the_first_index(
    wiring: Wiring, session: Session, clock: StoppedClock
) -> None:
    def documents() -> Iterator[SearchDocument]:
        run_index_job(wiring, session, clock)
        yield from ()

    wiring.index.rebuild(documents())

    with session.begin():
        [job] = session.scalars(select(JobRow))
        assert job.run_at > clock()
