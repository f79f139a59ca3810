"""One SQLite engine for many databases, one after the other."""

from pathlib import Path
from typing import Any

from sqlalchemy import event

from server.wiring import open_database


class MovingSqlite:
    """An engine whose connections lead to one file after the other.

    What it has compiled stays: an engine of its own would have every test compile its statements
    again, which takes longer than running them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.engine = open_database(f"sqlite:///{path}")
        event.listen(self.engine, "do_connect", self._lead)

    def move_to(self, path: Path) -> None:
        """Close what is open; connect to this file from now on."""
        self.engine.dispose()
        self._path = path

    def _lead(self, _dialect: Any, _record: Any, where: list[Any], _how: dict[str, Any]) -> None:
        where[0] = str(self._path)
