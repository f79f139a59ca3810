"""Backups for tests: lessons with all their bytes, and disks that spoil them."""

import hashlib
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from server.models.lessons import Lesson
from server.services.backup import BackupReport, back_up
from server.services.restore import RestoreReport, RestoreWishes, find_dump, restore
from server.wiring import Wiring
from storage.store import ObjectStore
from tests.builders import a_lesson, a_person, a_ready_asset, an_original, at_noon

NUMBERS = count(1)


def a_stored_lesson(session: Session, wiring: Wiring, title: str = "เศษส่วน ป.4") -> Lesson:
    """Make a lesson whose sent file is stored too: 7 objects."""
    content = f"sent file {next(NUMBERS)}".encode() * 100
    facts: dict[str, Any] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
    }
    asset = a_ready_asset(session, wiring.store, **facts)
    wiring.store.put_bytes(asset.original_key, content, content_type="video/mp4")
    owner = a_person(session)
    return a_lesson(session, owner, original=an_original(session, owner, asset), title=title)


def sent_file_of(lesson: Lesson) -> str:
    """Return the key of a lesson's sent file."""
    assert lesson.original is not None
    return lesson.original.asset.original_key


def parts_of(wiring: Wiring, lesson: Lesson) -> list[str]:
    """Return the keys of what was made of a lesson's file, in order."""
    assert lesson.original is not None
    prefix = f"assets/{lesson.original.asset_id}/"
    return sorted(info.key for info in wiring.store.list_keys(prefix))


def spoil(path: Path, at: int = 7) -> None:
    """Change one byte of a file, and nothing else of it."""
    facts = path.stat()
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 0x10
    path.chmod(0o600)
    path.write_bytes(content)
    path.chmod(facts.st_mode)


def save(wiring: Wiring, folder: Path) -> BackupReport:
    """Back an installation up."""
    return back_up(wiring.engine, wiring.clock, wiring.store, folder, version="0.2")


def bring_back(
    engine: Engine, store: ObjectStore, folder: Path, wishes: RestoreWishes | None = None
) -> RestoreReport:
    """Restore the newest backup of a folder."""
    return restore(engine, at_noon, store, find_dump(folder), wishes or RestoreWishes())
