"""A real store is damaged in every way, found out, and healed."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.messages import TidyUp
from server.models.checks import ConsistencyCheck
from server.models.lessons import Lesson
from server.models.library import Asset, AssetState, Original, OriginalGone
from server.models.set_aside import AsideWhy, SetAside
from server.queue import enqueue
from server.services.captions import add_captions
from server.services.consistency import Fault, find_faults
from server.services.repair import Done, repair_faults
from server.wiring import Wiring
from storage.keys import part_key
from tests.builders import StoppedClock, a_lesson, an_arrived_file
from tests.media_clips import a_clip
from tests.working import parked_jobs, work_until_idle

CAPTIONS = b"1\n00:00:01,000 --> 00:00:02,000\nhello\n"
pytestmark = pytest.mark.slow


@pytest.fixture
def original(db: Session, world: Wiring, tmp_path: Path) -> Original:
    """A real clip, prepared and shown as a lesson with captions, and indexed."""
    original = an_arrived_file(db, world.store, a_clip(tmp_path / "clip.mp4", seconds=6))
    lesson = a_lesson(db, original.owner, original=original, published=True)
    add_captions(
        db,
        world.clock,
        world.store,
        lesson_id=lesson.id,
        language="th",
        raw=CAPTIONS,
        by=lesson.owner,
    )
    work_until_idle(world)
    db.expire_all()
    return original


def faults(db: Session, world: Wiring, *, is_deep: bool = False) -> list[Fault]:
    return find_faults(db, world.clock, store=world.store, index=world.index, is_deep=is_deep)


def heal(db: Session, world: Wiring, *, is_deep: bool = False) -> list[Fault]:
    """Repair, work, and return what is still wrong."""
    found = faults(db, world, is_deep=is_deep)
    repair_faults(db, world.clock, store=world.store, faults=found)
    work_until_idle(world)
    db.expire_all()
    assert parked_jobs(world) == []
    return faults(db, world, is_deep=is_deep)


def kinds(found: list[Fault]) -> list[str]:
    return sorted(str(fault.kind) for fault in found)


def keys_of(db: Session, asset: Asset) -> list[str]:
    """Return one part of every rendition that players are offered."""
    offered = [row for row in asset.renditions if not row.is_retired]
    return [part_key(asset.id, row.parts[0].sha256) for row in offered]


def spoil(world: Wiring, key: str, content: bytes) -> None:
    world.store.delete(key)
    world.store.put_bytes(key, content, content_type="video/mp4")


def test_lost_parts_stills_and_captions_are_made_again(
    db: Session, world: Wiring, original: Original
) -> None:
    asset = original.asset
    assert faults(db, world, is_deep=True) == []
    [caption] = [
        info.key
        for info in world.store.list_keys(f"assets/{asset.id}/")
        if info.key.endswith(".vtt")
    ]
    lost = [*keys_of(db, asset), asset.poster_key, asset.storyboard["key"], caption]
    for key in lost:
        world.store.delete(key)
    assert kinds(faults(db, world)) == ["missing_object"] * len(lost)

    assert heal(db, world) == []

    db.expire_all()
    assert asset.state == AssetState.READY
    assert all(row.is_whole for row in asset.renditions if not row.is_retired)


def test_bytes_that_changed_in_the_store_are_found_by_size_or_by_hash_and_replaced(
    db: Session, world: Wiring, original: Original
) -> None:
    first, second, *_ = keys_of(db, original.asset)
    size_bytes = world.store.stat(second).size_bytes
    spoil(world, first, b"short")
    spoil(world, second, os.urandom(size_bytes))
    assert kinds(faults(db, world)) == ["wrong_size"]
    assert kinds(faults(db, world, is_deep=True)) == ["wrong_bytes", "wrong_size"]

    assert heal(db, world, is_deep=True) == []


def test_a_lost_original_is_said_and_what_was_made_of_it_plays_on(
    db: Session, world: Wiring, original: Original
) -> None:
    world.store.delete(original.asset.original_key)

    found = faults(db, world)
    done = repair_faults(db, world.clock, store=world.store, faults=found)

    db.expire_all()
    assert [(str(each.fault.kind), each.done) for each in done] == [("missing_object", Done.LOST)]
    assert original.asset.original_gone_why == OriginalGone.LOST
    assert original.asset.state == AssetState.READY
    assert faults(db, world) == []


def test_without_an_original_a_rendition_with_a_hole_leaves_the_list(
    db: Session, world: Wiring, original: Original
) -> None:
    asset = original.asset
    pictures = [row for row in asset.renditions if row.height_px and not row.is_retired]
    assert len(pictures) > 1
    world.store.delete(asset.original_key)
    world.store.delete(part_key(asset.id, pictures[0].parts[0].sha256))
    for _ in range(2):  # the original is noted first
        repair_faults(db, world.clock, store=world.store, faults=faults(db, world))

    db.expire_all()
    assert pictures[0].is_retired
    assert not pictures[1].is_retired
    assert asset.state == AssetState.READY


def test_what_nothing_refers_to_goes_when_it_is_a_day_old(
    db: Session, world: Wiring, original: Original, clock: StoppedClock
) -> None:
    key = f"assets/{original.asset_id}/{'0' * 64}.m4s"
    world.store.put_bytes(key, b"left", content_type="video/mp4")
    world.store.start_multipart("originals/left", content_type="video/mp4")  # nobody knows whose
    clock.at = world.store.stat(key).modified_at + timedelta(hours=23)
    assert faults(db, world) == []
    clock.forward(hours=2)
    assert kinds(faults(db, world)) == ["orphan", "pieces"]

    assert heal(db, world) == []

    assert [row.why for row in db.scalars(select(SetAside))] == [AsideWhy.PIECES]
    assert len(list(world.store.list_unfinished())) == 1


def test_an_index_that_lost_a_lesson_or_kept_one_is_put_right(
    db: Session, world: Wiring, original: Original
) -> None:
    unseen = a_lesson(db, original.owner, published=True, original=None, ready=False)
    shown = next(iter(world.index.lesson_ids()))
    db.execute(update(Lesson).where(Lesson.id == UUID(shown)).values(published_at=None))
    db.commit()
    found = [fault for fault in faults(db, world) if fault.lesson_id]
    assert {(str(f.kind), str(f.lesson_id)) for f in found} == {
        ("not_indexed", str(unseen.id)),
        ("only_indexed", shown),
    }

    repair_faults(db, world.clock, store=world.store, faults=found)
    work_until_idle(world)

    assert world.index.lesson_ids() == {str(unseen.id)}


def test_the_daily_tidying_has_everything_checked_and_repaired_once_a_week(
    db: Session, world: Wiring, original: Original, clock: StoppedClock
) -> None:
    def runs() -> list[tuple[int, int]]:
        db.expire_all()
        rows = db.scalars(select(ConsistencyCheck).order_by(ConsistencyCheck.began_at)).all()
        db.commit()
        return [(row.fault_count, row.repaired_count) for row in rows]

    assert runs() == [(0, 0)], "the first worker checks"
    world.store.delete(keys_of(db, original.asset)[0])
    clock.forward(days=6)
    with db.begin():
        enqueue(db, TidyUp(), clock())
    work_until_idle(world)
    assert runs() == [(0, 0)]

    clock.forward(days=1)
    work_until_idle(world)

    assert runs() == [(0, 0), (1, 1)]
    assert faults(db, world) == []
