"""What cannot be made again: set aside, offered to whose it is, put right by a good copy."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.errors import NotAllowed
from server.models.library import Asset, AssetState, Original, OriginalGone, Upload
from server.models.people import Person, RoleName
from server.models.set_aside import AsideWhy, GoingObject, SetAside
from server.services.consistency import find_faults
from server.services.good_copies import put_back_copies
from server.services.quota import disk_use
from server.services.repair import Done, repair_faults
from server.services.set_aside import (
    all_set_aside,
    claim_found,
    found_files,
    judge_spares,
    remove_set_aside,
)
from server.services.spool import Spool
from server.services.tidy import remove_unused_assets
from server.services.upload import (
    UploadLimits,
    cancel_upload,
    create_upload,
    expire_uploads,
    finish_upload,
    record_part,
    unfinished_uploads,
)
from server.wiring import Wiring
from storage.keys import asset_prefix, note_key
from storage.store import PART_BYTES
from tests.builders import StoppedClock, a_lesson, a_person, a_ready_asset, an_original
from tests.media_clips import a_clip
from tests.working import parked_jobs, work_until_idle

LIMITS = UploadLimits(max_bytes=20 * 2**30, expiry=timedelta(days=14))


def sent(db: Session, world: Wiring, owner: Person, folder: Path, content: bytes) -> Upload:
    """Send all bytes; it is not finished yet."""
    upload = create_upload(
        db,
        world.clock,
        world.store,
        owner=owner,
        file_name="บทที่ 1.mp4",
        size_bytes=len(content),
        fingerprint=str(len(content)),
        limits=LIMITS,
    )
    for number, start in enumerate(range(0, len(content), PART_BYTES), start=1):
        piece = folder / "piece"
        piece.write_bytes(content[start : start + PART_BYTES])
        part = world.store.put_part(upload.object_key, upload.multipart_id, number, piece)
        record_part(db, world.clock, upload_id=upload.id, base_bytes=start, part=part)
    return upload


def finished(
    db: Session, world: Wiring, owner: Person, folder: Path, content: bytes, *, sha256: str = ""
) -> Original:
    upload = sent(db, world, owner, folder, content)
    return finish_upload(db, world.clock, world.store, upload_id=upload.id, sha256=sha256 or None)


def forget_rows(db: Session) -> None:
    """Lose what was written last, as SQLite once did when the power went."""
    for table in (Upload, Original, Asset):
        db.execute(delete(table))
    db.commit()


def repaired(db: Session, world: Wiring, *, is_deep: bool = False) -> list[Done]:
    found = find_faults(db, world.clock, store=world.store, is_deep=is_deep)
    return [each.done for each in repair_faults(db, world.clock, store=world.store, faults=found)]


def a_day_later(world: Wiring, clock: StoppedClock) -> None:
    stored = [info.modified_at for info in world.store.list_keys("originals/")]
    began = [each.began_at for each in world.store.list_unfinished()]
    clock.at = max([*stored, *began]) + timedelta(days=1, seconds=1)


def test_a_file_whose_rows_are_lost_is_offered_to_its_sender_who_makes_it_hers_again(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    teacher, other = a_person(db), a_person(db)
    key = finished(db, world, teacher, tmp_path, b"a lesson").asset.original_key
    forget_rows(db)
    a_day_later(world, clock)

    assert repaired(db, world) == [Done.GIVEN_BACK]

    [file] = found_files(db, by=teacher)
    assert (file.file_name, file.size_bytes, file.key) == ("บทที่ 1.mp4", 8, key)
    assert found_files(db, by=other) == []
    with pytest.raises(NotAllowed):
        claim_found(db, clock, set_aside_id=file.id, by=other)
    original = claim_found(db, clock, set_aside_id=file.id, by=teacher)
    assert world.store.read_range(original.asset.original_key, 0, 99) == b"a lesson"
    assert original.owner_id == teacher.id
    assert found_files(db, by=teacher) == []
    assert repaired(db, world) == []


def test_a_file_of_which_nothing_is_known_is_offered_to_the_office(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    teacher, office = a_person(db), a_person(db, RoleName.OFFICE_ADMIN)
    original = finished(db, world, teacher, tmp_path, b"a lesson")
    world.store.delete(note_key(original.asset.original_key))
    forget_rows(db)
    a_day_later(world, clock)

    assert repaired(db, world) == [Done.TO_OFFICE]

    [file] = all_set_aside(db, by=office)
    assert (file.why, disk_use(db).used_bytes) == (AsideWhy.UNCLAIMED, 8)
    remove_set_aside(db, clock, world.store, set_aside_id=file.id, by=office)
    assert list(world.store.list_keys("originals/")) == []
    assert all_set_aside(db, by=office) == []


def test_a_half_sent_file_whose_row_is_lost_is_gone_on_with(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    teacher, content = a_person(db), os.urandom(2 * PART_BYTES + 5)
    upload = sent(db, world, teacher, tmp_path, content)
    forget_rows(db)
    a_day_later(world, clock)

    assert repaired(db, world) == [Done.GIVEN_BACK]

    db.expire_all()
    [back] = unfinished_uploads(db, owner=teacher)
    assert (back.id, back.size_bytes, back.fingerprint) == (
        upload.id,
        len(content),
        str(len(content)),
    )
    assert back.stored_bytes in {PART_BYTES, 2 * PART_BYTES}  # in a folder the last may be torn
    for number, start in enumerate(range(0, len(content), PART_BYTES), start=1):
        if start >= back.stored_bytes:
            (tmp_path / "rest").write_bytes(content[start : start + PART_BYTES])
            part = world.store.put_part(
                back.object_key, back.multipart_id, number, tmp_path / "rest"
            )
            record_part(db, world.clock, upload_id=back.id, base_bytes=start, part=part)
    done = finish_upload(db, world.clock, world.store, upload_id=back.id, sha256=None)
    assert world.store.read_range(done.asset.original_key, 0, len(content) + 1) == content


def test_pieces_of_which_nothing_is_known_are_kept_until_the_office_removes_them(
    db: Session, world: Wiring, clock: StoppedClock
) -> None:
    office = a_person(db, RoleName.OFFICE_ADMIN)
    world.store.start_multipart("originals/unknown", content_type="")
    a_day_later(world, clock)
    assert repaired(db, world) == [Done.TO_OFFICE]
    assert repaired(db, world) == []

    [file] = all_set_aside(db, by=office)
    remove_set_aside(db, clock, world.store, set_aside_id=file.id, by=office)

    assert list(world.store.list_unfinished()) == []


def test_what_a_person_removed_is_never_offered_back(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    teacher = a_person(db)
    original = finished(db, world, teacher, tmp_path, b"a lesson")
    key, prefix = original.asset.original_key, asset_prefix(original.asset_id)
    db.execute(delete(Upload))
    db.delete(original)
    db.delete(db.get_one(Asset, original.asset_id))
    db.add_all([GoingObject(key=key), GoingObject(key=prefix)])  # then the server died
    db.commit()
    a_day_later(world, clock)

    assert repaired(db, world) == []
    assert remove_unused_assets(db, clock, world.store) == 0

    assert list(world.store.list_keys("originals/")) == []
    assert db.scalars(select(GoingObject)).all() == []


def test_a_cancelled_upload_leaves_no_note(db: Session, world: Wiring, tmp_path: Path) -> None:
    teacher = a_person(db)
    upload = sent(db, world, teacher, tmp_path, b"a lesson")
    spool = Spool(world.settings.spool_path)

    cancel_upload(db, world.store, upload_id=upload.id, owner=teacher, spool=spool)

    assert list(world.store.list_keys("originals/")) == []
    assert list(world.store.list_unfinished()) == []


def test_a_file_that_came_whole_does_not_expire(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    teacher = a_person(db)
    sent(db, world, teacher, tmp_path, b"a lesson")
    clock.forward(days=15)

    spool = Spool(world.settings.spool_path)
    expire_uploads(db, clock, world.store, expiry=LIMITS.expiry, spool=spool)

    [original] = db.scalars(select(Original)).all()
    assert world.store.read_range(original.asset.original_key, 0, 99) == b"a lesson"


def test_a_file_without_a_lesson_stays_until_its_owner_removes_it(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    finished(db, world, a_person(db), tmp_path, b"a lesson")
    clock.forward(days=400)

    assert remove_unused_assets(db, clock, world.store) == 0


def spoil(world: Wiring, key: str, content: bytes) -> None:
    world.store.delete(key)
    world.store.put_bytes(key, content, content_type="video/mp4")


def a_kept_original(db: Session, world: Wiring, content: bytes) -> Original:
    """Make a ready lesson's original of these bytes."""
    sha256 = hashlib.sha256(content).hexdigest()
    asset = a_ready_asset(db, world.store, sha256=sha256, size_bytes=len(content))
    world.store.put_bytes(asset.original_key, content, content_type="video/mp4")
    teacher = a_person(db)
    original = an_original(db, teacher, asset)
    a_lesson(db, teacher, original=original, published=True)
    return original


