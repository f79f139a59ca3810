"""What cannot be made again is set aside, offered to whose it is, and removed by nobody else.

Damaged originals, sent files of which no row knows, and second copies until the first was read.
"""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from server.errors import NotAllowed
from server.messages import ProbeOriginal
from server.models.base import uuid7
from server.models.library import Asset, Original, OriginalGone, Upload
from server.models.people import Person, School
from server.models.set_aside import AsideWhy, SetAside
from server.policy import may_manage_office, may_upload
from server.queue import enqueue
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.expected_objects import Expected
from server.services.find_row import find_row
from server.services.going import note_going, remove_going
from server.services.good_copies import put_back, sha256_of
from server.services.upload_notes import UploadNote, read_note
from storage.keys import damaged_key
from storage.store import ObjectNotFound, ObjectStore, StoredPart

UNNAMED = "file"


def may_claim_set_aside(person: Person | None, file: SetAside) -> bool:
    """A sent file of which no row knew is its sender's again; without one, the office's."""
    if person is None or file.why is not AsideWhy.UNCLAIMED:
        return False
    if file.owner_id is not None:
        return file.owner_id == person.id and may_upload(person)
    return may_manage_office(person)


def may_remove_set_aside(person: Person | None, file: SetAside) -> bool:
    """What cannot be made again is removed by whose it is, or by the office."""
    return may_claim_set_aside(person, file) or may_manage_office(person)


def set_damaged_aside(session: Session, now: Clock, store: ObjectStore, lost: Expected) -> None:
    """Give damaged bytes another name, under which they are used as far as they can be read.

    The old name is free then for a good copy. Raises StoreError.
    """
    size_bytes = store.stat(lost.key).size_bytes
    aside_key = damaged_key(uuid7())
    store.copy(lost.key, aside_key)
    with session.begin():
        of_key = (Asset.original_key == lost.key, Asset.original_gone_at.is_(None))
        moved = (
            update(Asset)
            .where(*of_key)
            .values(
                original_key=aside_key,
                original_gone_at=now(),
                original_gone_why=OriginalGone.DAMAGED,
            )
        )
        is_named = bool(session.scalars(moved.returning(Asset.id), execution_options=FETCH).all())
        note_going(session, [lost.key if is_named else aside_key])
        if is_named:
            session.add(
                SetAside(
                    why=AsideWhy.DAMAGED,
                    key=aside_key,
                    size_bytes=size_bytes,
                    whole_bytes=lost.size_bytes,
                    asset_id=lost.asset_id,
                    found_at=now(),
                )
            )
    remove_going(session, store)


def keep_spare(session: Session, now: Clock, asset: Asset, *, key: str) -> None:
    """Keep a second copy until the first was read again, in the caller's transaction."""
    spare = SetAside(
        why=AsideWhy.SPARE,
        key=key,
        size_bytes=asset.size_bytes,
        whole_bytes=asset.size_bytes,
        asset_id=asset.id,
        found_at=now(),
    )
    session.add(spare)


def judge_spares(session: Session, now: Clock, store: ObjectStore) -> int:
    """Read what second copies are of: they go, or take the place of what is not whole any more.

    So do damaged files whose place a good copy has taken. Returns how many went. Raises StoreError.
    """
    with session.begin():
        wanted = select(SetAside).where(SetAside.why.in_((AsideWhy.SPARE, AsideWhy.DAMAGED)))
        ids = [row.id for row in session.scalars(wanted) if _is_judged(row)]
    for id_ in ids:
        _judge(session, now, store, id_)
    remove_going(session, store)
    return len(ids)


def _is_judged(row: SetAside) -> bool:
    if row.why is AsideWhy.SPARE or row.asset is None:
        return True
    return row.asset.original_gone_at is None  # a good copy is in the damaged one's place


def _judge(session: Session, now: Clock, store: ObjectStore, id_: UUID) -> None:
    with session.begin():
        row = session.get_one(SetAside, id_)
        asset = row.asset
    if asset is None or _is_whole(store, asset):  # None: whoever had it has removed it
        with session.begin():
            note_going(session, [row.key])
            session.delete(session.get_one(SetAside, id_))
    elif row.why is AsideWhy.SPARE and sha256_of(store, row.key) == asset.sha256:
        if asset.original_gone_at is None:
            _note_harmed(session, now, store, asset)
        with session.begin():
            put_back(session, now, session.get_one(Asset, asset.id), key=row.key)
            session.delete(session.get_one(SetAside, id_))


def _is_whole(store: ObjectStore, asset: Asset) -> bool:
    """Tell whether the original is what was sent; one that a rule has removed is missed by none."""
    if asset.original_gone_why is OriginalGone.EXPIRED:
        return True
    try:
        is_there = asset.original_gone_at is None
        return is_there and sha256_of(store, asset.original_key) == asset.sha256
    except ObjectNotFound:
        return False


def _note_harmed(session: Session, now: Clock, store: ObjectStore, asset: Asset) -> None:
    lost = Expected.of_original(asset)
    try:
        set_damaged_aside(session, now, store, lost)
    except ObjectNotFound:
        with session.begin():
            gone = {"original_gone_at": now(), "original_gone_why": OriginalGone.LOST}
            session.execute(update(Asset).where(Asset.id == asset.id).values(**gone))


