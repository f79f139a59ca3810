"""How much of the office's disk a person or a school uses, and whether more may come.

Counted from rows: originals, everything made of them (pieces at cuts, too), captions, and the whole
size of uploads that are under way. What two owners share counts once for each; equal files of one
owner count once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, case, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.errors import NotAllowed, TooMuch
from server.models.lessons import Lesson, LessonFile, TextTrack
from server.models.library import Asset, CutPart, Original, Rendition, Upload
from server.models.people import Office, Person, School
from server.policy import may_manage_school


class QuotaFull(TooMuch):
    """The person's or the school's share of the disk is used up; `facts` tell the bytes."""

    code = "quota_full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is used of a share; without a limit `limit_bytes` is 0."""

    used_bytes: int
    limit_bytes: int

    @property
    def left_bytes(self) -> int | None:
        """What may still come; None without a limit."""
        return max(0, self.limit_bytes - self.used_bytes) if self.limit_bytes else None


@dataclass(frozen=True, slots=True)
class _Owner:
    """A person or a school: which columns say that something is theirs."""

    id: UUID
    of_original: InstrumentedAttribute[Any]
    of_upload: InstrumentedAttribute[Any]
    of_lesson: InstrumentedAttribute[Any]


def check_room(
    session: Session, *, person: Person, school_id: UUID | None, size_bytes: int
) -> None:
    """Make sure, in the caller's transaction and until its end, that this much may come.

    Other uploads of the person and the school wait meanwhile. Raises QuotaFull.
    """
    # Updates first: they lock the rows, so that two uploads do not see the same room.
    _lock(session, update(Person).where(Person.id == person.id).values(is_active=Person.is_active))
    if school_id is not None:
        _lock(session, update(School).where(School.id == school_id).values(name=School.name))
    for whose, usage in _shares(session, person, school_id):
        if usage.left_bytes is not None and size_bytes > usage.left_bytes:
            raise QuotaFull(
                f"the {whose}'s share of the disk is used up",
                whose=whose,
                used_bytes=usage.used_bytes,
                limit_bytes=usage.limit_bytes,
                left_bytes=usage.left_bytes,
                size_bytes=size_bytes,
            )


def tightest_share(
    session: Session, *, person: Person, school_id: UUID | None
) -> tuple[str, Usage]:
    """Return whose limit an upload meets first, "person" or "school"; without any, the person."""
    with session.begin():
        shares = _shares(session, person, school_id)
    limited = [share for share in shares if share[1].left_bytes is not None]
    return min(limited, key=lambda share: share[1].left_bytes or 0, default=shares[0])


def usage_of_school(session: Session, *, school: School, by: Person) -> Usage:
    """Return a school's usage. Raises NotAllowed for all but its administrators."""
    if not may_manage_school(by, school.id):
        raise NotAllowed("what a school uses is its administrators' to see")
    with session.begin():
        return _usage_of_school(session, school)


def usage_of_people(
    session: Session, *, people: Sequence[Person], school_id: UUID | None, by: Person
) -> dict[UUID, Usage]:
    """Return what each of a school's people uses. Raises NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("what people use is their administrators' to see")
    with session.begin():
        return {person.id: _usage_of_person(session, person) for person in people}


def usage_of_all(session: Session) -> int:
    """Return the bytes of all that rows know, also of what is being made anew or is replaced."""
    once = select(func.max(_kept_bytes()).label("bytes")).group_by(Asset.original_key).subquery()
    with session.begin():
        return (
            _sum(session, once.c.bytes)
            + _sum(session, Asset.made_bytes)
            + _sum(session, CutPart.size_bytes)
            + _sum(session, Upload.size_bytes, Upload.finished_at.is_(None))
            + _caption_bytes(session)
        )


def _shares(session: Session, person: Person, school_id: UUID | None) -> list[tuple[str, Usage]]:
    shares = [("person", _usage_of_person(session, person))]
    school = session.get(School, school_id) if school_id else None
    if school is not None:
        shares.append(("school", _usage_of_school(session, school)))
    return shares


def _usage_of_person(session: Session, person: Person) -> Usage:
    owner = _Owner(person.id, Original.owner_id, Upload.owner_id, Lesson.owner_id)
    return _usage(session, owner, person.quota_bytes, Office.person_quota_bytes)


def _usage_of_school(session: Session, school: School) -> Usage:
    owner = _Owner(school.id, Original.school_id, Upload.school_id, Lesson.school_id)
    return _usage(session, owner, school.quota_bytes, Office.school_quota_bytes)


def _usage(
    session: Session, owner: _Owner, own: int | None, of_all: InstrumentedAttribute[int]
) -> Usage:
    limit_bytes = (session.scalar(select(of_all)) or 0) if own is None else own
    return Usage(used_bytes=_used_bytes(session, owner), limit_bytes=limit_bytes)


def _used_bytes(session: Session, owner: _Owner) -> int:
    asset_ids = select(Original.asset_id).where(owner.of_original == owner.id)
    rendition_ids = select(Rendition.id).where(Rendition.asset_id.in_(asset_ids))
    is_open = (owner.of_upload == owner.id, Upload.finished_at.is_(None))
    return (
        _sum(session, _kept_bytes() + Asset.made_bytes, Asset.id.in_(asset_ids))
        + _sum(session, CutPart.size_bytes, CutPart.rendition_id.in_(rendition_ids))
        + _sum(session, Upload.size_bytes, *is_open)
        + _caption_bytes(session, owner.of_lesson == owner.id)
    )


def _kept_bytes() -> ColumnElement[int]:
    return case((Asset.original_gone_at.is_(None), Asset.size_bytes), else_=0)


def _caption_bytes(session: Session, *of_lessons: ColumnElement[bool]) -> int:
    """Return what captions take, shown ones and those laid aside; equal ones are stored once."""
    lesson_ids = select(Lesson.id).where(*of_lessons)
    shown = (
        select(func.max(TextTrack.size_bytes).label("bytes"))
        .where(TextTrack.lesson_id.in_(lesson_ids))
        .group_by(TextTrack.key)
        .subquery()
    )
    aside = _sum(session, LessonFile.texts_bytes, LessonFile.lesson_id.in_(lesson_ids))
    return _sum(session, shown.c.bytes) + aside


def _sum(session: Session, sizes: Any, *conditions: ColumnElement[bool]) -> int:  # noqa: ANN401
    return int(session.scalar(select(func.coalesce(func.sum(sizes), 0)).where(*conditions)) or 0)


def _lock(session: Session, same: Update) -> None:
    session.execute(same, execution_options={"synchronize_session": False})
