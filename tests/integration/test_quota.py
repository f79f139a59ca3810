"""Quotas count every byte once for each owner, and uploads beside one another do not overrun."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.models.library import Asset, Upload
from server.models.people import Office, Person, School
from server.request_context import RequestSession
from server.services.captions import add_captions
from server.services.quota import QuotaFull, disk_use, tightest_share, usage_of_people
from server.services.trims import TrimDraft, save_trim
from server.services.upload import UploadLimits, create_upload
from server.wiring import Wiring
from tests.builders import a_lesson, a_person, a_ready_asset, a_school, an_arrived_file, an_office
from tests.builders import an_original as a_file_of
from tests.media_clips import a_clip
from tests.working import work_until_idle

LIMITS = UploadLimits(max_bytes=10**12, expiry=timedelta(days=1))
CAPTIONS = b"1\n00:00:01,000 --> 00:00:02,000\nhello\n"
MB = 1_000_000


@pytest.fixture
def office(db: Session) -> Office:
    return an_office(db)


@pytest.fixture
def teacher(db: Session, office: Office) -> Person:
    return a_person(db, school=a_school(db))


def begin(db: Session, world: Wiring, owner: Person, size_bytes: int) -> Upload:
    return create_upload(
        db,
        world.clock,
        world.store,
        owner=owner,
        file_name="a.mp4",
        size_bytes=size_bytes,
        fingerprint="",
        limits=LIMITS,
    )


def used(db: Session, person: Person) -> int:
    of_school = tightest_share(db, person=person, school_id=None)
    return of_school[1].used_bytes


def limit(db: Session, office: Office, **quotas: int) -> None:
    for name, value in quotas.items():
        setattr(office, name, value)
    db.commit()


def stored_bytes(world: Wiring) -> int:
    prefixes = ("originals/", "assets/")
    return sum(info.size_bytes for prefix in prefixes for info in world.store.list_keys(prefix))


@pytest.mark.slow
def test_what_is_counted_is_what_the_store_holds_to_the_byte(
    db: Session, world: Wiring, teacher: Person, tmp_path: Path
) -> None:
    clip = a_clip(tmp_path / "clip.mp4", seconds=6)
    original = an_arrived_file(db, world.store, clip, owner=teacher)
    work_until_idle(world)
    db.expire_all()
    lesson = a_lesson(db, teacher, original=original)
    add_captions(
        db,
        world.clock,
        world.store,
        lesson_id=lesson.id,
        language="th",
        raw=CAPTIONS,
        by=teacher,
    )
    draft = TrimDraft(start_s=1.5)
    save_trim(db, world.clock, lesson_id=lesson.id, draft=draft, version=0, by=teacher)
    work_until_idle(world)
    db.expire_all()
    assert lesson.is_trim_exact
    db.rollback()

    assert used(db, teacher) == stored_bytes(world)
    assert disk_use(db).used_bytes == stored_bytes(world)


def test_an_asset_of_two_owners_counts_once_for_each_and_twice_sent_counts_once(
    db: Session, world: Wiring, teacher: Person
) -> None:
    other = a_person(db, school=a_school(db))
    asset = a_ready_asset(db)
    size_bytes = asset.size_bytes + asset.made_bytes
    for owner in (teacher, teacher, other):
        a_file_of(db, owner, asset)

    assert used(db, teacher) == used(db, other) == size_bytes
    assert disk_use(db).used_bytes == size_bytes


def test_an_original_counts_once_however_often_it_is_made_anew(db: Session) -> None:
    older = a_ready_asset(db)
    same: dict[str, Any] = {"original_key": older.original_key, "size_bytes": older.size_bytes}
    remakes = [a_ready_asset(db, **same, replaces_id=older.id) for _ in range(2)]
    made_bytes = sum(asset.made_bytes for asset in (older, *remakes))
    counted = disk_use(db)
    db.delete(older)
    db.commit()

    left = disk_use(db)

    assert (counted.originals_bytes, left.originals_bytes) == (older.size_bytes, older.size_bytes)
    assert counted.used_bytes == older.size_bytes + made_bytes
    assert left.used_bytes == counted.used_bytes - older.made_bytes


def test_an_unfinished_upload_holds_its_whole_size(
    db: Session, world: Wiring, office: Office, teacher: Person
) -> None:
    limit(db, office, person_quota_bytes=5 * MB)
    begin(db, world, teacher, 3 * MB)

    with pytest.raises(QuotaFull) as refused:
        begin(db, world, teacher, 3 * MB)

    assert refused.value.facts["left_bytes"] == 2 * MB
    assert used(db, teacher) == 3 * MB
    assert list(world.store.list_unfinished()) != []
    begin(db, world, teacher, 2 * MB)


def test_a_school_s_own_limit_holds_before_the_person_s(
    db: Session, world: Wiring, office: Office, teacher: Person
) -> None:
    limit(db, office, person_quota_bytes=50 * MB, school_quota_bytes=40 * MB)
    school = db.get_one(School, teacher.roles[0].school_id)
    school.quota_bytes = 4 * MB
    db.commit()
    colleague = a_person(db, school=school)
    begin(db, world, colleague, 3 * MB)

    with pytest.raises(QuotaFull) as refused:
        begin(db, world, teacher, 2 * MB)

    assert refused.value.facts["whose"] == "school"
    usages = usage_of_people(
        db, people=[teacher, colleague], school_id=school.id, by=a_person(db, "office_admin")
    )
    assert usages[colleague.id].used_bytes == 3 * MB


def test_uploads_that_begin_at_the_same_moment_do_not_overrun_the_limit(
    db: Session, world: Wiring, office: Office, teacher: Person
) -> None:
    limit(db, office, person_quota_bytes=5 * MB)
    start, results = threading.Barrier(6), []

    def try_one() -> None:
        info = {"changes": True}
        with RequestSession(world.engine, expire_on_commit=False, info=info) as session:
            owner = session.get_one(Person, teacher.id)
            start.wait()
            try:
                begin(session, world, owner, 2 * MB)
                results.append("begun")
            except QuotaFull:
                results.append("full")

    threads = [threading.Thread(target=try_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["begun"] * 2 + ["full"] * 4
    assert used(db, teacher) == 4 * MB


def test_an_original_that_is_not_kept_is_not_counted(
    db: Session, world: Wiring, teacher: Person
) -> None:
    original = a_file_of(db, teacher, a_ready_asset(db))
    asset = db.get_one(Asset, original.asset_id)
    asset.original_gone_at = world.clock()
    db.commit()

    assert used(db, teacher) == asset.made_bytes
