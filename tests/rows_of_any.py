"""Rows in every table of whatever revision a database is: made by looking at its tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    String,
    Table,
    Uuid,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

from server.models.base import Base, EnumText, UtcTime, uuid7
from server.services.backup_rows import tables_of

THEN = datetime(2099, 3, 4, 5, 6, 7, 890, tzinfo=UTC)  # rows of no clock's year
OWN_KEYS = 7  # the version of UUIDs that rows have here; migrations make others
ODD = {"ก": [1, 2.5, None, "\u2028", "ครึ่ง\ud83d"]}  # JSON that is easily spoiled
SAID = {  # what must make sense together
    ("upload", "finished_at"): THEN,
    ("asset", "original_gone_at"): None,
    ("asset", "retired_at"): None,
}
VALUES: Mapping[type[TypeEngine[Any]], Callable[[int], Any]] = {
    Uuid: lambda _number: uuid7(),
    UtcTime: lambda number: THEN + timedelta(minutes=number),
    Date: lambda number: date(THEN.year, 1, 1) + timedelta(days=number),
    JSON: lambda number: ODD | {"number": number},
    Boolean: lambda number: number % 2 == 0,
    Float: lambda number: number + 0.1,  # Double, too
    Integer: lambda number: number,
}


@dataclass(slots=True)
class RowMaker:
    """Makes rows that fit together, each different from all others."""

    connection: Connection
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    made: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def fill(self) -> int:
        """Put two rows into every table, one with all that may be empty; return how many."""
        for table in tables_of(self.connection):
            rows: list[Mapping[str, Any]] = [
                self._row(table, place, is_full=place == 0) for place in range(2)
            ]
            self.connection.execute(insert(table), rows[:1])
            self.connection.execute(insert(table), rows[1:])
            self.made[table.name] = rows
        return sum(map(len, self.made.values()))

    def _row(self, table: Table, place: int, *, is_full: bool) -> dict[str, Any]:
        return {
            column.name: self._value(table, column, place, is_full=is_full)
            for column in table.columns
        }

    def _value(self, table: Table, column: "Column[Any]", place: int, *, is_full: bool) -> Any:
        if (table.name, column.name) in SAID:
            return SAID[table.name, column.name]
        if column.nullable and not is_full:
            return None
        for key in column.foreign_keys:
            if key.column.table is table:
                return None if place == 0 else self.made[table.name][0][key.column.name]
            return self.made[key.column.table.name][place][key.column.name]
        return self._plain_value(table, column)

    def _plain_value(self, table: Table, column: "Column[Any]") -> Any:
        number = next(self.numbers)
        for kind, value_of in VALUES.items():
            if isinstance(column.type, kind):
                return value_of(number)
        return _text(table, column, number)


def all_rows(connection: Connection) -> dict[str, list[str]]:
    """Return what all tables hold, in an order that does not depend on the database."""
    return {table.name: _sorted_rows(connection, table) for table in tables_of(connection)}


def _sorted_rows(connection: Connection, table: Table) -> list[str]:
    rows = connection.execute(select(table)).mappings()
    return sorted(repr(sorted((name, _told(row[name])) for name in row)) for row in rows)


def _told(value: Any) -> Any:
    """Return a value; of what a migration makes by itself, only that it did."""
    is_made = isinstance(value, datetime) and value.year != THEN.year
    is_key = isinstance(value, UUID) and value.version != OWN_KEYS
    return "made" if is_made or is_key else value


def _text(table: Table, column: "Column[Any]", number: int) -> str:
    """Return a word that fits the column's length; of an enum, one of its words."""
    today = Base.metadata.tables.get(table.name, table)
    own = today.columns.get(column.name, column).type
    if isinstance(own, EnumText):
        words = list(own.kind)
        return words[number % len(words)].value
    length = column.type.length if isinstance(column.type, String) else None
    return f"{number}-{column.name}"[: length or 40]
