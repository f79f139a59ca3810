"""Everything of an installation to and from one folder.

`objects/` holds every object once, by key (they never change). Each backup adds a folder of rows,
one JSON line per row and one file per table, the same for SQLite and PostgreSQL; the link `latest`
moves to it last, so that a crash leaves the earlier backup as it was.
"""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Date, Engine, Table, Uuid, func, insert, select

from server.errors import Conflict, NotFound
from server.models.base import Base, UtcTime
from server.services.clock import Clock
from server.services.turns import TO_WRITE
from storage.store import ObjectInfo, ObjectNotFound, ObjectStore

PREFIXES = ("originals/", "assets/")
LEFT_OUT = ("worker", "playback_session")  # of the moment
BATCH = 500
KEPT_DUMPS = 7


def back_up(engine: Engine, now: Clock, store: ObjectStore, folder: Path) -> int:
    """Add a backup to `folder`; return how many objects were copied. Raises StoreError, OSError.

    Rows are written before objects are copied, and objects are never changed: every row's object
    is there, unless it was deleted meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dump = folder / f"rows-{now():%Y%m%dT%H%M%S%fZ}"
    _write_rows(engine, dump)
    copied_count = _copy_objects(store, folder / "objects")
    _point_to(folder / "latest", dump)
    for old in sorted(folder.glob("rows-*"))[:-KEPT_DUMPS]:
        shutil.rmtree(old)
    return copied_count


def restore(engine: Engine, store: ObjectStore, folder: Path) -> None:
    """Bring the latest backup into an installation whose tables are made and empty.

    Again after a crash goes on. Raises NotFound without a backup, Conflict if there is data.
    """
    dump = folder / "latest"
    if not dump.is_dir():
        raise NotFound(f"no backup in {folder}")
    _refuse_data(engine)
    objects = folder / "objects"
    for path in sorted(path for path in objects.rglob("*") if path.is_file()):
        _bring_back(store, path.relative_to(objects).as_posix(), path)
    with engine.execution_options(**TO_WRITE).begin() as connection:
        for table in _tables():
            _read_rows(connection, table, dump / f"{table.name}.jsonl")


def _tables() -> list[Table]:
    """Return the tables, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def _write_rows(engine: Engine, dump: Path) -> None:
    arriving = dump.with_name(f"arriving-{dump.name}")
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir()
    # One transaction that reads one state, while people go on working.
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        for table in _tables():
            _write_table(connection, table, arriving / f"{table.name}.jsonl")
    arriving.rename(dump)


def _write_table(connection: Connection, table: Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in connection.execute(select(table)).mappings():
            plain = {name: _plain(value) for name, value in row.items()}
            file.write(json.dumps(plain, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _plain(value: object) -> object:
    if isinstance(value, date):  # also a datetime
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _read_rows(connection: Connection, table: Table, path: Path) -> None:
    if not path.exists():  # a table that came after this backup
        return
    known = {column.name: column for column in table.columns}
    with path.open(encoding="utf-8") as file:
        rows = (json.loads(line) for line in file)
        typed = (
            {name: _typed(known[name], value) for name, value in row.items() if name in known}
            for row in rows
        )
        for batch in _batches(typed):
            connection.execute(insert(table), batch)


def _typed(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 (a column's value)
    if value is None:
        return None
    if isinstance(column.type, UtcTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return UUID(value) if isinstance(column.type, Uuid) else value


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _copy_objects(store: ObjectStore, objects: Path) -> int:
    copied_count = 0
    for prefix in PREFIXES:
        for info in store.list_keys(prefix):
            copied_count += _copy_object(store, info, objects / info.key)
    return copied_count


def _copy_object(store: ObjectStore, info: ObjectInfo, path: Path) -> bool:
    if path.exists() and path.stat().st_size == info.size_bytes:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f"{path.name}.arriving")
    try:
        store.get_file(info.key, arriving)
    except ObjectNotFound:  # deleted since it was listed
        return False
    arriving.replace(path)
    return True


def _bring_back(store: ObjectStore, key: str, path: Path) -> None:
    if key.endswith(".arriving"):
        return
    try:
        store.stat(key)
    except ObjectNotFound:
        store.put_file(key, path, content_type=CONTENT_TYPES.get(path.suffix, BYTES))


def _point_to(link: Path, dump: Path) -> None:
    new = link.with_name("latest.new")
    new.unlink(missing_ok=True)
    new.symlink_to(dump.name)
    new.replace(link)


def _refuse_data(engine: Engine) -> None:
    with engine.connect() as connection:
        for table in _tables():
            if connection.scalar(select(func.count()).select_from(table)):
                raise Conflict(f"table {table.name} is not empty: restore into a new installation")


BYTES = "application/octet-stream"
CONTENT_TYPES = {
    ".m4s": "video/mp4",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".vtt": "text/vtt; charset=utf-8",
}
