"""One time for all machines: the database's, carried on by this machine's steady clock.

Leases are told by one worker and judged by another. With each machine's own time, one that is half
a minute ahead would take every job from the others again and again.
"""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

FRESH_S = 60.0  # steady clocks drift by far less than a second in this time


class DatabaseClock:
    """A Clock that asks PostgreSQL once a minute; the machine's own date and time do not count."""

    def __init__(self, engine: Engine) -> None:
        """Ask nothing yet."""
        self._engine = engine
        self._known: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        """Return the database's time. Raises OperationalError while it is away."""
        known = self._known
        if known is None or time.monotonic() - known[1] > FRESH_S:
            known = self._known = self._asked()
        at, steady_s = known
        return at + timedelta(seconds=time.monotonic() - steady_s)

    def _asked(self) -> tuple[datetime, float]:
        asked_s = time.monotonic()
        with self._engine.connect() as connection:
            at = connection.scalar(text("SELECT clock_timestamp()"))
        if not isinstance(at, datetime):  # what PostgreSQL always answers
            raise TypeError(f"no time: {at!r}")
        return at.astimezone(UTC), (asked_s + time.monotonic()) / 2
