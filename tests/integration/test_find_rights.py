"""For each role: what can be found, counted, suggested and offered is what the policy allows."""

import random
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from search.index import SearchIndex
from server.errors import NotFound
from server.jobs.index_changes import reindex
from server.models.courses import Course
from server.models.lessons import WIDTHS, Lesson, Visibility
from server.models.people import Person, RoleName
from server.policy import audience_of, audience_of_course, audiences_of
from server.services.courses import get_course_for
from server.services.find import PAGE_SIZE, Found, FoundCourse, Question, find_lessons, suggest
from server.wiring import Wiring
from tests.builders import NOON, a_course, a_lesson, a_person, a_school, at_noon

# One word a lesson that stands in no other, so that every trace of it tells which it is.
NAMES = """
กระต่าย กระรอก กิ้งก่า จระเข้ จิ้งหรีด ชะมด ตะพาบ ตั๊กแตน นกยูง นกฮูก
ปลากระเบน ปลาหมึก ผีเสื้อ พะยูน แมงกะพรุน แมงมุม ม้าลาย ยีราฟ โลมา ลิงลม
วาฬ สิงโต เสือดาว หมาป่า หอยทาก อูฐ ฮิปโปโปเตมัส ช้างป่า ควายป่า ไดโนเสาร์
"""
WORDS = NAMES.split()
COURSE_NAMES = """
แพนด้า นกกระเรียน ปูเสฉวน กวางดาว หมีขอ นกเงือก แมวดาว ตะกวด อีเห็น หอยเม่น ม้าน้ำ ค่างแว่น
"""
COURSE_WORDS = COURSE_NAMES.split()


@pytest.fixture
def people(session: Session) -> dict[str, Person | None]:
    schools = [a_school(session, f"โรงเรียนที่ {number}") for number in range(2)]
    return {
        "guest": None,
        "office": a_person(session, RoleName.OFFICE_ADMIN),
        "stranger": a_person(session, RoleName.STUDENT),
        **{
            f"{role.value} {number}": a_person(session, role, school)
            for number, school in enumerate(schools)
            for role in (RoleName.SCHOOL_ADMIN, RoleName.TEACHER, RoleName.STUDENT)
        },
    }


@pytest.fixture
def lessons(session: Session, people: dict[str, Person | None]) -> dict[str, Lesson]:
    """Lessons of all owners, visibilities and ceilings, some drafts, some deleted."""
    chance, consents = random.Random(2569), random.Random(2570)  # noqa: S311 (no secrets)
    teachers = [person for name, person in people.items() if name.startswith("teacher")]
    made = {}
    for word in WORDS:
        lesson = a_lesson(
            session,
            chance.choice(teachers),
            title=f"เรื่องของ{word}",
            visibility=chance.choice(list(Visibility)),
            published=chance.random() < 0.9,
        )
        with session.begin():
            lesson.description = "สัตว์น่ารู้"
            lesson.ceiling = consents.choice([*WIDTHS, Visibility.PUBLIC, Visibility.PUBLIC])
            lesson.deleted_at = NOON if chance.random() < 0.1 else None
        made[word] = lesson
    return made


@pytest.fixture
def courses(
    wiring: Wiring,
    session: Session,
    people: dict[str, Person | None],
    lessons: dict[str, Lesson],
) -> Iterator[dict[str, Course]]:
    """Courses with lessons of all kinds; all is indexed."""
    chance = random.Random(2571)  # noqa: S311 (no secret)
    teachers = [person for name, person in people.items() if person and name[:7] == "teacher"]
    made = {}
    for number, word in enumerate(COURSE_WORDS):
        held = chance.sample(list(lessons.values()), number % 4)
        made[word] = a_course(session, chance.choice(teachers), *held)
        with session.begin():
            made[word].title, made[word].description = f"เรื่องของ{word}", "สัตว์น่ารู้"
            made[word].deleted_at = NOON if chance.random() < 0.1 else None
    reindex(wiring.sessions, wiring.index, wiring.clock)
    yield made
    wiring.index.close()


def found_words(
    session: Session, index: SearchIndex, text: str, viewer: Person | None
) -> list[str]:
    pages = (
        find_lessons(session, index, Question(text=text, page=page), viewer=viewer)
        for page in (1, 2)
    )
    return sorted(title.removeprefix("เรื่องของ") for page in pages for title in titles(page))


def titles(found: Found) -> list[str]:
    return [
        row.course.title if isinstance(row, FoundCourse) else row.lesson.title
        for row in found.shown
    ]


def ids_in(course: Course) -> set[UUID]:
    return {row.lesson_id for unit in course.units for row in unit.lessons}


def tokens_of(courses: dict[str, Course], lessons: dict[str, Lesson]) -> dict[str, str | None]:
    return {
        word: audience_of_course(
            course, [one for one in lessons.values() if one.id in ids_in(course)]
        )
        for word, course in courses.items()
        if course.deleted_at is None
    }


def may_open(session: Session, course: Course, viewer: Person | None) -> bool:
    try:
        get_course_for(session, at_noon, course_id=course.id, by=viewer)
    except NotFound:
        return False
    return True


def test_what_is_found_counted_suggested_and_offered_is_what_the_policy_allows(
    wiring: Wiring,
    session: Session,
    people: dict[str, Person | None],
    lessons: dict[str, Lesson],
    courses: dict[str, Course],
) -> None:
    tokens = tokens_of(courses, lessons)
    assert set(tokens.values()) > {None, "public", "area"}, tokens
    assert len(WORDS) > PAGE_SIZE
    for name, viewer in people.items():
        allowed = {
            word
            for word, lesson in lessons.items()
            if lesson.is_published and audience_of(lesson) in audiences_of(viewer)
        }
        of_courses = {word for word, token in tokens.items() if token in audiences_of(viewer)}
        assert all(may_open(session, courses[word], viewer) for word in of_courses), name
        allowed |= of_courses

        everything = find_lessons(session, wiring.index, Question(text="สัตว์น่ารู้"), viewer=viewer)

        assert found_words(session, wiring.index, "สัตว์น่ารู้", viewer) == sorted(allowed), name
        assert everything.total == len(allowed), name
        assert sum(everything.facets["kind"].values()) == len(allowed), name
        assert sum(everything.facets["school"].values()) == len(allowed), name
        assert everything.facets["kind"].get("course", 0) == len(of_courses), name
        for word in (*WORDS, *COURSE_WORDS):
            offered = suggest(session, wiring.index, word[:-1], viewer=viewer)
            slip = find_lessons(
                session, wiring.index, Question(text=word[:-1] + "ฮ"), viewer=viewer
            )
            traces = [
                *(one.text for one in offered),
                *titles(slip),
                slip.did_you_mean,
            ]
            is_seen = any(word in trace for trace in traces)
            assert word in allowed or not is_seen, (name, word, traces)
            assert bool(offered) >= (word in allowed and len(word) > 4), (name, word)
