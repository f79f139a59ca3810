"""What is kept about one person: counted for their page, and whole as a file of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, func, or_, select
from sqlalchemy.orm import Session

from server.models.assignments import HandIn
from server.models.base import Base
from server.models.classrooms import Classroom, Enrolment
from server.models.consents import MediaPupil, PupilConsent
from server.models.lesson_versions import ItemProgress
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import Person
from server.models.progress import WatchProgress
from server.models.quizzes import QuizAttempt
from server.services.clock import Clock
from server.services.consents import consents_of

NOT_GIVEN = ("token", "code", "hash", "sha256", "object_key", "multipart_id", "parts")
"""Columns, by a piece of their name, that open or address something and say nothing of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFacts:
    """What there is, in numbers; classrooms and valid consents by themselves."""

    classrooms: Sequence[Classroom]
    consents: Sequence[PupilConsent]
    watched_count: int
    watched_s: int
    done_count: int
    quiz_count: int
    hand_in_count: int
    picture_count: int
    file_count: int
    lesson_count: int


def kept_facts(session: Session, *, person: Person) -> KeptFacts:
    """Return what is kept of a person, for their own eyes. Three questions."""
    own_lessons = select(func.count()).where(Lesson.owner_id == person.id)
    counts = select(
        _count(WatchProgress.person_id, person).label("watched_count"),
        select(func.coalesce(func.sum(WatchProgress.covered_s), 0))
        .where(WatchProgress.person_id == person.id)
        .scalar_subquery()
        .label("watched_s"),
        select(func.count())
        .where(ItemProgress.person_id == person.id, ItemProgress.done_at.is_not(None))
        .scalar_subquery()
        .label("done_count"),
        _count(QuizAttempt.person_id, person).label("quiz_count"),
        _count(HandIn.person_id, person).label("hand_in_count"),
        _count(MediaPupil.person_id, person).label("picture_count"),
        _count(Original.owner_id, person).label("file_count"),
        own_lessons.where(Lesson.deleted_at.is_(None)).scalar_subquery().label("lesson_count"),
    )
    learns_in = (
        select(Classroom)
        .join(Enrolment, Enrolment.classroom_id == Classroom.id)
        .where(Enrolment.person_id == person.id)
        .order_by(Classroom.academic_year.desc(), Classroom.name)
    )
    with session.begin():
        valid = [row for row in consents_of(session, person_id=person.id) if not row.replaced_at]
        return KeptFacts(
            classrooms=session.scalars(learns_in).all(),
            consents=valid,
            **session.execute(counts).one()._mapping,  # noqa: SLF001 (SQLAlchemy's own name)
        )


def everything_kept(session: Session, now: Clock, *, person: Person) -> dict[str, Any]:
    """Return every row that belongs to a person, by table, as values of JSON.

    Every table with a key to persons is asked, so that nothing new is forgotten. What opens
    something (tokens, hashes) is left out.
    """
    with session.begin():
        rows = {
            table.name: [
                {name: _plain(value) for name, value in row.items()}
                for row in session.execute(
                    select(*_columns(table)).where(or_(*(key == person.id for key in keys)))
                ).mappings()
            ]
            for table, keys in _tables()
        }
    return {"made_at": _plain(now()), **{name: found for name, found in rows.items() if found}}


def _tables() -> Iterator[tuple[Table, list[Column[Any]]]]:
    person_id = Base.metadata.tables["person"].c.id
    for table in Base.metadata.sorted_tables:
        keys = [
            column
            for column in table.columns
            if column is person_id or column.references(person_id)
        ]
        if keys:
            yield table, keys


def _columns(table: Table) -> list[Column[Any]]:
    return [
        column for column in table.columns if not any(word in column.name for word in NOT_GIVEN)
    ]


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _count(key: Any, person: Person) -> Any:  # noqa: ANN401 (a column in, a subquery out)
    return select(func.count()).where(key == person.id).scalar_subquery()
