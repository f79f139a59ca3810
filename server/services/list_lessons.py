"""Published lessons without a query: newest or most viewed first, counted by the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, joinedload

from search.index import FACETS, Sort
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import Person
from server.services.count_lessons import count_lessons
from server.services.lesson_conditions import is_listed_for, wishes_for
from server.services.lesson_facets import Filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a list, and what all of it counts."""

    lessons: Sequence[Lesson] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def list_lessons(
    session: Session, viewer: Person | None, filters: Filters, sort: Sort, window: slice
) -> Listed:
    """Return published lessons for this person; the caller has begun a transaction."""
    wanted = and_(is_listed_for(viewer), *wishes_for(session, filters))
    order = (Lesson.published_at.desc(), Lesson.id.desc())
    ordered = (
        with_cards(select(Lesson))
        .outerjoin(Lesson.original)
        .outerjoin(Original.asset)
        .where(wanted)
        .order_by(*((Lesson.view_count.desc(),) if sort == "views" else ()), *order)
        .slice(window.start, window.stop)
    )
    lessons = session.scalars(ordered).all()
    facets = count_lessons(session, wanted, FACETS)
    return Listed(lessons=lessons, total=sum(facets["captions"].values()), facets=facets)


def with_cards(query: Select[Lesson]) -> Select[Lesson]:
    """Load what a card shows in the same query."""
    return query.options(
        joinedload(Lesson.original).joinedload(Original.asset),
        joinedload(Lesson.school),
        joinedload(Lesson.owner),
    )
