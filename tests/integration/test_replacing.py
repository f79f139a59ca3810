"""Another file takes a lesson's place, and its address, viewers and captions are none the worse."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound
from server.models.lessons import Lesson, LessonFile, TextTrack
from server.models.library import Asset, AssetState
from server.models.people import Person
from server.services.captions import add_captions
from server.services.play import is_playback_allowed, open_playback
from server.services.progress import place_of
from server.services.replacing import (
    choose_file,
    drop_former_file,
    files_beside,
    put_back_file,
    withdraw_file,
)
from server.services.tidy import remove_deleted_lessons, remove_unused_assets
from server.wiring import Wiring
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_progress,
    a_ready_asset,
    a_share_link,
    an_asset,
    an_original,
)
from tests.working import work_until_idle

CAPTIONS = b"1\n00:00:01,000 --> 00:00:02,000\nhello\n"
UNDO_DAYS = 30
UNDO = timedelta(days=UNDO_DAYS)


def fresh(db: Session, lesson: Lesson) -> Lesson:
    db.expire_all()
    return db.get_one(Lesson, lesson.id)


def replace(db: Session, world: Wiring, lesson: Lesson, *, keeps_captions: bool = True) -> Asset:
    """Replace the lesson's file by a ready one and let the worker do its part."""
    original = an_original(db, lesson.owner, a_ready_asset(db, world.store))
    choose_file(
        db,
        world.clock,
        lesson_id=lesson.id,
        original_id=original.id,
        keeps_captions=keeps_captions,
        by=lesson.owner,
    )
    work_until_idle(world)
    db.expire_all()  # the worker has its own session
    return original.asset


def give_captions(db: Session, world: Wiring, lesson: Lesson) -> None:
    add_captions(
        db,
        world.clock,
        world.store,
        lesson_id=lesson.id,
        language="th",
        raw=CAPTIONS,
        by=lesson.owner,
    )


def captions_of(db: Session, lesson: Lesson) -> list[str]:
    rows = db.scalars(select(TextTrack.key).where(TextTrack.lesson_id == lesson.id)).all()
    db.commit()
    return list(rows)


def test_a_ready_file_takes_the_place_and_everything_that_hangs_on_the_lesson_stays(
    db: Session, world: Wiring
) -> None:
    lesson = a_lesson(db, store=world.store, published=True)
    link = a_share_link(db, lesson)
    a_progress(db, lesson.owner, lesson, [0, 7])
    add_captions(
        db,
        world.clock,
        world.store,
        lesson_id=lesson.id,
        language="th",
        raw=CAPTIONS,
        by=lesson.owner,
    )

    asset = replace(db, world, lesson)

    lesson = fresh(db, lesson)
    assert lesson.original is not None
    assert lesson.original.asset_id == asset.id
    assert lesson.is_published
    assert lesson.share_links[0].token == link.token
    assert place_of(db, asset_id=asset.id, by=lesson.owner) == 0.0  # of another recording
    [key] = captions_of(db, lesson)
    assert key.startswith(f"assets/{asset.id}/")
    assert world.store.stat(key).size_bytes > 0


def test_the_old_file_is_shown_until_picture_and_sound_of_the_new_one_are_whole(
    db: Session, world: Wiring
) -> None:
    lesson = a_lesson(db, store=world.store, published=True)
    before = lesson.original_id
    asset = a_ready_asset(db, world.store, state=AssetState.PREPARING)
    for rendition in asset.renditions:
        rendition.is_whole = rendition.name == "240p"
    original = an_original(db, lesson.owner, asset)
    db.commit()

    choose_file(
        db,
        world.clock,
        lesson_id=lesson.id,
        original_id=original.id,
        keeps_captions=True,
        by=lesson.owner,
    )
    work_until_idle(world)

    assert fresh(db, lesson).original_id == before
    files = files_beside(db, world.clock, lesson_id=lesson.id, undo=UNDO)
    assert files.coming is not None


