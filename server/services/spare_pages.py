"""Room inside SQLite's own files, which nobody else can use up: answers are written on a full disk.

Pages that were in use and are free again lie on SQLite's free list: new rows take them first, and
the file does not grow. The write-ahead log, once as long, is written from its beginning again.
"""

import sqlite3
from contextlib import closing
from typing import cast

from sqlalchemy import Engine

MIB = 2**20
SPARE_BYTES = 8 * MIB
_MAKE = (
    "DROP TABLE IF EXISTS spare_pages",  # of a process that was killed here
    "BEGIN IMMEDIATE",
    "CREATE TABLE spare_pages (content BLOB)",
    f"INSERT INTO spare_pages VALUES (zeroblob({SPARE_BYTES}))",  # noqa: S608 (a number of ours)
    "COMMIT",
    "PRAGMA wal_checkpoint(PASSIVE)",  # else the pages would never be written to the file
    "DROP TABLE spare_pages",
)


def keep_spare_pages(engine: Engine, left_bytes: int) -> bool:
    """Make spare pages where less than half is left and the disk has room; tell whether it did.

    Other databases than SQLite keep their own house. Raises sqlite3.OperationalError.
    """
    if engine.dialect.name != "sqlite" or left_bytes < 4 * SPARE_BYTES:
        return False
    with closing(engine.raw_connection()) as pooled:
        driver = cast(sqlite3.Connection, pooled.driver_connection)
        if _spare_bytes(driver) >= SPARE_BYTES // 2:
            return False
        for statement in _MAKE:
            driver.execute(statement).close()
    return True


def _spare_bytes(driver: sqlite3.Connection) -> int:
    count, size_bytes = (
        int(driver.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("freelist_count", "page_size")
    )
    return count * size_bytes
