"""Ways into the library without typing: what there is by area, grade, school and indicator.

Everything is counted over what this person is shown in lists, and over nothing else.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from media_pipeline.timeline import Timeline
from search.index import SearchIndex
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import Person, School
from server.models.progress import WatchProgress
from server.services.lesson_conditions import is_listed_for
from server.services.lesson_facets import Filters, strands_of
from server.services.list_lessons import count_lessons, with_cards
from server.services.views import shown_duration_s, timeline_of

BARELY_BEGUN_S = 10  # looked in, not begun
NEAR_END_S = 15
MOST_BEGUN = 40  # read to find those that are not at their end


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """How many lessons stand where; what is empty is left out. Schools are (id, name, count)."""

    learning_areas: Mapping[str, int]
    grades: Mapping[str, int]
    schools: Sequence[tuple[UUID, str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaShelf:
    """One learning area: lessons by strand, and in each by indicator."""

    total: int
    without_code: int
    strands: Mapping[str, int]
    indicators: Mapping[str, Mapping[str, int]]  # by strand
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Begun:
    """A lesson that somebody is in the middle of; the place is a second of the original, or a page.

    Who has looked in for a moment, or is at the end, is not in the middle.
    """

    lesson: Lesson
    position: float

    @property
    def is_document(self) -> bool:
        """Tell whether the place is a page."""
        return self.page_count > 0

    @property
    def page_count(self) -> int:
        """Return how many pages there are to read."""
        return self.lesson.original.asset.page_count if self.lesson.original else 0

    @property
    def at(self) -> float:
        """Return the page, or the second of what is shown."""
        return self.position if self.is_document else self._timeline.to_shown(self.position)

    @property
    def end(self) -> float:
        """Return the last page, or how long it is."""
        return self.page_count if self.is_document else shown_duration_s(self.lesson)

    @property
    def is_going_on(self) -> bool:
        """Tell whether there is something to go on with."""
        if self.is_document:
            return 1 < self.at < self.end
        return self.at >= BARELY_BEGUN_S and self.at < self.end - NEAR_END_S

    @property
    def _timeline(self) -> Timeline:
        return timeline_of(self.lesson)


def shelves(session: Session, index: SearchIndex, *, viewer: Person | None) -> Shelves:
    """Return the first choices; none while the index cannot be read."""
    counts = count_lessons(index, viewer, Filters())
    schools = counts.get("school", {})
    names = school_names(session, ids=schools)
    return Shelves(
        learning_areas=counts.get("learning_area", {}),
        grades=counts.get("grades", {}),
        schools=[(UUID(id_), name, schools[id_]) for id_, name in names.items()],
    )


def area_shelf(session: Session, *, letter: str, viewer: Person | None) -> AreaShelf:
    """Return what is in one learning area; a lesson counts once in each of its strands."""
    in_area = and_(is_listed_for(viewer), Lesson.learning_area == letter)
    with session.begin():
        rows = session.execute(select(Lesson.indicators, Lesson.grades).where(in_area)).all()
    lessons = [[code for code in row.indicators if _letter_of(code) == letter] for row in rows]
    strands = Counter(strand for codes in lessons for strand in strands_of(codes))
    counts = Counter(code for codes in lessons for code in codes)
    indicators: dict[str, dict[str, int]] = {strand: {} for strand in strands}
    for code in sorted(counts, key=_in_order):
        indicators[strands_of([code])[0]][code] = counts[code]
    return AreaShelf(
        total=len(lessons),
        without_code=sum(not codes for codes in lessons),
        strands=dict(sorted(strands.items())),
        indicators=indicators,
        grades=Counter(grade for row in rows for grade in row.grades),
    )


def _letter_of(code: str) -> str:
    return next(iter(strands_of([code])), "")[:1]


def _in_order(code: str) -> list[str | int]:
    """Return a key that puts 1/2 before 1/10."""
    return [int(piece) if piece.isdecimal() else piece for piece in re.split(r"(\d+)", code)]


def newest_lessons(
    session: Session, *, viewer: Person | None, most: int, without: Collection[UUID] = ()
) -> Sequence[Lesson]:
    """Return what was published last."""
    wanted = and_(is_listed_for(viewer), Lesson.id.not_in(without))
    return _listed(session, wanted, most)


def popular_lessons(
    session: Session, *, viewer: Person | None, most: int, without: Collection[UUID] = ()
) -> Sequence[Lesson]:
    """Return what was opened most often; nothing that was never opened."""
    wanted = and_(is_listed_for(viewer), Lesson.id.not_in(without), Lesson.view_count > 0)
    return _listed(session, wanted, most, Lesson.view_count.desc())


def begun_lessons(session: Session, *, viewer: Person | None, most: int) -> Sequence[Begun]:
    """Return what this person has begun and not ended, last opened first.

    Nothing to a session that came through a classroom: what it was given stands on the start page.
    """
    if viewer is None or not viewer.scope.is_whole:
        return ()
    begun = (
        with_cards(select(Lesson))
        .add_columns(WatchProgress.position_s)
        .join(Original, Original.id == Lesson.original_id)
        .join(WatchProgress, WatchProgress.asset_id == Original.asset_id)
        .where(WatchProgress.person_id == viewer.id, is_listed_for(viewer))
        .order_by(WatchProgress.last_at.desc())
        .limit(MOST_BEGUN)
    )
    with session.begin():
        rows = session.execute(begun).all()
    found = [Begun(lesson, position_s) for lesson, position_s in rows]
    return [one for one in found if one.is_going_on][:most]


def school_names(session: Session, *, ids: Collection[str]) -> dict[str, str]:
    """Return the names of schools by id, in the order of names."""
    wanted = select(School.id, School.name).where(School.id.in_([UUID(id_) for id_ in ids]))
    if not ids:
        return {}
    with session.begin():
        rows = session.execute(wanted.order_by(School.name)).all()
    return {str(id_): name for id_, name in rows}


def _listed(
    session: Session, wanted: ColumnElement[bool], most: int, *first: ColumnElement[Any]
) -> Sequence[Lesson]:
    order = (*first, Lesson.published_at.desc(), Lesson.id.desc())
    lessons = with_cards(select(Lesson)).where(wanted).order_by(*order)
    with session.begin():
        return session.scalars(lessons.limit(most)).all()
