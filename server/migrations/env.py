"""Run by Alembic with the connection that `upgrade` holds, or to write a new revision."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import server.models  # registers every table
from server.models.base import Base, UtcTime

__all__ = ["server"]


def render(kind: str, thing: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as plain ones: history does not change with the code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, UtcTime) else False


def run(connection: Connection) -> None:
    """Apply migrations in the caller's transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite changes columns by copying the table
        compare_type=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
