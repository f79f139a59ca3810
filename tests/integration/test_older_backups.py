"""Backups of every revision so far come back whole, and as if the database had been updated."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from server.migrations import revisions, upgrade
from server.services.backup import back_up
from server.services.backup_format import MANIFEST, OBJECT_LIST, BackupRefused, Dump
from server.services.backup_rows import tables_of
from server.services.old_backups import guess_revision
from server.services.restore import RestoreWishes, restore
from server.services.turns import TO_WRITE
from server.wiring import Wiring, open_database
from storage.folder_store import FolderStore
from tests.backups import a_stored_lesson, save, sent_file_of, spoil
from tests.builders import at_noon
from tests.rows_of_any import RowMaker, all_rows

MOVE = RestoreWishes(keeps_sign_ins=True)
ON_POSTGRES = {revisions()[0], revisions()[len(revisions()) // 2], revisions()[-1]}


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """An empty SQLite file of every revision: each is a copy of the one before, gone on with."""
    folder = tmp_path_factory.mktemp("histories")
    made: dict[str, Path] = {}
    path = folder / "growing.sqlite3"
    for revision in revisions():
        engine = open_database(f"sqlite:///{path}")
        upgrade(engine, revision)
        engine.dispose()
        made[revision] = Path(shutil.copy(path, folder / f"{revision}.sqlite3"))
    return made


def a_filled_database(template: Path, folder: Path) -> Engine:
    engine = open_database(f"sqlite:///{shutil.copy(template, folder / 'live.sqlite3')}")
    with engine.execution_options(**TO_WRITE).begin() as connection:
        RowMaker(connection).fill()
    return engine


def a_backup_of(engine: Engine, folder: Path) -> Dump:
    return back_up(engine, at_noon, FolderStore(folder / "objects"), folder / "backup").dump


def rows_of(engine: Engine) -> Mapping[str, list[str]]:
    """Return all rows but the note of the restore itself."""
    with engine.connect() as connection:
        rows = all_rows(connection)
    acts = [row for row in rows["audit_entry"] if "installation.restore" not in row]
    return rows | {"audit_entry": acts}


def tables_in(template: Path) -> Mapping[str, Sequence[str]]:
    engine = open_database(f"sqlite:///{template}")
    with engine.connect() as connection:
        found = {table.name: table.columns.keys() for table in tables_of(connection)}
    engine.dispose()
    return found


def as_old_as(dump: Dump) -> Dump:
    """Make of a backup what earlier versions made."""
    (dump.path / MANIFEST).unlink()
    (dump.path / OBJECT_LIST).unlink()
    return Dump(dump.path.rename(dump.path.with_name(dump.path.name.partition("-no")[0])))


@pytest.mark.parametrize("revision", revisions())
def test_a_backup_of_any_revision_is_what_an_update_of_its_database_is(
    revision: str, histories: Mapping[str, Path], tmp_path: Path
) -> None:
    live = a_filled_database(histories[revision], tmp_path)
    dump = a_backup_of(live, tmp_path)
    upgrade(live)
    restored = open_database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")

    restore(restored, at_noon, FolderStore(tmp_path / "store"), dump, MOVE)

    came = rows_of(restored)
    assert came == rows_of(live)
    assert not [
        table for table in tables_in(histories[revision]) if len(came.get(table, "gone")) < 2
    ]
    restored.dispose()
    live.dispose()


@pytest.mark.parametrize("revision", sorted(ON_POSTGRES))
def test_so_it_is_on_another_kind_of_database(
    revision: str, histories: Mapping[str, Path], tmp_path: Path, empty_postgres_url: str
) -> None:
    live = a_filled_database(histories[revision], tmp_path)
    dump = a_backup_of(live, tmp_path)
    upgrade(live)
    restored = open_database(empty_postgres_url)

    restore(restored, at_noon, FolderStore(tmp_path / "store"), dump, MOVE)

    assert rows_of(restored) == rows_of(live)
    back = open_database(f"sqlite:///{tmp_path / 'back.sqlite3'}")
    again = back_up(restored, at_noon, FolderStore(tmp_path / "objects"), tmp_path / "again").dump
    restore(back, at_noon, FolderStore(tmp_path / "store"), again, MOVE)
    assert rows_of(back) == rows_of(live)
    for engine in (live, restored, back):
        engine.dispose()


@pytest.mark.parametrize("revision", revisions())
def test_of_a_backup_that_says_no_revision_it_is_seen_by_its_tables(
    revision: str, histories: Mapping[str, Path], tmp_path: Path
) -> None:
    live = a_filled_database(histories[revision], tmp_path)
    dump = as_old_as(a_backup_of(live, tmp_path))

    guessed = guess_revision(dump)

    assert guessed >= revision
    assert tables_in(histories[guessed]) == tables_in(histories[revision])
    live.dispose()


def test_a_backup_that_says_no_revision_comes_back_all_the_same(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    lesson = a_stored_lesson(session, wiring)
    dump = as_old_as(save(wiring, tmp_path / "backup").dump)
    spoil(dump.objects_path / sent_file_of(lesson))
    restored = open_database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")

    report = restore(restored, at_noon, FolderStore(tmp_path / "store"), dump, MOVE)

    assert report.revision == revisions()[-1]
    assert ["damaged in the backup" in fault for fault in report.faults] == [True]
    assert rows_of(restored) == rows_of(wiring.engine)
    restored.dispose()


def test_a_revision_that_is_said_counts_and_rows_that_it_has_not_are_refused(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    dump = as_old_as(save(wiring, tmp_path / "backup").dump)
    restored = open_database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")

    for said, told in (("0001", "no tables of this revision"), ("none", "there is no revision")):
        with pytest.raises(BackupRefused, match=told):
            restore(restored, at_noon, FolderStore(tmp_path), dump, RestoreWishes(revision=said))
    restored.dispose()


def test_the_next_backup_reads_all_that_was_saved_without_hashes(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    lesson = a_stored_lesson(session, wiring)
    dump = as_old_as(save(wiring, tmp_path / "backup").dump)
    (tmp_path / "backup" / "latest").symlink_to(dump.path.name)
    spoil(dump.objects_path / sent_file_of(lesson))

    saved = save(wiring, tmp_path / "backup")

    assert (saved.copied_count, len(saved.notes), saved.faults) == (1, 1, [])
    assert not (tmp_path / "backup" / "latest").is_symlink()
