"""Do rows, objects and the index belong together, and is work missing: found here.

Safe while people work: objects are listed before rows are read, what seems to be missing is asked
for once more, and what nothing refers to is left alone for a day.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from search.index import SearchIndex
from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.jobs import JobRow, OutboxEntry
from server.models.lessons import Lesson
from server.models.library import Asset, AssetState, Upload, has_bytes
from server.models.people import AuditEntry
from server.models.set_aside import GoingObject, SetAside
from server.services.clock import Clock
from server.services.expected_objects import Expected, Holder, expected_objects, real_totals
from server.services.index_courses import lesson_places
from server.services.upload_notes import UploadNote, read_note
from storage.keys import NOTE, ORIGINALS, asset_prefix, note_key, original_key
from storage.store import ObjectInfo, ObjectNotFound, ObjectStore, UnfinishedObject

YOUNG = timedelta(days=1)  # an object may be stored before its row is
# What was made of an asset that no row knows: perhaps an older backup was brought back by mistake.
STRANGE = timedelta(days=30)
ASSETS = "assets/"
PREFIXES = (ORIGINALS, ASSETS)
PIECE_BYTES = 8 * 2**20


class FaultKind(StrEnum):
    """What can be wrong."""

    MISSING_OBJECT = "missing_object"  # a row names it, the store has it not
    WRONG_SIZE = "wrong_size"
    WRONG_BYTES = "wrong_bytes"  # found by a deep check only
    ORPHAN = "orphan"  # an object that no row names
    LEFTOVER = "leftover"  # pieces of an object that was never finished, and is elsewhere
    PIECES = "pieces"  # of a file that was being sent
    IDLE_ASSET = "idle_asset"  # being prepared, but nothing is queued
    WRONG_TOTAL = "wrong_total"  # the bytes that a quota counts
    NOT_INDEXED = "not_indexed"
    ONLY_INDEXED = "only_indexed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not fit, and where."""

    kind: FaultKind
    key: str = ""
    expected: Expected | None = None
    asset_id: UUID | None = None
    lesson_id: UUID | None = None
    multipart_id: str = ""
    note: UploadNote | None = None  # of pieces: whose they are
    total_bytes: int = 0

    @property
    def text(self) -> str:
        """Say it to an administrator."""
        thing = self.key or self.asset_id or self.lesson_id or self.multipart_id
        return f"{self.kind.replace('_', ' ')}: {thing}"


