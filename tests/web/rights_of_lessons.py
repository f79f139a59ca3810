"""The routes of lessons of several items and of courses, and what they are called with."""

from uuid import UUID

from sqlalchemy.orm import Session

from server.models.content import Content, FileItem, TextItem
from server.models.lesson_versions import LessonItemFile, LessonVersion
from server.models.lessons import Lesson
from server.models.people import Person
from server.services.clock import Clock
from server.services.course_units import UnitFacts, add_lessons, add_unit
from server.services.courses import CourseFacts, create_course, get_course_to_edit
from server.services.lesson_items import mark_of, mark_of_plan, new_item_id
from tests.builders import NOON, a_ready_asset, an_original
from tests.web.rights_columns import AUDIENCE, EDITORS, EVERYONE, NOBODY, SIGNED_IN, STAFF, Route

ITEM = "/lessons/{lesson_id}/items/{item_id}"
FILE = "/api/v1/lessons/{lesson_id}/files/{item_file_id}"
COURSE = "/studio/courses/{course_id}"
SCHOOLS_STAFF = "s - - + + - + - + -"

LESSON_ROUTES: tuple[Route, ...] = (
    Route("GET", ITEM, AUDIENCE),
    Route("POST", f"{ITEM}/opened", AUDIENCE),
    Route("GET", "/s/{token}/items/{shared_lesson_id}", EVERYONE),
    Route("GET", "/lessons/{lesson_id}/files/{item_file_id}", AUDIENCE),
    Route("GET", "/s/{token}/files/{original_id}", NOBODY),  # no item of that lesson uses it
    Route("POST", f"{FILE}/playback", "- + - + + - + - + +", json={}),
    Route("PUT", f"{FILE}/attempts/{{attempt_id}}", AUDIENCE, json={"revision": 1}),
    Route("GET", "/studio/lessons/new", STAFF),
    Route("POST", "/studio/lessons", STAFF, {"title": "อ่านจับใจความ"}),
    Route("POST", "/studio/lessons/{lesson_id}/adapt", SCHOOLS_STAFF),
    Route("GET", "/studio/lessons/{lesson_id}/items", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/items", EDITORS, {"kind": "text"}),
    Route("GET", "/studio/lessons/{lesson_id}/items/file", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/items/own-file", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/items/give", EDITORS),
    Route(
        "POST", "/studio/lessons/{lesson_id}/plan", EDITORS, {"plan": "แผน", "mark": "{plan_mark}"}
    ),
    Route("GET", f"/studio{ITEM}", EDITORS),
    Route("POST", f"/studio{ITEM}", EDITORS, {"markdown": "ใหม่", "mark": "{item_mark}"}),
    Route("POST", f"/studio{ITEM}/move", EDITORS, {"to": "up"}),
    Route("POST", f"/studio{ITEM}/remove", EDITORS, {"mark": "{item_mark}"}),
    Route("POST", "/studio/markdown", SIGNED_IN, {"markdown": "ก"}),
    Route("GET", "/courses/{course_id}", AUDIENCE),
    Route("GET", "/studio/courses/", STAFF),
    Route("POST", "/studio/courses/", STAFF, {"title": "คณิต ป.2", "term": "2026-2"}),
    Route("GET", COURSE, EDITORS),
    Route("POST", COURSE, EDITORS, {"title": "คณิต ป.3", "term": "2026-2"}),
    Route("POST", f"{COURSE}/copy", SCHOOLS_STAFF),
    Route("POST", f"{COURSE}/delete", EDITORS),
    Route("POST", f"{COURSE}/restore", EDITORS),
    Route("POST", f"{COURSE}/units", EDITORS, {"title": "หน่วยที่ 2"}),
    Route("POST", f"{COURSE}/units/{{unit_id}}", EDITORS, {"title": "หน่วยแรก"}),
    Route("POST", f"{COURSE}/units/{{unit_id}}/lessons", EDITORS, {"lesson_id": "{lesson_id}"}),
    Route("POST", f"{COURSE}/lessons/{{place_id}}", EDITORS, {"action": "up"}),
)
NEEDS_ITEMS = ("{item_", "{course_id}", "{plan_mark}", "/adapt")


def needs_items(route: Route) -> bool:
    """Tell whether a route is about items or courses."""
    return any(word in f"{route.path} {route.fields}" for word in NEEDS_ITEMS)


def names_of_items(
    session: Session, now: Clock, teacher: Person, *, lesson_id: str
) -> dict[str, str]:
    """Give the lesson a version of three items, and put it into a course of its teacher."""
    lesson = session.get_one(Lesson, UUID(lesson_id))
    file = an_original(session, teacher, a_ready_asset(session))
    text = TextItem(id=new_item_id(), markdown="อ่าน")
    other = FileItem(id=new_item_id(), original_id=file.id)
    content = Content(items=(FileItem(id=lesson.id), text, other)).model_dump(mode="json")
    session.add(LessonVersion(lesson_id=lesson.id, number=1, content=content, created_at=NOON))
    session.add(LessonItemFile(lesson_id=lesson.id, original_id=file.id))
    session.commit()
    facts = CourseFacts(title="คณิต ป.2", description="", academic_year=2026, term_number=2)
    course = create_course(session, now, facts=facts, by=teacher)
    unit = add_unit(session, now, course_id=course.id, facts=UnitFacts(title="การบวก"), by=teacher)
    add_lessons(
        session,
        now,
        course_id=course.id,
        unit_id=unit.id,
        lesson_ids=[lesson.id],
        by=teacher,
    )
    shown = get_course_to_edit(session, now, course_id=course.id, by=teacher)
    return {
        "item_id": str(text.id),
        "item_mark": mark_of(text),
        "item_file_id": str(file.id),
        "plan_mark": mark_of_plan(""),
        "course_id": str(course.id),
        "unit_id": str(unit.id),
        "place_id": str(shown.course.units[0].lessons[0].id),
    }
