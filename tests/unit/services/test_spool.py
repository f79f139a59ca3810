"""What of an arriving upload is told, and what of it a power cut leaves."""

from pathlib import Path

import pytest

from server.models.base import uuid7
from server.models.library import Upload
from server.services.spool import Spool

UPLOAD = Upload(id=uuid7(), stored_bytes=0, size_bytes=100)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    path = tmp_path / "spool"
    path.mkdir()
    spool = Spool(path)
    spool.forget_torn("first start")
    return spool


def grow(spool: Spool, content: bytes) -> None:
    with spool.file_of(UPLOAD.id, 0).open("ab") as file:
        file.write(content)


def test_after_a_power_cut_what_was_not_told_is_forgotten(spool: Spool) -> None:
    grow(spool, b"told")
    assert spool.offset_of(UPLOAD) == 4
    grow(spool, b"torn")

    spool.forget_torn("second start")

    assert spool.offset_of(UPLOAD) == 4
    assert spool.file_of(UPLOAD.id, 0).read_bytes() == b"told"


def test_after_a_kill_all_that_has_arrived_is_kept(spool: Spool) -> None:
    grow(spool, b"told")
    spool.offset_of(UPLOAD)
    grow(spool, b"also")

    spool.forget_torn("first start")

    assert spool.offset_of(UPLOAD) == 8


def test_files_of_a_version_that_noted_nothing_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    path.mkdir()
    spool = Spool(path)
    grow(spool, b"arrived before")

    spool.forget_torn("start with the new version")

    assert spool.offset_of(UPLOAD) == 14


def test_a_file_and_its_note_go_together(spool: Spool) -> None:
    grow(spool, b"told")
    spool.offset_of(UPLOAD)

    spool.drop_file(UPLOAD.id, 0)

    assert list(spool.path.iterdir()) == []


def test_the_file_that_is_gone_on_with_keeps_its_note(spool: Spool) -> None:
    grow(spool, b"told")
    spool.offset_of(UPLOAD)

    spool.drop(UPLOAD.id, keep_base_bytes=0)
    spool.forget_torn("second start")

    assert spool.offset_of(UPLOAD) == 4
