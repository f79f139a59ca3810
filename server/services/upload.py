"""Files on their way in: begun, resumed, recorded part by part, finished, given up.

Nobody gets another person's file by naming its hash: equal files share an asset only after all
bytes have arrived here and were hashed here.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, exists, or_, select, true, update
from sqlalchemy.orm import Session

from server.errors import AppError, Conflict, NotAllowed, NotFound, TooMuch
from server.messages import ProbeOriginal
from server.models.base import uuid7
from server.models.library import Asset, AssetState, Original, OriginalGone, Upload
from server.models.people import Person
from server.models.set_aside import SetAside
from server.policy import may_upload, school_acted_for
from server.queue import enqueue
from server.services.chapters import spread_chapters
from server.services.clock import Clock
from server.services.given import is_learnt_here
from server.services.going import note_going, remove_going
from server.services.good_copies import HARMED, put_back
from server.services.handing_over import hand_over
from server.services.quota import QuotaFull, check_room
from server.services.room import Room
from server.services.set_aside import keep_spare
from server.services.spool import Spool
from server.services.upload_notes import write_note
from storage.keys import note_key, original_key
from storage.store import PART_BYTES, ObjectStore, StoredPart

MAX_NAME_LENGTH = 300
UNNAMED = "file"


class EmptyFile(AppError):
    """There is nothing in the file."""

    code = "empty_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceToHandIn:
    """For which lesson a pupil's file comes in, and at which school."""

    lesson_id: UUID
    school_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """What may be uploaded, and how long an unfinished upload is kept."""

    max_bytes: int
    expiry: timedelta
    room: Room | None = None  # None: not asked


def create_upload(  # noqa: PLR0913 (what a client says of its file)
    session: Session,
    now: Clock,
    store: ObjectStore,
    *,
    owner: Person,
    file_name: str,
    size_bytes: int,
    fingerprint: str,
    limits: UploadLimits,
    hat_id: UUID | None = None,
    hand_in: PlaceToHandIn | None = None,
) -> Upload:
    """Begin an upload, or return the owner's unfinished one of the same file.

    It belongs to the school for which the owner acts in this role, or where it is handed in.
    Same: by size and fingerprint. Raises NotAllowed, EmptyFile, TooMuch, StorageFull, StoreError.
    """
    if not may_upload(owner) and hand_in is None:
        raise NotAllowed("only teachers and administrators upload")
    _check_size(size_bytes, limits)
    if found := _resumed(session, now, owner, size_bytes, fingerprint, hand_in):
        return found
    upload_id = uuid7()
    upload = Upload(
        id=upload_id,
        owner_id=owner.id,
        school_id=hand_in.school_id if hand_in else school_acted_for(owner, hat_id),
        lesson_id=hand_in.lesson_id if hand_in else None,
        file_name=clean_file_name(file_name),
        size_bytes=size_bytes,
        fingerprint=fingerprint[:200],
        object_key=original_key(upload_id),
        created_at=now(),
        touched_at=now(),
    )
    _take_room(session, store, upload, owner, limits.room)
    return upload


def clean_file_name(file_name: str) -> str:
    """Return the label that a client gave its file: no folders, no control characters, not long."""
    base = file_name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(character for character in base if character.isprintable()).strip(" .")
    return printable[:MAX_NAME_LENGTH] or UNNAMED


def find_upload(session: Session, *, upload_id: UUID, owner: Person) -> Upload:
    """Return an upload, finished or not. Raises NotFound, also for another person's.

    A session that came through a classroom has those of lessons that this classroom was given.
    """
    with session.begin():
        upload = session.get(Upload, upload_id, populate_existing=True)
        if upload is None or not _is_own(session, upload, owner):
            raise NotFound(f"no upload {upload_id} of this person")
    return upload


def unfinished_uploads(session: Session, *, owner: Person) -> Sequence[Upload]:
    """Return what the person began and did not finish, newest first."""
    wanted = select(Upload).where(Upload.owner_id == owner.id, Upload.finished_at.is_(None))
    with session.begin():
        rows = session.scalars(wanted.order_by(Upload.touched_at.desc())).all()
        return [row for row in rows if _is_own(session, row, owner)]


def record_part(
    session: Session, now: Clock, *, upload_id: UUID, base_bytes: int, part: StoredPart
) -> Upload:
    """Note that the store has the part that begins at `base_bytes`.

    Raises Conflict if the upload is elsewhere by now (another server went on with it), NotFound.
    """
    with session.begin():
        # An update first: it takes the write lock, so that nothing changes between read and write.
        mine = (Upload.id == upload_id, Upload.stored_bytes == base_bytes)
        if not _changed(session, update(Upload).where(*mine).values(touched_at=now())):
            raise Conflict(f"upload {upload_id} is not at byte {base_bytes}")
        upload = session.get_one(Upload, upload_id, populate_existing=True)
        upload.parts = [*upload.parts, asdict(part)]
        upload.stored_bytes = base_bytes + part.size_bytes
    return upload


