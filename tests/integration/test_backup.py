"""Everything to a folder and back, also to another kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from server.models.lessons import Lesson
from server.models.library import Asset, Part
from server.services.backup import back_up
from server.services.backup_format import BackupRefused
from server.wiring import Wiring, open_database
from storage.folder_store import FolderStore
from storage.store import StoreError
from tests.backups import bring_back
from tests.builders import StoppedClock, a_lesson, an_office


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def empty_engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    yield engine
    engine.dispose()


def test_a_lesson_comes_back_with_its_objects(
    session: Session, wiring: Wiring, folder: Path, empty_engine: Engine, tmp_path: Path
) -> None:
    an_office(session)
    lesson = a_lesson(session, store=wiring.store, published=True)
    back_up(wiring.engine, wiring.clock, wiring.store, folder)
    store = FolderStore(tmp_path / "empty-objects")

    bring_back(empty_engine, store, folder)

    with Session(empty_engine) as restored:
        again = restored.get_one(Lesson, lesson.id)
        assert (again.title, again.published_at) == (lesson.title, lesson.published_at)
        assert len(restored.scalars(select(Part)).all()) == 6
    keys = {info.key for info in wiring.store.list_keys("assets/")}
    assert {info.key for info in store.list_keys("assets/")} == keys


def test_rows_come_back_on_another_kind_of_database(
    session: Session, wiring: Wiring, folder: Path, empty_postgres_url: str, tmp_path: Path
) -> None:
    lesson = a_lesson(session, published=True)
    back_up(wiring.engine, wiring.clock, wiring.store, folder)
    engine = open_database(empty_postgres_url)

    bring_back(engine, FolderStore(tmp_path / "empty-objects"), folder)

    with Session(engine) as restored:
        assert restored.get_one(Lesson, lesson.id).owner.display_name == lesson.owner.display_name
    engine.dispose()


def test_what_was_copied_before_is_not_copied_again(
    session: Session, wiring: Wiring, folder: Path, clock: StoppedClock
) -> None:
    a_lesson(session, store=wiring.store)
    assert back_up(wiring.engine, clock, wiring.store, folder).copied_count == 6
    clock.forward(days=1)

    a_lesson(session, store=wiring.store)

    assert back_up(wiring.engine, clock, wiring.store, folder).copied_count == 6


def test_a_backup_that_breaks_off_leaves_the_one_before(
    session: Session, wiring: Wiring, folder: Path, clock: StoppedClock, empty_engine: Engine
) -> None:
    a_lesson(session, store=wiring.store)
    back_up(wiring.engine, clock, wiring.store, folder)
    a_lesson(session, store=wiring.store)
    clock.forward(days=1)

    blocked = folder / "objects" / "assets"
    blocked.rename(folder / "objects" / "elsewhere")
    blocked.write_text("in the way")
    with pytest.raises((OSError, StoreError)):
        back_up(wiring.engine, clock, wiring.store, folder)

    blocked.unlink()
    (folder / "objects" / "elsewhere").rename(blocked)
    bring_back(empty_engine, FolderStore(folder.parent / "empty-objects"), folder)
    with Session(empty_engine) as restored:
        assert len(restored.scalars(select(Asset)).all()) == 1


def test_nothing_is_restored_over_data(session: Session, wiring: Wiring, folder: Path) -> None:
    a_lesson(session)
    back_up(wiring.engine, wiring.clock, wiring.store, folder)

    with pytest.raises(BackupRefused, match="has data already"):
        bring_back(wiring.engine, wiring.store, folder)
