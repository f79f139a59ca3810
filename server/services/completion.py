"""How far people are with the items of lessons, from all that is written down of them.

Files by what was watched of them, packages by what they told, the rest by their own notes: a
constant number of queries, however many people and lessons.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from media_pipeline.timeline import WHOLE, Timeline
from server.models.content import CONTENT, Content, FileItem
from server.models.erased_lessons import ErasedFile, ErasedLesson
from server.models.lesson_versions import LessonStart, LessonVersion
from server.models.library import Asset, AssetKind, Original
from server.models.packages import PackageAttempt
from server.models.progress import WatchProgress
from server.services.covered import Covered
from server.services.erased_lessons import Learnt
from server.services.item_progress import items_of
from server.services.lesson_content import own_file
from server.services.views import timeline_of

LessonAsset: TypeAlias = tuple[UUID, UUID]
READ = frozenset({AssetKind.DOCUMENT, AssetKind.IMAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """How far somebody is with an item that they have begun; shares and scores are 0 to 1."""

    is_done: bool = False
    share: float | None = None  # of a file: how much of it was watched
    score: float | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether tries did not reach what they should."""
        return self.score is not None and not self.is_done


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonState:
    """How far somebody is with a lesson: with its required items, or with all if none is."""

    is_begun: bool
    item_count: int
    done_count: int
    score: float | None  # the mean of its items' scores
    is_stuck: bool = False  # one of its items

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.item_count > 0 and self.done_count == self.item_count


States: TypeAlias = Mapping[UUID, ItemState]  # of one person, by item


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person has before them of lessons, begun or else the newest, and how far they are.

    States are there of every item that the person has begun.
    """

    contents: Mapping[UUID, Content]  # by lesson
    states: States


def standing_of(
    session: Session, person_ids: Collection[UUID], lessons: Collection[Learnt]
) -> Mapping[UUID, Standing]:
    """Return how these people stand with these lessons, by person; also with erased ones."""
    with session.begin():
        contents = _contents_for(session, person_ids, lessons)
        different = _different(contents.values())
        assets = _assets(session, [content for content, _lesson_id in different], lessons)
        watched = _watched(session, person_ids, {asset.asset_id for asset in assets.values()})
        noted = items_of(session, person_ids, lesson_ids=[lesson.id for lesson in lessons])
        told = _package_results(session, person_ids, lessons, assets.values())
    by_id = {lesson.id: lesson for lesson in lessons}
    files = {
        id(content): _files_of(content, by_id[lesson_id], assets)
        for content, lesson_id in different
    }
    judged = {file.item.id for own in files.values() for file in own}
    standing = {}
    for person_id, own in contents.items():
        states = {
            item_id: _noted_state(note.is_done, note.score)
            for item_id, note in noted.get(person_id, {}).items()
            if item_id not in judged
        }
        of_packages, of_files = told.get(person_id, {}), watched.get(person_id, {})
        for lesson_id, content in own.items():
            for file in files[id(content)]:
                state = of_packages.get((lesson_id, file.asset_id)) or file.state(
                    of_files.get(file.asset_id)
                )
                if state is not None:
                    states[file.item.id] = state
        standing[person_id] = Standing(own, states)
    return standing


def lesson_state(content: Content, states: States) -> LessonState:
    """Return how far somebody is with a lesson that consists of this for them."""
    own = [(item.is_required, states.get(item.id)) for item in content.items]
    begun = [state for _is_required, state in own if state]
    counted = [state for is_required, state in own if is_required] or [state for _, state in own]
    scores = [state.score for state in begun if state.score is not None]
    return LessonState(
        is_begun=bool(begun),
        item_count=len(counted),
        done_count=sum(1 for state in counted if state and state.is_done),
        score=sum(scores) / len(scores) if scores else None,
        is_stuck=any(state.is_stuck for state in begun),
    )


class _Facts(NamedTuple):
    """What is known of an original, also when its file is gone."""

    asset_id: UUID
    kind: AssetKind
    duration_s: float
    page_count: int


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a lesson, and what is shown of it."""

    item: FileItem
    asset_id: UUID
    shown: list[list[float]]

    def state(self, watched: str | None) -> ItemState | None:
        if watched is None:
            return None
        share = Covered.from_text(watched).share_of(self.shown)
        return ItemState(is_done=share >= self.item.min_share, share=share)


def _files_of(content: Content, lesson: Learnt, assets: Mapping[UUID, _Facts]) -> Sequence[_File]:
    """Return the files of which something is there."""
    found = []
    for item in content.items:
        if isinstance(item, FileItem):
            asset = assets.get(item.original_id or lesson.original_id or lesson.id)
            timeline = timeline_of(lesson) if item.original_id is None else WHOLE
            if asset is not None:
                found.append(_File(item, asset.asset_id, _shown(asset, timeline)))
    return found


@lru_cache(maxsize=1000)  # thousands of a class are a few different ones
def _noted_state(is_done: bool, score: float | None) -> ItemState:  # noqa: FBT001 (a row's values)
    return ItemState(is_done=is_done, score=score)


def _shown(asset: _Facts, timeline: Timeline) -> list[list[float]]:
    length = float(asset.page_count) if asset.kind in READ else asset.duration_s
    return timeline.to_rows() or [[0.0, length]]


