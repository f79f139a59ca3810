"""Published lessons without a query: newest or most viewed first, counted by the database."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from media_pipeline.timeline import Timeline
from search.index import FACETS, Sort
from server.models.lessons import WIDTHS, Lesson, TextTrack, TrackKind, Visibility
from server.models.library import Asset, Original
from server.models.people import Person
from server.policy import audiences_of
from server.services.lesson_facets import MEDIUM_S, SHORT_S, TIMED_KINDS, Filters, length_of

HAS_CAPTIONS = exists().where(
    TextTrack.lesson_id == Lesson.id, TextTrack.kind == TrackKind.CAPTIONS
)
IS_TRIMMED = cast(Lesson.kept_ranges, String) != "[]"
TRIMMED = "trimmed"  # its length is not the recording's
UNLISTED = (Visibility.ME, Visibility.CLASSROOM, Visibility.LINK)  # in its owner's lists alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a list, and what all of it counts."""

    lessons: Sequence[Lesson] = ()
    total: int = 0
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


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
    total, facets = _count(session, wanted)
    return Listed(lessons=lessons, total=total, facets=facets)


def with_cards(query: Select[Lesson]) -> Select[Lesson]:
    """Load what a card shows in the same query."""
    return query.options(
        joinedload(Lesson.original).joinedload(Original.asset),
        joinedload(Lesson.school),
        joinedload(Lesson.owner),
    )


def is_listed_for(viewer: Person | None) -> ColumnElement[bool]:
    """Return policy.audiences_of as a condition on published lessons."""
    audiences = audiences_of(viewer)
    schools = [UUID(token.removeprefix("school:")) for token in audiences if token[:7] == "school:"]
    owners = [UUID(token.removeprefix("person:")) for token in audiences if token[:7] == "person:"]
    of_school = is_shown_to(Visibility.SCHOOL)
    in_no_list = or_(Lesson.visibility.in_(UNLISTED), Lesson.ceiling.in_(UNLISTED))
    listed = [
        is_shown_to(Visibility.PUBLIC),
        and_(of_school, Lesson.school_id.in_(schools)),
        and_(in_no_list, Lesson.owner_id.in_(owners)),
    ]
    if "area" in audiences:
        listed.append(is_shown_to(Visibility.AREA))
    if "office" in audiences:
        listed.append(and_(of_school, Lesson.school_id.is_(None)))
    return and_(Lesson.published_at.is_not(None), Lesson.deleted_at.is_(None), or_(*listed))


def is_shown_to(step: Visibility) -> ColumnElement[bool]:
    """Return `Lesson.shown_to == step` as a condition, for a step that lists know."""
    wide_enough = WIDTHS[WIDTHS.index(step) :]
    return and_(
        Lesson.visibility.in_(wide_enough),
        Lesson.ceiling.in_(wide_enough),
        or_(Lesson.visibility == step, Lesson.ceiling == step),
    )


def wishes_for(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    """Return the filters as conditions on lessons and their assets."""
    same = {
        Lesson.learning_area: filters.learning_area,
        Asset.kind: filters.kind,
        Lesson.school_id: filters.school_id,
        Lesson.language: filters.language,
        Lesson.licence: filters.licence,
    }
    wishes: list[ColumnElement[bool]] = [column == value for column, value in same.items() if value]
    if filters.grade:
        wishes.append(_holds(Lesson.grades, _as_json(filters.grade) + '"'))
    if filters.indicator:
        wishes.append(_holds(Lesson.indicators, _as_json(filters.indicator) + '"'))
    if filters.strand:
        wishes.append(_holds(Lesson.indicators, _as_json(filters.strand + ".")))
    if filters.captions:
        wishes.append(HAS_CAPTIONS if filters.captions == "yes" else ~HAS_CAPTIONS)
    if filters.length:
        wishes.append(_has_length(session, filters.length))
    return wishes


def _holds(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401 (any list in JSON)
    """Return whether a JSON list such as ["P4", "P5"] holds a value."""
    return cast(column, String).contains(text, autoescape=True)


def _as_json(text: str) -> str:
    """Return how a text begins in a JSON list: letters beyond ASCII are escaped there."""
    return json.dumps(text)[:-1]


def _has_length(session: Session, length: str) -> ColumnElement[bool]:
    """Return whether a lesson is as long as wished: what is shown of it, if it is trimmed."""
    duration_s = Asset.duration_s
    buckets = {
        "short": duration_s < SHORT_S,
        "medium": duration_s.between(SHORT_S, MEDIUM_S),
        "long": duration_s > MEDIUM_S,
    }
    is_so_long = or_(
        and_(~IS_TRIMMED, buckets.get(length, false())),
        Lesson.id.in_(_trimmed_of_length(session, length)),
    )
    return and_(Asset.kind.in_(TIMED_KINDS), is_so_long)


def _trimmed_of_length(session: Session, length: str) -> list[UUID]:
    """Return the trimmed lessons of one length: ranges are added up here, not by the database."""
    rows = session.execute(
        select(Lesson.id, Asset.kind, Asset.duration_s, Lesson.kept_ranges)
        .join(Lesson.original)
        .join(Original.asset)
        .where(IS_TRIMMED)
    )
    return [
        row.id for row in rows if length in _shown_length(row.kind, row.duration_s, row.kept_ranges)
    ]


def _shown_length(kind: str, duration_s: float, kept_ranges: list[list[float]]) -> list[str]:
    return length_of(kind, Timeline.of(kept_ranges).to_shown(duration_s))


def _count(session: Session, wanted: ColumnElement[bool]) -> tuple[int, dict[str, dict[str, int]]]:
    """Count in the database; lists of grades, of which there are few, are taken apart here."""
    listed = (
        select(
            Lesson.learning_area,
            cast(Lesson.grades, String).label("grades"),
            Asset.kind,
            cast(Lesson.school_id, String(36)).label("school"),
            _length_or_trimmed().label("length"),
            Lesson.language,
            Lesson.licence,
            case((HAS_CAPTIONS, "yes"), else_="no").label("captions"),
        )
        .select_from(Lesson)
        .outerjoin(Lesson.original)
        .outerjoin(Original.asset)
        .where(wanted)
        .cte("listed")
    )
    by_value = (
        select(literal(name), cast(listed.c[name], String), func.count()).group_by(listed.c[name])
        for name in FACETS
    )
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for name, value, count in session.execute(union_all(*by_value)):
        for each in _values(name, value or ""):
            counts[name][each] += count
    if counts["length"].pop(TRIMMED, 0):
        counts["length"].update(_trimmed_lengths(session, wanted))
    facets = {
        name: {value: number for value, number in values.items() if value}
        for name, values in counts.items()
    }
    return counts["captions"].total(), facets


def _values(facet: str, value: str) -> Sequence[str]:
    """Return what one value of the database counts for."""
    if facet == "grades":
        return list(json.loads(value))
    return [str(UUID(value))] if facet == "school" and value else [value]


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
        yield from _shown_length(row.kind or "", row.duration_s or 0.0, row.kept_ranges)