def finish_upload(
    session: Session, now: Clock, store: ObjectStore, *, upload_id: UUID, sha256: str | None
) -> Original:
    """Make an original of an upload whose parts are all stored. Again returns the same one.

    `sha256` is of all bytes as they arrived; None (the server was restarted meanwhile) leaves the
    search for an equal file to the probe. Raises NotFound, Conflict; StoreError.
    """
    with session.begin():
        upload = session.get(Upload, upload_id, populate_existing=True)
        if upload is None:
            raise NotFound(f"no upload {upload_id}")
        if upload.original_id:
            return session.get_one(Original, upload.original_id)
    if upload.stored_bytes != upload.size_bytes:
        raise Conflict(f"upload {upload_id} is not complete")
    parts = [StoredPart(**fields) for fields in upload.parts]
    store.finish_multipart(upload.object_key, upload.multipart_id, parts)
    return _make_original(session, now, upload, sha256 or "")


def share_equal_asset(session: Session, now: Clock, *, asset_id: UUID, sha256: str) -> bool:
    """Note an asset's hash; if an older asset has the same bytes, its owners share that one.

    Then the asset row and its jobs are gone. Its bytes take the place of the older one's if those
    are not there, else they are kept until those were read. For assets not prepared yet.
    """
    with session.begin():
        _changed(session, update(Asset).where(Asset.id == asset_id).values(sha256=sha256))
        asset = session.get(Asset, asset_id, populate_existing=True)
        if asset is None:
            raise NotFound(f"no asset {asset_id}")
        if asset.replaces_id is not None:
            return False  # made anew of the same bytes on purpose
        older = _equal_asset(session, sha256, asset.size_bytes, before_id=asset_id)
        if older is None:
            return False
        moved = update(Original).where(Original.asset_id == asset_id).values(asset_id=older.id)
        session.execute(moved)
        spread_chapters(session, older)
        hand_over(session, now(), older)
        is_damaged = asset.original_gone_why is OriginalGone.DAMAGED
        aside = update(SetAside).where(SetAside.asset_id == asset_id).values(asset_id=older.id)
        session.execute(aside)
        session.delete(asset)
        session.flush()
        if not is_damaged and not put_back(session, now, older, key=asset.original_key):
            keep_spare(session, now, older, key=asset.original_key)
        return True


def cancel_upload(
    session: Session, store: ObjectStore, *, upload_id: UUID, owner: Person, spool: Spool
) -> None:
    """Give up an upload and remove what has arrived. Raises NotFound, Conflict when finished."""
    upload = find_upload(session, upload_id=upload_id, owner=owner)
    _drop_upload(session, store, upload, spool)


def expire_uploads(
    session: Session, now: Clock, store: ObjectStore, *, expiry: timedelta, spool: Spool
) -> int:
    """Remove uploads not touched for `expiry`; return how many. Originals stay.

    One that was sent whole, but was never said to be finished, becomes an original.
    """
    is_old = Upload.touched_at < now() - expiry
    with session.begin():
        session.execute(delete(Upload).where(is_old, Upload.finished_at.is_not(None)))
        old = session.scalars(select(Upload).where(is_old)).all()
    for upload in old:
        if spool.offset_of(upload) == upload.size_bytes:
            _finish_whole(session, now, store, upload, spool)
        else:
            _drop_upload(session, store, upload, spool)
    return len(old)


def _finish_whole(
    session: Session, now: Clock, store: ObjectStore, upload: Upload, spool: Spool
) -> None:
    base_bytes, number = upload.stored_bytes, upload.stored_bytes // PART_BYTES + 1
    if base_bytes < upload.size_bytes:
        file = spool.file_of(upload.id, base_bytes)
        part = store.put_part(upload.object_key, upload.multipart_id, number, file)
        record_part(session, now, upload_id=upload.id, base_bytes=base_bytes, part=part)
    finish_upload(session, now, store, upload_id=upload.id, sha256=None)
    spool.drop(upload.id)


def upload_ids(session: Session) -> set[UUID]:
    """Return the ids of all unfinished uploads."""
    with session.begin():
        return set(session.scalars(select(Upload.id).where(Upload.finished_at.is_(None))))


def _check_size(size_bytes: int, limits: UploadLimits) -> None:
    if size_bytes <= 0:
        raise EmptyFile("the file is empty")
    if size_bytes > limits.max_bytes:
        raise TooMuch("the file is too large", max_bytes=limits.max_bytes)


