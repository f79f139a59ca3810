"""How far people are with the items of lessons, from all that is written down of them.

Files by what was watched of them, packages by what they told, the rest by their own notes: a
constant number of queries, however many people and lessons.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from media_pipeline.timeline import WHOLE, Timeline
from server.models.content import CONTENT, Content, FileItem
from server.models.lesson_versions import LessonStart, LessonVersion
from server.models.lessons import Lesson
from server.models.library import Asset, AssetKind, Original
from server.models.packages import PackageAttempt
from server.models.progress import WatchProgress
from server.services.covered import Covered
from server.services.item_progress import Noted, PersonItem, items_of
from server.services.lesson_content import own_file
from server.services.views import timeline_of

PersonLesson: TypeAlias = tuple[UUID, UUID]
PersonAsset: TypeAlias = tuple[UUID, UUID]
PersonLessonAsset: TypeAlias = tuple[UUID, UUID, UUID]
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


States: TypeAlias = Mapping[PersonItem, ItemState]


@dataclass(frozen=True, slots=True)
class Standing:
    """What people have before them of lessons, begun or else the newest, and how far they are."""

    contents: Mapping[PersonLesson, Content]
    states: States


def states_of(
    session: Session, person_ids: Collection[UUID], lessons: Collection[Lesson]
) -> States:
    """Return the state of every item that one of these people has begun, by (person, item)."""
    return standing_of(session, person_ids, lessons).states


def standing_of(
    session: Session, person_ids: Collection[UUID], lessons: Collection[Lesson]
) -> Standing:
    """Return the same with what the lessons consist of for each of them."""
    with session.begin():
        contents = _contents_for(session, person_ids, lessons)
        assets = _assets(session, contents.values(), lessons)
        watched = _watched(session, person_ids, {asset.id for asset in assets.values()})
        noted = items_of(session, person_ids, lesson_ids=[lesson.id for lesson in lessons])
        told = _package_results(session, person_ids, lessons, assets.values())
    by_id = {lesson.id: lesson for lesson in lessons}
    different = {id(content): (content, key[1]) for key, content in contents.items()}
    files = {
        name: _files_of(content, by_id[lesson_id], assets)
        for name, (content, lesson_id) in different.items()
    }
    judged = {file.item.id for own in files.values() for file in own}
    states = {key: _noted_state(one) for key, one in noted.items() if key[1] not in judged}
    for (person_id, lesson_id), content in contents.items():
        for file in files[id(content)]:
            state = told.get((person_id, lesson_id, file.asset_id)) or file.state(
                watched.get((person_id, file.asset_id))
            )
            if state is not None:
                states[person_id, file.item.id] = state
    return Standing(contents, states)


def lesson_state(content: Content, states: States, person_id: UUID) -> LessonState:
    """Return how far somebody is with a lesson that consists of this for them."""
    own = [(item.is_required, states.get((person_id, item.id))) for item in content.items]
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


def _files_of(content: Content, lesson: Lesson, assets: Mapping[UUID, Asset]) -> Sequence[_File]:
    """Return the files of which something is there."""
    found = []
    for item in content.items:
        if isinstance(item, FileItem):
            asset = assets.get(item.original_id or lesson.original_id or lesson.id)
            timeline = timeline_of(lesson) if item.original_id is None else WHOLE
            if asset is not None:
                found.append(_File(item, asset.id, _shown(asset, timeline)))
    return found


def _noted_state(noted: Noted) -> ItemState:
    return ItemState(is_done=noted.is_done, score=noted.score)


def _shown(asset: Asset, timeline: Timeline) -> list[list[float]]:
    length = float(asset.page_count) if asset.kind in READ else asset.duration_s
    return timeline.to_rows() or [[0.0, length]]


def _contents_for(
    session: Session, person_ids: Collection[UUID], lessons: Collection[Lesson]
) -> Mapping[PersonLesson, Content]:
    """Return it inside a transaction; two queries, and every version is read once."""
    lesson_ids = [lesson.id for lesson in lessons]
    began = select(LessonStart.person_id, LessonStart.lesson_id, LessonStart.version_id).where(
        LessonStart.lesson_id.in_(lesson_ids), LessonStart.person_id.in_(person_ids)
    )
    started = {
        (person_id, lesson_id): version_id
        for person_id, lesson_id, version_id in session.execute(began)
    }
    newest, by_version = _versions(session, lesson_ids, set(started.values()))
    now = {lesson.id: newest.get(lesson.id) or own_file(lesson) for lesson in lessons}
    return {
        (person_id, lesson_id): by_version[started[person_id, lesson_id]]
        if (person_id, lesson_id) in started
        else now[lesson_id]
        for lesson_id in lesson_ids
        for person_id in person_ids
    }


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
    session: Session, contents: Iterable[Content], lessons: Collection[Lesson]
) -> Mapping[UUID, Asset]:
    """Return the assets of all files by original; one query."""
    used = {lesson.original_id for lesson in lessons if lesson.original_id}
    for content in {id(content): content for content in contents}.values():
        used |= content.original_ids
    wanted = select(Original).where(Original.id.in_(used)).options(joinedload(Original.asset))
    return {original.id: original.asset for original in session.scalars(wanted)}


def _watched(
    session: Session, person_ids: Collection[UUID], asset_ids: Collection[UUID]
) -> Mapping[PersonAsset, str]:
    """Return what these people watched of these files, as texts of services.covered."""
    row = WatchProgress
    wanted = select(row.person_id, row.asset_id, row.covered).where(
        row.person_id.in_(person_ids), row.asset_id.in_(asset_ids)
    )
    return {
        (person_id, asset_id): covered for person_id, asset_id, covered in session.execute(wanted)
    }


def _package_results(
    session: Session,
    person_ids: Collection[UUID],
    lessons: Collection[Lesson],
    assets: Iterable[Asset],
) -> Mapping[PersonLessonAsset, ItemState]:
    """Return what packages told of these people; of several tries what is best of each."""
    packages = {asset.id for asset in assets if asset.kind == AssetKind.PACKAGE}
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
    return {
        (person_id, lesson_id, asset_id): ItemState(
            is_done=bool(done),
            score=None if score is None else max(0.0, score),
        )
        for person_id, lesson_id, asset_id, done, score in session.execute(best)
    }
