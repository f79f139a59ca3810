"""Room inside PostgreSQL that is given up when its disk is full: a table that holds nothing.

A server of its own may have a disk of its own, which nobody here can measure. What deletes needs
room there too: rows of the audit log, and index pages. Dropping a table frees its files at once.
"""

from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from server.services.turns import TO_WRITE

MIB = 2**20
SPARE_BYTES = 16 * MIB
AGAIN_AFTER_S = 600.0  # not at once: it would take what it has just given
LOCK = 4_815_162_343  # any number of our own: one worker makes it
_SIZE = text("SELECT pg_total_relation_size(to_regclass('spare_table'))")
_IS_MINE = text("SELECT pg_try_advisory_xact_lock(:lock)")
_MAKE = (
    # Unlogged: no room in the log for it, and none needed after a crash.
    "CREATE UNLOGGED TABLE spare_table (content bytea)",
    "ALTER TABLE spare_table ALTER content SET STORAGE EXTERNAL",  # not compressed
    "INSERT INTO spare_table "
    "SELECT decode(repeat('00', 1048576), 'hex') FROM generate_series(1, 16)",
)


@dataclass(slots=True)
class SpareTable:
    """Kept by workers; whoever meets a full disk gives it up."""

    engine: Engine
    missing_since_s: float | None = None
    was_seen: bool = False

    def keep(self, now_s: float) -> None:
        """Make it when a worker starts, and some time after it was given up.

        Nothing happens on other databases, or when the disk does not take it.
        """
        if self.engine.dialect.name != "postgresql":
            return
        with self.engine.connect() as connection:
            is_there = (connection.scalar(_SIZE) or 0) >= SPARE_BYTES
        if is_there:
            self.was_seen, self.missing_since_s = True, None
            return
        self.missing_since_s = self.missing_since_s or now_s
        if not self.was_seen or now_s - self.missing_since_s > AGAIN_AFTER_S:
            self.was_seen, self.missing_since_s = True, now_s
            self._make()

    def give_up(self) -> None:
        """Free its room at once."""
        try:
            with self.engine.execution_options(**TO_WRITE).begin() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
                connection.exec_driver_sql("DROP TABLE IF EXISTS spare_table")
        except SQLAlchemyError:
            return  # not even that: reading goes on

    def _make(self) -> None:
        try:
            with self.engine.execution_options(**TO_WRITE).begin() as connection:
                if connection.scalar(_IS_MINE, {"lock": LOCK}):
                    connection.exec_driver_sql("DROP TABLE IF EXISTS spare_table")
                    for statement in _MAKE:
                        connection.exec_driver_sql(statement)
        except SQLAlchemyError:
            return  # tried again by and by
