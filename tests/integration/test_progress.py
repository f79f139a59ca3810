"""What people have covered of assets, on both databases."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed, ReadOnly
from server.models.lessons import Lesson, Visibility
from server.models.library import Asset
from server.models.people import Person, RoleName
from server.models.progress import WatchProgress
from server.services import progress_reports
from server.services.covered import Covered
from server.services.progress import Progress, Watched, place_of, progress_of, record_watched
from server.services.progress_passes import ProgressPass
from server.services.progress_reports import Report, ReportDesk
from server.services.remaking import follow
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_progress,
    a_ready_asset,
    a_share_link,
    an_original,
)
from tests.write_guard import building

LONG_S = 3600.0


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session as requests have."""
    with building(engine) as session:
        yield session


@pytest.fixture
def pupil(db: Session) -> Person:
    return a_person(db, RoleName.STUDENT)


@pytest.fixture
def lesson(db: Session) -> Lesson:
    """An hour for everyone."""
    teacher = a_person(db)
    original = an_original(db, teacher, a_ready_asset(db, duration_s=LONG_S))
    return a_lesson(db, teacher, original=original, published=True, visibility=Visibility.PUBLIC)


@pytest.fixture
def desk(engine: Engine, clock: StoppedClock) -> ReportDesk:
    return ReportDesk(engine, clock)


def test_no_report_is_lost_when_what_is_known_of_passes_is_forgotten(
    desk: ReportDesk, monkeypatch: pytest.MonkeyPatch, pupil: Person, lesson: Lesson
) -> None:
    monkeypatch.setattr(progress_reports, "_MANY", 2)
    passes = [a_pass(pupil, lesson, begun_at=NOON - timedelta(minutes=n)) for n in range(3)]
    assert desk.take([told(one, [0, 5]) for one in passes[:2]]) == [None, None]

    outcomes = desk.take([told(one, [5, 9]) for one in passes])

    assert outcomes == [None] * 3


def a_pass(pupil: Person, lesson: Lesson, **changes: Any) -> ProgressPass:
    """Return what was signed when the person began at noon."""
    assert lesson.original is not None
    facts: dict[str, Any] = {
        "person_id": pupil.id,
        "lesson_id": lesson.id,
        "asset_id": lesson.original.asset_id,
        "share_link_id": None,
        "begun_at": NOON,
    }
    return ProgressPass(**{**facts, **changes})


def told(
    opened: ProgressPass, *ranges: Sequence[float], position_s: float = 0.0, age_s: float = 0.0
) -> Report:
    covered = Covered.of(ranges)
    return Report(
        opened=opened,
        covered=covered,
        position_s=position_s or float(covered.end_s),
        age_s=age_s,
    )


def kept(db: Session, pupil: Person, lesson: Lesson) -> WatchProgress:
    assert lesson.original is not None
    key = (pupil.id, lesson.original.asset_id)
    row = db.get_one(WatchProgress, key, populate_existing=True)
    db.commit()
    return row


def test_reports_in_any_order_twice_and_from_two_devices_count_each_second_once(
    db: Session, clock: StoppedClock, desk: ReportDesk, pupil: Person, lesson: Lesson
) -> None:
    clock.forward(minutes=10)
    phone, tablet = a_pass(pupil, lesson), a_pass(pupil, lesson, begun_at=clock())
    clock.forward(minutes=10)
    late = told(phone, [12.4, 24.6], age_s=900)

    for reports in (
        [told(phone, [24.6, 36.2], age_s=880), told(tablet, [30, 60])],
        [late, told(phone, [0, 12.4], age_s=920)],
        [late],
    ):
        assert set(desk.take(reports)) == {None}

    row = kept(db, pupil, lesson)
    assert (row.covered, row.covered_s) == ("0-60", 60)
    assert (row.position_s, row.last_at) == (60.0, clock())
    assert row.first_at == clock() - timedelta(seconds=920)


