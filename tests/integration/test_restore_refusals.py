"""What restoring refuses, and what it ends: each in words that say what to do."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from server.migrations import revisions, upgrade
from server.models.base import Base
from server.models.jobs import WorkerRow
from server.models.mails import Mail
from server.models.people import AuditEntry, Invitation, PasswordLink, RoleName, SignIn
from server.services.backup import back_up
from server.services.backup_format import (
    BackupRefused,
    Dump,
    Manifest,
    find_dumps,
    read_lines,
    write_lines,
    write_manifest,
)
from server.services.restore import RestoreWishes, find_dump
from server.services.turns import TO_WRITE
from server.wiring import Wiring, open_database
from storage.folder_store import FolderStore
from tests.backups import a_stored_lesson, bring_back, save, sent_file_of
from tests.builders import NOON, StoppedClock, a_sign_in, at_noon

TOO_LARGE = 8 * 2**40  # no disk of tests has room for it


@pytest.fixture
def folder(session: Session, wiring: Wiring, tmp_path: Path) -> Path:
    """A backup of an installation with one lesson."""
    a_stored_lesson(session, wiring)
    save(wiring, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def new_engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    yield engine
    engine.dispose()


@pytest.fixture
def new_store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "new-objects")


def is_empty(engine: Engine) -> bool:
    with engine.connect() as connection:
        tables = set(engine.dialect.get_table_names(connection))
        rows = (select(table).limit(1) for table in Base.metadata.sorted_tables)
        return not tables or all(connection.execute(each).first() is None for each in rows)


def with_manifest(dump: Dump, **changes: object) -> None:
    """Say something else of a backup, as if another version had made it."""
    facts = dump.manifest()
    (dump.path / "manifest.json").unlink()
    changed = {name: getattr(facts, name) for name in Manifest.__slots__} | changes
    write_manifest(dump.path, Manifest(**changed))


def test_folders_that_are_no_backup_are_told_apart(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "begun" / "arriving").mkdir(parents=True)

    told = {}
    for place in ("nowhere", "empty", "begun", "backup/objects", "."):
        with pytest.raises(BackupRefused) as refused:
            find_dump(tmp_path / place)
        told[place] = str(refused.value)

    assert "is the disk connected" in told["nowhere"]
    assert "folders named rows-" in told["empty"]
    assert "never finished" in told["begun"]
    assert f"{folder} is: give that one" in told["backup/objects"]
    assert f"{folder} is: give that one" in told["."]


def test_a_backup_of_a_newer_version_says_which_version_to_install(
    folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    with_manifest(find_dump(folder), revision="9999", product_version="7.1")

    with pytest.raises(BackupRefused, match=r"install version 7\.1 or a later one"):
        bring_back(new_engine, new_store, folder)
    with_manifest(find_dump(folder), format=3)
    with pytest.raises(BackupRefused, match=r"install this version or a later one"):
        bring_back(new_engine, new_store, folder)

    assert is_empty(new_engine)
    assert list(new_store.list_keys("")) == []


def test_an_installation_that_nobody_has_set_up_is_taken(
    folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    upgrade(new_engine)
    with Session(new_engine.execution_options(**TO_WRITE)) as session:
        session.add(WorkerRow(name="old", seen_at=NOON.replace(hour=1), started_at=NOON))
        session.commit()

    assert bring_back(new_engine, new_store, folder).faults == []


def test_nothing_is_restored_beside_a_running_worker(
    folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    upgrade(new_engine)
    with Session(new_engine.execution_options(**TO_WRITE)) as session:
        session.add(WorkerRow(name="lives", seen_at=NOON, started_at=NOON))
        session.commit()

    with pytest.raises(BackupRefused, match="stop the service"):
        bring_back(new_engine, new_store, folder)


def test_the_database_of_another_program_is_left_alone(
    folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    with new_engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))

    with pytest.raises(BackupRefused, match="another program"):
        bring_back(new_engine, new_store, folder)

    with new_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM theirs")).scalar() == 0


def test_rows_that_do_not_fit_together_leave_nothing_behind(
    folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    dump = find_dump(folder)
    (dump.path / "person.jsonl").unlink()
    files = dict(dump.manifest().files)
    files["person.jsonl"] = write_lines(dump.path / "person.jsonl", [])
    with_manifest(dump, files=files)

    with pytest.raises(BackupRefused, match="do not fit together"):
        bring_back(new_engine, new_store, folder)

    assert is_empty(new_engine)


def test_a_backup_that_finds_no_room_changes_nothing(
    session: Session, wiring: Wiring, folder: Path
) -> None:
    lesson = a_stored_lesson(session, wiring)
    os.truncate(wiring.settings.data_path / "objects" / sent_file_of(lesson), TOO_LARGE)
    before = sorted(folder.rglob("*"))

    with pytest.raises(BackupRefused, match=r"8796\.1 GB are new"):
        save(wiring, folder)

    assert sorted(folder.rglob("*")) == before


def test_a_restore_that_finds_no_room_changes_nothing(
    folder: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    dump = find_dump(folder)
    lines = [line | {"size_bytes": TOO_LARGE} for line in read_lines(dump.path / "objects.jsonl")]
    (dump.path / "objects.jsonl").unlink()
    objects = write_lines(dump.path / "objects.jsonl", lines)
    with_manifest(dump, files=dict(dump.manifest().files) | {"objects.jsonl": objects})

    with pytest.raises(BackupRefused, match="GB come back"):
        bring_back(new_engine, new_store, folder)

    assert is_empty(new_engine)


def test_sign_ins_unused_links_and_waiting_mails_end_and_the_audit_log_says_why(
    session: Session, wiring: Wiring, tmp_path: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    lesson = a_stored_lesson(session, wiring)
    a_sign_in(session, lesson.owner)
    times = {"created_at": NOON, "expires_at": NOON.replace(year=2027)}
    session.add(Invitation(token_sha256="0" * 64, role=RoleName.TEACHER, **times))
    whose = {"person_id": lesson.owner_id, "is_by_machine": True}
    session.add(PasswordLink(token_sha256="1" * 64, **whose, **times))
    mail = {"to_address": "kru@example.org", "subject": "ลิงก์", "text": "https://…"}
    session.add(Mail(**mail, made_at=NOON, next_at=NOON))
    session.commit()
    save(wiring, tmp_path / "backup")

    bring_back(new_engine, new_store, tmp_path / "backup")

    with Session(new_engine) as restored:
        assert restored.scalars(select(SignIn)).all() == []
        assert restored.scalars(select(Invitation)).one().expires_at == NOON
        assert restored.scalars(select(Mail)).all() == []
        assert restored.scalars(select(PasswordLink)).one().ended_at == NOON
        assert restored.scalars(select(AuditEntry.action)).all() == ["installation.restore"]


def test_on_a_move_people_stay_signed_in(
    session: Session, wiring: Wiring, tmp_path: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    a_sign_in(session, a_stored_lesson(session, wiring).owner)
    save(wiring, tmp_path / "backup")

    bring_back(new_engine, new_store, tmp_path / "backup", RestoreWishes(keeps_sign_ins=True))

    with Session(new_engine) as restored:
        assert len(restored.scalars(select(SignIn)).all()) == 1


def test_a_clock_that_went_wrong_does_not_make_the_newest_backup_the_oldest(
    session: Session, wiring: Wiring, clock: StoppedClock, folder: Path
) -> None:
    clock.at = NOON.replace(year=2000)  # the battery is empty
    a_stored_lesson(session, wiring, "ใหม่")

    saved = [save(wiring, folder).dump for _ in range(8)]

    assert find_dump(folder) == saved[-1]
    assert find_dumps(folder) == saved[1:]


def test_nobody_else_can_read_a_backup(session: Session, wiring: Wiring, folder: Path) -> None:
    (folder / "objects").chmod(0o755)  # as earlier versions left it
    save(wiring, folder)

    inside = list(folder.rglob("*"))

    assert {path.stat().st_mode & 0o077 for path in inside if path.is_dir()} == {0}
    assert {path.stat().st_mode & 0o777 for path in inside if path.is_file()} == {0o600}


def test_two_backups_into_one_folder_do_not_mix(wiring: Wiring, folder: Path) -> None:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(BackupRefused, match="another backup"):
            save(wiring, folder)


def test_a_backup_before_an_update_is_made_of_the_tables_that_are_there(
    wiring: Wiring, tmp_path: Path, new_engine: Engine, new_store: FolderStore
) -> None:
    old = open_database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    upgrade(old, revisions()[-2])

    dump = save_of(old, tmp_path)

    assert dump.manifest().revision == revisions()[-2]
    assert bring_back(new_engine, new_store, dump.path).revision == revisions()[-2]
    old.dispose()


def save_of(engine: Engine, folder: Path) -> Dump:
    return back_up(engine, at_noon, FolderStore(folder / "none"), folder / "b").dump
