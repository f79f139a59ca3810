"""Where a person goes on in a lesson."""

import math
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.errors import FieldError
from server.models.lessons import ResumePoint
from server.models.people import Person
from server.services.clock import Clock
from server.services.lessons import get_lesson_for

LONGEST_S = 7 * 24 * 3600.0


def save_resume_point(
    session: Session,
    now: Clock,
    *,
    lesson_id: UUID,
    position_s: float,
    by: Person,
    share_token: str | None = None,
) -> ResumePoint:
    """Remember the second of the original. Raises NotFound or FieldError."""
    if not math.isfinite(position_s) or not 0 <= position_s <= LONGEST_S:
        raise FieldError("position_s", "seconds from the start", rule="range")
    get_lesson_for(session, lesson_id=lesson_id, by=by, share_token=share_token)
    with session.begin():
        point = session.scalar(_of(by.id, lesson_id))
        if point is None:
            point = ResumePoint(person_id=by.id, lesson_id=lesson_id)
            session.add(point)
        point.position_s = position_s
        point.at = now()
    return point


def resume_point_of(session: Session, *, lesson_id: UUID, by: Person | None) -> float:
    """Return the second to go on from; 0 for guests and for a lesson not begun."""
    if by is None:
        return 0.0
    with session.begin():
        point = session.scalar(_of(by.id, lesson_id))
    return point.position_s if point else 0.0


def _of(person_id: UUID, lesson_id: UUID) -> Select[ResumePoint]:
    return select(ResumePoint).where(
        ResumePoint.person_id == person_id, ResumePoint.lesson_id == lesson_id
    )
