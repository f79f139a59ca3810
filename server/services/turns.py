"""Who will write says so at the beginning of the transaction (docs/decisions/0042)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

# SQLite: BEGIN IMMEDIATE takes the turn to write and waits for it. One that has read first is
# refused at once ("database is locked") when another wrote meanwhile.
TO_WRITE: dict[str, Any] = {"sqlite_begin": "IMMEDIATE"}


@contextmanager
def turn_to_write(session: Session) -> Iterator[None]:
    """Begin a transaction that writes, also in a session whose others only read: a GET's.

    Keep it short, and read before it: all others who write wait meanwhile.
    """
    with session.begin():
        if not session.info.get("changes"):  # else it has taken its turn already
            session.connection(execution_options=TO_WRITE)
        yield
