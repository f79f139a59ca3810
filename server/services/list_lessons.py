"""Published lessons without a query: from the database, so that a list is right at once.

What they count is the index's: the database would read every lesson with its file for a page.
"""

import logging
from collections.abc import Mapping, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from search.index import IndexFault, SearchIndex, Sort
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import Person
from server.policy import audiences_of
from server.services.lesson_conditions import is_listed_for, wishes_for
from server.services.lesson_facets import Filters

logger = logging.getLogger(__name__)


def list_lessons(
    session: Session, viewer: Person | None, filters: Filters, sort: Sort, window: slice
) -> tuple[Sequence[Lesson], int]:
    """Return one page of the published lessons for this person, and how many there are.

    The caller has begun a transaction.
    """
    wanted = (is_listed_for(viewer), *wishes_for(session, filters))
    order = (Lesson.published_at.desc(), Lesson.id.desc())
    page = with_cards(select(Lesson)).outerjoin(Lesson.original).outerjoin(Original.asset)
    ordered = page.where(*wanted).order_by(
        *((Lesson.view_count.desc(),) if sort == "views" else ()), *order
    )
    lessons = session.scalars(ordered.slice(window.start, window.stop)).all()
    counted = select(func.count(Lesson.id)).outerjoin(Lesson.original).outerjoin(Original.asset)
    return lessons, session.scalar(counted.where(*wanted)) or 0


def count_lessons(
    index: SearchIndex, viewer: Person | None, filters: Filters
) -> Mapping[str, Mapping[str, int]]:
    """Return how many of them have which value of each of search.index.FACETS.

    While the index cannot be read there are no counts; lists stand without them.
    """
    wished = filters.facets() | {"whole": frozenset({"lesson"})}
    try:
        return index.count(audiences_of(viewer), wished)
    except IndexFault:
        logger.exception("the search index cannot be read")
        return {}


def with_cards(query: Select[Lesson]) -> Select[Lesson]:
    """Load what a card shows in the same query."""
    return query.options(
        joinedload(Lesson.original).joinedload(Original.asset),
        joinedload(Lesson.school),
        joinedload(Lesson.owner),
    )
