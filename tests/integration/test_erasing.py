"""A lesson is removed for good: what pupils did with it stays, with what was asked and marks."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.errors import LessonChanged, NotAllowed, NotFound
from server.models.assignments import HandIn
from server.models.base import Base
from server.models.content import FileItem
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import RoleName
from server.models.progress import WatchProgress
from server.services.class_grid import Step
from server.services.expected_objects import expected_objects
from server.services.hand_ins import Verdict, hand_ins_of_class, mark_hand_in
from server.services.hanging import what_hangs
from server.services.lessons import delete_lesson
from server.services.own_work import own_work
from server.services.progress import move_progress
from server.services.pupil_tasks import tasks_of_pupil
from server.services.tidy import erase_lesson, remove_deleted_lessons, remove_unused_assets
from server.wiring import Wiring
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    a_progress,
    a_ready_asset,
    a_version,
)
from tests.given_class import Class, a_busy_class, a_given_class
from tests.quizzes import a_quiz


@pytest.fixture
def klass(db: Session, world: Wiring, clock: StoppedClock) -> Class:
    return a_given_class(db, world, clock)


@pytest.fixture
def busy(db: Session, world: Wiring, clock: StoppedClock) -> Class:
    return a_busy_class(db, world, clock)


def test_the_work_outlives_the_lesson_with_what_was_asked_and_is_marked_afterwards(
    busy: Class,
) -> None:
    before, cells = busy.rows(), busy.cells()
    busy.delete()
    busy.erase()

    assert busy.db.get(Lesson, busy.lesson_id) is None
    assert busy.rows() == before
    assert busy.cells() == cells
    found = hand_ins_of_class(
        busy.db, assignment_id=busy.given_id, item_id=busy.task.id, by=busy.teacher
    )
    assert (found.lesson.title, found.item.markdown) == ("การบวกเลข", "เขียน **สามบรรทัด**")
    [work] = [row for _pupil, row in found.rows if row]
    busy.mark(work.id)
    own = own_work(busy.db, assignment_id=busy.given_id, by=busy.pupils[0])
    handed_in = own.hand_ins[busy.task.id]
    assert (handed_in.mark, handed_in.comment, len(handed_in.files)) == (8, "ดีมาก", 1)
    assert own.states[busy.lesson_id].share == 0.5
    theirs = own_work(busy.db, assignment_id=busy.given_id, by=busy.pupils[1])
    assert theirs.quizzes[0].best_share == 0.75
    assert theirs.quizzes[0].item.questions == busy.quiz.questions


def test_the_end_of_undo_takes_the_lesson_and_leaves_the_work(busy: Class) -> None:
    before, cells = busy.rows(), busy.cells()
    busy.delete()
    busy.clock.forward(days=30, seconds=1)

    assert remove_deleted_lessons(busy.db, busy.clock, undo_days=30) == 1
    remove_unused_assets(busy.db, busy.clock, busy.world.store)

    assert (busy.rows(), busy.cells()) == (before, cells)


def test_photos_that_were_handed_in_stay_and_are_expected_in_the_store(busy: Class) -> None:
    busy.delete()
    busy.erase()
    photo = busy.db.scalars(select(HandIn)).one().files[0].original.asset
    busy.db.commit()

    with busy.db.begin():
        expected = {each.asset_id for each in expected_objects(busy.db)}

    assert expected == {photo.id}
    prefixes = {info.key.split("/")[1] for info in busy.world.store.list_keys("assets/")}
    assert prefixes == {str(photo.id)}


def test_the_pupil_finds_the_work_on_the_start_page_and_nobody_elses(busy: Class) -> None:
    first, _second, third = busy.pupils
    busy.delete()
    for is_erased in (False, True):
        if is_erased:
            busy.erase()
        tasks = tasks_of_pupil(busy.db, busy.clock, person=first)
        assert [(each.assignment.id, each.title) for each in tasks.gone] == [
            (busy.given_id, "การบวกเลข")
        ]
        assert tasks.count == 0
        assert not tasks_of_pupil(busy.db, busy.clock, person=third).gone
    for stranger in (busy.teacher, a_person(busy.db, RoleName.STUDENT)):
        with pytest.raises(NotFound):
            own_work(busy.db, assignment_id=busy.given_id, by=stranger)


def test_who_may_mark_work_of_an_erased_lesson_is_who_could_before(busy: Class) -> None:
    work_id = busy.db.scalars(select(HandIn.id)).one()
    busy.delete()
    busy.erase()
    school = busy.room.school
    others = [
        a_person(busy.db, RoleName.TEACHER, school),
        a_person(busy.db, RoleName.TEACHER),
        a_person(busy.db, RoleName.SCHOOL_ADMIN),
        busy.pupils[1],
    ]
    said = Verdict(comment="", mark=1)

    for by in others:
        with pytest.raises(NotFound):
            mark_hand_in(busy.db, busy.clock, hand_in_id=work_id, verdict=said, by=by)
    with pytest.raises(NotAllowed):
        mark_hand_in(busy.db, busy.clock, hand_in_id=work_id, verdict=said, by=busy.pupils[0])
    admin = a_person(busy.db, RoleName.SCHOOL_ADMIN, school)
    mark_hand_in(busy.db, busy.clock, hand_in_id=work_id, verdict=said, by=admin)


def test_the_page_before_erasing_says_what_hangs_on_it_and_what_came_meanwhile_is_asked_again(
    busy: Class,
) -> None:
    busy.delete()
    seen = what_hangs(busy.db, busy.clock, lesson_id=busy.lesson_id, by=busy.teacher)
    assert (seen.classrooms, seen.work_count, seen.unmarked_count) == (["ป.4/1"], 2, 1)
    assert seen.people_count == 2
    busy.clock.forward(seconds=5)
    busy.hand_in(by=busy.pupils[2])

    with pytest.raises(LessonChanged):
        busy.erase(seen=seen.mark)

    again = what_hangs(busy.db, busy.clock, lesson_id=busy.lesson_id, by=busy.teacher)
    assert (again.work_count, again.unmarked_count) == (3, 2)
    busy.erase(seen=again.mark)
    assert busy.rows()["hand_in"] == 2


def test_what_arrives_late_over_a_bad_line_counts_where_the_lesson_was_given(klass: Class) -> None:
    first, second, third = klass.pupils
    klass.delete()
    klass.answer(first)
    assert klass.report(second, 6) is None
    klass.erase()

    klass.answer(second)
    assert klass.report(second, 12) is None
    klass.hand_in(by=third)

    assert klass.cells() == [
        [(Step.NONE, None, None), (Step.NONE, None, None), (Step.DONE, None, 0.75)],
        [(Step.DONE, 1.0, None), (Step.NONE, None, None), (Step.DONE, None, 0.75)],
        [(Step.NONE, None, None), (Step.DONE, None, None), (Step.NONE, None, None)],
    ]


def test_what_arrives_late_from_others_is_refused_for_good(klass: Class) -> None:
    stranger = a_person(klass.db, RoleName.STUDENT, klass.room.school)
    klass.delete()
    klass.erase()

    with pytest.raises(NotFound):
        klass.answer(stranger)
    assert isinstance(klass.report(stranger, 6), NotAllowed)
    with pytest.raises(NotAllowed):
        klass.hand_in(by=stranger)


def test_of_a_lesson_that_nobody_used_nothing_is_kept(
    db: Session, world: Wiring, clock: StoppedClock
) -> None:
    lesson = a_lesson(db, store=world.store, published=True)
    a_version(db, lesson, FileItem(id=lesson.id), a_quiz())
    a_progress(db, lesson.owner, lesson, [0, 2])
    delete_lesson(db, clock, lesson_id=lesson.id, by=lesson.owner)

    erase_lesson(db, clock, lesson_id=lesson.id, by=lesson.owner)
    remove_unused_assets(db, clock, world.store)

    names = ("erased_lesson", "erased_file", "lesson_version", "watch_progress", "original")
    tables = Base.metadata.tables
    counts = {name: db.scalar(select(func.count()).select_from(tables[name])) for name in names}
    assert counts == dict.fromkeys(names, 0)


def test_a_file_that_another_lesson_shows_too_keeps_counting_when_it_is_made_anew(
    busy: Class,
) -> None:
    original = busy.db.get_one(Original, busy.original_id)
    a_lesson(busy.db, busy.teacher, original=original, published=True)
    busy.delete()
    busy.erase()
    newer = a_ready_asset(busy.db, busy.world.store).id

    with busy.db.begin():
        move_progress(busy.db, from_id=busy.asset_id, to_id=newer)
        original.asset_id = newer

    assert busy.db.scalars(select(WatchProgress.asset_id)).all() == [newer]
    busy.db.commit()
    assert busy.cells()[0][0] == (Step.BEGUN, 0.5, None)
