"""Courses in the one search box: found by who may see one of their lessons, and by nobody else."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from search.index import SearchIndex
from server.jobs.index_changes import drain_outbox, reindex
from server.models.courses import Course
from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName, School
from server.policy import audience_of_course
from server.services.consistency import FaultKind, find_faults
from server.services.course_units import UnitFacts, add_lessons, add_unit, remove_unit
from server.services.courses import CourseFacts, create_course, delete_course, edit_course
from server.services.find import PAGE_SIZE, Question, find_lessons, suggest
from server.services.index_courses import note_course_change
from server.services.lesson_changes import LessonChanges
from server.services.lesson_facets import Filters
from server.services.lessons import delete_lesson, edit_lesson
from server.wiring import Wiring
from tests.builders import StoppedClock, a_course, a_lesson, a_person

FACTS = CourseFacts(
    title="ดาราศาสตร์น่ารู้", description="ท้องฟ้ายามค่ำคืน", academic_year=2026, term_number=2
)


@pytest.fixture
def index(wiring: Wiring) -> Iterator[SearchIndex]:
    yield wiring.index
    wiring.index.close()


@pytest.fixture
def drain(wiring: Wiring) -> Callable[[], int]:
    return lambda: drain_outbox(wiring.sessions, wiring.index)


@pytest.fixture
def course(session: Session, clock: StoppedClock, teacher: Person) -> Course:
    """A course with one lesson that the school may see."""
    lesson = a_lesson(session, teacher, published=True, title="ดวงจันทร์", grades=["P4"])
    made = create_course(session, clock, facts=FACTS, by=teacher)
    unit = add_unit(session, clock, course_id=made.id, facts=UnitFacts(title="ข้างขึ้น"), by=teacher)
    add_lessons(
        session, clock, course_id=made.id, unit_id=unit.id, lesson_ids=[lesson.id], by=teacher
    )
    return made


def titles(session: Session, index: SearchIndex, text: str, viewer: Person | None) -> list[str]:
    found = find_lessons(session, index, Question(text=text), viewer=viewer)
    assert found.total == len(found.shown)
    return [one.course.title for one in found.courses]


def lesson_of(session: Session, course: Course) -> Lesson:
    with session.begin():
        lesson = session.get(Lesson, course.units[0].lessons[0].lesson_id)
    assert lesson is not None
    return lesson


def test_a_course_is_found_by_title_units_grade_and_teacher(
    session: Session,
    index: SearchIndex,
    drain: Callable[[], int],
    course: Course,
    school: School,
    teacher: Person,
) -> None:
    drain()
    pupil = a_person(session, RoleName.STUDENT, school)

    for text in ("ดาราศาสตร์", "ยามค่ำคืน", "ข้างขึ้น", "ดาราศาสตร์ ป.4", "รายวิชา ดาราศาสตร์"):
        assert titles(session, index, text, pupil) == [course.title], text
    found = find_lessons(session, index, Question(text="ดาราศาสตร์"), viewer=pupil)
    assert found.facets["kind"] == {"course": 1}
    [offered] = [one for one in suggest(session, index, "ดาราศ", viewer=pupil) if one.lesson_id]
    assert (offered.kind, offered.lesson_id) == ("course", str(course.id))


def test_who_may_see_no_lesson_of_it_finds_counts_and_is_offered_nothing(
    session: Session, index: SearchIndex, drain: Callable[[], int], course: Course
) -> None:
    drain()

    for viewer in (None, a_person(session, RoleName.STUDENT), a_person(session)):
        found = find_lessons(session, index, Question(text="ดาราศาสตร์"), viewer=viewer)

        assert (found.shown, found.total, found.did_you_mean) == ((), 0, "")
        assert not any(found.facets.values())
        assert suggest(session, index, "ดาราศ", viewer=viewer) == ()


def test_its_audience_follows_its_lessons(
    session: Session,
    clock: StoppedClock,
    index: SearchIndex,
    drain: Callable[[], int],
    course: Course,
    teacher: Person,
) -> None:
    lesson = lesson_of(session, course)

    def show(visibility: Visibility) -> None:
        changes = LessonChanges(visibility=visibility)
        edit_lesson(session, clock, lesson_id=lesson.id, changes=changes, by=teacher)
        drain()

    show(Visibility.PUBLIC)
    assert titles(session, index, "ดาราศาสตร์", None) == [course.title]
    show(Visibility.SCHOOL)
    assert titles(session, index, "ดาราศาสตร์", None) == []
    assert titles(session, index, "ดาราศาสตร์", teacher) == [course.title]
    show(Visibility.ME)
    assert titles(session, index, "ดาราศาสตร์", teacher) == [course.title]
    delete_lesson(session, clock, lesson_id=lesson.id, by=teacher)
    drain()
    assert titles(session, index, "ดาราศาสตร์", teacher) == []


def test_what_a_course_is_found_by_changes_with_it_and_goes_with_it(
    session: Session,
    clock: StoppedClock,
    index: SearchIndex,
    drain: Callable[[], int],
    course: Course,
    teacher: Person,
) -> None:
    facts = CourseFacts(title="อวกาศ", description="", academic_year=2026, term_number=2)
    edit_course(session, clock, course_id=course.id, facts=facts, by=teacher)
    drain()
    assert titles(session, index, "ดาราศาสตร์", teacher) == []
    assert titles(session, index, "อวกาศ", teacher) == ["อวกาศ"]

    delete_course(session, clock, course_id=course.id, by=teacher)
    assert titles_while_the_index_lags(session, index, teacher) == []
    drain()
    assert titles(session, index, "อวกาศ", teacher) == []
    assert str(course.id) not in index.lesson_ids()


def titles_while_the_index_lags(
    session: Session, index: SearchIndex, viewer: Person
) -> list[object]:
    return list(find_lessons(session, index, Question(text="อวกาศ"), viewer=viewer).courses)


def test_a_course_without_a_lesson_is_not_found(
    session: Session,
    clock: StoppedClock,
    index: SearchIndex,
    drain: Callable[[], int],
    course: Course,
    teacher: Person,
) -> None:
    unit_id = course.units[0].id
    remove_unit(session, clock, course_id=course.id, unit_id=unit_id, by=teacher)
    drain()

    assert titles(session, index, "ดาราศาสตร์", teacher) == []


def test_courses_are_listed_without_words_newest_first_and_narrowed_as_their_lessons_are(
    session: Session, index: SearchIndex, course: Course, school: School, teacher: Person
) -> None:
    hidden = a_course(session, teacher, a_lesson(session, teacher, visibility=Visibility.ME))
    pupil = a_person(session, RoleName.STUDENT, school)

    def listed(viewer: Person | None, **filters: str) -> list[str]:
        wished = Question(filters=Filters(kind="course", **filters))  # type: ignore[arg-type]
        found = find_lessons(session, index, wished, viewer=viewer)
        assert found.total == len(found.courses)
        return [one.course.title for one in found.courses]

    assert listed(pupil) == listed(pupil, grade="P4") == [course.title]
    assert listed(pupil, grade="P5") == listed(pupil, language="th") == listed(None) == []
    assert hidden.title not in listed(teacher)  # its lesson is not published


def test_of_lessons_of_several_audiences_the_widest_is_the_course_s(
    session: Session, teacher: Person
) -> None:
    stranger = a_person(session)
    lessons = [
        a_lesson(session, owner, visibility=visibility, published=True)
        for owner in (stranger, teacher)
        for visibility in (Visibility.ME, Visibility.SCHOOL)
    ]
    course = a_course(session, teacher, *lessons)

    assert audience_of_course(course, lessons) == f"school:{teacher.roles[0].school_id}"
    assert audience_of_course(course, [lessons[0], lessons[2]]) == f"person:{teacher.id}"
    wide = a_lesson(session, stranger, visibility=Visibility.PUBLIC, published=True)
    assert audience_of_course(course, [*lessons, wide]) == "public"
    draft = a_lesson(session, stranger, visibility=Visibility.PUBLIC)
    assert audience_of_course(course, [draft]) is None


def test_the_check_misses_a_course_that_is_not_indexed_and_nothing_else(
    wiring: Wiring, session: Session, course: Course, teacher: Person
) -> None:
    reindex(wiring.sessions, wiring.index, wiring.clock)
    drain_outbox(wiring.sessions, wiring.index)
    a_course(session, teacher)  # without lessons: nobody finds it
    assert kinds_of_faults(wiring, session) == []

    missing = a_course(session, teacher, lesson_of(session, course))

    assert kinds_of_faults(wiring, session) == [(FaultKind.NOT_INDEXED, missing.id)]


def kinds_of_faults(wiring: Wiring, session: Session) -> list[tuple[FaultKind, object]]:
    faults = find_faults(session, wiring.clock, store=wiring.store, index=wiring.index)
    return [(one.kind, one.lesson_id) for one in faults if "indexed" in one.kind]


def test_a_page_of_courses_costs_few_queries(
    wiring: Wiring,
    session: Session,
    clock: StoppedClock,
    index: SearchIndex,
    drain: Callable[[], int],
    teacher: Person,
) -> None:
    lesson = a_lesson(session, teacher, visibility=Visibility.PUBLIC, published=True)
    for _ in range(PAGE_SIZE):
        made = a_course(session, teacher, lesson)
        with session.begin():
            note_course_change(session, clock, made)
    drain()
    session.expunge_all()
    statements: list[str] = []
    event.listen(
        wiring.engine, "before_cursor_execute", lambda _c, _x, text, *_: statements.append(text)
    )

    found = find_lessons(session, index, Question(text="คณิตศาสตร์"))
    assert all(one.course.owner.display_name for one in found.courses)

    assert len(found.courses) == PAGE_SIZE
    assert len(statements) <= 6
