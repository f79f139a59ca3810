"""A backup into a new installation: rows in one transaction, so that half of it is never served."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.migrations import (
    BrokenReferences,
    look_at_references,
    migrating,
    upgrade_within,
)
from server.services.backup_check import check_rows
from server.services.backup_format import BackupRefused, Dump, find_dumps
from server.services.backup_objects import PREFIXES
from server.services.backup_rows import HISTORY, load_rows
from server.services.backup_words import ObjectNames
from server.services.clock import Clock
from server.services.expected_objects import expected_objects
from server.services.old_backups import revision_of
from server.services.restored_objects import ObjectReturns
from server.services.restored_rows import end_what_opens, note_restore, send_uploads_back
from storage.store import ObjectStore

OF_NOBODY = {  # what an installation that nobody has set up writes by itself
    HISTORY,
    "consistency_check",
    "job",
    "outbox_entry",
    "playback_session",
    "try_count",
    "work_speed",
    "worker",
}
JUST_NOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreWishes:
    """What is decided by who restores."""

    revision: str = ""  # of a backup that does not say it; empty: as its tables look
    keeps_sign_ins: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """What came back, and a line for everything that did not."""

    dump: Dump
    revision: str
    object_count: int
    upload_count: int  # sent back to their beginning
    faults: list[str]


def restore(
    engine: Engine, now: Clock, store: ObjectStore, dump: Dump, wishes: RestoreWishes
) -> RestoreReport:
    """Bring a backup into an installation without data; whatever can be brought is.

    Objects first, then all rows at once: until then nothing is shown, and after a crash it is
    begun again. Raises BackupRefused (nothing has changed), StoreError, OSError.
    """
    check_rows(dump)
    revision = revision_of(dump, wishes.revision)
    with engine.connect() as connection:
        refuse_data(connection, now)
    store.check()
    returns = ObjectReturns(store=store, dump=dump)
    returns.refuse_without_room()
    returns.bring_all()
    with _refusing(), migrating(engine) as connection:
        refuse_data(connection, now)
        _drop_empty_tables(connection)
        upgrade_within(connection, revision)
        load_rows(connection, dump)
        upgrade_within(connection)
        with Session(connection) as session:
            upload_count = send_uploads_back(session, now, store)
            if not wishes.keeps_sign_ins:
                end_what_opens(session, now)
            note_restore(session, now, dump.path.name)
            session.flush()
        look_at_references(connection)
    names = ObjectNames(dump)
    faults = [*returns.faults, *_missing(engine, store, names, returns.told)]
    return RestoreReport(
        dump=dump,
        revision=revision,
        object_count=returns.count,
        upload_count=upload_count,
        faults=faults,
    )


def find_dump(folder: Path) -> Dump:
    """Return the newest backup of a folder, or the one whose own folder is given.

    Raises BackupRefused that says what the folder is instead.
    """
    folder = folder.resolve()
    if found := _dump_in(folder):
        return found
    if not folder.exists():
        raise BackupRefused(f"there is no folder {folder}: is the disk connected, the name right?")
    for near in (folder.parent, *sorted(folder.glob("*"))):
        if found := _dump_in(near):
            raise BackupRefused(f"{folder} is no backup, but {found.path.parent} is: give that one")
    if (folder / "arriving").exists():
        raise BackupRefused(f"in {folder} a backup was begun and never finished: nothing is in it")
    raise BackupRefused(f"there is no backup in {folder}: a backup has folders named rows-…")


def refuse_data(connection: Connection, now: Clock) -> None:
    """Refuse a database in which something is, or with which somebody works now."""
    tables = _tables(connection)
    if tables and HISTORY not in tables:
        raise BackupRefused(
            "the database holds tables of another program: give Khlang one of its own"
        )
    for name in sorted(tables.keys() - OF_NOBODY):
        if connection.scalar(select(func.count()).select_from(tables[name])):
            raise BackupRefused(
                f"this installation has data already (table {name}): nothing is restored over it. "
                f"Stop the service, put its data folder or database aside under another name, and "
                f"restore again: whatever is there stays there"
            )
    if "worker" in tables:
        seen = connection.execute(select(tables["worker"].c.seen_at)).scalars()
        if any(at.timestamp() > (now() - JUST_NOW).timestamp() for at in map(_aware, seen)):
            raise BackupRefused(
                "this installation is running, or was less than a minute ago: stop the service "
                "first (systemctl stop khlang, or docker compose stop app worker)"
            )


def _dump_in(folder: Path) -> Dump | None:
    if any(Dump(folder) == each for each in find_dumps(folder.parent)):
        return Dump(folder)
    dumps = find_dumps(folder)
    return dumps[-1] if dumps else None


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _tables(connection: Connection) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return dict(metadata.tables)


def _drop_empty_tables(connection: Connection) -> None:
    metadata = MetaData()
    metadata.reflect(connection)
    metadata.drop_all(connection)


@contextmanager
def _refusing() -> Iterator[None]:
    """Say in words that rows do not fit together; then none of them has come in."""
    try:
        yield
    except (BrokenReferences, IntegrityError) as error:
        raise BackupRefused(f"the rows of this backup do not fit together: {error}") from error


def _missing(
    engine: Engine, store: ObjectStore, names: ObjectNames, told: Collection[str]
) -> Iterator[str]:
    """Say what rows name and is not there, though the backup did not have it either."""
    there = {info.key for prefix in PREFIXES for info in store.list_keys(prefix)}
    with Session(engine) as session:
        needed = {each.key for each in expected_objects(session) if each.is_needed}
    for key in sorted(needed - there - set(told)):
        yield f"missing, and was so when the backup was made: {names.name(key)}"
