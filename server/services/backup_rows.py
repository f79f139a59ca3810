"""Rows to files and back, of any revision: tables are taken as the database describes them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    MetaData,
    Table,
    Uuid,
    event,
    insert,
    select,
)
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from server.models.base import UtcTime
from server.services.backup_format import BackupRefused, Dump, FileFacts, write_lines

LEFT_OUT = ("worker", "playback_session")  # of the moment
HISTORY = "alembic_version"
BATCH = 500
Row = dict[str, Any]


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables that are there, those that others refer to first."""
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _take_own_type)
    metadata.reflect(connection, only=lambda name, _: name not in (*LEFT_OUT, HISTORY))
    return metadata.sorted_tables


def write_rows(connection: Connection, folder: Path) -> dict[str, FileFacts]:
    """Write every row into `folder`, one file per table, in the caller's transaction."""
    return {
        f"{table.name}.jsonl": write_lines(folder / f"{table.name}.jsonl", _rows(connection, table))
        for table in tables_of(connection)
    }


def load_rows(connection: Connection, dump: Dump) -> None:
    """Put the rows of a backup into tables of its own revision. Raises BackupRefused."""
    tables = tables_of(connection)
    _refuse_strangers(dump, {table.name for table in tables})
    for table in tables:
        rows = (_typed(table, row) for row in dump.lines(table.name))
        try:
            for batch in _batches(_parents_first(table, rows)):
                connection.execute(insert(table), batch)
        except DBAPIError as error:
            raise BackupRefused(
                f"rows of {table.name} do not fit into this database: {error.orig}"
            ) from error


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    wanted = select(table).execution_options(yield_per=BATCH)
    for row in connection.execute(wanted).mappings():
        yield {name: _plain(value) for name, value in row.items()}


def _take_own_type(_inspector: Inspector, _table: Table, column: ReflectedColumn) -> None:
    """Read and write keys, times and JSON alike on every database."""
    column["type"] = _own_type(column["type"], is_nullable=column["nullable"])


def _own_type(kind: TypeEngine[Any], *, is_nullable: bool) -> TypeEngine[Any]:
    if isinstance(kind, (CHAR, Uuid)):  # SQLite has UUIDs in a CHAR(32), and nothing else in one
        return Uuid()
    if isinstance(kind, DateTime):
        return UtcTime()
    return JSON(none_as_null=is_nullable) if isinstance(kind, JSON) else kind


def _plain(value: object) -> object:
    if isinstance(value, date):  # also a datetime
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _refuse_strangers(dump: Dump, known: set[str]) -> None:
    """Refuse tables that this revision has not: nothing is left out in silence."""
    told = {path.stem for path in dump.path.glob("*.jsonl")} - {"objects", *LEFT_OUT}
    if strangers := sorted(told - known):
        raise BackupRefused(f"no tables of this revision: {', '.join(strangers)}")


def _typed(table: Table, row: Row) -> Row:
    try:
        return {name: _value(table.columns[name], value) for name, value in row.items()}
    except KeyError as error:
        raise BackupRefused(f"{table.name} has no column {error} at this revision") from error


def _value(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 (a column's value)
    if value is None:
        return None
    if isinstance(column.type, UtcTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return UUID(value) if isinstance(column.type, Uuid) else value


def _parents_first(table: Table, rows: Iterable[Row]) -> Iterable[Row]:
    """Return rows of a table that refers to itself in an order in which they can be written."""
    own = [key for key in table.foreign_keys if key.column.table is table]
    if not own:
        return rows
    child, parent = own[0].parent.name, own[0].column.name
    return _from_the_top(list(rows), child, parent)


def _from_the_top(rows: list[Row], child: str, parent: str) -> Iterator[Row]:
    below: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        below[row[child]].append(row)
    waiting = [*below.pop(None, ())]
    while waiting:
        row = waiting.pop()
        yield row
        waiting += below.pop(row[parent], ())
    for orphans in below.values():
        yield from orphans  # the database says what is wrong with them


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