def test_a_late_report_moves_no_place_back(
    db: Session, clock: StoppedClock, desk: ReportDesk, pupil: Person, lesson: Lesson
) -> None:
    assert lesson.original is not None
    clock.forward(hours=1)
    opened = a_pass(pupil, lesson)
    desk.take([told(opened, [100, 110])])
    clock.forward(minutes=5)

    desk.take([told(opened, [0, 10], age_s=600)])

    assert place_of(db, asset_id=lesson.original.asset_id, by=pupil) == 110.0
    assert place_of(db, asset_id=lesson.original.asset_id, by=lesson.owner) == 0.0
    assert place_of(db, asset_id=lesson.original.asset_id, by=None) == 0.0


def test_an_age_that_nobody_can_believe_is_as_old_as_the_playback(
    db: Session, clock: StoppedClock, desk: ReportDesk, pupil: Person, lesson: Lesson
) -> None:
    clock.forward(minutes=1)

    desk.take([told(a_pass(pupil, lesson), [0, 10], age_s=1e9)])

    assert kept(db, pupil, lesson).last_at == NOON


@pytest.mark.parametrize(
    "impossible",
    [([LONG_S, LONG_S + 60], 0.0), ([0, 10], LONG_S + 60), ([0, 400], 0.0)],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    db: Session,
    clock: StoppedClock,
    desk: ReportDesk,
    pupil: Person,
    lesson: Lesson,
    impossible: tuple[list[float], float],
) -> None:
    clock.forward(minutes=1)
    ranges, position_s = impossible

    [refused] = desk.take([told(a_pass(pupil, lesson), ranges, position_s=position_s)])

    assert isinstance(refused, FieldError)
    assert db.scalar(select(func.count()).select_from(WatchProgress)) == 0


def test_many_small_reports_are_not_believed_more_than_a_large_one(
    db: Session, clock: StoppedClock, desk: ReportDesk, pupil: Person, lesson: Lesson
) -> None:
    opened = a_pass(pupil, lesson)

    for second in range(1, 61):
        clock.forward(seconds=1)
        desk.take([told(opened, [second * 30, second * 30 + 30])])

    assert kept(db, pupil, lesson).covered_s <= 60 * 2 + 30


def test_a_person_or_lesson_that_may_not_be_any_more_is_refused_within_half_a_minute(
    db: Session, clock: StoppedClock, desk: ReportDesk, pupil: Person, lesson: Lesson
) -> None:
    opened = a_pass(pupil, lesson)
    clock.forward(minutes=1)
    assert desk.take([told(opened, [0, 10])]) == [None]

    lesson.visibility = Visibility.ME
    db.commit()
    clock.forward(seconds=31)
    [refused] = desk.take([told(opened, [10, 20])])

    assert isinstance(refused, NotAllowed)
    assert kept(db, pupil, lesson).covered_s == 10
    lesson.visibility, pupil.is_active = Visibility.PUBLIC, False
    db.commit()
    clock.forward(seconds=31)
    assert isinstance(desk.take([told(opened, [10, 20])])[0], NotAllowed)


def test_a_link_that_was_revoked_is_no_right_any_more(
    db: Session, clock: StoppedClock, desk: ReportDesk, pupil: Person, lesson: Lesson
) -> None:
    lesson.visibility = Visibility.LINK
    link = a_share_link(db, lesson)
    opened = a_pass(pupil, lesson, share_link_id=link.id)
    clock.forward(minutes=1)
    assert desk.take([told(opened, [0, 10])]) == [None]

    link.revoked_at = clock()
    db.commit()
    clock.forward(seconds=31)

    assert isinstance(desk.take([told(opened, [10, 20])])[0], NotAllowed)
    without = a_pass(pupil, lesson)
    assert isinstance(desk.take([told(without, [10, 20])])[0], NotAllowed)


