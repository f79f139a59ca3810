"""From a change of a lesson through the outbox and the index to what a person finds."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from search.index import IndexFault, SearchIndex
from server.jobs.index_changes import drain_outbox, reindex
from server.models.jobs import OutboxEntry
from server.models.lessons import Lesson, TextTrack, Visibility
from server.models.library import Page
from server.models.people import Person, RoleName, School
from server.services.find import PAGE_SIZE, Found, Question, find_lessons
from server.services.index_lessons import documents_of, note_change
from server.services.lesson_facets import Filters
from server.settings import Settings
from server.wiring import Wiring, wire
from tests.builders import NOON, StoppedClock, a_course, a_lesson, a_person, a_school
from tests.write_guard import building

CAPTIONS = """WEBVTT

00:00:01.000 --> 00:00:04.000
สวัสดีครับนักเรียนทุกคน

00:01:10.000 --> 00:01:14.000
ดาวพฤหัสบดีใหญ่ที่สุด
"""


@pytest.fixture
def index(wiring: Wiring) -> Iterator[SearchIndex]:
    yield wiring.index
    wiring.index.close()


@pytest.fixture
def indexed(wiring: Wiring, session: Session, clock: StoppedClock) -> Callable[..., None]:
    """Note the change of lessons and have it indexed."""

    def note_and_drain(*lessons: Lesson) -> None:
        with session.begin():
            for lesson in lessons:
                note_change(session, clock, lesson.id)
        drain_outbox(wiring.sessions, wiring.index)

    return note_and_drain


def titles(found: Found) -> list[str]:
    return [row.lesson.title for row in found.lessons]


def outbox(session: Session) -> list[UUID]:
    with session.begin():
        return list(session.scalars(select(OutboxEntry.lesson_id)))


def test_a_published_lesson_is_found_and_its_note_goes(
    session: Session, index: SearchIndex, indexed: Callable[..., None]
) -> None:
    lesson = a_lesson(
        session, title="ทดลองการสังเคราะห์ด้วยแสงของพืช", visibility=Visibility.PUBLIC, published=True
    )

    indexed(lesson)

    assert titles(find_lessons(session, index, Question(text="สังเคราะห์"))) == [lesson.title]
    assert outbox(session) == []


def test_school_teacher_area_grade_and_kind_are_words_too(
    session: Session, index: SearchIndex, indexed: Callable[..., None]
) -> None:
    school = a_school(session, "โรงเรียนบ้านหนองปลาไหล")
    owner = a_person(session, school=school, display_name="ครูมะลิ แก้วใส")
    lesson = a_lesson(
        session,
        owner,
        title="บทที่ 3",
        learning_area="ค",
        grades=["P4"],
        visibility=Visibility.PUBLIC,
        published=True,
    )

    indexed(lesson)

    for text in ("หนองปลาไหล", "ครูมะลิ", "maths", "ป.๔", "ประถม", "คลิป", "คณิต ป4"):
        assert titles(find_lessons(session, index, Question(text=text))) == [lesson.title], text


def test_captions_are_found_at_their_second_and_pages_at_their_number(
    session: Session, index: SearchIndex, indexed: Callable[..., None]
) -> None:
    lesson = a_lesson(session, title="ระบบสุริยะ", visibility=Visibility.PUBLIC, published=True)
    with session.begin():
        lesson.text_tracks = [
            TextTrack(language="th", key="assets/x.vtt", text=CAPTIONS, created_at=NOON)
        ]
        assert lesson.original is not None
        lesson.original.asset.pages = [
            Page(
                number=7,
                image_key="x",
                width_px=1,
                height_px=1,
                size_bytes=1,
                text="ก่อนหน้า " * 100 + "วงแหวนของดาวเสาร์",
            )
        ]

    indexed(lesson)

    [said] = find_lessons(session, index, Question(text="ดาวพฤหัสบดี")).lessons
    assert [(place.at_s, place.page) for place in said.passages] == [(70.0, None)]
    [shown] = find_lessons(session, index, Question(text="ดาวเสาร์")).lessons
    assert [(place.at_s, place.page) for place in shown.passages] == [(None, 7)]
    assert "ดาวเสาร์" in shown.passages[0].snippet
    assert len(shown.passages[0].snippet) < 200


def everyone(session: Session, school: School) -> dict[str, Person | None]:
    owner = a_person(session, RoleName.TEACHER, school, user_name="owner")
    return {
        "owner": owner,
        "pupil": a_person(session, RoleName.STUDENT, school),
        "pupil elsewhere": a_person(session, RoleName.STUDENT),
        "office": a_person(session, RoleName.OFFICE_ADMIN),
        "guest": None,
    }


FINDABLE = {
    "owner": {"me", "classroom", "school", "area", "link", "public"},
    "pupil": {"school", "area", "public"},
    "pupil elsewhere": {"area", "public"},
    "office": {"area", "public"},
    "guest": {"public"},
}


@pytest.mark.parametrize("text", ["แสง", ""], ids=["searching", "browsing"])
@pytest.mark.parametrize("who", FINDABLE)
def test_each_finds_and_counts_what_is_for_them(
    session: Session,
    index: SearchIndex,
    indexed: Callable[..., None],
    school: School,
    who: str,
    text: str,
) -> None:
    people = everyone(session, school)
    lessons = [
        a_lesson(session, people["owner"], title=f"แสง {name}", visibility=name, published=True)
        for name in Visibility
    ]
    a_lesson(session, people["owner"], title="แสง draft")
    indexed(*lessons)

    found = find_lessons(session, index, Question(text=text), viewer=people[who])

    assert {title.removeprefix("แสง ") for title in titles(found)} == FINDABLE[who]
    assert found.total == len(FINDABLE[who])
    assert found.facets["kind"] == {"video": len(FINDABLE[who])}


def test_what_was_hidden_a_moment_ago_is_not_shown_though_the_index_lags(
    session: Session, index: SearchIndex, indexed: Callable[..., None]
) -> None:
    lessons = [
        a_lesson(session, title=f"แสง {n}", visibility=Visibility.PUBLIC, published=True)
        for n in range(3)
    ]
    indexed(*lessons)

    with session.begin():
        lessons[0].deleted_at = NOON
        lessons[1].visibility = Visibility.ME

    assert titles(find_lessons(session, index, Question(text="แสง"))) == ["แสง 2"]


def test_deleted_and_unpublished_lessons_leave_the_index(
    session: Session, index: SearchIndex, indexed: Callable[..., None]
) -> None:
    lessons = [
        a_lesson(session, title=f"แสง {n}", visibility=Visibility.PUBLIC, published=True)
        for n in range(3)
    ]
    indexed(*lessons)

    with session.begin():
        lessons[0].deleted_at = NOON
        lessons[1].published_at = None
    indexed(*lessons)

    assert find_lessons(session, index, Question(text="แสง")).total == 1


def test_a_lesson_that_is_not_published_has_no_documents(session: Session) -> None:
    assert documents_of(a_lesson(session)) == []


def test_browsing_is_newest_first_in_pages(session: Session, index: SearchIndex) -> None:
    owner = a_person(session)
    clock = StoppedClock()
    for number in range(PAGE_SIZE + 2):
        clock.forward(hours=1)
        lesson = a_lesson(session, owner, title=str(number), visibility=Visibility.PUBLIC)
        with session.begin():
            lesson.published_at = clock()

    first = find_lessons(session, index, Question())
    second = find_lessons(session, index, Question(page=2))

    assert titles(first)[0] == str(PAGE_SIZE + 1)
    assert titles(second) == ["1", "0"]
    assert (first.total, first.page_count) == (PAGE_SIZE + 2, 2)


@pytest.mark.parametrize("text", ["แสง", ""], ids=["searching", "browsing"])
def test_filters_narrow_and_facets_count(
    session: Session, index: SearchIndex, indexed: Callable[..., None], text: str
) -> None:
    facts: dict[str, Any] = {"visibility": Visibility.PUBLIC, "published": True}
    lessons = [
        a_lesson(session, title="แสง 1", learning_area="ว", grades=["P4", "P5"], **facts),
        a_lesson(session, title="แสง 2", learning_area="ว", grades=["P5"], **facts),
        a_lesson(session, title="แสง 3", learning_area="ค", grades=["M1"], **facts),
    ]
    indexed(*lessons)

    everything = find_lessons(session, index, Question(text=text))
    of_p5 = find_lessons(
        session, index, Question(text=text, filters=Filters(grade="P5", kind="video"))
    )
    of_maths = find_lessons(session, index, Question(text=text, filters=Filters(learning_area="ค")))
    of_school = Filters(school_id=lessons[0].school_id)

    assert everything.facets["grades"] == {"P4": 1, "P5": 2, "M1": 1}
    assert everything.facets["learning_area"] == {"ว": 2, "ค": 1}
    assert sorted(titles(of_p5)) == ["แสง 1", "แสง 2"]
    assert titles(of_maths) == ["แสง 3"]
    assert titles(find_lessons(session, index, Question(text=text, filters=of_school))) == ["แสง 1"]


@pytest.mark.parametrize("text", ["แสง", ""], ids=["searching", "browsing"])
def test_a_page_costs_few_queries_however_many_lessons_it_shows(
    wiring: Wiring, session: Session, indexed: Callable[..., None], text: str
) -> None:
    lessons = [
        a_lesson(session, title=f"แสง {n}", visibility=Visibility.PUBLIC, published=True)
        for n in range(PAGE_SIZE)
    ]
    indexed(*lessons)
    session.expunge_all()
    statements: list[str] = []
    event.listen(
        wiring.engine, "before_cursor_execute", lambda _c, _x, text, *_: statements.append(text)
    )

    found = find_lessons(session, wiring.index, Question(text=text))
    assert all(row.lesson.school and row.lesson.original for row in found.lessons)
    assert all(row.lesson.owner.display_name for row in found.lessons)

    assert len(found.lessons) == PAGE_SIZE
    assert len(statements) <= 6


def test_a_trimmed_lesson_is_as_long_as_it_is_shown(
    session: Session, index: SearchIndex, indexed: Callable[..., None]
) -> None:
    trimmed = a_lesson(session, title="แสง ตัด", visibility=Visibility.PUBLIC, published=True)
    whole = a_lesson(session, title="แสง ทั้งหมด", visibility=Visibility.PUBLIC, published=True)
    trimmed.kept_ranges = [[60.0, 120.0], [300.0, 360.0]]
    for lesson in (trimmed, whole):
        assert lesson.original
        lesson.original.asset.duration_s = 1_800.0
    session.commit()
    indexed(trimmed, whole)

    for text in ("", "แสง"):
        for length, lesson in (("short", trimmed), ("long", whole)):
            wished = Question(text=text, filters=Filters(length=length))
            assert titles(find_lessons(session, index, wished)) == [lesson.title]
        found = find_lessons(session, index, Question(text=text))
        assert found.facets["length"] == {"short": 1, "long": 1}


def test_browsing_goes_on_when_the_index_cannot_be_read(wiring: Wiring, session: Session) -> None:
    (wiring.settings.data_path / "search").mkdir()
    (wiring.settings.data_path / "search" / "current").write_text("{")

    with pytest.raises(IndexFault):
        find_lessons(session, wiring.index, Question(text="แสง"))
    lesson = a_lesson(session, visibility=Visibility.PUBLIC, published=True)
    found = find_lessons(session, wiring.index, Question())
    assert titles(found) == [lesson.title]
    assert found.facets == {}


def test_browsing_is_the_same_on_postgresql(settings: Settings, postgres_url: str) -> None:
    wiring = wire(settings.model_copy(update={"database_url": postgres_url}))
    with building(wiring.engine) as session:
        pupil = a_person(session, RoleName.STUDENT)
        owner = a_person(session, school=pupil.roles[0].school)
        for title, grades in (("แสง 1", ["P4"]), ("แสง 2", ["P5", "M1"])):
            kept = [[0.0, 2.0]] if "M1" in grades else []
            a_lesson(session, owner, title=title, grades=grades, kept_ranges=kept, published=True)
        reindex(wiring.sessions, wiring.index, wiring.clock)

        for text in ("", "แสง"):
            filters = Filters(grade="P5", kind="video", length="short")
            found = find_lessons(
                session, wiring.index, Question(text=text, filters=filters), viewer=pupil
            )

            assert titles(found) == ["แสง 2"]
            assert found.facets["grades"] == {"P5": 1, "M1": 1}

        course = a_course(session, owner, found.lessons[0].lesson)
        reindex(wiring.sessions, wiring.index, wiring.clock)
        for text in ("", "คณิตศาสตร์"):
            filters = Filters(kind="course", grade="P5")
            found = find_lessons(
                session, wiring.index, Question(text=text, filters=filters), viewer=pupil
            )
            assert [one.course.title for one in found.courses] == [course.title]
    wiring.engine.dispose()
