"""Work of past years that is due to be removed, as pages say it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from server.services.work_retention import DueWork
from server.web.dates import shown_day


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCard:
    """One classroom's work, and from which day on it may go."""

    classroom_id: UUID
    classroom: str
    school: str
    day: str
    on: date
    work_count: int
    unmarked_count: int


def due_card(due: DueWork) -> DueCard:
    """Return it with its day in words."""
    return DueCard(
        classroom_id=due.classroom.id,
        classroom=due.classroom.name,
        school=due.classroom.school.name,
        day=shown_day(due.on),
        on=due.on,
        work_count=due.work_count,
        unmarked_count=due.unmarked_count,
    )
