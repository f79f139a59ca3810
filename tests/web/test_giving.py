"""Giving and following through pages: given, followed in a table, told, and handed in."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.assignments import Assignment, HandIn
from server.models.base import uuid7
from server.models.classrooms import Classroom
from server.models.content import FileItem, HandInItem
from server.models.lessons import Lesson, Visibility
from server.models.library import AssetKind, AssetState, Original, Upload
from server.models.people import Person, RoleName, School
from server.services.enrolments import list_pupils
from server.wiring import Wiring
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import CLASS_NAMES, StoppedClock, a_lesson, a_person, a_version, an_original
from tests.uploader import SMALL, TUS, Uploader, encoded

Browse = Callable[[Person], Visitor]
ITEM_ID = uuid7()


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    made = a_lesson(session, teacher, published=True)
    a_version(
        session,
        made,
        FileItem(id=made.id, is_required=True),
        HandInItem(id=ITEM_ID, title="ใบงานที่ 1", markdown="เขียน **สามบรรทัด**"),
    )
    return made


def give(visitor: Visitor, lesson: Lesson, room: Classroom, **fields: Any) -> str:
    answer = visitor.send_form(f"/lessons/{lesson.id}/give", room=str(room.id), **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def given(session: Session) -> Assignment:
    session.commit()
    return session.scalars(select(Assignment)).one()


def test_a_lesson_is_given_in_three_presses_and_its_link_is_there_to_post(
    at_school: Visitor, lesson: Lesson, room: Classroom, session: Session
) -> None:
    page = at_school.get(f"/lessons/{lesson.id}")  # 1: give to pupils
    assert f"/lessons/{lesson.id}/give" in page.text
    asked = at_school.get(f"/lessons/{lesson.id}/give")  # 2: a day; the one classroom is ticked
    assert 'value="10/11/2569"' not in asked.text
    assert 'value="9/11/2569"' in asked.text
    assert re.search(rf'name="room"\s+value="{room.id}"\s+checked', asked.text)

    shown = at_school.get(give(at_school, lesson, room, due="9/11/2569"))  # 3: give it

    assert f"ส่งภายใน 9 พ.ย. 2569\nhttp://localhost/lessons/{lesson.id}" in shown.text
    assert given(session).is_for_all


def test_a_file_that_was_just_sent_is_given_as_soon_as_there_is_something_to_watch(
    at_school: Visitor, teacher: Person, room: Classroom, session: Session
) -> None:
    file = an_original(session, teacher)
    made = at_school.send_form(f"/studio/originals/{file.id}/lesson", title="ส้ม", action="give")
    page = made.headers["Location"]

    early = at_school.send_form(page, room=str(room.id), note="ดูให้จบ")

    assert early.status_code == 409
    assert "ยังไม่มีส่วนที่ดูได้" in early.text
    assert "ดูให้จบ" in early.text
    assert session.scalars(select(Assignment)).all() == []


def test_days_are_typed_in_either_era_and_a_slip_is_shown_beside_the_field(
    at_school: Visitor, lesson: Lesson, room: Classroom, session: Session
) -> None:
    form = f"/lessons/{lesson.id}/give"
    for typed in ("31/2/2569", "1/11/2569", "21/12/2659"):
        fields = {"room": str(room.id), "due": "other", "due_on": typed, "note": "อ่านก่อน"}
        refused = at_school.send_form(form, **fields)
        assert refused.status_code == 422
        assert typed in refused.text
        assert "อ่านก่อน" in refused.text
    assert at_school.send_form(form, due="").status_code == 422  # no classroom
    assert session.scalar(select(Assignment)) is None

    give(at_school, lesson, room, due="other", due_on="๒๑ ธ.ค. ๖๙")

    assert "ส่งภายใน 21 ธ.ค. 2569" in at_school.get(f"/lessons/{lesson.id}/given").text
    changed = f"/assignments/{given(session).id}"
    at_school.send_form(changed, due_on="22/12/2026", note="", lesson_id=str(lesson.id))
    assert "ส่งภายใน 22 ธ.ค. 2569" in at_school.get(f"/lessons/{lesson.id}/given").text
    wrong = at_school.send_form(changed, due_on="32/12/2026", lesson_id=str(lesson.id))
    assert wrong.status_code == 422
    assert "32/12/2026" in wrong.text


def test_a_pupil_finds_it_on_the_start_page_two_presses_from_the_video(
    at_school: Visitor, phone: Visitor, lesson: Lesson, room: Classroom, clock: StoppedClock
) -> None:
    give(at_school, lesson, room, due="9/11/2569", note="<b>ดูให้จบ</b>")

    start = phone.get("/home")

    assert f'href="/lessons/{lesson.id}"' in start.text
    assert "ส่งภายใน 9 พ.ย. 2569" in start.text
    assert "&lt;b&gt;ดูให้จบ" in start.text
    assert phone.get(f"/lessons/{lesson.id}").status_code == 200
    clock.forward(days=9)
    assert "ยังไม่ส่ง ทำตอนนี้ได้เลย" in phone.get("/home").text


def test_a_lesson_for_the_class_alone_is_in_no_list_and_no_search(
    at_school: Visitor,
    phone: Visitor,
    app: Flask,
    room: Classroom,
    session: Session,
    teacher: Person,
) -> None:
    secret = a_lesson(session, teacher, visibility=Visibility.ME, title="เฉพาะห้องนี้เท่านั้น")

    give(at_school, secret, room)

    assert "เฉพาะห้องนี้เท่านั้น" in phone.get("/home").text
    for path in ("/", "/search", "/browse", "/api/v1/lessons"):
        assert "เฉพาะห้องนี้เท่านั้น" not in phone.get(path).text
    played = f"/api/v1/lessons/{secret.id}/playback"
    assert phone.send_json(played, {}).status_code < 300
    assert Visitor(app).send_json(played, {}).status_code in {401, 404}
    at_school.send_form(f"/assignments/{given(session).id}/withdraw")
    assert phone.get(f"/lessons/{secret.id}").status_code == 404
    assert phone.send_json(played, {}).status_code == 404


def test_the_page_says_who_will_see_what_is_not_published_yet_and_may_keep_it_to_the_pupils(
    at_school: Visitor, room: Classroom, session: Session, teacher: Person
) -> None:
    wishes = (Visibility.SCHOOL, Visibility.SCHOOL, Visibility.LINK)
    for_school, for_these, by_link = (
        a_lesson(session, teacher, visibility=wish) for wish in wishes
    )
    said = "บทเรียนนี้ยังไม่ได้เผยแพร่"
    asked = at_school.get(f"/lessons/{for_school.id}/give").text
    assert said in asked
    assert "ทั้งโรงเรียน" in asked

    give(at_school, for_school, room)
    give(at_school, by_link, room)
    wrong = at_school.send_form(f"/lessons/{for_these.id}/give", audience="only_given")
    give(at_school, for_these, room, audience="only_given")

    assert wrong.status_code == 422  # no classroom; what was chosen stays so
    assert re.search(r'value="only_given"\s+checked', wrong.text)
    session.expire_all()
    assert (for_school.visibility, by_link.visibility) == (Visibility.SCHOOL, Visibility.LINK)
    assert for_these.visibility is Visibility.CLASSROOM
    assert all(one.is_published for one in (for_school, by_link, for_these))
    assert said not in at_school.get(f"/lessons/{for_school.id}/give").text


def test_work_goes_to_the_teacher_and_back(
    at_school: Visitor, phone: Visitor, lesson: Lesson, room: Classroom, session: Session
) -> None:
    give(at_school, lesson, room)
    page = f"/lessons/{lesson.id}/items/{ITEM_ID}"
    assert "<strong>สามบรรทัด</strong>" in phone.get(page).text

    phone.send_form(f"{page}/hand-in", text="<script>alert(1)</script>")

    listed = f"/assignments/{given(session).id}/items/{ITEM_ID}/hand-ins"
    seen = at_school.get(listed)
    assert "&lt;script&gt;alert(1)" in seen.text
    assert "รอตรวจ" in seen.text
    work = session.scalars(select(HandIn)).one()
    marked = at_school.send_form(
        f"/hand-ins/{work.id}/mark",
        comment="เขียนดี",
        mark="8,5",
        next=listed,
        read_at=work.handed_in_at.isoformat() if work.handed_in_at else "",
    )
    assert marked.headers["Location"] == listed
    back = phone.get(page).text
    assert "ได้ 8.5 จาก 10 คะแนน" in back
    assert "เขียนดี" in back
    late = phone.send_form(f"{page}/hand-in", text="ขอแก้")
    assert late.status_code == 409
    assert "ขอแก้" in late.text  # what was written is not lost
    assert "85%" in at_school.get(f"/classrooms/{room.id}/grid?assignment={given(session).id}").text


def test_a_session_that_ends_while_somebody_writes_gives_the_text_back(
    app: Flask, at_school: Visitor, lesson: Lesson, room: Classroom
) -> None:
    give(at_school, lesson, room)
    signed_out = Visitor(app)

    answer = signed_out.send_form(
        f"/lessons/{lesson.id}/items/{ITEM_ID}/hand-in", text="เขียนไว้ยาวมาก"
    )
    pasted = signed_out.send_form("/classrooms/new", names=CLASS_NAMES, grades="P4")
    choices = {"question_text": "สีอะไร", "choice": ["แดง", "", "เขียว"]}
    question = signed_out.send_form(
        f"/studio/lessons/{lesson.id}/items/{ITEM_ID}/questions/new?kind=choice", **choices
    )

    assert [each.status_code for each in (answer, pasted, question)] == [401] * 3
    assert "เขียนไว้ยาวมาก" in answer.text
    assert CLASS_NAMES in pasted.text
    assert "สีอะไร" in question.text
    assert "แดง\nเขียว" in question.text


def test_a_pupil_sends_files_for_work_that_was_given_and_for_nothing_else(
    app: Flask,
    wiring: Wiring,
    at_school: Visitor,
    phone: Visitor,
    lesson: Lesson,
    room: Classroom,
) -> None:
    sender = Uploader(phone, AsgiClient(app, wiring, phone))

    def begin(place: str, size: int = len(SMALL)) -> int:
        metadata = f"filename {encoded('งาน.pdf')},hand_in {encoded(place)}"
        headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
        answer = phone.post("/files/", headers={**headers, "X-CSRFToken": phone.csrf})
        sender.url = answer.headers.get("Location", "")  # type: ignore[attr-defined]
        return answer.status_code

    place = f"{lesson.id}/{ITEM_ID}"
    assert sender.create(5).status_code == 403
    assert begin(place) == 403  # not given yet
    give(at_school, lesson, room)
    assert begin(f"{lesson.id}/{uuid7()}") == 404
    assert begin("nonsense") == 404
    assert begin(place, 10_000_001) == 413
    assert begin(place) == 201


def test_a_file_that_was_sent_is_handed_in_heard_there_and_led_to_by_a_short_lived_address(
    app: Flask, wiring: Wiring, session: Session, at_school: Visitor, phone: Visitor, lesson: Lesson
) -> None:
    room = session.scalars(select(Classroom)).one()
    session.commit()
    give(at_school, lesson, room)
    place = encoded(f"{lesson.id}/{ITEM_ID}")
    headers = {
        **TUS,
        "Upload-Length": str(len(SMALL)),
        "Upload-Metadata": f"filename {encoded('งาน.zip')},hand_in {place}",
    }
    begun = phone.post("/files/", headers={**headers, "X-CSRFToken": phone.csrf})
    sender = Uploader(phone, AsgiClient(app, wiring, phone))
    original_id = sender.patch(begun.headers["Location"], 0, SMALL).headers["upload-original"]
    page = f"/lessons/{lesson.id}/items/{ITEM_ID}"

    phone.send_form(f"{page}/hand-in", text="", original=original_id)

    work = session.scalars(select(HandIn)).one()
    assert session.scalars(select(Upload)).one().school_id == room.school_id
    file = f"/hand-ins/{work.id}/files/{original_id}"
    assert "/originals/" in at_school.get(file).headers["Location"]
    assert "งาน.zip" in phone.get(page).text
    assert Visitor(app).get(file).status_code == 303  # to sign in
    asset = session.get_one(Original, UUID(original_id)).asset
    address = at_school.get(file).headers["Location"]
    assert sender.asgi.call("GET", address).headers["content-type"] == "application/octet-stream"
    asset.kind, asset.state = AssetKind.AUDIO, AssetState.READY
    asset.media_info = {"container": "mp3"}
    session.commit()
    listed = f"/assignments/{given(session).id}/items/{ITEM_ID}/hand-ins"
    assert f'<audio src="{file}" controls' in at_school.get(listed).text
    part = sender.asgi.call("GET", address, range="bytes=1-3")
    assert (part.status, part.body) == (206, SMALL[1:4])
    assert part.headers["content-type"] == "audio/mpeg"
    assert part.headers["x-content-type-options"] == "nosniff"
    assert part.headers["content-security-policy"] == "sandbox"
    assert part.headers["content-disposition"].startswith("attachment;")


def test_a_file_of_somebody_else_is_left_out_and_what_was_written_stays_in_the_form(
    session: Session,
    at_school: Visitor,
    phone: Visitor,
    pupil: Person,
    lesson: Lesson,
    room: Classroom,
) -> None:
    give(at_school, lesson, room)
    mine, foreign = an_original(session, pupil), an_original(session, lesson.owner)
    page = f"/lessons/{lesson.id}/items/{ITEM_ID}"

    answer = phone.send_form(
        f"{page}/hand-in", text="เขียนไว้ <ยาว>", original=[str(mine.id), str(foreign.id)]
    )

    assert answer.status_code == 422
    assert "ไม่ได้ส่งมาเพื่องานนี้" in answer.text
    assert "เขียนไว้ &lt;ยาว&gt;</textarea>" in answer.text
    assert re.search(rf'value="{mine.id}"\s+checked', answer.text)
    assert str(foreign.id) not in answer.text
    assert session.scalars(select(HandIn)).all() == []
    empty = phone.send_form(f"{page}/hand-in", text=" ")
    assert empty.status_code == 422
    assert "เขียนหรือเลือกไฟล์ก่อน" in empty.text


def test_an_announcement_stands_on_top_until_it_was_shown(
    at_school: Visitor, phone: Visitor, room: Classroom
) -> None:
    told = at_school.send_form(
        f"/classrooms/{room.id}/announcements", announcement="พรุ่งนี้ใส่ชุดพละ <b>"
    )
    shown = at_school.get(told.headers["Location"]).text
    assert "เห็นแล้ว 0 จาก 3 คน" in shown

    shown_once = phone.get("/home")
    first = shown_once.text
    shown_once.close()  # noted when the page is on its way
    second = phone.get("/home").text

    assert "พรุ่งนี้ใส่ชุดพละ &lt;b&gt;" in first
    assert "announced" in first
    assert "announced" not in second
    assert "เห็นแล้ว 1 จาก 3 คน" in at_school.get(told.headers["Location"]).text
    empty = at_school.send_form(f"/classrooms/{room.id}/announcements", announcement="  ")
    assert empty.status_code == 422


def test_a_group_is_made_and_a_lesson_given_to_it_alone(
    at_school: Visitor,
    phone: Visitor,
    session: Session,
    clock: StoppedClock,
    lesson: Lesson,
    room: Classroom,
) -> None:
    others = [row.enrolment.id for row in list_pupils(session, clock, classroom=room)][1:]
    page = f"/classrooms/{room.id}/groups"
    assert at_school.send_form(page, name="ไม่มีใคร").status_code == 422
    at_school.send_form(page, name="กลุ่มอ่าน", pupil=[str(id_) for id_ in others])
    shown = at_school.get(f"/lessons/{lesson.id}/give").text
    group_id = re.findall(r'name="group"\s+value="([0-9a-f-]{36})"', shown)[0]

    give(at_school, lesson, room, group=group_id)

    assert not given(session).is_for_all
    assert f"/lessons/{lesson.id}" not in phone.get("/home").text


@pytest.mark.parametrize("field", ["group", "pupil"])
def test_what_was_meant_for_some_does_not_go_to_all_when_they_are_gone(
    at_school: Visitor, session: Session, lesson: Lesson, room: Classroom, field: str
) -> None:
    page = f"/lessons/{lesson.id}/give"

    answer = at_school.send_form(page, room=str(room.id), **{field: str(uuid4())})

    assert answer.status_code == 422
    assert session.scalars(select(Assignment)).all() == []


def test_a_teacher_without_a_classroom_and_a_pupil_are_led_on_or_away(
    sign_in: Browse, session: Session, school: School, phone: Visitor, lesson: Lesson
) -> None:
    colleague = sign_in(a_person(session, RoleName.TEACHER, school))

    asked = colleague.get(f"/lessons/{lesson.id}/give")

    assert "ยังไม่มีห้องเรียนของครู" in asked.text
    assert phone.get(f"/lessons/{lesson.id}/give").status_code == 403
