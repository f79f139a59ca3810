"""The class grid and its exports through pages, and what they cost."""

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.assignments import Assignment
from server.models.base import uuid7
from server.models.classrooms import Classroom
from server.models.content import FileItem, QuizItem, TextItem
from server.models.lessons import Lesson
from server.models.people import Person
from server.services.announcements import announce
from server.services.assignments import Recipients, Task, give_lesson
from server.services.class_grid import LESSONS_AT_ONCE
from server.services.enrolments import add_names, list_pupils
from server.services.item_progress import ItemNote, note_item
from server.services.lessons import delete_lesson
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import StoppedClock, a_lesson, a_progress, a_version
from tests.web.test_giving import give, given
from tests.web.test_pages_cost import counted


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    return a_lesson(session, teacher, published=True)


def exported(visitor: Visitor, room: Classroom, form: str) -> bytes:
    answer = visitor.get(f"/classrooms/{room.id}/grid.{form}")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    return bytes(answer.data)


def test_exports_are_in_thai_order_with_thai_dates_and_without_formulas(
    at_school: Visitor, session: Session, clock: StoppedClock, lesson: Lesson, room: Classroom
) -> None:
    lesson.title = '=HYPERLINK("http://evil.example","กด")'
    session.commit()
    give(at_school, lesson, room, due="9/11/2569")
    names = "เอกชัย ใจกล้า\nแก้ว กล้าหาญ\nกนก วงศ์ดี"
    teacher = room.teachers[0].person
    add_names(session, clock, classroom_id=room.id, text=names, by=teacher)
    rows = list_pupils(session, clock, classroom=room)
    rows[0].enrolment.person.title = ""
    rows[0].enrolment.person.display_name = "=cmd|' /C calc'!A0"
    session.commit()

    content = exported(at_school, room, "csv")

    assert content.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert table[0][3] == '\'=HYPERLINK("http://evil.example","กด") (ภายใน 9 พ.ย. 2569)'
    assert table[1][1] == "'=cmd|' /C calc'!A0"
    assert [row[1] for row in table[4:]] == ["กนก วงศ์ดี", "แก้ว กล้าหาญ", "เอกชัย ใจกล้า"]
    with zipfile.ZipFile(io.BytesIO(exported(at_school, room, "xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
        relations = [name for name in book.namelist() if "sheet1.xml.rels" in name]
    assert "<f>" not in sheet
    assert relations == []  # no links either
    assert "=cmd|" in texts
    assert at_school.get(f"/classrooms/{room.id}/grid.pdf").status_code == 404


@pytest.mark.parametrize("name", ["ป.4\x07/1\uffff", "History", "'\u202e'"])
def test_odd_signs_in_names_break_no_file(
    at_school: Visitor, session: Session, lesson: Lesson, room: Classroom, name: str
) -> None:
    lesson.title, room.name = f"แสง {name}", name
    session.commit()
    give(at_school, lesson, room)

    with zipfile.ZipFile(io.BytesIO(exported(at_school, room, "xlsx"))) as book:
        texts = [book.read(each) for each in book.namelist() if each.endswith(".xml")]

    for text in texts:
        ElementTree.fromstring(text)  # noqa: S314 (made here)
    assert not any(b'name="History"' in text for text in texts)


def test_many_lessons_stand_on_pages_and_in_one_file(
    at_school: Visitor, session: Session, clock: StoppedClock, room: Classroom
) -> None:
    teacher = room.teachers[0].person
    for number in range(LESSONS_AT_ONCE + 1):
        lesson = a_lesson(session, teacher, published=True, title=f"บทที่ {number}")
        to = [Recipients(classroom_id=room.id)]
        give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)

    newest = at_school.get(f"/classrooms/{room.id}/grid").text
    earlier = at_school.get(f"/classrooms/{room.id}/grid?page=1").text

    assert newest.count('<th scope="col">') == LESSONS_AT_ONCE
    assert earlier.count('<th scope="col">') == 1
    assert "page=1" in newest
    assert at_school.get(f"/classrooms/{room.id}/grid?page=9999999").status_code == 200
    table = exported(at_school, room, "csv").decode("utf-8-sig").splitlines()
    assert table[0].count("บทที่ ") == LESSONS_AT_ONCE + 1


def test_the_grid_goes_on_when_a_lesson_is_gone(
    at_school: Visitor, phone: Visitor, session: Session, clock: StoppedClock, lesson: Lesson
) -> None:
    room = session.scalars(select(Classroom)).one()
    give(at_school, lesson, room)
    delete_lesson(session, clock, lesson_id=lesson.id, by=lesson.owner)

    grid = at_school.get(f"/classrooms/{room.id}/grid").text

    assert "ไม่แสดงแล้ว" in grid
    assert "มะลิ ณ อยุธยา" in grid
    one = f"/classrooms/{room.id}/grid?assignment={given(session).id}"
    assert at_school.get(one).status_code == 200
    assert str(lesson.id) not in phone.get("/home").text
    assert at_school.get(f"/classrooms/{room.id}/grid?assignment={uuid7()}").status_code == 404


def enlarge(session: Session, clock: StoppedClock, room: Classroom, *, pupils: int) -> None:
    """Add so many pupils, and a lesson and an announcement for every two."""
    teacher, lessons = room.teachers[0].person, pupils // 2 + 1
    letters = "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"
    names = "\n".join(f"ด.ช. นักเรียน {letters[n]}ามคำ{letters[-n]}" for n in range(pupils))
    add_names(session, clock, classroom_id=room.id, text=names, by=teacher)
    people = [row.enrolment.person for row in list_pupils(session, clock, classroom=room)]
    for number in range(lessons):
        lesson = a_lesson(session, teacher, published=True, title=f"บทที่ {number}")
        text = TextItem(id=uuid7(), title="อ่าน", markdown="ก")
        a_version(session, lesson, FileItem(id=lesson.id), text, QuizItem(id=uuid7()))
        to = [Recipients(classroom_id=room.id)]
        give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)
        announce(session, clock, classroom_id=room.id, text=f"ประกาศ {number}", by=teacher)
        a_progress(session, people[number % len(people)], lesson, [0, 12])
        with session.begin():
            for person in people:
                note = ItemNote(person_id=person.id, lesson_id=lesson.id, item_id=text.id)
                note_item(session, clock, note)


def test_grid_start_page_and_announcements_ask_as_much_for_many_as_for_few(
    at_school: Visitor,
    phone: Visitor,
    session: Session,
    clock: StoppedClock,
    wiring: Wiring,
) -> None:
    room = session.scalars(select(Classroom)).one()
    enlarge(session, clock, room, pupils=2)
    one = session.scalars(select(Assignment.id)).first()
    pages = [
        (at_school, f"/classrooms/{room.id}/grid"),
        (at_school, f"/classrooms/{room.id}/grid?assignment={one}"),
        (at_school, f"/classrooms/{room.id}/grid.xlsx"),
        (at_school, f"/classrooms/{room.id}/announcements"),
        (at_school, f"/classrooms/{room.id}"),
        (phone, "/home"),
    ]

    def questions() -> list[int]:
        counts = []
        for visitor, path in pages:
            visitor.get(path)
            with counted(wiring.engine) as asked:
                assert visitor.get(path).status_code == 200
            counts.append(len(asked))
        return counts

    few = questions()
    enlarge(session, clock, room, pupils=20)

    assert questions() == few
    assert max(few) <= 25
