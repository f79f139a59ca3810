"""How much of the office's disk a person or a school uses, and whether more may come.

Counted from rows: originals, everything made of them (pieces at cuts, too), captions, and the whole
size of uploads that are under way. What two owners share counts once for each; equal files of one
owner count once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Update, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from server.errors import NotAllowed, TooMuch
from server.models.lessons import Lesson, LessonFile, TextTrack
from server.models.library import Asset, CutPart, Original, Rendition, Upload, has_bytes
from server.models.people import Office, Person, School
from server.models.set_aside import AsideWhy, SetAside
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """What the whole office uses, and how much of it are files as they were sent."""

    used_bytes: int
    originals_bytes: int


@dataclass(frozen=True, slots=True)
class _Owners:
    """People or schools: by which columns something is theirs."""

    of_original: InstrumentedAttribute[Any]
    of_upload: InstrumentedAttribute[Any]
    of_lesson: InstrumentedAttribute[Any]
    limit_of_all: InstrumentedAttribute[int]


PEOPLE = _Owners(Original.owner_id, Upload.owner_id, Lesson.owner_id, Office.person_quota_bytes)
SCHOOLS = _Owners(Original.school_id, Upload.school_id, Lesson.school_id, Office.school_quota_bytes)


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


def usage_of_schools(
    session: Session, *, schools: Sequence[School], by: Person
) -> dict[UUID, Usage]:
    """Return what schools use. Raises NotAllowed for all but their administrators."""
    if not all(may_manage_school(by, school.id) for school in schools):
        raise NotAllowed("what a school uses is its administrators' to see")
    with session.begin():
        return _usages(session, SCHOOLS, schools)


def usage_of_people(
    session: Session, *, people: Sequence[Person], school_id: UUID | None, by: Person
) -> dict[UUID, Usage]:
    """Return what each of a school's people uses. Raises NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("what people use is their administrators' to see")
    with session.begin():
        return _usages(session, PEOPLE, people)


def disk_use(session: Session) -> DiskUse:
    """Return what all that rows know takes, also what is being made anew or is replaced."""
    sums = select(func.sum(_kept_bytes()), func.sum(Asset.made_bytes))
    with session.begin():
        kept_bytes, made_bytes = session.execute(sums).one()
        twice_bytes = _sum(session, _kept_bytes(), _is_counted_already())
        other_bytes = (
            _sum(session, CutPart.size_bytes)
            + _sum(session, Upload.size_bytes, Upload.finished_at.is_(None))
            + _caption_bytes(session)
            + _sum(session, SetAside.size_bytes, SetAside.why != AsideWhy.DAMAGED)
        )
    originals_bytes = int(kept_bytes or 0) - twice_bytes
    return DiskUse(
        used_bytes=originals_bytes + int(made_bytes or 0) + other_bytes,
        originals_bytes=originals_bytes,
    )


def _shares(session: Session, person: Person, school_id: UUID | None) -> list[tuple[str, Usage]]:
    shares = [("person", _usages(session, PEOPLE, [person])[person.id])]
    school = session.get(School, school_id) if school_id else None
    if school is not None:
        shares.append(("school", _usages(session, SCHOOLS, [school])[school.id]))
    return shares


def _usages(
    session: Session, owners: _Owners, rows: Sequence[Person] | Sequence[School]
) -> dict[UUID, Usage]:
    """Return it for each of them; as many queries for many as for one."""
    of_all = session.scalar(select(owners.limit_of_all)) or 0
    used = Counter[UUID]()
    for query in _used_bytes(owners, [row.id for row in rows]):
        for owner_id, size_bytes in session.execute(query):
            used[owner_id] += int(size_bytes or 0)
    return {
        row.id: Usage(
            used_bytes=used[row.id],
            limit_bytes=of_all if row.quota_bytes is None else row.quota_bytes,
        )
        for row in rows
    }


def _used_bytes(owners: _Owners, ids: Sequence[UUID]) -> Iterator[Select[UUID, int]]:
    """Yield queries for (owner, bytes)."""
    of_original = owners.of_original
    # Equal files of one owner count once.
    files = (
        select(of_original.label("owner_id"), Original.asset_id)
        .where(of_original.in_(ids))
        .distinct()
        .subquery()
    )
    per_file = select(files.c.owner_id, func.sum(_kept_bytes() + Asset.made_bytes))
    yield per_file.join(Asset, Asset.id == files.c.asset_id).group_by(files.c.owner_id)
    yield _in_pieces(of_original, ids)
    of_upload = owners.of_upload
    coming = select(of_upload, func.sum(Upload.size_bytes)).where(of_upload.in_(ids))
    yield coming.where(Upload.finished_at.is_(None)).group_by(of_upload)
    of_lesson = owners.of_lesson
    texts = (
        select(of_lesson.label("owner_id"), func.max(TextTrack.size_bytes).label("bytes"))
        .join(TextTrack, TextTrack.lesson_id == Lesson.id)
        .where(of_lesson.in_(ids))
        .group_by(of_lesson, TextTrack.key)
        .subquery()
    )
    yield select(texts.c.owner_id, func.sum(texts.c.bytes)).group_by(texts.c.owner_id)
    aside = select(of_lesson, func.sum(LessonFile.texts_bytes)).join(
        LessonFile, LessonFile.lesson_id == Lesson.id
    )
    yield aside.where(of_lesson.in_(ids)).group_by(of_lesson)


def _in_pieces(owner: InstrumentedAttribute[Any], ids: Sequence[UUID]) -> Select[UUID, int]:
    """Return the query for pieces at cuts. Few files have some: these are looked for first."""
    per_file = (
        select(Rendition.asset_id, func.sum(CutPart.size_bytes).label("bytes"))
        .join(CutPart)
        .group_by(Rendition.asset_id)
        .subquery()
    )
    once_each = (
        select(owner.label("owner_id"), per_file.c.asset_id, per_file.c.bytes)
        .join(Original, Original.asset_id == per_file.c.asset_id)
        .where(owner.in_(ids))
        .distinct()
        .subquery()
    )
    return select(once_each.c.owner_id, func.sum(once_each.c.bytes)).group_by(once_each.c.owner_id)


def _kept_bytes() -> ColumnElement[int]:
    return case((has_bytes(), Asset.size_bytes), else_=0)


def _is_counted_already() -> ColumnElement[bool]:
    """Return whether an asset was made anew of an original that another one counts, too."""
    other = aliased(Asset)
    counts_it = or_(other.replaces_id.is_(None), other.id < Asset.id)
    same_original = exists().where(other.original_key == Asset.original_key, counts_it)
    return and_(Asset.replaces_id.is_not(None), same_original.correlate(Asset))


def _caption_bytes(session: Session) -> int:
    """Return what captions take, shown ones and those laid aside; equal ones are stored once."""
    shown = select(func.max(TextTrack.size_bytes).label("bytes")).group_by(TextTrack.key).subquery()
    return _sum(session, shown.c.bytes) + _sum(session, LessonFile.texts_bytes)


def _sum(session: Session, sizes: Any, *conditions: ColumnElement[bool]) -> int:  # noqa: ANN401
    return int(session.scalar(select(func.coalesce(func.sum(sizes), 0)).where(*conditions)) or 0)


def _lock(session: Session, same: Update) -> None:
    session.execute(same, execution_options={"synchronize_session": False})
