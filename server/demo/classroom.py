"""Makes the demo's classroom and what it is given, as people do. Again adds nothing."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.demo.install import PERSONS, DemoSite
from server.models.base import uuid7
from server.models.classrooms import Classroom
from server.models.content import (
    Choice,
    ChoiceQuestion,
    Content,
    NumberQuestion,
    QuizItem,
    TextItem,
    TrueFalseQuestion,
)
from server.models.people import Person
from server.policy import school_acted_for
from server.services.assignments import Recipients, Task, give_lesson
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.clock import Clock
from server.services.enrolments import add_names, enrol_person
from server.services.lesson_drafts import change_draft, read_draft
from server.services.lessons import create_lesson
from server.services.terms import day_in_bangkok

TEACHER, STUDENT = PERSONS[0][0], PERSONS[2][0]
NAME = "ป.4/1"
NAMES = """1 1001 ด.ช. กล้าหาญ ใจดี
2 1002 ด.ญ. มะลิ ณ อยุธยา
3 1003 ด.ช. เกาะแก้ว วงศ์ใหญ่
4 1004 ด.ญ. ไพลิน ทองดี"""
TITLE = "ทบทวนเศษส่วน"
TEXT = """## ก่อนทำแบบทดสอบ

เศษส่วนบอกว่า **แบ่งเป็นกี่ส่วน** และ **นับกี่ส่วน**

- ตัวล่างคือจำนวนส่วนทั้งหมด
- ตัวบนคือจำนวนส่วนที่นับ"""
IN_DAYS = timedelta(days=7)


def install_classroom(site: DemoSite) -> str | None:
    """Make the classroom with a lesson of steps that it is given; return its name if it is new."""
    with site.sessions() as session:
        with session.begin():
            people = select(Person).where(Person.user_name.in_((TEACHER, STUDENT)))
            found = {person.user_name: person for person in session.scalars(people)}
            is_there = session.scalar(select(Classroom.id).limit(1)) is not None
        teacher, student = found.get(TEACHER), found.get(STUDENT)
        school_id = school_acted_for(teacher)
        if is_there or teacher is None or student is None or school_id is None:
            return None
        facts = ClassroomFacts(name=NAME, grades=["P4"])
        room = create_classroom(session, site.now, school_id=school_id, facts=facts, by=teacher)
        add_names(session, site.now, classroom_id=room.id, text=NAMES, by=teacher)
        with session.begin():
            enrol_person(session, site.now, room, student)
        _give(session, site.now, room, teacher)
    return NAME


def _give(session: Session, now: Clock, room: Classroom, teacher: Person) -> None:
    lesson = create_lesson(session, now, original_id=None, title=TITLE, by=teacher)
    draft = read_draft(session, lesson_id=lesson.id, by=teacher)
    change_draft(
        session,
        now,
        lesson_id=lesson.id,
        revision=draft.revision,
        change=lambda _: _content(),
        by=teacher,
    )
    task = Task(due_on=day_in_bangkok(now()) + IN_DAYS)
    to = [Recipients(classroom_id=room.id)]
    give_lesson(session, now, lesson_id=lesson.id, to=to, task=task, by=teacher)


def _content() -> Content:
    half, quarter = (Choice(id=uuid7(), text=text) for text in ("ครึ่งชิ้น", "หนึ่งในสี่ของชิ้น"))
    questions = (
        ChoiceQuestion(
            id=uuid7(),
            text="แบ่งขนม 1 ชิ้นให้ 4 คนเท่า ๆ กัน แต่ละคนได้เท่าไร",
            choices=(half, quarter),
            right_ids=frozenset({quarter.id}),
            when_wrong="ลองวาดวงกลมแล้วแบ่งเป็น 4 ส่วน",
        ),
        TrueFalseQuestion(id=uuid7(), text="ตัวส่วนคือตัวเลขข้างล่าง", is_true=True),
        NumberQuestion(id=uuid7(), text="ในเศษส่วน 3/4 นับกี่ส่วน", value=3),
    )
    return Content(
        items=(
            TextItem(id=uuid7(), title="อ่านก่อน", markdown=TEXT),
            QuizItem(id=uuid7(), title="แบบทดสอบเศษส่วน", questions=questions, is_required=True),
        )
    )
