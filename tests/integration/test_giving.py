"""Lessons given to classes: who sees them, until when, and how far everybody is."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed, NotFound
from server.models.assignments import Assignment
from server.models.base import uuid7
from server.models.classrooms import Classroom
from server.models.content import FileItem, HandInItem, TextItem
from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName, School
from server.services.assignments import (
    Recipients,
    Task,
    change_task,
    give_course,
    give_lesson,
    given_of_lesson,
    withdraw_assignment,
)
from server.services.class_grid import ClassGrid, Step, class_grid, helped_first
from server.services.course_units import UnitFacts, add_lessons, add_unit, remove_unit
from server.services.enrolments import list_pupils, remove_pupil
from server.services.given import may_see_lesson
from server.services.item_progress import ItemNote, note_item
from server.services.lessons import delete_lesson, get_lesson_for
from server.services.play import is_playback_allowed, open_playback
from server.services.pupil_tasks import tasks_of_pupil
from server.services.terms import day_in_bangkok
from server.services.tidy import erase_lesson
from tests.builders import (
    StoppedClock,
    a_course,
    a_lesson,
    a_person,
    a_progress,
    a_school,
    a_version,
)

TODAY = date(2026, 11, 2)


def pupils_of(session: Session, clock: StoppedClock, room: Classroom) -> list[Person]:
    return [row.enrolment.person for row in list_pupils(session, clock, classroom=room)]


def give(
    session: Session,
    clock: StoppedClock,
    lesson: Lesson,
    room: Classroom,
    by: Person,
    *people: Person,
    **task: Any,
) -> Assignment:
    to = Recipients(classroom_id=room.id, person_ids=frozenset(one.id for one in people))
    wanted = Task(**task)
    return give_lesson(session, clock, lesson_id=lesson.id, to=[to], task=wanted, by=by)[0]


def sees(session: Session, clock: StoppedClock, person: Person, lesson: Lesson) -> bool:
    with session.begin():
        row = session.get_one(Lesson, lesson.id, populate_existing=True)
        return may_see_lesson(session, clock, person=person, lesson=row)


def steps(grid: ClassGrid) -> dict[str, list[Step]]:
    return {row.enrolment.person.display_name: [c.step for c in row.cells] for row in grid.rows}


def test_a_teachers_own_lesson_is_shown_to_the_class_alone_once_it_is_given(
    session: Session, clock: StoppedClock, school: School, teacher: Person, room: Classroom
) -> None:
    lesson = a_lesson(session, teacher, visibility=Visibility.ME)
    pupil = pupils_of(session, clock, room)[0]
    other = a_person(session, RoleName.STUDENT, school)
    assert not sees(session, clock, pupil, lesson)

    give(session, clock, lesson, room, teacher)

    assert lesson.visibility is Visibility.CLASSROOM
    assert sees(session, clock, pupil, lesson)
    assert not sees(session, clock, other, lesson)
    assert get_lesson_for(session, clock, lesson_id=lesson.id, by=pupil).id == lesson.id
    with pytest.raises(NotFound):
        get_lesson_for(session, clock, lesson_id=lesson.id, by=None)


def test_what_is_taken_back_stops_playing_when_it_is_asked_again(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    lesson = a_lesson(session, teacher, visibility=Visibility.ME)
    given = give(session, clock, lesson, room, teacher)
    pupil = pupils_of(session, clock, room)[0]
    playback = open_playback(session, clock, lesson=lesson, person=pupil)
    asset_id = playback.asset_id
    assert is_playback_allowed(session, clock, session_id=playback.id, asset_id=asset_id)

    withdraw_assignment(session, clock, assignment_id=given.id, by=teacher)

    assert not is_playback_allowed(session, clock, session_id=playback.id, asset_id=asset_id)
    assert tasks_of_pupil(session, clock, person=pupil).count == 0


def test_a_pupil_who_left_and_a_lesson_that_is_the_teachers_alone_again_are_not_seen(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    lesson = a_lesson(session, teacher, visibility=Visibility.ME)
    give(session, clock, lesson, room, teacher)
    first, second, _third = list_pupils(session, clock, classroom=room)

    remove_pupil(session, clock, enrolment_id=first.enrolment.id, by=teacher)

    assert not sees(session, clock, first.enrolment.person, lesson)
    assert sees(session, clock, second.enrolment.person, lesson)
    with session.begin():
        lesson.visibility = Visibility.ME
    assert not sees(session, clock, second.enrolment.person, lesson)


def test_only_chosen_pupils_see_it_from_the_day_on_which_it_opens(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    lesson = a_lesson(session, teacher, visibility=Visibility.ME)
    chosen, other, _third = pupils_of(session, clock, room)

    give(session, clock, lesson, room, teacher, chosen, opens_on=TODAY + timedelta(days=2))

    assert not sees(session, clock, chosen, lesson)
    clock.forward(days=2)
    assert sees(session, clock, chosen, lesson)
    assert not sees(session, clock, other, lesson)


def test_a_colleagues_lesson_is_given_as_far_as_its_audience_reaches(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    school_lesson = a_lesson(session, a_person(session), published=True)
    public = a_lesson(session, a_person(session), published=True, visibility=Visibility.PUBLIC)
    pupil = pupils_of(session, clock, room)[0]

    with pytest.raises(NotFound):
        give(session, clock, school_lesson, room, teacher)
    given = give(session, clock, public, room, teacher)

    assert not given.opens_lesson
    with session.begin():
        public.visibility = Visibility.CLASSROOM
    assert not sees(session, clock, pupil, public)  # its owner narrowed it


def test_a_teacher_of_another_school_gives_nothing_to_the_class_any_more(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    lesson = a_lesson(session, teacher, visibility=Visibility.ME)
    given = give(session, clock, lesson, room, teacher)
    elsewhere = a_school(session)

    with session.begin():
        teacher.roles[0].school_id = elsewhere.id
    session.expire_all()

    for act in (
        lambda: give(session, clock, lesson, room, teacher),
        lambda: withdraw_assignment(session, clock, assignment_id=given.id, by=teacher),
        lambda: class_grid(session, clock, classroom_id=room.id, by=teacher),
    ):
        with pytest.raises(NotFound):
            act()
    assert sees(session, clock, pupils_of(session, clock, room)[0], lesson)  # the class goes on


def test_pressed_twice_it_is_given_once(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    lesson = a_lesson(session, teacher, published=True)
    chosen = pupils_of(session, clock, room)[0]

    first = give(session, clock, lesson, room, teacher, due_on=TODAY)
    again = give(session, clock, lesson, room, teacher, due_on=TODAY + timedelta(days=1))
    some = give(session, clock, lesson, room, teacher, chosen)
    give(session, clock, lesson, room, teacher, chosen)

    assert first.id == again.id != some.id
    assert len(given_of_lesson(session, lesson_id=lesson.id, by=teacher)) == 2
    assert tasks_of_pupil(session, clock, person=chosen).count == 1


@pytest.mark.parametrize(
    ("task", "field"),
    [
        ({"due_on": TODAY - timedelta(days=1)}, "due_on"),
        ({"due_on": date(2569, 11, 21)}, "due_on"),
        ({"due_on": TODAY, "opens_on": TODAY + timedelta(days=3)}, "opens_on"),
        ({"note": "ก" * 1001}, "note"),
    ],
)
def test_dates_that_make_no_sense_are_refused_and_nothing_changes(
    session: Session,
    clock: StoppedClock,
    teacher: Person,
    room: Classroom,
    task: dict[str, object],
    field: str,
) -> None:
    lesson = a_lesson(session, teacher, visibility=Visibility.ME)

    with pytest.raises(FieldError) as refused:
        give(session, clock, lesson, room, teacher, **task)

    assert refused.value.field == field
    assert lesson.visibility is Visibility.ME
    assert session.scalar(select(Assignment)) is None


def test_a_past_day_may_stay_when_only_the_words_are_changed(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    lesson = a_lesson(session, teacher, published=True)
    given = give(session, clock, lesson, room, teacher, due_on=TODAY)
    clock.forward(days=3)
    same = Task(due_on=TODAY, note="ส่งได้ถึงวันศุกร์")

    changed = change_task(session, clock, assignment_id=given.id, task=same, by=teacher)

    assert changed.note == "ส่งได้ถึงวันศุกร์"
    with pytest.raises(FieldError):
        change_task(
            session,
            clock,
            assignment_id=given.id,
            task=Task(due_on=TODAY + timedelta(days=1)),
            by=teacher,
        )


def test_the_start_page_has_what_is_due_first_then_what_goes_on_then_what_is_new(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    pupil = pupils_of(session, clock, room)[0]
    titles = ("late", "soon", "later", "begun", "new", "done")
    lessons = {title: a_lesson(session, teacher, published=True, title=title) for title in titles}
    due = {"late": TODAY, "soon": TODAY + timedelta(days=4), "later": TODAY + timedelta(days=9)}
    for title in ("later", "soon", "late", "begun", "new", "done"):
        give(session, clock, lessons[title], room, teacher, due_on=due.get(title))
    a_progress(session, pupil, lessons["begun"], [0, 3])
    a_progress(session, pupil, lessons["done"], [0, 12])
    clock.forward(days=3)

    tasks = tasks_of_pupil(session, clock, person=pupil)

    assert [(t.lesson.title, t.is_late, t.is_soon) for t in tasks.due] == [
        ("late", True, False),
        ("soon", False, True),
        ("later", False, False),
    ]
    assert [t.lesson.title for t in tasks.going_on] == ["begun"]
    assert [t.lesson.title for t in tasks.new] == ["new"]
    assert [t.lesson.title for t in tasks.done] == ["done"]


def test_the_grid_tells_item_by_item_who_needs_help(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    lesson = a_lesson(session, teacher, published=True)
    text, work = uuid7(), uuid7()
    items = (
        FileItem(id=lesson.id, is_required=True),
        TextItem(id=text, title="อ่าน", markdown="# อ่าน"),
        HandInItem(id=work, title="ใบงาน", is_required=True),
    )
    a_version(session, lesson, *items)
    somchai, mali, piti = pupils_of(session, clock, room)
    given = give(session, clock, lesson, room, teacher, somchai, piti, due_on=TODAY)
    a_progress(session, piti, lesson, [0, 12])
    with session.begin():
        for item_id in (text, work):
            note = ItemNote(
                person_id=piti.id, lesson_id=lesson.id, item_id=item_id, is_done=True, score=0.8
            )
            note_item(session, clock, note)
    a_progress(session, somchai, lesson, [0, 6])
    clock.forward(days=1)

    grid = class_grid(session, clock, classroom_id=room.id, by=teacher, assignment_id=given.id)

    assert steps(grid) == {
        "สมชาย ใจดี": [Step.BEGUN, Step.NONE, Step.NONE],
        "มะลิ ณ อยุธยา": [Step.NOT_GIVEN] * 3,
        "ปิติ ชูใจ": [Step.DONE] * 3,
    }
    first = helped_first(replace(grid, rows=grid.rows[::-1])).rows[0]
    assert first.enrolment.person.id == somchai.id
    assert mali.id in {row.enrolment.person.id for row in grid.rows}
    assert [row.needs_help for row in grid.rows] == [True, False, False]
    assert grid.rows[0].cells[0].share == pytest.approx(0.5)
    assert grid.rows[2].cells[2].score == pytest.approx(0.8)
    whole = class_grid(session, clock, classroom_id=room.id, by=teacher)
    assert steps(whole)["ปิติ ชูใจ"] == [Step.DONE]
    assert steps(whole)["สมชาย ใจดี"] == [Step.BEGUN]


def test_a_lesson_that_is_deleted_and_erased_while_it_is_given_stays_as_gone(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    kept = a_lesson(session, teacher, published=True, title="อยู่")
    gone = a_lesson(session, teacher, published=True, title="ลบแล้ว")
    pupil = pupils_of(session, clock, room)[0]
    for lesson in (kept, gone):
        give(session, clock, lesson, room, teacher, due_on=TODAY)
    delete_lesson(session, clock, lesson_id=gone.id, by=teacher)

    def columns() -> list[tuple[str, bool]]:
        grid = class_grid(session, clock, classroom_id=room.id, by=teacher)
        return [(column.given.title, column.is_gone) for column in grid.columns]

    assert columns() == [("อยู่", False), ("ลบแล้ว", True)]
    assert tasks_of_pupil(session, clock, person=pupil).count == 1
    erase_lesson(session, clock, lesson_id=gone.id, by=teacher)
    session.expire_all()
    assert columns() == [("อยู่", False), ("ลบแล้ว", True)]
    given = session.scalars(select(Assignment).where(Assignment.title == "ลบแล้ว")).one()
    grid = class_grid(session, clock, classroom_id=room.id, by=teacher, assignment_id=given.id)
    assert [column.is_gone for column in grid.columns] == [True]


def test_a_course_gives_its_lessons_in_order_and_leaves_out_what_is_gone(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    own = a_lesson(session, teacher, title="ของครู", visibility=Visibility.ME)
    gone = a_lesson(session, teacher, title="ลบแล้ว", published=True, deleted_at=clock())
    last = a_lesson(session, teacher, title="ท้าย", published=True)
    course = a_course(session, teacher, own, gone, last)
    pupil = pupils_of(session, clock, room)[0]
    to = [Recipients(classroom_id=room.id)]

    for _ in range(2):
        given = give_course(
            session, clock, course_id=course.id, to=to, task=Task(note="ทั้งเทอม"), by=teacher
        )

    tasks = tasks_of_pupil(session, clock, person=pupil).new
    assert [task.lesson.title for task in tasks] == ["ของครู", "ท้าย"]
    assert {row.course_id for row in given} == {course.id}
    empty = a_course(session, teacher, gone)
    with pytest.raises(FieldError):
        give_course(session, clock, course_id=empty.id, to=to, task=Task(), by=teacher)


def test_a_course_given_by_its_weeks_is_due_unit_by_unit(
    session: Session, clock: StoppedClock, teacher: Person, room: Classroom
) -> None:
    by_unit = [a_lesson(session, teacher, title=title, published=True) for title in "กขค"]
    course = a_course(session, teacher, *by_unit)
    weeks = [(1, 1), (4, 5), (None, None)]
    for lesson, (first_week, last_week) in zip(by_unit, weeks, strict=True):
        facts = UnitFacts(title=lesson.title, first_week=first_week, last_week=last_week)
        unit = add_unit(session, clock, course_id=course.id, facts=facts, by=teacher)
        at, ids = {"course_id": course.id, "unit_id": unit.id}, [lesson.id]
        add_lessons(session, clock, **at, lesson_ids=ids, by=teacher)
    remove_unit(session, clock, course_id=course.id, unit_id=course.units[0].id, by=teacher)

    clock.forward(days=14)
    given = give_course(
        session,
        clock,
        course_id=course.id,
        to=[Recipients(classroom_id=room.id)],
        task=Task(by_weeks=True),
        by=teacher,
    )

    # The term began on 1 November: its first week is over.
    last_days = [day_in_bangkok(row.due_at) if row.due_at else None for row in given]
    assert last_days == [None, date(2026, 12, 6), None]


def test_nobody_gives_by_another_role_what_pupils_may_not_see(
    session: Session, clock: StoppedClock, room: Classroom, school: School
) -> None:
    colleague = a_person(session, RoleName.TEACHER, school)
    lesson = a_lesson(session, colleague, visibility=Visibility.ME)

    with pytest.raises(NotFound):
        give(session, clock, lesson, room, colleague)  # does not teach this classroom

    administrator = a_person(session, RoleName.SCHOOL_ADMIN, school)
    foreign = a_lesson(session, a_person(session), published=True, visibility=Visibility.LINK)
    with pytest.raises((NotFound, NotAllowed)):
        give(session, clock, foreign, room, administrator)
    assert session.scalar(select(Assignment.id)) is None