def _contents_for(
    session: Session, person_ids: Collection[UUID], lessons: Collection[Learnt]
) -> Mapping[UUID, Mapping[UUID, Content]]:
    """Return it by person and lesson, inside a transaction.

    Two queries, and every version is read once.
    """
    lesson_ids = [lesson.id for lesson in lessons]
    began = select(LessonStart.person_id, LessonStart.lesson_id, LessonStart.version_id).where(
        LessonStart.lesson_id.in_(lesson_ids), LessonStart.person_id.in_(person_ids)
    )
    started = session.execute(began).all()
    newest, by_version = _versions(session, lesson_ids, {row.version_id for row in started})
    now = {lesson.id: newest.get(lesson.id) or own_file(lesson) for lesson in lessons}
    contents = {person_id: dict(now) for person_id in person_ids}
    for person_id, lesson_id, version_id in started:
        contents[person_id][lesson_id] = by_version[version_id]
    return contents


def _different(
    contents: Iterable[Mapping[UUID, Content]],
) -> Collection[tuple[Content, UUID]]:
    """Return the contents that are not the same one, each with its lesson."""
    return {
        id(content): (content, lesson_id) for own in contents for lesson_id, content in own.items()
    }.values()


def _versions(
    session: Session, lesson_ids: Collection[UUID], version_ids: Collection[UUID]
) -> tuple[Mapping[UUID, Content], Mapping[UUID, Content]]:
    """Return the newest of these lessons by lesson, and these and the named ones by their id."""
    last = func.max(LessonVersion.number).over(partition_by=LessonVersion.lesson_id)
    numbered = (
        select(LessonVersion.id, (LessonVersion.number == last).label("is_newest"))
        .where(LessonVersion.lesson_id.in_(lesson_ids))
        .subquery()
    )
    columns = (LessonVersion.id, LessonVersion.lesson_id, LessonVersion.content)
    wanted = select(*columns, numbered.c.is_newest).join(
        numbered, numbered.c.id == LessonVersion.id
    )
    wanted = wanted.where(or_(numbered.c.is_newest, LessonVersion.id.in_(version_ids)))
    newest: dict[UUID, Content] = {}
    by_version: dict[UUID, Content] = {}
    for version_id, lesson_id, document, is_newest in session.execute(wanted):
        content = by_version[version_id] = CONTENT.validate_python(document)
        if is_newest:
            newest[lesson_id] = content
    return newest, by_version


def _assets(
    session: Session, contents: Iterable[Content], lessons: Collection[Learnt]
) -> Mapping[UUID, _Facts]:
    """Return the assets of all files by original; one query, and one for erased lessons."""
    used = {lesson.original_id for lesson in lessons if lesson.original_id}
    for content in contents:
        used |= content.original_ids
    erased_ids = [lesson.id for lesson in lessons if isinstance(lesson, ErasedLesson)]
    found = {}
    if erased_ids:
        file = ErasedFile
        gone = select(
            file.original_id, file.asset_id, file.kind, file.duration_s, file.page_count
        ).where(file.lesson_id.in_(erased_ids))
        found = {row[0]: _Facts(*row[1:]) for row in session.execute(gone)}
    columns = (Original.id, Asset.id, Asset.kind, Asset.duration_s, Asset.page_count)
    there = select(*columns).join(Asset, Asset.id == Original.asset_id)
    rows = session.execute(there.where(Original.id.in_(used)))
    return found | {row[0]: _Facts(*row[1:]) for row in rows}


def _watched(
    session: Session, person_ids: Collection[UUID], asset_ids: Collection[UUID]
) -> Mapping[UUID, Mapping[UUID, str]]:
    """Return what these people watched of these files, as texts of services.covered."""
    row = WatchProgress
    wanted = select(row.person_id, row.asset_id, row.covered).where(
        row.person_id.in_(person_ids), row.asset_id.in_(asset_ids)
    )
    watched: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for person_id, asset_id, covered in session.execute(wanted):
        watched[person_id][asset_id] = covered
    return watched


def _package_results(
    session: Session,
    person_ids: Collection[UUID],
    lessons: Collection[Learnt],
    assets: Iterable[_Facts],
) -> Mapping[UUID, Mapping[LessonAsset, ItemState]]:
    """Return what packages told of these people; of several tries what is best of each."""
    packages = {asset.asset_id for asset in assets if asset.kind == AssetKind.PACKAGE}
    if not packages:
        return {}
    attempt = PackageAttempt
    is_done = or_(attempt.completion == "completed", attempt.success == "passed")
    whose = (attempt.person_id, attempt.lesson_id, attempt.asset_id)
    best = (
        select(
            *whose,
            func.max(case((is_done, 1), else_=0)),
            func.max(attempt.score_scaled),
        )
        .where(
            attempt.person_id.in_(person_ids),
            attempt.lesson_id.in_([lesson.id for lesson in lessons]),
            attempt.asset_id.in_(packages),
        )
        .group_by(*whose)
    )
    results: dict[UUID, dict[LessonAsset, ItemState]] = defaultdict(dict)
    for person_id, lesson_id, asset_id, done, score in session.execute(best):
        results[person_id][lesson_id, asset_id] = ItemState(
            is_done=bool(done), score=None if score is None else max(0.0, score)
        )
    return results
