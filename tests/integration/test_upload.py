"""Rules of uploads that one server alone does not show."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.delivery.spool_writer import Hashers, SpoolWriter
from server.errors import Conflict, NotAllowed, NotFound
from server.models.library import Asset, Original, Upload
from server.models.people import Person, RoleName
from server.models.set_aside import SetAside
from server.services.spool import Spool
from server.services.upload import (
    UploadLimits,
    create_upload,
    expire_uploads,
    find_upload,
    finish_upload,
    record_part,
    share_equal_asset,
    upload_ids,
)
from server.wiring import Wiring, open_store
from storage.store import PART_BYTES, StoredPart
from tests.builders import StoppedClock, a_person, an_asset, an_original, queued_jobs

LIMITS = UploadLimits(max_bytes=2**40, expiry=timedelta(days=14))
CONTENT = b"0123456789" * 1000


def an_upload(session: Session, wiring: Wiring, owner: Person, size_bytes: int) -> Upload:
    return create_upload(
        session,
        wiring.clock,
        wiring.store,
        owner=owner,
        file_name="a.mp4",
        size_bytes=size_bytes,
        fingerprint="",
        limits=LIMITS,
    )


def test_an_upload_is_of_the_school_where_the_person_teaches(
    session: Session, wiring: Wiring, teacher: Person
) -> None:
    assert an_upload(session, wiring, teacher, 10).school_id == teacher.roles[0].school_id
    admin = a_person(session, RoleName.OFFICE_ADMIN)
    assert an_upload(session, wiring, admin, 10).school_id is None


def test_students_do_not_upload(session: Session, wiring: Wiring) -> None:
    with pytest.raises(NotAllowed):
        an_upload(session, wiring, a_person(session, RoleName.STUDENT), 10)

    assert upload_ids(session) == set()


def test_of_two_servers_with_one_upload_one_goes_on(
    session: Session, wiring: Wiring, teacher: Person
) -> None:
    upload = an_upload(session, wiring, teacher, 2 * PART_BYTES)
    part = StoredPart(number=1, tag="1", size_bytes=PART_BYTES)
    record_part(session, wiring.clock, upload_id=upload.id, base_bytes=0, part=part)

    with pytest.raises(Conflict):
        record_part(session, wiring.clock, upload_id=upload.id, base_bytes=0, part=part)

    again = find_upload(session, upload_id=upload.id, owner=teacher)
    assert (again.stored_bytes, len(again.parts)) == (PART_BYTES, 1)


def test_an_incomplete_upload_is_not_finished(
    session: Session, wiring: Wiring, teacher: Person
) -> None:
    upload = an_upload(session, wiring, teacher, 10)

    with pytest.raises(Conflict):
        finish_upload(session, wiring.clock, wiring.store, upload_id=upload.id, sha256=None)


def test_finishing_twice_makes_one_original(
    session: Session, wiring: Wiring, teacher: Person
) -> None:
    upload = an_upload(session, wiring, teacher, len(CONTENT))
    with SpoolWriter(wiring, upload, Hashers()) as writer:
        writer.write(CONTENT)
        first_id = writer.finish()

    second = finish_upload(session, wiring.clock, wiring.store, upload_id=upload.id, sha256=None)

    assert second.id == first_id
    assert len(session.scalars(select(Original)).all()) == 1
    assert queued_jobs(session) == ["probe_original"]


def test_an_upload_to_s3_arrives_whole(
    session: Session, wiring: Wiring, teacher: Person, s3_url: str
) -> None:
    distant = Wiring(
        settings=wiring.settings,
        engine=wiring.engine,
        sessions=wiring.sessions,
        store=open_store(s3_url),
        index=wiring.index,
        tools=wiring.tools,
        clock=wiring.clock,
        room=wiring.room,
    )
    content = bytes(range(256)) * (PART_BYTES // 256) + CONTENT
    upload = an_upload(session, distant, teacher, len(content))
    with SpoolWriter(distant, upload, Hashers()) as writer:
        for start in range(0, len(content), 300_000):
            writer.write(content[start : start + 300_000])
        original_id = writer.finish()

    asset = session.get_one(Original, original_id).asset
    assert distant.store.read_range(asset.original_key, 0, 2**30) == content
    assert asset.sha256 == hashlib.sha256(content).hexdigest()


def test_an_upload_that_nobody_goes_on_with_expires(
    session: Session, wiring: Wiring, teacher: Person, clock: StoppedClock
) -> None:
    spool = Spool(wiring.settings.spool_path)
    old = an_upload(session, wiring, teacher, 10)
    spool.file_of(old.id, 0).write_bytes(b"abc")
    clock.forward(days=13)
    new = an_upload(session, wiring, teacher, 10)
    clock.forward(days=2)

    count = expire_uploads(session, clock, wiring.store, expiry=LIMITS.expiry, spool=spool)

    assert count == 1
    assert upload_ids(session) == {new.id}
    assert list(wiring.settings.spool_path.iterdir()) == []
    with pytest.raises(NotFound):
        find_upload(session, upload_id=old.id, owner=teacher)


def test_spool_files_of_no_upload_are_dropped_after_a_month(
    tmp_path: Path, session: Session
) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    spool, kept = Spool(folder), an_asset(session).id
    spool.file_of(kept, 0).write_bytes(b"a")
    lost, young = an_asset(session).id, an_asset(session).id  # of both there is no row
    for upload_id in (lost, young):
        spool.file_of(upload_id, 0).write_bytes(b"b")
    for upload_id in (lost, kept):
        os.utime(spool.file_of(upload_id, 0), (0, 0))

    spool.drop_strangers(lambda: {kept})

    assert {file.name for file in folder.iterdir()} == {f"{kept}.0", f"{young}.0"}


def test_a_hash_found_later_moves_owners_to_the_older_asset(
    session: Session, wiring: Wiring, teacher: Person
) -> None:
    older = an_asset(session)
    an_original(session, a_person(session), older)
    newer = an_asset(session, sha256="")
    mine = an_original(session, teacher, newer)
    key, newer_id = newer.original_key, newer.id

    assert share_equal_asset(session, wiring.clock, asset_id=newer_id, sha256=older.sha256)

    assert session.scalars(select(SetAside.key)).all() == [key]  # until the older one was read
    session.expire_all()
    assert session.get_one(Original, mine.id).asset_id == older.id
    assert session.get(Asset, newer_id) is None


def test_an_asset_like_no_other_keeps_its_hash_and_stays(session: Session, wiring: Wiring) -> None:
    asset = an_asset(session, sha256="")

    assert not share_equal_asset(session, wiring.clock, asset_id=asset.id, sha256="a" * 64)
    assert session.get_one(Asset, asset.id).sha256 == "a" * 64
