"""Bytes that disks have spoiled: never restored in silence, never put over good ones."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from server.models.lessons import Lesson
from server.services.backup_check import check_backup
from server.services.backup_format import BackupRefused, find_dumps
from server.services.backup_objects import READ_WITHIN
from server.wiring import Wiring, open_database
from storage.folder_store import FolderStore
from storage.store import ObjectInfo, ObjectNotFound
from tests.backups import a_stored_lesson, bring_back, parts_of, save, sent_file_of, spoil
from tests.builders import StoppedClock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def new_engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    yield engine
    engine.dispose()


@pytest.fixture
def new_store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "new-objects")


@pytest.fixture
def objects(wiring: Wiring) -> Path:
    return wiring.settings.data_path / "objects"


def test_a_whole_backup_is_whole_and_comes_back_whole(
    session: Session, wiring: Wiring, folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    a_stored_lesson(session, wiring)

    saved = save(wiring, folder)

    assert (saved.object_count, saved.faults, saved.notes) == (7, [], [])
    assert check_backup(saved.dump).faults == []
    assert bring_back(new_engine, new_store, folder).faults == []


def test_a_file_damaged_here_is_named_by_its_lesson_and_the_good_copy_stays(
    session: Session,
    wiring: Wiring,
    folder: Path,
    objects: Path,
    new_engine: Engine,
    new_store: FolderStore,
) -> None:
    lesson = a_stored_lesson(session, wiring)
    good = (objects / sent_file_of(lesson)).read_bytes()
    save(wiring, folder)
    (objects / sent_file_of(lesson)).write_bytes(good[:50])  # cut off, as a full disk does

    saved = save(wiring, folder)

    assert len(saved.faults) == 1
    assert "damaged here, good in the backup" in saved.faults[0]
    assert 'the sent file "การบวกเลข.mp4" of lesson "เศษส่วน ป.4"' in saved.faults[0]
    assert bring_back(new_engine, new_store, folder).faults == []
    assert new_store.path_of(sent_file_of(lesson)).read_bytes() == good


def test_a_sent_file_that_was_damaged_from_the_first_backup_on_is_kept_as_it_is_and_said(
    session: Session,
    wiring: Wiring,
    folder: Path,
    objects: Path,
    new_engine: Engine,
    new_store: FolderStore,
) -> None:
    lesson = a_stored_lesson(session, wiring)
    spoil(objects / sent_file_of(lesson))

    saved = save(wiring, folder)

    assert [fault.partition(":")[0] for fault in saved.faults] == ["damaged"]
    report = bring_back(new_engine, new_store, folder)
    assert [fault.partition(":")[0] for fault in report.faults] == [
        "was damaged when it was saved, and is so again"
    ]
    as_it_is = (objects / sent_file_of(lesson)).read_bytes()
    assert new_store.path_of(sent_file_of(lesson)).read_bytes() == as_it_is


def test_once_it_is_good_again_the_backup_takes_it(
    session: Session, wiring: Wiring, folder: Path, objects: Path
) -> None:
    lesson = a_stored_lesson(session, wiring)
    spoil(objects / sent_file_of(lesson))
    save(wiring, folder)
    spoil(objects / sent_file_of(lesson))  # the same bit again: as it was

    saved = save(wiring, folder)

    assert saved.faults == []
    assert check_backup(saved.dump).faults == []


def test_a_made_piece_that_is_damaged_is_left_out_and_all_else_is_saved(
    session: Session, wiring: Wiring, folder: Path, objects: Path
) -> None:
    lesson = a_stored_lesson(session, wiring)
    spoil(objects / parts_of(wiring, lesson)[0])

    saved = save(wiring, folder)

    assert saved.object_count == 6
    assert ['a piece made of the file "การบวกเลข.mp4"' in fault for fault in saved.faults] == [True]


def test_a_piece_damaged_in_the_backup_is_copied_anew_within_a_month_of_backups(
    session: Session, wiring: Wiring, folder: Path, clock: StoppedClock
) -> None:
    lesson = a_stored_lesson(session, wiring)
    save(wiring, folder)
    spoil(folder / "objects" / parts_of(wiring, lesson)[2])

    notes = []
    for _ in range(READ_WITHIN):
        clock.forward(days=1)
        notes += save(wiring, folder).notes

    assert [note.partition(":")[0] for note in notes] == ["was damaged in the backup, copied anew"]
    assert check_backup(find_dumps(folder)[-1]).faults == []


def test_a_piece_cut_off_in_the_backup_is_copied_anew_by_the_next_one(
    session: Session, wiring: Wiring, folder: Path
) -> None:
    lesson = a_stored_lesson(session, wiring)
    save(wiring, folder)
    (folder / "objects" / sent_file_of(lesson)).write_bytes(b"cut")

    saved = save(wiring, folder)

    assert (saved.faults, len(saved.notes), saved.copied_count) == ([], 1, 1)
    assert check_backup(saved.dump).faults == []


def test_what_the_installation_has_lost_stays_in_the_backup_and_comes_back(
    session: Session,
    wiring: Wiring,
    folder: Path,
    objects: Path,
    new_engine: Engine,
    new_store: FolderStore,
) -> None:
    lesson = a_stored_lesson(session, wiring)
    save(wiring, folder)
    (objects / sent_file_of(lesson)).unlink()

    saved = save(wiring, folder)

    assert [fault.partition(":")[0] for fault in saved.faults] == [
        "missing here, good in the backup"
    ]
    assert bring_back(new_engine, new_store, folder).faults == []


class DeletedMeanwhile(FolderStore):
    """A store of which somebody deletes a lesson just after the backup has read its rows."""

    def __init__(self, root: Path, session: Session, lesson: Lesson) -> None:
        super().__init__(root)
        assert lesson.original is not None
        self._session, self._lesson, self._asset = session, lesson, lesson.original.asset
        self._key = sent_file_of(lesson)

    def list_keys(self, prefix: str) -> Iterator[ObjectInfo]:
        with self._session.begin():
            self._session.execute(delete(Lesson).where(Lesson.id == self._lesson.id))
            self._asset.original_key = "originals/other"
        self.delete(self._key)
        return super().list_keys(prefix)


def test_what_is_deleted_meanwhile_is_told_and_no_fault(
    session: Session, wiring: Wiring, folder: Path, objects: Path
) -> None:
    a_stored_lesson(session, wiring)
    lesson = a_stored_lesson(session, wiring, "ลบแล้ว")
    store = DeletedMeanwhile(objects, session, lesson)

    saved = save(replace(wiring, store=store), folder)

    assert saved.faults == []
    assert ["ลบแล้ว" in note for note in saved.notes] == [True]


def test_a_piece_damaged_in_the_backup_does_not_come_back_and_all_else_does(
    session: Session, wiring: Wiring, folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    lesson = a_stored_lesson(session, wiring)
    a_stored_lesson(session, wiring, "อื่น")
    saved = save(wiring, folder)
    spoil(folder / "objects" / sent_file_of(lesson))
    (folder / "objects" / parts_of(wiring, lesson)[1]).unlink()

    report = bring_back(new_engine, new_store, folder)

    assert sorted(fault.partition(":")[0] for fault in report.faults) == [
        "damaged in the backup",
        "missing in the backup",
    ]
    assert all('of lesson "เศษส่วน ป.4"' in fault for fault in report.faults)
    assert report.object_count == 12
    assert sorted(check_backup(saved.dump).faults) == sorted(report.faults)
    with pytest.raises(ObjectNotFound):
        new_store.stat(sent_file_of(lesson))


def test_a_store_that_outlived_the_database_keeps_what_is_good_and_gets_what_is_not(
    session: Session, wiring: Wiring, folder: Path, objects: Path, new_engine: Engine
) -> None:
    lesson = a_stored_lesson(session, wiring)
    good = (objects / sent_file_of(lesson)).read_bytes()
    save(wiring, folder)
    spoil(objects / sent_file_of(lesson))
    (folder / "objects" / parts_of(wiring, lesson)[1]).unlink()

    report = bring_back(new_engine, wiring.store, folder)

    assert report.faults == []
    assert (objects / sent_file_of(lesson)).read_bytes() == good


def test_rows_that_are_damaged_are_refused_and_the_backup_before_is_named(
    session: Session, wiring: Wiring, folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    a_stored_lesson(session, wiring)
    whole = save(wiring, folder).dump
    spoil(save(wiring, folder).dump.path / "lesson.jsonl")

    with pytest.raises(BackupRefused, match=r"lesson\.jsonl") as refused:
        bring_back(new_engine, new_store, folder)

    assert str(whole.path) in str(refused.value)
    assert bring_back(new_engine, new_store, whole.path).faults == []


def test_a_manifest_that_is_damaged_is_refused(
    session: Session, wiring: Wiring, folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    a_stored_lesson(session, wiring)
    spoil(save(wiring, folder).dump.path / "manifest.json", at=60)

    with pytest.raises(BackupRefused, match=r"manifest\.json"):
        bring_back(new_engine, new_store, folder)