def find_faults(
    session: Session,
    now: Clock,
    *,
    store: ObjectStore,
    index: SearchIndex | None = None,
    is_deep: bool = False,
) -> list[Fault]:
    """Compare rows, objects, jobs and index; a deep check also reads and hashes every object.

    Raises StoreError, IndexFault.
    """
    unfinished = list(store.list_unfinished())
    objects = {info.key: info for prefix in PREFIXES for info in store.list_keys(prefix)}
    known = _read_rows(session)
    return [
        *_missing(store, known.expected.values(), objects),
        *_unequal(store, known.expected, objects, is_deep=is_deep),
        *_left_over(store, now(), known, objects, unfinished),
        *(Fault(kind=FaultKind.IDLE_ASSET, asset_id=asset_id) for asset_id in known.idle),
        *(
            Fault(kind=FaultKind.WRONG_TOTAL, asset_id=asset_id, total_bytes=total_bytes)
            for asset_id, total_bytes in known.totals.items()
        ),
        *(_unlike_index(session, index) if index else ()),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What rows know of the store."""

    expected: Mapping[str, Expected]
    multiparts: Collection[str]
    arriving: Collection[str]  # keys of uploads under way, and of what is being removed
    assets: Collection[str]  # folders
    alone: Collection[str]  # folders of assets of which nothing can be made again
    idle: Collection[UUID]
    totals: Mapping[UUID, int]


def _read_rows(session: Session) -> _Known:
    without_original = (Asset.original_gone_at.is_not(None), Asset.retired_at.is_(None))
    with session.begin():
        uploads = session.execute(select(Upload.object_key, Upload.multipart_id)).all()
        pieces = session.scalars(select(SetAside.multipart_id)).all()
        alone = session.scalars(select(Asset.id).where(*without_original))
        return _Known(
            expected={each.key: each for each in expected_objects(session)},
            multiparts={*(multipart_id for _, multipart_id in uploads), *pieces},
            arriving={*(key for key, _ in uploads), *session.scalars(select(GoingObject.key))},
            assets={asset_prefix(id_) for id_ in session.scalars(select(Asset.id))},
            alone={asset_prefix(id_) for id_ in alone},
            idle=session.scalars(_idle_assets()).all(),
            totals=real_totals(session),
        )


def _left_over(
    store: ObjectStore,
    now: datetime,
    known: _Known,
    objects: Mapping[str, ObjectInfo],
    unfinished: Collection[UnfinishedObject],
) -> Iterator[Fault]:
    """Yield objects, and pieces of some, that no row names; all of them old."""
    left = [each for each in unfinished if each.multipart_id not in known.multiparts]
    aged = [info for info in objects.values() if _is_old(info, now, known.assets)]
    orphans = [
        each
        for each in _orphans(aged, known.expected, known.arriving)
        if _folder_of(each.key) not in known.alone
    ]
    notes = _notes_of_pieces(store, orphans, {each.multipart_id for each in left})
    yield from (each for each in orphans if not _is_needed_note(each.key, objects, notes))
    yield from (_leftover(each, notes) for each in left if each.began_at < now - YOUNG)


def _missing(
    store: ObjectStore, expected: Collection[Expected], objects: Mapping[str, ObjectInfo]
) -> Iterator[Fault]:
    """Yield what is not there; it may have been stored since the objects were listed."""
    for each in expected:
        if each.key in objects or not each.is_needed:
            continue
        try:
            store.stat(each.key)
        except ObjectNotFound:
            yield _fault_of(FaultKind.MISSING_OBJECT, each)


def _unequal(
    store: ObjectStore,
    expected: Mapping[str, Expected],
    objects: Mapping[str, ObjectInfo],
    *,
    is_deep: bool,
) -> Iterator[Fault]:
    for key, info in objects.items():
        each = expected.get(key)
        if each is None or not each.is_needed:
            continue
        if each.size_bytes and each.size_bytes != info.size_bytes:
            yield _fault_of(FaultKind.WRONG_SIZE, each)
        elif is_deep and each.sha256 and _sha256_of(store, key) not in {each.sha256, ""}:
            yield _fault_of(FaultKind.WRONG_BYTES, each)


def _sha256_of(store: ObjectStore, key: str) -> str:
    """Return the hash of an object's bytes; empty if it was removed meanwhile."""
    digest, start = hashlib.sha256(), 0
    try:
        while piece := store.read_range(key, start, PIECE_BYTES):
            digest.update(piece)
            start += len(piece)
    except ObjectNotFound:
        return ""
    return digest.hexdigest()


def _orphans(
    old: Collection[ObjectInfo], expected: Mapping[str, Expected], arriving: Collection[str]
) -> Iterator[Fault]:
    for info in old:
        if info.key not in expected and info.key.removesuffix(NOTE) not in arriving:
            yield Fault(kind=FaultKind.ORPHAN, key=info.key)


def _is_old(info: ObjectInfo, now: datetime, assets: Collection[str]) -> bool:
    is_strange = info.key.startswith(ASSETS) and _folder_of(info.key) not in assets
    return info.modified_at < now - (STRANGE if is_strange else YOUNG)


def _folder_of(key: str) -> str:
    return key[: key.rfind("/") + 1]


def _notes_of_pieces(
    store: ObjectStore, orphans: Collection[Fault], multipart_ids: Collection[str]
) -> dict[str, UploadNote]:
    """Return by multipart id what was noted of files that did not come whole."""
    keys = [each.key.removesuffix(NOTE) for each in orphans if each.key.endswith(NOTE)]
    notes = (read_note(store, key) for key in keys) if multipart_ids else ()
    return {
        note.multipart_id: note for note in notes if note and note.multipart_id in multipart_ids
    }


def _is_needed_note(
    key: str, objects: Mapping[str, ObjectInfo], notes: Mapping[str, UploadNote]
) -> bool:
    """Tell whether it says whose a file is that is there, or pieces of one."""
    is_of_file = key.endswith(NOTE) and key.removesuffix(NOTE) in objects
    return is_of_file or key in {note_key(original_key(note.upload_id)) for note in notes.values()}


def _leftover(each: UnfinishedObject, notes: Mapping[str, UploadNote]) -> Fault:
    is_made = each.is_copy or each.key.startswith(ASSETS)
    return Fault(
        kind=FaultKind.LEFTOVER if is_made else FaultKind.PIECES,
        key=each.key,
        multipart_id=each.multipart_id,
        note=notes.get(each.multipart_id),
    )


def _unlike_index(session: Session, index: SearchIndex) -> Iterator[Fault]:
    """Compare lessons and courses with their entries; what waits in the outbox is about to be."""
    if index.needs_rebuild() or index.is_rebuilding():
        return
    indexed = set(index.lesson_ids())
    is_shown = (Lesson.published_at.is_not(None), Lesson.deleted_at.is_(None))
    with session.begin():
        waiting = {str(id_) for id_ in session.scalars(select(OutboxEntry.lesson_id))}
        shown = {str(id_) for id_ in session.scalars(select(Lesson.id).where(*is_shown))}
        shown |= {str(id_) for id_ in session.scalars(_courses_with(*is_shown))}
    for lesson_id in sorted(shown - indexed - waiting):
        yield Fault(kind=FaultKind.NOT_INDEXED, lesson_id=UUID(lesson_id))
    for lesson_id in sorted(indexed - shown - waiting):
        yield Fault(kind=FaultKind.ONLY_INDEXED, lesson_id=UUID(lesson_id))


def _courses_with(*is_shown: ColumnElement[bool]) -> Select[UUID]:
    """Return the courses that somebody finds: those with a lesson that is shown."""
    placed = lesson_places().join(Lesson, Lesson.id == CourseLesson.lesson_id).where(*is_shown)
    is_found = Course.id.in_(placed.with_only_columns(CourseUnit.course_id))
    return select(Course.id).where(Course.deleted_at.is_(None), is_found)


def _idle_assets() -> Select[UUID]:
    """Return assets without work; those that a person has stopped are left alone."""
    unfinished = Asset.state.in_((AssetState.WAITING, AssetState.PREPARING))
    has_job = exists().where(JobRow.asset_id == Asset.id)
    stopped = (AuditEntry.thing_id == Asset.id, AuditEntry.action == "asset.cancel")
    can_work = (has_bytes(), Asset.retired_at.is_(None))
    return select(Asset.id).where(unfinished, ~has_job, ~exists().where(*stopped), *can_work)


def _fault_of(kind: FaultKind, each: Expected) -> Fault:
    asset_id = None if each.holder is Holder.ORIGINAL else each.asset_id
    return Fault(kind=kind, key=each.key, expected=each, asset_id=asset_id)