def test_who_watches_goes_on_in_the_old_file_until_its_undo_is_given_up(
    db: Session, world: Wiring, clock: StoppedClock
) -> None:
    lesson = a_lesson(db, store=world.store, published=True)
    playback = open_playback(db, clock, lesson=lesson, person=lesson.owner)

    replace(db, world, lesson)

    def goes_on() -> bool:
        return is_playback_allowed(db, clock, session_id=playback.id, asset_id=playback.asset_id)

    assert goes_on()
    [former] = files_beside(db, clock, lesson_id=lesson.id, undo=UNDO).former
    drop_former_file(db, clock, lesson_file_id=former.id, by=lesson.owner)
    assert not goes_on()


def test_the_former_file_comes_back_with_the_captions_that_were_dropped(
    db: Session, world: Wiring, clock: StoppedClock
) -> None:
    lesson = a_lesson(db, store=world.store, published=True)
    first_asset_id = lesson.original.asset_id if lesson.original else None
    give_captions(db, world, lesson)
    second = replace(db, world, lesson, keeps_captions=False)
    assert captions_of(db, lesson) == []

    [former] = files_beside(db, clock, lesson_id=lesson.id, undo=UNDO).former
    put_back_file(db, clock, world.store, lesson_file_id=former.id, by=lesson.owner)

    lesson = fresh(db, lesson)
    assert lesson.original is not None
    assert lesson.original.asset_id == first_asset_id
    assert captions_of(db, lesson)[0].startswith(f"assets/{first_asset_id}/")
    [other] = files_beside(db, clock, lesson_id=lesson.id, undo=UNDO).former
    assert other.original.asset_id == second.id


def test_the_old_file_goes_when_its_undo_is_over_and_stays_while_another_lesson_shows_it(
    db: Session, world: Wiring, clock: StoppedClock
) -> None:
    lesson = a_lesson(db, store=world.store)
    old_asset_id = lesson.original.asset_id if lesson.original else None
    colleague = a_person(db)
    asset = db.get_one(Asset, old_asset_id)
    others = a_lesson(db, colleague, original=an_original(db, colleague, asset))
    new = replace(db, world, lesson)

    def tidy() -> set[str]:
        remove_deleted_lessons(db, clock, undo_days=UNDO_DAYS)
        remove_unused_assets(db, clock, world.store)
        return {info.key.split("/")[1] for info in world.store.list_keys("assets/")}

    clock.forward(days=UNDO_DAYS, seconds=-1)
    assert tidy() == {str(old_asset_id), str(new.id)}
    clock.forward(seconds=2)
    assert tidy() == {str(old_asset_id), str(new.id)}, "the colleague's lesson needs it"
    db.get_one(Lesson, others.id).deleted_at = NOON
    db.commit()
    clock.forward(days=1)
    assert tidy() == {str(new.id)}


def test_a_file_that_cannot_be_used_leaves_the_lesson_as_it_was(
    db: Session, world: Wiring, clock: StoppedClock
) -> None:
    lesson = a_lesson(db, store=world.store, published=True)
    before = lesson.original_id
    broken = an_original(db, lesson.owner, an_asset(db, state=AssetState.FAILED))

    choose_file(
        db,
        clock,
        lesson_id=lesson.id,
        original_id=broken.id,
        keeps_captions=True,
        by=lesson.owner,
    )
    work_until_idle(world)

    assert fresh(db, lesson).original_id == before
    coming = files_beside(db, clock, lesson_id=lesson.id, undo=UNDO).coming
    assert coming is not None
    assert coming.original.asset.state == AssetState.FAILED
    withdraw_file(db, clock, lesson_id=lesson.id, by=lesson.owner)
    assert db.scalars(select(LessonFile)).all() == []


def test_only_an_editor_replaces_and_only_by_a_file_of_their_own(
    db: Session, world: Wiring
) -> None:
    lesson = a_lesson(db, store=world.store)
    stranger = a_person(db)
    foreign = an_original(db, stranger, a_ready_asset(db, world.store))

    def by(person: Person) -> None:
        choose_file(
            db,
            world.clock,
            lesson_id=lesson.id,
            original_id=foreign.id,
            keeps_captions=True,
            by=person,
        )

    with pytest.raises(NotAllowed):
        by(stranger)
    with pytest.raises(NotFound):
        by(lesson.owner)
    assert db.scalars(select(LessonFile)).all() == []
