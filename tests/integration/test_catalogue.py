"""Shelves, what was begun, the search log and the office's words, on both databases."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.jobs.index_changes import reindex
from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName
from server.models.progress import WatchProgress
from server.services.catalogue import (
    area_shelf,
    begun_lessons,
    newest_lessons,
    popular_lessons,
    shelves,
)
from server.services.openings import note_opening
from server.services.search_log import LEAST_ASKED, forget_old_queries, note_query, search_log
from server.services.synonyms import add_synonyms, office_synonyms, remove_synonyms
from server.wiring import Wiring
from tests.builders import StoppedClock, a_lesson, a_person, a_school


def a_public_lesson(db: Session, owner: Person, **columns: Any) -> Lesson:
    return a_lesson(db, owner, published=True, visibility=Visibility.PUBLIC, **columns)


def test_shelves_count_what_is_shown_to_the_viewer_and_nothing_else(
    db: Session, world: Wiring
) -> None:
    school = a_school(db)
    teacher = a_person(db, RoleName.TEACHER, school)
    a_public_lesson(db, teacher, learning_area="ค", grades=["P4", "P5"], indicators=["ค 1.1 ป.4/3"])
    a_lesson(
        db,
        teacher,
        published=True,
        learning_area="ค",
        grades=["P4"],
        indicators=["ค 1.1 ป.4/3", "ค 2.1 ป.4/1"],
    )
    a_lesson(db, teacher, learning_area="ว", grades=["M1"])  # not published

    reindex(world.sessions, world.index, world.clock)

    of_guest = shelves(db, world.index, viewer=None)
    of_teacher = shelves(db, world.index, viewer=teacher)
    area = area_shelf(db, letter="ค", viewer=None)
    own_area = area_shelf(db, letter="ค", viewer=teacher)

    assert of_guest.learning_areas == {"ค": 1}
    assert of_guest.grades == {"P4": 1, "P5": 1}
    assert of_guest.schools == [(school.id, school.name, 1)]
    assert of_teacher.learning_areas == {"ค": 2}
    assert of_teacher.grades == {"P4": 2, "P5": 1}
    assert area.strands == {"ค 1": 1}
    assert own_area.indicators == {"ค 1": {"ค 1.1 ป.4/3": 2}, "ค 2": {"ค 2.1 ป.4/1": 1}}


def test_the_most_opened_come_first_and_never_opened_ones_not_at_all(
    db: Session, clock: StoppedClock
) -> None:
    teacher = a_person(db)
    once, twice, never = (a_public_lesson(db, teacher) for _ in range(3))
    for lesson in (once, twice, twice):
        note_opening(db, clock, lesson_id=lesson.id)

    popular = popular_lessons(db, viewer=None, most=5)
    newest = newest_lessons(db, viewer=None, most=5, without={twice.id})

    assert [lesson.id for lesson in popular] == [twice.id, once.id]
    assert {lesson.id for lesson in newest} == {once.id, never.id}


def test_what_is_begun_and_not_ended_is_gone_on_with(db: Session, clock: StoppedClock) -> None:
    teacher, pupil = a_person(db), a_person(db, RoleName.STUDENT)
    lessons = [a_public_lesson(db, teacher) for _ in range(3)]
    for lesson, position_s in zip(lessons, (2.0, 300.0, 598.0), strict=True):
        assert lesson.original is not None
        lesson.original.asset.duration_s = 600.0
        place = {"position_s": position_s, "first_at": clock(), "last_at": clock()}
        db.add(WatchProgress(person_id=pupil.id, asset_id=lesson.original.asset_id, **place))
    db.commit()

    begun = begun_lessons(db, viewer=pupil, most=5)

    assert [(one.lesson.id, one.at) for one in begun] == [(lessons[1].id, 300.0)]
    assert begun_lessons(db, viewer=None, most=5) == ()


def test_searches_are_counted_by_day_shown_when_many_asked_and_forgotten(
    db: Session, clock: StoppedClock
) -> None:
    office = a_person(db, RoleName.OFFICE_ADMIN)
    for number in range(LEAST_ASKED):
        note_query(db, clock, text="  ไดโนเสาร์ ", is_missed=number > 0)
        clock.forward(days=1)
    note_query(db, clock, text="สมชาย ใจดี", is_missed=True)

    log = search_log(db, clock, days=30, by=office)
    forget_old_queries(db, clock, kept_days=2)
    later = search_log(db, clock, days=30, by=office)

    assert [(one.text, one.asked_count, one.missed_count) for one in log.popular] == [
        ("ไดโนเสาร์", LEAST_ASKED, LEAST_ASKED - 1)
    ]
    assert log.missed == ()
    assert (log.asked_count, later.asked_count) == (LEAST_ASKED + 1, 3)
    assert clock() - timedelta(days=LEAST_ASKED) == StoppedClock()()


def test_the_offices_words_are_kept_in_one_spelling(db: Session, clock: StoppedClock) -> None:
    office = a_person(db, RoleName.OFFICE_ADMIN)

    group = add_synonyms(db, clock, words=["ฟุตบอล", " เตะ  บอล", "ฟุตบอล"], by=office)
    kept = office_synonyms(db).groups
    remove_synonyms(db, clock, group_id=group.id, by=office)

    assert kept == (("ฟุตบอล", "เตะ บอล"),)
    assert office_synonyms(db).groups == ()
