"""How teachers make lessons of items: alone, and two at the same time."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.content import MOST_ITEMS, TextItem
from server.models.lesson_versions import LessonDraft, LessonItemFile
from server.models.lessons import Lesson
from server.models.people import Person, RoleName, School
from server.services.lesson_drafts import read_draft
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person, a_ready_asset, a_version, an_original

Browser = Callable[[Person], Visitor]


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    return a_lesson(session, teacher, published=True)


def items_of(session: Session, lesson: Lesson) -> list[Any]:
    session.commit()
    session.expire_all()
    return list(read_draft(session, lesson_id=lesson.id, by=lesson.owner).content.items)


def mark_in(page: str) -> str:
    found = re.search(r'name="mark" value="(\w*)"', page)
    assert found is not None
    return found[1]


def test_a_teacher_adds_writes_orders_and_removes_items(
    session: Session, lesson: Lesson, sign_in: Browser
) -> None:
    browser = sign_in(lesson.owner)
    home = f"/studio/lessons/{lesson.id}/items"

    added = browser.send_form(home, kind="text")
    text_url = added.headers["Location"]
    form = {"title": "ใบความรู้", "markdown": "# เรื่องที่ 1\r\nอ่าน", "has_conditions": "yes"}
    kept = browser.send_form(
        text_url, is_required="yes", **form, mark=mark_in(browser.get(text_url).text)
    )
    browser.send_form(home, kind="link", url="https://example.ac.th/a")
    browser.send_form(home, kind="quiz")
    browser.send_form(home, kind="hand_in")

    assert kept.status_code == 303
    own, text, *_rest = items_of(session, lesson)
    assert isinstance(text, TextItem)
    assert (text.title, text.markdown, text.is_required) == ("ใบความรู้", "# เรื่องที่ 1\nอ่าน", True)
    browser.send_form(f"{text_url}/move", to="up")
    assert [item.kind for item in items_of(session, lesson)] == [
        "text", "file", "link", "quiz", "hand_in",
    ]  # fmt: skip
    page = browser.get(home).text
    assert page.count("item-row-main") == 5
    mark = mark_in(browser.get(f"{home}/{own.id}").text)
    browser.send_form(f"{home}/{own.id}/remove", mark=mark)
    assert len(items_of(session, lesson)) == 4
    given = browser.send_form(f"{home}/give")
    assert given.status_code == 303
    assert "ยังไม่เห็น" not in browser.get(home).text


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://example.ac.th/a", "data:text/html,x", "ไม่ใช่ลิงก์", "http://"],
)
def test_a_link_that_is_no_web_address_is_refused(
    session: Session, lesson: Lesson, sign_in: Browser, url: str
) -> None:
    answer = sign_in(lesson.owner).send_form(
        f"/studio/lessons/{lesson.id}/items", kind="link", url=url
    )

    assert answer.status_code == 422
    assert len(items_of(session, lesson)) == 1


def test_who_was_slower_sees_both_texts_and_loses_nothing(
    session: Session, lesson: Lesson, school: School, sign_in: Browser
) -> None:
    admin = a_person(session, RoleName.SCHOOL_ADMIN, school, display_name="ครูสมหมาย")
    hers, his = sign_in(lesson.owner), sign_in(admin)
    home = f"/studio/lessons/{lesson.id}/items"
    item = hers.send_form(home, kind="text").headers["Location"]
    seen = mark_in(hers.get(item).text)

    assert his.send_form(item, markdown="ของเขา", mark=seen).status_code == 303
    late = hers.send_form(item, markdown="ของเธอ", mark=seen)

    assert late.status_code == 409
    assert all(words in late.text for words in ("ครูสมหมาย", "ของเขา", "ของเธอ"))
    assert items_of(session, lesson)[1].markdown == "ของเขา"
    again = hers.send_form(item, markdown="ของเขา\n\nของเธอ", mark=mark_in(late.text))
    assert again.status_code == 303
    assert items_of(session, lesson)[1].markdown == "ของเขา\n\nของเธอ"


def test_two_people_work_on_different_items_at_once(
    session: Session, lesson: Lesson, school: School, sign_in: Browser
) -> None:
    admin = a_person(session, RoleName.SCHOOL_ADMIN, school)
    hers, his = sign_in(lesson.owner), sign_in(admin)
    home = f"/studio/lessons/{lesson.id}/items"
    one, two = (hers.send_form(home, kind="text").headers["Location"] for _ in range(2))
    mark_one, mark_two = (mark_in(hers.get(each).text) for each in (one, two))

    assert his.send_form(two, markdown="สอง", mark=mark_two).status_code == 303
    assert hers.send_form(one, markdown="หนึ่ง", mark=mark_one).status_code == 303

    assert [item.markdown for item in items_of(session, lesson)[1:]] == ["หนึ่ง", "สอง"]


def test_an_item_that_was_removed_meanwhile_comes_back_with_what_was_typed(
    session: Session, lesson: Lesson, sign_in: Browser
) -> None:
    browser = sign_in(lesson.owner)
    home = f"/studio/lessons/{lesson.id}/items"
    item = browser.send_form(home, kind="text").headers["Location"]
    seen = mark_in(browser.get(item).text)
    browser.send_form(f"{item}/remove", mark=seen)

    late = browser.send_form(item, kind="text", markdown="ยังอยู่", mark=seen)

    assert late.status_code == 409
    assert "ยังอยู่" in late.text
    browser.send_form(item, kind="text", markdown="ยังอยู่", mark=mark_in(late.text))
    assert items_of(session, lesson)[-1].markdown == "ยังอยู่"


def test_nobody_takes_the_id_of_another_lessons_item(
    session: Session, lesson: Lesson, sign_in: Browser
) -> None:
    browser = sign_in(lesson.owner)
    home = f"/studio/lessons/{lesson.id}/items"
    known = uuid7()

    for markdown in ("หนึ่ง", "สอง"):
        browser.send_form(f"{home}/{known}", kind="text", markdown=markdown)

    _own, text = items_of(session, lesson)
    assert text.id != known
    assert text.markdown == "สอง"


def test_an_item_that_was_given_comes_back_under_its_own_id(
    session: Session, lesson: Lesson, sign_in: Browser
) -> None:
    browser = sign_in(lesson.owner)
    item = TextItem(id=uuid7(), markdown="หนึ่ง")
    a_version(session, lesson, item)
    page = f"/studio/lessons/{lesson.id}/items/{item.id}"
    browser.send_form(f"{page}/remove", mark=mark_in(browser.get(page).text))

    browser.send_form(page, kind="text", markdown="สอง")

    (again,) = items_of(session, lesson)
    assert (again.id, again.markdown) == (item.id, "สอง")


def test_an_item_too_many_is_refused_when_it_comes_back(
    session: Session, lesson: Lesson, sign_in: Browser
) -> None:
    a_version(session, lesson, *(TextItem(id=uuid7()) for _ in range(MOST_ITEMS)))

    answer = sign_in(lesson.owner).send_form(
        f"/studio/lessons/{lesson.id}/items/{uuid7()}", kind="text", markdown="ก"
    )

    assert answer.status_code == 422
    assert len(items_of(session, lesson)) == MOST_ITEMS


def test_two_plans_are_both_shown(
    session: Session, lesson: Lesson, school: School, sign_in: Browser
) -> None:
    admin = a_person(session, RoleName.SCHOOL_ADMIN, school, display_name="ครูสมหมาย")
    hers, his = sign_in(lesson.owner), sign_in(admin)
    plan = f"/studio/lessons/{lesson.id}/plan"
    page = hers.get(f"/studio/lessons/{lesson.id}/items").text
    seen = re.findall(r'name="mark" value="(\w*)"', page)[-1]

    assert his.send_form(plan, plan="แผนของเขา", mark=seen).status_code == 303
    late = hers.send_form(plan, plan="แผนของเธอ", mark=seen)

    assert late.status_code == 409
    assert all(words in late.text for words in ("ครูสมหมาย", "แผนของเขา", "แผนของเธอ"))
    session.commit()
    assert session.get_one(LessonDraft, lesson.id).plan == "แผนของเขา"


def test_a_lesson_without_a_file_is_published_when_it_shows_something(
    session: Session, teacher: Person, sign_in: Browser
) -> None:
    browser = sign_in(teacher)
    home = browser.send_form("/studio/lessons", title="อ่านจับใจความ").headers["Location"]
    lesson = session.scalars(select(Lesson)).one()

    browser.send_form(f"/studio/lessons/{lesson.id}/publish")
    session.commit()
    session.expire_all()
    assert not session.get_one(Lesson, lesson.id).is_published
    item = browser.send_form(home, kind="text").headers["Location"]
    browser.send_form(item, markdown="อ่านเรื่องนี้", mark=mark_in(browser.get(item).text))
    browser.send_form(f"/studio/lessons/{lesson.id}/publish")

    session.commit()
    session.expire_all()
    assert session.get_one(Lesson, lesson.id).is_published
    pupil = a_person(session, RoleName.STUDENT, session.get_one(School, lesson.school_id))
    assert browser.get("/studio/").status_code == 200
    page = sign_in(pupil).get(f"/lessons/{lesson.id}")
    assert "step-link" in page.text


def test_only_own_files_become_items(session: Session, lesson: Lesson, sign_in: Browser) -> None:
    browser = sign_in(lesson.owner)
    home = f"/studio/lessons/{lesson.id}/items"
    mine = an_original(session, lesson.owner, a_ready_asset(session))
    other = a_lesson(session)

    assert mine.file_name in browser.get(f"{home}/file").text
    refused = browser.send_form(home, kind="file", original_id=str(other.original_id))
    added = browser.send_form(home, kind="file", original_id=str(mine.id))

    assert refused.status_code in {404, 422}
    assert added.status_code == 303
    session.commit()
    assert [row.original_id for row in session.scalars(select(LessonItemFile))] == [mine.id]
    assert items_of(session, lesson)[1].title == "การบวกเลข"


def test_pupils_and_strangers_edit_nothing(
    session: Session, lesson: Lesson, school: School, sign_in: Browser
) -> None:
    home = f"/studio/lessons/{lesson.id}/items"
    for person in (a_person(session, RoleName.STUDENT, school), a_person(session)):
        browser = sign_in(person)
        assert browser.get(home).status_code in {403, 404}
        assert browser.send_form(home, kind="text").status_code in {403, 404}
        plan = browser.send_form(f"/studio/lessons/{lesson.id}/plan", plan="x", mark="")
        assert plan.status_code in {403, 404}


def test_a_preview_is_cleaned(teacher: Person, sign_in: Browser) -> None:
    answer = sign_in(teacher).send_form("/studio/markdown", markdown="**ดี** <script>x</script>")

    assert "<strong>ดี</strong>" in answer.text
    assert "<script" not in answer.text