def test_what_is_kept_of_a_person_goes_with_the_person_and_nobody_is_acknowledged_falsely(
    db: Session, clock: StoppedClock, desk: ReportDesk, pupil: Person, lesson: Lesson
) -> None:
    other = a_person(db, RoleName.STUDENT)
    clock.forward(minutes=1)
    desk.take([told(a_pass(pupil, lesson), [0, 10])])
    db.delete(pupil)
    db.commit()
    group = [told(a_pass(pupil, lesson), [10, 20]), told(a_pass(other, lesson), [0, 5])]

    with pytest.raises(ReadOnly):  # the answer is remembered for half a minute
        desk.take(group)
    gone, taken = desk.take(group)

    assert isinstance(gone, NotAllowed)
    assert taken is None
    assert db.scalars(select(WatchProgress.person_id)).all() == [other.id]


def test_several_before_one_screen_have_watched_the_same(
    db: Session, pupil: Person, lesson: Lesson
) -> None:
    assert lesson.original is not None
    asset_id = lesson.original.asset_id
    class_of = [pupil, *(a_person(db, RoleName.STUDENT) for _ in range(3))]
    a_progress(db, pupil, lesson, [100, 200])
    progress = Progress(covered=Covered.of([[0, 50]]), position_s=50.0, first_at=NOON, last_at=NOON)

    with db.begin():
        record_watched(db, [Watched([each.id for each in class_of], asset_id, progress)])

    grid = progress_of(db, [each.id for each in class_of], [asset_id])
    assert sorted(one.covered.seconds for one in grid.values()) == [50, 50, 50, 150]


def test_a_grid_of_persons_and_assets_is_one_query(db: Session, engine: Engine) -> None:
    lessons = [a_lesson(db) for _ in range(4)]
    pupils = [a_person(db, RoleName.STUDENT) for _ in range(5)]
    for number, pupil in enumerate(pupils):
        for lesson in lessons[:number]:
            a_progress(db, pupil, lesson, [0, 1 + number])
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _x, text, *_: statements.append(text))
    asset_ids = [lesson.original.asset_id for lesson in lessons if lesson.original]

    grid = progress_of(db, [pupil.id for pupil in pupils], asset_ids)

    assert len([text for text in statements if "SELECT" in text]) == 1
    assert len(grid) == 0 + 1 + 2 + 3 + 4
    assert grid[pupils[4].id, asset_ids[0]].covered == Covered.of([[0, 5]])


def test_what_was_watched_of_an_asset_counts_for_the_one_made_anew_of_it(
    db: Session, clock: StoppedClock, desk: ReportDesk, pupil: Person, lesson: Lesson
) -> None:
    assert lesson.original is not None
    opened = a_pass(pupil, lesson)
    clock.forward(minutes=2)
    desk.take([told(opened, [0, 50])])
    older = lesson.original.asset
    successor = a_ready_asset(
        db, duration_s=LONG_S, replaces_id=older.id, original_key=older.original_key
    )

    with db.begin():
        assert follow(db, clock, successor=db.get_one(Asset, successor.id))
    clock.forward(minutes=1)
    assert desk.take([told(opened, [50, 100])]) == [None]  # by a player that goes on with the older

    db.expire_all()
    assert db.scalar(select(WatchProgress.asset_id)) == successor.id
    assert kept(db, pupil, lesson).covered == "0-100"


def test_processes_that_write_the_same_rows_lose_nothing_and_do_not_lock_each_other(
    db: Session, engine: Engine, clock: StoppedClock, lesson: Lesson
) -> None:
    pupils = [a_person(db, RoleName.STUDENT) for _ in range(20)]
    passes = [a_pass(pupil, lesson) for pupil in pupils]
    clock.forward(hours=1)
    started = threading.Barrier(3)

    def tell(number: int) -> None:
        desk = ReportDesk(engine, clock)
        started.wait()
        for second in range(number, 90, 3):  # each process every third second
            group = passes[:: -1 if number % 2 else 1]
            while True:
                try:
                    outcomes = desk.take([told(one, [second, second + 1]) for one in group])
                except ReadOnly:
                    continue
                assert set(outcomes) == {None}
                break

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {kept(db, pupil, lesson).covered for pupil in pupils} == {"0-90"}
