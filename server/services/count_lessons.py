"""How many lessons of a list have which value, counted by the database."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from server.models.lessons import Lesson
from server.models.library import Asset, Original
from server.services.lesson_conditions import HAS_CAPTIONS, IS_TRIMMED, shown_length
from server.services.lesson_facets import MEDIUM_S, SHORT_S, TIMED_KINDS

TRIMMED = "trimmed"
MANY_VALUES = frozenset({"school"})


def count_lessons(
    session: Session, wanted: ColumnElement[bool], facets: Sequence[str]
) -> Mapping[str, Mapping[str, int]]:
    """Return how many lessons have which value of some of search.index.FACETS.

    The caller has begun a transaction. Lessons are read once; all that has few values is counted
    together, and what has many by itself.
    """
    listed = _listed(wanted, facets)
    few = [name for name in facets if name not in MANY_VALUES]
    groups = [few, *([name] for name in facets if name in MANY_VALUES)]
    by_group = (_by(listed, group) for group in groups if group)
    counts: dict[str, Counter[str]] = {name: Counter() for name in facets}
    for *values, count in session.execute(union_all(*by_group)):
        for name, value in zip(facets, values, strict=True):
            for each in _texts(name, value):
                counts[name][each] += count
    if "length" in counts and counts["length"].pop(TRIMMED, 0):
        counts["length"].update(_trimmed_lengths(session, wanted))
    return counts


def _listed(wanted: ColumnElement[bool], facets: Sequence[str]) -> CTE:
    """Return a table of the wanted lessons with a column for each facet."""
    columns: dict[str, Any] = {
        "learning_area": Lesson.learning_area,
        "grades": cast(Lesson.grades, String),
        "kind": Asset.kind,
        "school": Lesson.school_id,
        "length": _length_or_trimmed(),
        "language": Lesson.language,
        "licence": Lesson.licence,
        "captions": case((HAS_CAPTIONS, "yes"), else_="no"),
    }
    return (
        select(*(columns[name].label(name) for name in facets))
        .select_from(Lesson)
        .outerjoin(Lesson.original)
        .outerjoin(Original.asset)
        .where(wanted)
        .cte("listed")
    )


def _by(listed: CTE, group: Collection[str]) -> Select[Any]:
    """Count by some of the columns; the others are empty."""
    columns = [
        column if column.name in group else type_coerce(null(), column.type) for column in listed.c
    ]
    return select(*columns, func.count()).group_by(*(listed.c[name] for name in group))


def _texts(facet: str, value: object) -> Sequence[str]:
    """Return what one value of the database counts for; nothing if it is empty."""
    if facet == "grades" and value:
        return list(json.loads(str(value)))
    return [str(value)] if value else []


def _length_or_trimmed() -> ColumnElement[str]:
    timed = Asset.kind.in_(TIMED_KINDS)
    return case(
        (IS_TRIMMED, TRIMMED),
        (and_(timed, Asset.duration_s < SHORT_S), "short"),
        (and_(timed, Asset.duration_s <= MEDIUM_S), "medium"),
        (timed, "long"),
        else_="",
    )


def _trimmed_lengths(session: Session, wanted: ColumnElement[bool]) -> Iterator[str]:
    """Yield the lengths of the trimmed lessons: ranges are added up here, not by the database."""
    rows = session.execute(
        select(Asset.kind, Asset.duration_s, Lesson.kept_ranges)
        .select_from(Lesson)
        .outerjoin(Lesson.original)
        .outerjoin(Original.asset)
        .where(wanted, IS_TRIMMED)
    )
    for row in rows:
        yield from shown_length(row.kind or "", row.duration_s or 0.0, row.kept_ranges)