def test_a_damaged_original_is_set_aside_and_not_deleted(db: Session, world: Wiring) -> None:
    original, office = a_kept_original(db, world, b"as sent"), a_person(db, RoleName.OFFICE_ADMIN)
    key = original.asset.original_key
    spoil(world, key, b"as rots")

    assert repaired(db, world, is_deep=True) == [Done.SET_ASIDE]

    db.expire_all()
    asset = original.asset
    assert (asset.original_gone_why, asset.state) == (OriginalGone.DAMAGED, AssetState.READY)
    assert asset.original_key.startswith("originals/damaged/")
    assert world.store.read_range(asset.original_key, 0, 99) == b"as rots"
    assert [row.asset_id for row in all_set_aside(db, by=office)] == [asset.id]
    assert disk_use(db).originals_bytes == 7
    assert repaired(db, world, is_deep=True) == []
    assert judge_spares(db, world.clock, world.store) == 0


def test_the_same_file_sent_again_takes_a_damaged_ones_place(
    db: Session, world: Wiring, tmp_path: Path
) -> None:
    original = a_kept_original(db, world, b"as sent")
    spoil(world, original.asset.original_key, b"as rots")
    repaired(db, world, is_deep=True)
    db.expire_all()
    damaged_key = original.asset.original_key

    finished(db, world, a_person(db), tmp_path, b"as sent", sha256=original.asset.sha256)
    judge_spares(db, world.clock, world.store)

    db.expire_all()
    assert original.asset.original_gone_why == OriginalGone.NOT
    assert world.store.read_range(original.asset.original_key, 0, 99) == b"as sent"
    assert damaged_key not in {info.key for info in world.store.list_keys("originals/")}
    assert db.scalars(select(SetAside)).all() == []


