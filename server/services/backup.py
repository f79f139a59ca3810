"""Everything of an installation into one folder, checked: see backup_format for what is there."""

import fcntl
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, select
from sqlalchemy.orm import Session

from server.migrations import current_revision, revisions
from server.services.backup_format import (
    FORMAT,
    OBJECT_LIST,
    BackupRefused,
    Dump,
    FileFacts,
    Held,
    Manifest,
    find_dumps,
    owner_only,
    write_lines,
    write_manifest,
)
from server.services.backup_objects import GIGABYTE, HARMLESS, ObjectCopies, Trouble, Troubled
from server.services.backup_rows import write_rows
from server.services.backup_words import ObjectNames
from server.services.clock import Clock
from server.services.expected_objects import expected_objects
from storage.store import ObjectStore
from storage.syncing import make_folder, sync

KEPT_DUMPS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was read in one transaction, while people went on working."""

    revision: str
    files: Mapping[str, FileFacts]
    hashes: Mapping[str, str]  # of sent files
    needed: Collection[str]  # keys of objects that rows name


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What a backup did, and a line for each object that is not as it should be."""

    dump: Dump
    object_count: int
    row_count: int
    copied_count: int
    copied_bytes: int
    faults: list[str]
    notes: list[str]


def back_up(
    engine: Engine,
    now: Clock,
    store: ObjectStore,
    folder: Path,
    *,
    version: str = "",
    reserved_bytes: int = 0,
) -> BackupReport:
    """Add a backup to `folder`, on whose disk `reserved_bytes` stay free.

    Rows are read before objects are copied, and objects never change: every row's object is there,
    unless it was deleted meanwhile. A backup that breaks off leaves those before as they were.
    Raises BackupRefused, StoreError, OSError.
    """
    with owner_only(), _alone(folder), _arriving(folder) as arriving:
        dumps = find_dumps(folder)
        number = _next_number(dumps)
        made_at = now()
        rows = arriving / f"rows-{made_at:%Y%m%dT%H%M%S%fZ}-no{number}"
        rows.mkdir()
        snapshot = _read_rows(engine, rows)
        copies = _copies(store, folder, arriving, snapshot, dumps)
        _refuse_without_room(folder, copies.room_needed(), reserved_bytes)
        held = (asdict(each) for each in _all_objects(engine, copies, snapshot.needed))
        objects = write_lines(rows / OBJECT_LIST, held)
        copies.sync()
        facts = Manifest(
            format=FORMAT,
            product_version=version,
            revision=snapshot.revision,
            database=engine.dialect.name,
            made_at=made_at.isoformat(),
            number=number,
            files={**snapshot.files, OBJECT_LIST: objects},
        )
        write_manifest(rows, facts)
        dump = _finish(rows, folder)
    return _report(dump, facts, copies)


def _finish(rows: Path, folder: Path) -> Dump:
    """Give it the name of a finished backup, and remove those that are too old."""
    sync(rows)
    rows.rename(folder / rows.name)
    sync(folder)
    (folder / "latest").unlink(missing_ok=True)  # a link that earlier versions made
    for old in find_dumps(folder)[:-KEPT_DUMPS]:
        shutil.rmtree(old.path)
    return Dump(folder / rows.name)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other backups out of this folder. Raises BackupRefused."""
    make_folder(folder)
    for inside in ("objects", *(dump.path.name for dump in find_dumps(folder))):
        (folder / inside).mkdir(exist_ok=True)
        with suppress(PermissionError):  # a disk that knows no owners
            (folder / inside).chmod(0o700)  # also what earlier versions left open to all
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(f"another backup into {folder} is running: let it end") from error
        yield


@contextmanager
def _arriving(folder: Path) -> Iterator[Path]:
    path = folder / "arriving"
    shutil.rmtree(path, ignore_errors=True)  # what a crash left
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _read_rows(engine: Engine, rows: Path) -> Snapshot:
    """Write all rows in one transaction that reads one state."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        revision = current_revision(connection) or ""
        if revision not in revisions():
            raise BackupRefused(
                f"the database is of revision {revision or 'none'}, which this version does not "
                f"know: use the version that runs here"
            )
        return Snapshot(
            revision=revision,
            files=write_rows(connection, rows),
            hashes=_hashes(connection),
            needed=_needed(connection) if revision == revisions()[-1] else (),
        )


def _hashes(connection: Connection) -> dict[str, str]:
    asset = Table("asset", MetaData(), autoload_with=connection)
    wanted = select(asset.c.original_key, asset.c.sha256)
    return {key: sha256 for key, sha256 in connection.execute(wanted) if sha256}


def _needed(connection: Connection) -> set[str]:
    with Session(connection) as session:
        return {each.key for each in expected_objects(session) if each.is_needed}


def _saved_before(dumps: list[Dump]) -> dict[str, Held]:
    """Return what the latest backup with a whole list has; empty: all is read and compared."""
    for dump in reversed(dumps):
        if not dump.is_old and not _is_broken(dump):
            return {held.key: held for held in dump.held()}
    return {}


def _is_broken(dump: Dump) -> bool:
    try:
        return OBJECT_LIST in dump.damaged_files()
    except BackupRefused:
        return True


def _next_number(dumps: list[Dump]) -> int:
    return dumps[-1].number + 1 if dumps else 1


def _copies(
    store: ObjectStore, folder: Path, arriving: Path, snapshot: Snapshot, dumps: list[Dump]
) -> ObjectCopies:
    return ObjectCopies(
        store=store,
        folder=folder / "objects",
        arriving=arriving / "object",
        hashes=snapshot.hashes,
        before=_saved_before(dumps),
        number=_next_number(dumps),
    )


def _refuse_without_room(folder: Path, needed_bytes: int, reserved_bytes: int) -> None:
    free_bytes = max(shutil.disk_usage(folder).free - reserved_bytes, 0)
    if needed_bytes > free_bytes:
        raise BackupRefused(
            f"{needed_bytes / GIGABYTE:.1f} GB are new, and {folder} has room for "
            f"{free_bytes / GIGABYTE:.1f} GB: make room there, or take a larger disk and a new "
            f"folder. The backups that are there are as they were."
        )


def _all_objects(engine: Engine, copies: ObjectCopies, needed: Collection[str]) -> Iterator[Held]:
    """Yield what is copied or was, and what the store has lost but an earlier backup has."""
    missing = set(needed)
    for held in copies.save_all():
        missing.discard(held.key)
        yield held
    missing -= {each.key for each in copies.troubles}
    with engine.connect() as connection:
        still_needed = _needed(connection) if missing else set()
    for key in sorted(missing):
        kept = copies.keep(key)
        is_lost = Trouble.MISSING_HERE if kept else Trouble.MISSING
        trouble = is_lost if key in still_needed else Trouble.DELETED
        copies.troubles.append(Troubled(key=key, trouble=trouble))
        if kept:
            yield kept


def _report(dump: Dump, facts: Manifest, copies: ObjectCopies) -> BackupReport:
    names = ObjectNames(dump)
    lines: dict[bool, list[str]] = {True: [], False: []}
    for each in copies.troubles:
        is_harmless = each.trouble in HARMLESS
        lines[is_harmless].append(f"{each.trouble}: {names.name(each.key)}")
    counts = {name: each.line_count for name, each in facts.files.items()}
    object_count = counts.pop(OBJECT_LIST)
    return BackupReport(
        dump=dump,
        object_count=object_count,
        row_count=sum(counts.values()),
        copied_count=copies.copied_count,
        copied_bytes=copies.copied_bytes,
        faults=lines[False],
        notes=lines[True],
    )