def offer_found(session: Session, now: Clock, store: ObjectStore, key: str) -> SetAside:
    """Offer a sent file of which no row knows to its owner; to the office if that is unknown."""
    note, size_bytes = read_note(store, key), store.stat(key).size_bytes
    with session.begin():
        row = SetAside(
            why=AsideWhy.UNCLAIMED,
            key=key,
            size_bytes=size_bytes,
            whole_bytes=note.size_bytes if note else size_bytes,
            file_name=note.file_name if note else "",
            sent_at=note.sent_at if note else None,
            found_at=now(),
        )
        if note:
            row.owner_id = _if_known(session, Person, note.owner_id)
            row.school_id = _if_known(session, School, note.school_id)
        session.add(row)
    return row


def bring_upload_back(
    session: Session, now: Clock, note: UploadNote, key: str, parts: Sequence[StoredPart]
) -> bool:
    """Make the row of an unfinished upload anew: its owner goes on. False if there is no owner."""
    with session.begin():
        if _if_known(session, Person, note.owner_id) is None:
            return False
        session.add(
            Upload(
                id=note.upload_id,
                owner_id=note.owner_id,
                school_id=_if_known(session, School, note.school_id),
                file_name=note.file_name,
                size_bytes=note.size_bytes,
                fingerprint=note.fingerprint,
                object_key=key,
                multipart_id=note.multipart_id,
                stored_bytes=sum(part.size_bytes for part in parts),
                parts=[asdict(part) for part in parts],
                created_at=note.sent_at,
                touched_at=now(),
            )
        )
    return True


def keep_pieces(session: Session, now: Clock, *, key: str, multipart_id: str) -> None:
    """Tell the office of pieces of which nobody knows whose they are."""
    with session.begin():
        session.add(
            SetAside(
                why=AsideWhy.PIECES,
                key=key or f"pieces/{multipart_id}",
                multipart_id=multipart_id,
                size_bytes=0,
                whole_bytes=0,
                found_at=now(),
            )
        )


def found_files(session: Session, *, by: Person) -> Sequence[SetAside]:
    """Return what this person sent and no row knew of any more, newest first."""
    mine = (SetAside.why == AsideWhy.UNCLAIMED, SetAside.owner_id == by.id)
    with session.begin():
        return session.scalars(select(SetAside).where(*mine).order_by(SetAside.id.desc())).all()


def all_set_aside(session: Session, *, by: Person) -> Sequence[SetAside]:
    """Return all that waits for a person. Raises NotAllowed for all but the office."""
    if not may_manage_office(by):
        raise NotAllowed("what was set aside is the office's to see")
    waits = SetAside.why != AsideWhy.SPARE
    with_names = (joinedload(SetAside.owner), joinedload(SetAside.school))
    wanted = select(SetAside).where(waits).options(*with_names).order_by(SetAside.id.desc())
    with session.begin():
        return session.scalars(wanted.limit(MOST_SHOWN)).all()


def names_of_damaged(session: Session, rows: Sequence[SetAside]) -> dict[UUID, Original]:
    """Return by asset the oldest file of those whose bytes are damaged."""
    ids = {row.asset_id for row in rows if row.why is AsideWhy.DAMAGED}
    wanted = select(Original).where(Original.asset_id.in_(ids)).order_by(Original.id.desc())
    with session.begin():
        found = session.scalars(wanted.options(joinedload(Original.owner))).all() if ids else ()
    return {original.asset_id: original for original in found}


def claim_found(session: Session, now: Clock, *, set_aside_id: UUID, by: Person) -> Original:
    """Make it a file of this person again, as if it had just arrived.

    Raises NotFound, NotAllowed.
    """
    with session.begin():
        row = find_row(session, SetAside, set_aside_id)
        if not may_claim_set_aside(by, row):
            raise NotAllowed("not this person's file")
        asset = Asset(original_key=row.key, size_bytes=row.size_bytes, created_at=now())
        session.add(asset)
        session.flush()
        original = Original(
            owner_id=by.id,
            school_id=row.school_id,
            asset_id=asset.id,
            file_name=row.file_name or UNNAMED,
            created_at=now(),
        )
        session.add(original)
        session.delete(row)
        enqueue(session, ProbeOriginal(asset_id=asset.id), now())
        note_act(session, now, action="set_aside.claim", by=by, thing_id=set_aside_id)
    return original


def remove_set_aside(
    session: Session, now: Clock, store: ObjectStore, *, set_aside_id: UUID, by: Person
) -> None:
    """Remove it for good: its owner or the office has decided. Raises NotFound, NotAllowed."""
    with session.begin():
        row = find_row(session, SetAside, set_aside_id)
        if not may_remove_set_aside(by, row):
            raise NotAllowed("not this person's file")
        if row.why is AsideWhy.DAMAGED:
            lost = update(Asset).where(Asset.original_key == row.key)
            session.execute(lost.values(original_gone_why=OriginalGone.LOST))
        if row.why is not AsideWhy.PIECES:
            note_going(session, [row.key])
        session.delete(row)
        note_act(session, now, action="set_aside.remove", by=by, thing_id=set_aside_id)
    if row.why is AsideWhy.PIECES:
        store.abort_multipart(row.key, row.multipart_id)
    remove_going(session, store)


def _if_known(session: Session, kind: type[Person] | type[School], id_: UUID | None) -> UUID | None:
    return id_ if id_ and session.get(kind, id_) is not None else None


FETCH = {"synchronize_session": "fetch"}
MOST_SHOWN = 200
