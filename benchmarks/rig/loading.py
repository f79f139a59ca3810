"""Millions of rows into a table, by each database's own fastest way."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Table, insert

from server.models.base import Base

AT_ONCE = 5_000
Plain = str | int | float | None  # what a driver takes as it is
Row = dict[str, Any]


def add_rows(connection: Connection, kind: type[Base], rows: Iterable[Row]) -> None:
    """Add rows through the mapping, with its defaults: for tens of thousands."""
    coming = iter(rows)
    while some := list(islice(coming, AT_ONCE)):
        connection.execute(insert(kind), some)


class Loader:
    """Loads rows of plain values; indexes are made when all of them are there."""

    def __init__(self, connection: Connection) -> None:
        """Keep the connection, in a transaction of the caller's."""
        self._connection = connection
        self._driver = connection.connection.driver_connection

    def time(self, at: datetime) -> str:
        """Return a time of UTC as this database keeps it."""
        zone = "+00" if isinstance(self._driver, psycopg.Connection) else ""
        return f"{at:%Y-%m-%d %H:%M:%S.%f}{zone}"

    def key(self, key: UUID) -> str:
        """Return a key as this database takes it."""
        return key.hex

    def load(self, kind: type[Base], names: Sequence[str], rows: Iterable[Sequence[Plain]]) -> None:
        """Load them; those of a table that is its own index best in the order of its key."""
        table = cast(Table, kind.__table__)
        for index in table.indexes:
            index.drop(self._connection)
        if isinstance(self._driver, psycopg.Connection):
            copied = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
            with self._driver.cursor() as cursor, cursor.copy(copied) as copy:
                for piece in _lines(rows):
                    copy.write(piece)
        else:
            marks = ", ".join("?" * len(names))
            statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
            cast(Any, self._driver).executemany(statement, rows)
        for index in table.indexes:
            index.create(self._connection)


def _lines(rows: Iterable[Sequence[Plain]]) -> Iterator[str]:
    """Yield COPY's text; no value of ours holds a tab or a backslash."""
    coming = iter(rows)
    while some := list(islice(coming, AT_ONCE)):
        yield "".join("\t".join(map(_text, row)) + "\n" for row in some)


def _text(value: Plain) -> str:
    return "\\N" if value is None else str(value)
