"""Work is kept until the end of the next academic year, and said for a month before it goes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.errors import FieldError, NotFound
from server.models.assignments import HandIn
from server.models.classrooms import TermDates
from server.models.erased_lessons import ErasedLesson
from server.models.lesson_versions import LessonVersion
from server.models.people import AuditEntry, Office, RoleName
from server.services.assignments import Recipients, Task, give_lesson
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import enrol_person
from server.services.storage_rules import OfficeRules, set_office_rules
from server.services.tidy import remove_unused_assets
from server.services.work_removing import remove_due_work
from server.services.work_retention import due_work, kept_until, list_due_work, prolong_work
from server.wiring import Wiring
from tests.builders import NOON, StoppedClock, a_person, an_office
from tests.given_class import WORK, Class, a_busy_class

MONTH_BEFORE = datetime(2028, 4, 17, 5, tzinfo=UTC)  # academic year 2569 is kept until 15 May 2571
GONE_FROM = datetime(2028, 5, 17, 5, tzinfo=UTC)


@pytest.fixture
def busy(db: Session, world: Wiring, clock: StoppedClock) -> Class:
    an_office(db)
    return a_busy_class(db, world, clock)


def nights(busy: Class, count: int) -> int:
    """Tidy once a night; return of how many classes work was removed."""
    removed = 0
    for _ in range(count):
        removed += remove_due_work(busy.db, busy.clock)
        busy.clock.forward(days=1)
    return removed


def of_persons(busy: Class) -> int:
    return sum(busy.rows().values())


def test_nothing_is_said_and_nothing_goes_before_the_last_month(busy: Class) -> None:
    before = busy.rows()
    busy.clock.at = MONTH_BEFORE - timedelta(days=3)

    assert nights(busy, 1) == 0

    assert due_work(busy.db, busy.clock, classroom_id=busy.room.id) is None
    assert busy.rows() == before
    assert kept_until(busy.db, lambda: NOON, busy.room.school_id) == date(2028, 5, 15)


def test_it_is_said_for_a_month_then_it_goes_with_its_files_once(busy: Class) -> None:
    busy.clock.at = MONTH_BEFORE
    assert nights(busy, 1) == 0
    [due] = list_due_work(busy.db, busy.clock)
    assert (due.work_count, due.unmarked_count) == (2, 1)
    assert date(2028, 5, 16) <= due.on <= date(2028, 5, 20)
    assert nights(busy, 29) == 0
    assert busy.rows()["hand_in"] == 1

    assert nights(busy, 3) == 1

    assert busy.rows() == dict.fromkeys(WORK, 0)
    busy.clock.forward(days=31)
    remove_unused_assets(busy.db, busy.clock, busy.world.store)
    assets = {info.key.split("/")[1] for info in busy.world.store.list_keys("assets/")}
    assert assets == {str(busy.asset_id)}  # the lesson goes on
    busy.db.commit()
    audit = select(func.count()).where(AuditEntry.action == "work.remove")
    assert busy.db.scalar(audit) == 1
    assert list_due_work(busy.db, busy.clock) == []


def test_a_machine_that_was_off_for_a_year_says_it_for_a_month_first(busy: Class) -> None:
    before = busy.rows()
    busy.clock.at = MONTH_BEFORE
    nights(busy, 2)
    busy.clock.at = GONE_FROM + timedelta(days=365)

    assert nights(busy, 28) == 0

    assert busy.rows() == before
    assert nights(busy, 2) == 1


def test_a_school_keeps_it_a_year_longer_and_the_office_for_ever(busy: Class) -> None:
    busy.clock.at = MONTH_BEFORE
    nights(busy, 2)
    stranger = a_person(busy.db, RoleName.TEACHER)
    with pytest.raises(NotFound):
        prolong_work(busy.db, busy.clock, classroom_id=busy.room.id, by=stranger)

    prolong_work(busy.db, busy.clock, classroom_id=busy.room.id, by=busy.teacher)

    assert nights(busy, 40) == 0
    assert due_work(busy.db, busy.clock, classroom_id=busy.room.id) is None
    busy.clock.at = MONTH_BEFORE + timedelta(days=366)
    nights(busy, 1)
    assert due_work(busy.db, busy.clock, classroom_id=busy.room.id) is not None
    office = a_person(busy.db, RoleName.OFFICE_ADMIN)
    rules = OfficeRules(
        originals_kept_days=0, school_quota_bytes=0, person_quota_bytes=0, work_kept_years=0
    )
    set_office_rules(busy.db, busy.clock, rules=rules, by=office)
    assert nights(busy, 40) == 0
    assert due_work(busy.db, busy.clock, classroom_id=busy.room.id) is None
    assert busy.rows()["hand_in"] == 1


def test_a_school_that_begins_its_year_later_keeps_it_until_then(busy: Class) -> None:
    starts_on = date(2028, 6, 1)
    term = TermDates(school_id=busy.room.school_id, academic_year=2028, number=1)
    term.starts_on, term.ends_on = starts_on, date(2028, 10, 11)
    busy.db.add(term)
    busy.db.commit()

    busy.clock.at = MONTH_BEFORE
    nights(busy, 3)

    assert due_work(busy.db, busy.clock, classroom_id=busy.room.id) is None


def test_what_is_made_later_in_an_old_class_counts_from_that_year(busy: Class) -> None:
    late = datetime(2027, 6, 1, 5, tzinfo=UTC)
    busy.db.execute(update(HandIn).values(handed_in_at=late))
    busy.db.commit()
    busy.clock.at = MONTH_BEFORE

    nights(busy, 40)

    assert busy.rows()["hand_in"] == 1


def test_who_learns_the_same_in_another_class_loses_nothing(busy: Class) -> None:
    facts = ClassroomFacts(name="ป.5/1", grades=["P5"])
    busy.clock.at = datetime(2027, 6, 1, 5, tzinfo=UTC)
    school_id = busy.room.school_id
    newer = create_classroom(busy.db, busy.clock, school_id=school_id, facts=facts, by=busy.teacher)
    with busy.db.begin():
        enrol_person(busy.db, busy.clock, newer, busy.pupils[0])
    to = [Recipients(classroom_id=newer.id)]
    lesson_id = busy.lesson_id
    give_lesson(busy.db, busy.clock, lesson_id=lesson_id, to=to, task=Task(), by=busy.teacher)
    busy.clock.at = MONTH_BEFORE

    assert nights(busy, 40) == 1

    left = busy.rows()
    assert (left["hand_in"], left["quiz_attempt"], left["assignment"]) == (1, 0, 1)


def test_with_the_last_work_goes_what_was_left_of_an_erased_lesson(busy: Class) -> None:
    busy.delete()
    busy.erase()
    busy.clock.at = MONTH_BEFORE

    assert nights(busy, 40) == 1

    for table in (ErasedLesson, LessonVersion):
        assert busy.db.scalar(select(func.count()).select_from(table)) == 0
    busy.db.commit()
    assert of_persons(busy) == 0


def test_how_long_is_a_number_of_years(busy: Class) -> None:
    office = a_person(busy.db, RoleName.OFFICE_ADMIN)
    facts = {"originals_kept_days": 0, "school_quota_bytes": 0, "person_quota_bytes": 0}

    for years in (-1, 21):
        rules = OfficeRules(**facts, work_kept_years=years)
        with pytest.raises(FieldError):
            set_office_rules(busy.db, busy.clock, rules=rules, by=office)

    assert busy.db.scalars(select(Office.work_kept_years)).one() == 1
