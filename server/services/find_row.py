"""One way to fetch a row that must be there."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from server.errors import NotFound

Row = TypeVar("Row")


def find_row(session: Session, kind: type[Row], row_id: UUID) -> Row:
    """Return the row. Raises NotFound."""
    row = session.get(kind, row_id)
    if row is None:
        raise NotFound(f"no {kind.__name__} {row_id}")
    return row
