"""The tables' history; `upgrade` brings a database to what the models say."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

LOCK = 4_815_162_342  # any number of our own: servers that start together take turns


class BrokenReferences(Exception):
    """Rows name others that are not there."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`; nothing happens if it is there already."""
    with migrating(engine) as connection:
        upgrade_within(connection, revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Do so in the transaction of `migrating`, beside other things."""
    command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the database back to `revision`. Data of dropped tables is gone."""
    with migrating(engine) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Give a transaction in which tables may be changed; whoever else wants to waits.

    SQLite changes a table by copying and dropping it, and a dropped table takes along the rows that
    refer to it: so references are not followed meanwhile, and all are looked at in the end. Raises
    BrokenReferences; then nothing has changed.
    """
    options = {"sqlite_begin": "IMMEDIATE"}
    with engine.connect().execution_options(**options) as connection:
        _follow_references(connection, "OFF")
        try:
            with connection.begin():
                _wait_for_others(connection)
                before = current_revision(connection)
                yield connection
                if current_revision(connection) != before:
                    look_at_references(connection)
        finally:
            _follow_references(connection, "ON")


def look_at_references(connection: Connection) -> None:
    """Raise BrokenReferences if a row names another that is not there."""
    if connection.dialect.name != "sqlite":
        return  # PostgreSQL has looked all the time
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BrokenReferences(f"a row of {broken[0]} names one of {broken[2]} that is not there")


def current_revision(connection: Connection) -> str | None:
    """Return the revision of these tables; None if there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """Return all that this version knows, the first one first."""
    history = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in history][::-1]


def is_current(engine: Engine) -> bool:
    """Return whether every migration has been applied."""
    with engine.connect() as connection:
        return current_revision(connection) == revisions()[-1]


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _follow_references(connection: Connection, word: str) -> None:
    """Switch SQLite's foreign keys on or off: not by SQL, which would begin a transaction first."""
    if connection.dialect.name == "sqlite":
        driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
        driver.execute(f"PRAGMA foreign_keys={word}")
