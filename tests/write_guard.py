"""In all tests a write raises at its statement unless its transaction began in order to write.

On SQLite such a write fails only when another process wrote between the transaction's first look
and this: hardly ever in a test, and often before a class. A request that only reads (GET, HEAD)
begins no transaction to write by itself, so the same rule finds its writes, on PostgreSQL too.
"""

import re
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from server.request_context import RequestSession
from server.services.turns import TO_WRITE

WRITES = re.compile(
    r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|WITH\b.*\b(?:INSERT|UPDATE|DELETE)\b)", re.S
)
# Builders of tests add rows in the transaction in which they looked; nobody writes beside them.
BUILDS = {"is_of_builders": True}


class LateWrite(AssertionError):
    """A transaction that began as one that only reads has come to a write."""


def building(engine: Engine) -> Session:
    """Return a session as POST requests have, in which builders may also add rows by the way.

    They do it in the transaction in which they looked: nobody writes beside them.
    """
    builders = engine.execution_options(**BUILDS)
    return RequestSession(builders, expire_on_commit=False, info={"changes": True})


def watch_writes() -> None:
    """Watch every statement of this process from now on."""
    event.listen(Engine, "before_cursor_execute", refuse_late_write)


def refuse_late_write(
    connection: Connection,
    _cursor: Any,
    statement: str,
    _parameters: Any,
    _context: Any,
    _is_many: bool,  # noqa: FBT001
) -> None:
    """Raise LateWrite for a write in a transaction that has not begun in order to write."""
    asked = connection.get_execution_options()
    is_announced = asked.get("sqlite_begin") == TO_WRITE["sqlite_begin"]
    if not is_announced and not asked.get("is_of_builders") and WRITES.match(statement):
        raise LateWrite(statement)