def test_a_second_copy_is_kept_until_the_first_was_read_and_saves_it_if_that_has_rotted(
    db: Session, world: Wiring, tmp_path: Path
) -> None:
    original = a_kept_original(db, world, b"as sent")
    spoil(world, original.asset.original_key, b"as rots")  # nobody has found out yet

    finished(db, world, a_person(db), tmp_path, b"as sent", sha256=original.asset.sha256)
    judge_spares(db, world.clock, world.store)
    judge_spares(db, world.clock, world.store)

    db.expire_all()
    assert original.asset.original_gone_why == OriginalGone.NOT
    assert world.store.read_range(original.asset.original_key, 0, 99) == b"as sent"
    assert db.scalars(select(SetAside)).all() == []
    assert repaired(db, world, is_deep=True) == []


@pytest.mark.parametrize("harm", ["damaged", "lost"])
def test_a_folder_with_the_file_puts_right_what_is_damaged_or_lost(
    db: Session, world: Wiring, tmp_path: Path, harm: str
) -> None:
    original = a_kept_original(db, world, b"as sent")
    spoil(world, original.asset.original_key, b"as rots")
    if harm == "lost":
        world.store.delete(original.asset.original_key)
    repaired(db, world, is_deep=True)
    copies = tmp_path / "backup" / "objects"
    copies.mkdir(parents=True)
    (copies / "some name").write_bytes(b"as sent")
    (copies / "another").write_bytes(b"as rots")

    names = put_back_copies(db, world.clock, world.store, tmp_path / "backup")

    db.expire_all()
    assert (names, original.asset.original_gone_why) == (["some name"], OriginalGone.NOT)
    assert world.store.read_range(original.asset.original_key, 0, 99) == b"as sent"


def test_the_office_may_remove_a_damaged_file_and_the_lesson_plays_on(
    db: Session, world: Wiring
) -> None:
    original, office = a_kept_original(db, world, b"as sent"), a_person(db, RoleName.OFFICE_ADMIN)
    spoil(world, original.asset.original_key, b"as rots")
    repaired(db, world, is_deep=True)
    [file] = all_set_aside(db, by=office)
    with pytest.raises(NotAllowed):
        remove_set_aside(db, world.clock, world.store, set_aside_id=file.id, by=original.owner)

    remove_set_aside(db, world.clock, world.store, set_aside_id=file.id, by=office)

    db.expire_all()
    asset = original.asset
    assert (asset.original_gone_why, asset.state) == (OriginalGone.LOST, AssetState.READY)
    assert repaired(db, world, is_deep=True) == []


@pytest.mark.slow
def test_what_can_be_read_of_a_damaged_file_is_shown_and_the_whole_one_follows(
    db: Session, world: Wiring, tmp_path: Path
) -> None:
    whole = a_clip(tmp_path / "clip.ts", seconds=12).read_bytes()
    sha256 = hashlib.sha256(whole).hexdigest()
    original = finished(db, world, a_person(db), tmp_path, whole, sha256=sha256)
    asset_id, key = original.asset_id, original.asset.original_key
    spoil(world, key, whole[: len(whole) // 2])

    assert repaired(db, world) == [Done.SET_ASIDE]
    work_until_idle(world)

    db.expire_all()
    asset = db.get_one(Asset, asset_id)
    assert asset.state == AssetState.READY
    assert 2 < asset.duration_s < 11
    assert asset.original_gone_why == OriginalGone.DAMAGED
    assert parked_jobs(world) == []

    finished(db, world, a_person(db), tmp_path, whole, sha256=sha256)
    work_until_idle(world)

    db.expire_all()
    assert original.asset_id != asset_id  # made anew, and in its place
    assert original.asset.duration_s == pytest.approx(12, abs=0.5)
    assert parked_jobs(world) == []
