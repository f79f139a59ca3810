"""Power cuts and `kill -9` while people work: what was acknowledged is there afterwards."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from search.index import SearchQuery
from search.words import query_words
from server.jobs.index_changes import drain_outbox
from server.models.lessons import Lesson
from server.services.progress_passes import PassReader
from server.services.spool import Spool, boot_id
from server.wiring import Wiring, utc_now
from tests.drills.desk import Acknowledged, Desk, a_desk
from tests.drills.loop_disk import LoopDisk
from tests.drills.people_at_work import PeopleAtWork, missing
from tests.reporters import Plan, Tally, a_full_hall, lost_reports, reporting, tally_of
from tests.services.product import Product
from tests.services.programs import free_ports

RESUMED_IN_30 = 100
pytestmark = pytest.mark.slow


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LoopDisk]:
    disk = LoopDisk(tmp_path)
    yield disk
    disk.let_go()


def test_a_power_cut_takes_nothing_that_was_acknowledged(
    disk: LoopDisk, tmp_path: Path, rounds: int
) -> None:
    product = Product(disk.path / "data", free_ports()[0])

    def cut() -> None:
        product.stand_still()
        disk.cut()
        product.kill()

    def boot() -> None:
        disk.boot()
        # The machine that runs the test was not started anew; the product is to think so.
        boot = Spool(product.settings.spool_path).boot_path
        assert boot.read_text() == boot_id()
        boot.write_text("the start before")

    work_through(product, tmp_path, rounds, end=cut, begin_again=boot)


def test_a_kill_takes_nothing_that_was_acknowledged(tmp_path: Path, rounds: int) -> None:
    product = Product(tmp_path / "data", free_ports()[0])

    work_through(product, tmp_path, rounds, end=product.kill, begin_again=lambda: None)


def work_through(
    product: Product,
    folder: Path,
    rounds: int,
    *,
    end: Callable[[], None],
    begin_again: Callable[[], None],
) -> None:
    """Have everybody work, end it at a random moment, look, and go on; so many rounds."""
    product.prepare()
    desk = a_desk(product)
    passes = a_full_hall(product, 60)
    product.start()
    moments = random.Random(2569)  # noqa: S311 (a moment, not a secret)
    devices = reporting(Plan(product.port, passes, per_second=30, seconds=36_000.0), folder)
    people = PeopleAtWork(desk)
    try:
        for _ in range(rounds):
            people.work(at_least=moments.randint(20, 60))
            end()
            people.pause()
            begin_again()
            assert lost(product, desk) == []
            product.start()
        people.work(at_least=20)
        people.pause()
        tally = tally_of(devices, folder, is_enough=True)
    finally:
        people.end()
        product.kill()
    assert lost(product, desk) == []
    assert desk.noted.resumed_count * 30 >= RESUMED_IN_30 * rounds
    with product.session() as session:
        reader = PassReader(product.settings.playback_keys)
        assert lost_reports(session, reader, tally, utc_now()) == 0
    print(figures(desk.noted, tally, rounds))  # noqa: T201 (the figures of a drill)


def lost(product: Product, desk: Desk) -> list[str]:
    """Return what is missing on the disk; nobody works meanwhile."""
    with product.wired() as wiring:
        drain_outbox(wiring.sessions, wiring.index)
        with wiring.sessions() as session:
            found = missing(session, wiring.store, desk.noted)
            found += [*wiring.index.check(), *not_found(session, wiring, desk)]
        wiring.index.close()
    return found


def not_found(session: Session, wiring: Wiring, desk: Desk) -> list[str]:
    """Return titles that were saved, indexed and taken from the outbox, and are not found."""
    saved = select(Lesson.title).where(Lesson.id.in_(desk.noted.titles))
    titles = session.scalars(saved).all()
    session.commit()
    return [f"not found: {title}" for title in titles if _total(wiring, title) != 1]


def _total(wiring: Wiring, title: str) -> int:
    number = title.rpartition(" ")[2]
    words = tuple(word for word in query_words(title) if word.terms[0].texts == (number,))
    query = SearchQuery(words=words, audiences=frozenset({"public"}))
    return wiring.index.search(query).total


def figures(told: Acknowledged, tally: Tally, rounds: int) -> str:
    """Return what was acknowledged in all."""
    return (
        f"{rounds} rounds: {told.offset_count} offsets, {told.resumed_count} uploads resumed, "
        f"{len(told.finished)} finished, {told.saved_count} lessons saved, "
        f"{len(told.answers)} answers, {sum(map(len, tally.told_s.values()))} reports"
    )
