"""A deleted lesson comes back, or is gone from everywhere."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.errors import Conflict, NotAllowed
from server.messages import TidyUp
from server.models.base import Base
from server.models.lessons import Lesson
from server.models.people import Person
from server.queue import enqueue
from server.services.captions import add_captions
from server.services.lessons import delete_lesson, restore_lesson
from server.services.play import is_playback_allowed, open_playback
from server.services.tidy import erase_lesson
from server.wiring import Wiring
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    a_progress,
    a_ready_asset,
    a_share_link,
    an_arrived_file,
    an_original,
)
from tests.media_clips import a_clip
from tests.working import work_until_idle

CAPTIONS = b"1\n00:00:01,000 --> 00:00:02,000\nhello\n"
OF_LESSONS = (
    *("lesson", "lesson_file", "share_link", "text_track", "chapter", "watch_progress"),
    *("playback_session", "original", "asset", "rendition", "stretch", "part", "page"),
)
UNDO_DAYS = 30


def rows(db: Session) -> dict[str, int]:
    """Return how many rows every table of lessons and files has, if any."""
    counted = {
        name: db.scalar(select(func.count()).select_from(Base.metadata.tables[name]))
        for name in OF_LESSONS
    }
    db.commit()
    return {name: count for name, count in counted.items() if count}


def stored(world: Wiring) -> list[str]:
    return sorted(info.key for info in world.store.list_keys(""))


def a_whole_lesson(db: Session, world: Wiring, teacher: Person, tmp_path: Path) -> Lesson:
    """Make a real lesson with everything that hangs on one."""
    clip = a_clip(tmp_path / "clip.mp4", seconds=5)
    original = an_arrived_file(db, world.store, clip, owner=teacher)
    lesson = a_lesson(db, teacher, original=original, published=True)
    work_until_idle(world)
    db.expire_all()
    add_captions(
        db, world.clock, world.store, lesson_id=lesson.id, language="th", raw=CAPTIONS, by=teacher
    )
    a_progress(db, teacher, lesson, [0, 2])
    a_share_link(db, lesson)
    return lesson


@pytest.mark.slow
def test_beyond_undo_nothing_of_a_lesson_is_left_in_rows_store_and_index(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    teacher = a_person(db)
    before = (rows(db), stored(world), world.index.lesson_ids())
    lesson = a_whole_lesson(db, world, teacher, tmp_path)
    playback = open_playback(db, clock, lesson=lesson, person=teacher)
    assert len(stored(world)) > 5

    delete_lesson(db, clock, lesson_id=lesson.id, by=teacher)

    assert not is_playback_allowed(db, clock, session_id=playback.id, asset_id=playback.asset_id), (
        "the gate's memory of 30 s is all that is left"
    )
    clock.forward(days=UNDO_DAYS, seconds=1)
    with db.begin():
        enqueue(db, TidyUp(), clock())
    work_until_idle(world)
    assert (rows(db), stored(world), world.index.lesson_ids()) == before


@pytest.mark.slow
def test_within_undo_it_comes_back_as_it_was(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    teacher = a_person(db)
    lesson = a_whole_lesson(db, world, teacher, tmp_path)
    before = (rows(db), stored(world))
    delete_lesson(db, clock, lesson_id=lesson.id, by=teacher)
    clock.forward(days=UNDO_DAYS, seconds=-1)
    with db.begin():
        enqueue(db, TidyUp(), clock())
    work_until_idle(world)

    restore_lesson(db, clock, lesson_id=lesson.id, by=teacher)
    work_until_idle(world)

    assert (rows(db), stored(world)) == before
    assert world.index.lesson_ids() == {str(lesson.id)}


def test_what_two_people_sent_goes_with_the_last_of_them(
    db: Session, world: Wiring, clock: StoppedClock
) -> None:
    asset = a_ready_asset(db, world.store)
    owners = [a_person(db), a_person(db)]
    lessons = [a_lesson(db, owner, original=an_original(db, owner, asset)) for owner in owners]
    everything = stored(world)

    for lesson, owner, left in zip(lessons, owners, (everything, []), strict=True):
        delete_lesson(db, clock, lesson_id=lesson.id, by=owner)
        erase_lesson(db, clock, lesson_id=lesson.id, by=owner)
        work_until_idle(world)
        db.expire_all()
        assert stored(world) == left


def test_only_a_deleted_lesson_is_removed_for_good_and_only_by_those_who_may(
    db: Session, world: Wiring, clock: StoppedClock
) -> None:
    lesson = a_lesson(db, store=world.store)
    with pytest.raises(Conflict):
        erase_lesson(db, clock, lesson_id=lesson.id, by=lesson.owner)
    delete_lesson(db, clock, lesson_id=lesson.id, by=lesson.owner)

    with pytest.raises(NotAllowed):
        erase_lesson(db, clock, lesson_id=lesson.id, by=a_person(db))

    assert rows(db)["lesson"] == 1