def _take_room(
    session: Session, store: ObjectStore, upload: Upload, owner: Person, room: Room | None
) -> None:
    """Begin the upload's object and add its row, which holds its size.

    Raises StorageFull, QuotaFull.
    """
    if room:
        room.check(upload.size_bytes)
    check = partial(
        check_room,
        session,
        person=owner,
        school_id=upload.school_id,
        size_bytes=upload.size_bytes,
    )
    with session.begin():
        check()
    upload.multipart_id = store.start_multipart(
        upload.object_key, content_type="application/octet-stream"
    )
    write_note(store, upload)  # should its row be lost, its owner is still known
    try:
        with session.begin():
            check()  # again: others may have begun meanwhile
            session.add(upload)
    except QuotaFull:
        store.abort_multipart(upload.object_key, upload.multipart_id)
        store.delete(note_key(upload.object_key))
        raise


def _is_own(session: Session, upload: Upload, owner: Person) -> bool:
    if upload.owner_id != owner.id:
        return False
    if owner.scope.is_whole:
        return True
    lesson_id = upload.lesson_id
    return lesson_id is not None and is_learnt_here(session, person=owner, lesson_id=lesson_id)


def _resumed(
    session: Session,
    now: Clock,
    owner: Person,
    size_bytes: int,
    fingerprint: str,
    hand_in: PlaceToHandIn | None,
) -> Upload | None:
    """Return the owner's latest unfinished upload of this file, touched.

    A session that came through a classroom goes on only with what was begun for the same lesson.
    """
    if not fingerprint:
        return None
    same = (
        Upload.owner_id == owner.id,
        Upload.finished_at.is_(None),
        Upload.fingerprint == fingerprint[:200],
        Upload.size_bytes == size_bytes,
        true() if owner.scope.is_whole else Upload.lesson_id == (hand_in and hand_in.lesson_id),
    )
    with session.begin():
        _changed(session, update(Upload).where(*same).values(touched_at=now()))
        latest = select(Upload).where(*same).order_by(Upload.id.desc()).limit(1)
        return session.scalar(latest.execution_options(populate_existing=True))


def _make_original(session: Session, now: Clock, upload: Upload, sha256: str) -> Original:
    """Return the original; bytes that an asset has already are kept until those were read."""
    with session.begin():
        unfinished = (Upload.id == upload.id, Upload.finished_at.is_(None))
        if not _changed(session, update(Upload).where(*unfinished).values(finished_at=now())):
            finished = session.get(Upload, upload.id, populate_existing=True)
            if finished is None:
                raise NotFound(f"upload {upload.id} was given up meanwhile")
            return session.get_one(Original, finished.original_id)
        asset = _equal_asset(session, sha256, upload.size_bytes)
        if asset is None:
            asset = _new_asset(session, now, upload, sha256)
        elif not put_back(session, now, asset, key=upload.object_key):
            keep_spare(session, now, asset, key=upload.object_key)
        original = Original(
            owner_id=upload.owner_id,
            school_id=upload.school_id,
            asset_id=asset.id,
            file_name=upload.file_name,
            created_at=now(),
        )
        session.add(original)
        session.flush()
        mine = update(Upload).where(Upload.id == upload.id)
        session.execute(mine.values(original_id=original.id, touched_at=now()))
    return original


def _new_asset(session: Session, now: Clock, upload: Upload, sha256: str) -> Asset:
    asset = Asset(
        original_key=upload.object_key,
        size_bytes=upload.size_bytes,
        sha256=sha256,
        created_at=now(),
    )
    session.add(asset)
    session.flush()
    enqueue(session, ProbeOriginal(asset_id=asset.id), now())
    return asset


def _equal_asset(
    session: Session, sha256: str, size_bytes: int, *, before_id: UUID | None = None
) -> Asset | None:
    """Return the oldest asset with these bytes that can be shown or may become so."""
    if not sha256:
        return None
    equal = select(Asset).where(
        Asset.sha256 == sha256,
        Asset.size_bytes == size_bytes,
        or_(Asset.state != AssetState.FAILED, Asset.original_gone_why.in_(HARMED)),
        exists().where(Original.asset_id == Asset.id),  # not on its way in or out
    )
    if before_id is not None:
        equal = equal.where(Asset.id < before_id)  # of two that arrive together one stays
    return session.scalar(equal.order_by(Asset.id).limit(1))


def _drop_upload(session: Session, store: ObjectStore, upload: Upload, spool: Spool) -> None:
    """Remove row, pieces and spool. Raises Conflict when it was finished meanwhile."""
    with session.begin():
        unfinished = (Upload.id == upload.id, Upload.finished_at.is_(None))
        if not _changed(session, delete(Upload).where(*unfinished)):
            raise Conflict(f"upload {upload.id} is finished")
        # If it was joined already, but the server died before the rest; and its note.
        note_going(session, [upload.object_key])
    spool.drop(upload.id)
    store.abort_multipart(upload.object_key, upload.multipart_id)
    remove_going(session, store)


def _changed(session: Session, statement: object) -> bool:
    """Run an UPDATE or DELETE; tell whether it hit a row."""
    result = session.execute(statement)  # type: ignore[call-overload]
    return cast("CursorResult[object]", result).rowcount > 0
