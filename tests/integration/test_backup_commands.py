"""`khlang backup`, `verify` and `restore`, as they are typed: also by who types them wrong."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.cli import main
from server.models.people import Office
from server.wiring import Wiring, open_database
from tests.backups import a_stored_lesson, sent_file_of, spoil
from tests.builders import an_office

Khlang = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder, with no settings of Khlang's."""
    for name in ("DATA_PATH", "DATABASE_URL", "OBJECT_STORE_URL", "SEARCH_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def khlang(place: Path) -> Khlang:
    """Type a command; no trace of the program may ever be shown."""

    def typed(*words: str | Path, **settings: str | Path) -> Result:
        env = {name: str(value) for name, value in settings.items()}
        result = CliRunner().invoke(main, [str(word) for word in words], env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return typed


@pytest.fixture
def data(session: Session, wiring: Wiring) -> Path:
    """The data folder of an office with one lesson."""
    an_office(session)
    a_stored_lesson(session, wiring)
    return wiring.settings.data_path


def test_without_data_path_nothing_is_made_and_it_is_said(khlang: Khlang, place: Path) -> None:
    for command in ("backup", "check", "reindex"):
        said = khlang(command, *(["/tmp/x"] if command == "backup" else []))  # noqa: S108

        assert said.exit_code == 1
        assert f"There is no installation in {place / 'data'}. DATA_PATH is not set" in said.output
    assert list(place.iterdir()) == []


def test_a_wrong_data_path_makes_nothing_either(khlang: Khlang, place: Path) -> None:
    said = khlang("backup", place / "b", DATA_PATH=place / "wrong")

    assert said.exit_code == 1
    assert "DATA_PATH names another folder than the service uses" in said.output
    assert list(place.iterdir()) == []


def test_a_restore_without_data_path_is_refused(khlang: Khlang, place: Path) -> None:
    said = khlang("restore", place / "b")

    assert said.exit_code == 1
    assert "DATA_PATH is not set" in said.output
    assert list(place.iterdir()) == []


def test_a_folder_that_is_not_there_makes_no_installation(khlang: Khlang, place: Path) -> None:
    said = khlang("restore", place / "b", DATA_PATH=place / "new")

    assert said.exit_code == 1
    assert "is the disk connected" in said.output
    assert list(place.iterdir()) == []


def test_a_database_that_is_away_is_said_in_words(khlang: Khlang, place: Path) -> None:
    nowhere = "postgresql://khlang:secret@127.0.0.1:1/khlang"

    said = khlang("backup", place / "b", DATA_PATH=place, DATABASE_URL=nowhere)

    assert said.exit_code == 1
    assert "The database does not do it" in said.output
    assert "secret" not in said.output


def test_a_backup_inside_what_it_saves_is_refused(khlang: Khlang, data: Path) -> None:
    said = khlang("backup", data / "backup", DATA_PATH=data)

    assert said.exit_code == 1
    assert "would be lost with it" in said.output


def test_back_and_forth(khlang: Khlang, data: Path, place: Path) -> None:
    saved = khlang("backup", place / "b", DATA_PATH=data)
    verified = khlang("verify", place / "b")
    back = khlang("restore", place / "b", DATA_PATH=place / "new")

    assert (saved.exit_code, verified.exit_code, back.exit_code) == (0, 0, 0)
    assert "7 objects were new" in saved.output
    assert "on the disk of the installation" in saved.output
    assert "all rows and 7 objects are as written" in verified.output
    assert f"Everything is back in {place / 'new'}" in back.output
    assert "All people sign in again" in back.output
    engine = open_database(f"sqlite:///{place / 'new' / 'khlang.sqlite3'}")
    with Session(engine) as session:
        assert session.scalars(select(Office.name)).all() == ["สพป.เพชรบุรี เขต 2"]
    engine.dispose()
    made = [path.stat().st_mode for path in (place / "new").rglob("*")]
    assert {mode & 0o077 for mode in made if stat.S_ISREG(mode)} == {0}


def test_a_damaged_object_ends_each_command_with_1_and_its_lesson(
    khlang: Khlang, data: Path, place: Path, session: Session, wiring: Wiring
) -> None:
    lesson = a_stored_lesson(session, wiring, "ระบบสุริยะ")
    khlang("backup", place / "b", DATA_PATH=data)
    spoil(place / "b" / "objects" / sent_file_of(lesson))

    verified = khlang("verify", place / "b")
    back = khlang("restore", place / "b", DATA_PATH=place / "new")
    (data / "objects" / sent_file_of(lesson)).write_bytes(b"")
    saved = khlang("backup", place / "c", DATA_PATH=data)

    assert (verified.exit_code, back.exit_code, saved.exit_code) == (1, 1, 1)
    for said in (verified, back, saved):
        assert 'the sent file "การบวกเลข.mp4" of lesson "ระบบสุริยะ"' in said.output
    assert "Everything is back" not in back.output
    assert "All but 1 objects are back" in back.output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_restores_belongs_to_the_service(khlang: Khlang, data: Path, place: Path) -> None:
    khlang("backup", place / "b", DATA_PATH=data)
    (place / "new").mkdir()
    os.chown(place / "new", 12345, 12346)

    khlang("restore", place / "b", DATA_PATH=place / "new")

    made = [path.stat() for path in (place / "new").rglob("*")]
    assert {(each.st_uid, each.st_gid) for each in made} == {(12345, 12346)}


def test_a_data_folder_that_was_lost_alone_comes_back_in_its_place(
    khlang: Khlang, data: Path, place: Path, wiring: Wiring
) -> None:
    khlang("backup", place / "b", DATA_PATH=data)
    wiring.engine.dispose()
    shutil.rmtree(data)

    refused = khlang("backup", place / "b", DATA_PATH=data)
    back = khlang("restore", place / "b", DATA_PATH=data)

    assert (refused.exit_code, back.exit_code) == (1, 0)
    assert khlang("backup", place / "b", DATA_PATH=data).exit_code == 0


def test_an_installation_that_was_only_prepared_can_be_restored_into(
    khlang: Khlang, data: Path, place: Path
) -> None:
    khlang("backup", place / "b", DATA_PATH=data)
    khlang("init", DATA_PATH=place / "new")

    back = khlang("restore", place / "b", DATA_PATH=place / "new")

    assert back.exit_code == 0
    again = khlang("restore", place / "b", DATA_PATH=place / "new")
    assert again.exit_code == 1
    assert "has data already" in again.output
