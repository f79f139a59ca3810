"""A process that writes all the time, as many workers do: python -m tests.writing_beside URL."""

import sys
from datetime import UTC, datetime

from sqlalchemy.orm import sessionmaker

from server.services.health import note_worker
from server.services.turns import TO_WRITE
from server.wiring import open_database

NAME = "beside"


def main(url: str) -> None:
    """Write until somebody ends this process."""
    sessions = sessionmaker(open_database(url).execution_options(**TO_WRITE))
    while True:
        with sessions() as session:
            note_worker(session, lambda: datetime.now(UTC), name=NAME, version="0")


if __name__ == "__main__":
    main(sys.argv[1])
