"""What lists of lessons are narrowed by, as conditions for the database."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, false, or_, select
from sqlalchemy.orm import Session

from media_pipeline.timeline import Timeline
from server.models.lessons import WIDTHS, Lesson, TextTrack, TrackKind, Visibility
from server.models.library import Asset, Original
from server.models.people import Person
from server.policy import audiences_of
from server.services.lesson_facets import MEDIUM_S, SHORT_S, TIMED_KINDS, Filters, length_of

HAS_CAPTIONS = Lesson.id.in_(
    select(TextTrack.lesson_id).where(TextTrack.kind == TrackKind.CAPTIONS)
)
IS_TRIMMED = cast(Lesson.kept_ranges, String) != "[]"  # its length is not the recording's
UNLISTED = (Visibility.ME, Visibility.CLASSROOM, Visibility.LINK)  # in its owner's lists alone


def is_listed_for(viewer: Person | None) -> ColumnElement[bool]:
    """Return policy.audiences_of as a condition on published lessons."""
    audiences = audiences_of(viewer)
    schools = [UUID(token.removeprefix("school:")) for token in audiences if token[:7] == "school:"]
    owners = [UUID(token.removeprefix("person:")) for token in audiences if token[:7] == "person:"]
    # Who is of a school or the office is of the area: what is wider than a school's is theirs too.
    of_school = _reaches(Visibility.SCHOOL)
    in_no_list = or_(Lesson.visibility.in_(UNLISTED), Lesson.ceiling.in_(UNLISTED))
    listed = [_reaches(Visibility.AREA if "area" in audiences else Visibility.PUBLIC)]
    if schools:
        listed.append(and_(of_school, Lesson.school_id.in_(schools)))
    if owners:
        listed.append(and_(in_no_list, Lesson.owner_id.in_(owners)))
    if "office" in audiences:
        listed.append(and_(of_school, Lesson.school_id.is_(None)))
    return and_(Lesson.published_at.is_not(None), Lesson.deleted_at.is_(None), or_(*listed))


def _reaches(step: Visibility) -> ColumnElement[bool]:
    """Return whether `Lesson.shown_to` is this step or a wider one, as a condition."""
    wide_enough = WIDTHS[WIDTHS.index(step) :]
    return and_(Lesson.visibility.in_(wide_enough), Lesson.ceiling.in_(wide_enough))


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
        row.id
        for row in rows
        if length in length_of(row.kind, Timeline.of(row.kept_ranges).to_shown(row.duration_s))
    ]
