"""Backups that are killed at any moment, and disks that spoil any file of them."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models.lessons import Lesson
from server.services.backup_check import check_backup
from server.services.backup_format import BackupRefused
from server.wiring import open_database
from storage.folder_store import FolderStore
from tests.backups import a_stored_lesson, bring_back, save, spoil
from tests.services.product import Product

LESSONS = 12
LONGEST_S = 0.4  # about what the backup of these takes


@pytest.fixture
def product(tmp_path: Path) -> Product:
    """An office with lessons; nothing of it runs."""
    product = Product(tmp_path / "data", port=1)
    product.prepare()
    with product.session() as session, product.wired() as wiring:
        for number in range(LESSONS):
            a_stored_lesson(session, wiring, f"บทที่ {number}")
    return product


def kill_a_backup(product: Product, folder: Path, chance: random.Random) -> None:
    """Begin `khlang backup` and kill it soon after its first byte."""
    argv = [sys.executable, "-m", "server.cli", "backup", str(folder)]
    with subprocess.Popen(argv, env=product.environment, stdout=subprocess.DEVNULL) as backup:
        while not (folder / "arriving").exists() and backup.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, LONGEST_S))
        backup.send_signal(signal.SIGKILL)


def bytes_in(root: Path) -> Mapping[str, bytes]:
    keys = [path for prefix in ("originals", "assets") for path in (root / prefix).rglob("*")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in keys if path.is_file()}


def restored(folder: Path, place: Path) -> tuple[list[str], int, Mapping[str, bytes]]:
    """Restore into `place`; return the faults, how many lessons came, and all objects."""
    engine = open_database(f"sqlite:///{place}.sqlite3")
    report = bring_back(engine, FolderStore(place), folder)
    with Session(engine) as session:
        lesson_count = session.scalar(select(func.count()).select_from(Lesson)) or 0
    engine.dispose()
    return report.faults, lesson_count, bytes_in(place)


def test_backups_killed_at_any_moment_leave_the_last_good_one(
    product: Product, tmp_path: Path, rounds: int
) -> None:
    chance, folder = random.Random(13), tmp_path / "backup"  # noqa: S311 (the same each time)
    with product.session() as session, product.wired() as wiring:
        save(wiring, folder)
        for number in range(1, rounds + 1):
            a_stored_lesson(session, wiring, f"ใหม่ {number}")

            kill_a_backup(product, folder, chance)

            faults, lesson_count, _ = restored(folder, tmp_path / f"killed{number}")
            assert faults == []
            assert lesson_count in {LESSONS + number - 1, LESSONS + number}
            assert check_backup(save(wiring, folder).dump).faults == []
            _, lesson_count, objects = restored(folder, tmp_path / f"whole{number}")
            assert lesson_count == LESSONS + number
            assert objects == bytes_in(product.data_path / "objects")


def harm(path: Path, chance: random.Random) -> None:
    """Do to a file what disks and people do."""
    how = chance.choice(["spoil", "cut off", "remove"])
    if how == "spoil":
        spoil(path, at=chance.randrange(path.stat().st_size))
    elif how == "cut off":
        path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])
    else:
        path.unlink()


def test_what_disks_spoil_is_refused_or_told_exactly(
    product: Product, tmp_path: Path, rounds: int
) -> None:
    chance = random.Random(31)  # noqa: S311 (the same each time)
    source = bytes_in(product.data_path / "objects")
    for number in range(rounds * 2):
        folder = tmp_path / f"backup{number}"
        with product.wired() as wiring:
            earlier, newest = save(wiring, folder).dump, save(wiring, folder).dump
        rows = [path for path in newest.path.iterdir() if path.stat().st_size]
        objects = [path for path in (folder / "objects").rglob("*") if path.is_file()]
        chosen = chance.choice(rows if number % 2 else objects)

        harm(chosen, chance)

        usable = folder
        if chosen in rows:
            usable = earlier.path
            assert str(usable) in refusal_of(folder, tmp_path / f"refused{number}")
        faults, lesson_count, came = restored(usable, tmp_path / f"new{number}")
        lost = {key for key in source if folder / "objects" / key == chosen}
        assert {fault.rpartition("[")[2].rstrip("]") for fault in faults} == lost
        assert lesson_count == LESSONS
        assert came == {key: content for key, content in source.items() if key not in lost}


def refusal_of(folder: Path, place: Path) -> str:
    """Try to restore; return why it was refused, or nothing."""
    try:
        restored(folder, place)
    except BackupRefused as refused:
        return str(refused)
    return ""
