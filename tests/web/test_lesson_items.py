"""Lessons of several items, as pupils and teachers see them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import HttpUrl, SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotFound
from server.models.content import AnyItem, Content, FileItem, LinkItem, TextItem
from server.models.lesson_versions import ItemProgress, LessonItemFile, LessonStart, LessonVersion
from server.models.lessons import Lesson
from server.models.library import AssetKind, AssetState
from server.models.people import Person, RoleName
from server.services.lesson_drafts import change_draft, change_plan, read_draft
from server.services.lesson_version_changes import give_to_pupils
from server.services.original_links import open_original
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_ready_asset,
    an_asset,
    an_original,
)
from tests.web.test_pages_cost import counted

Browser = Callable[[Person], Visitor]


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    return a_lesson(session, teacher, published=True)


def a_text(markdown: str = "อ่าน **หน้า 4**", **facts: object) -> TextItem:
    return TextItem(id=uuid4(), markdown=markdown, **facts)


def give(session: Session, clock: StoppedClock, lesson: Lesson, *items: AnyItem) -> None:
    draft = read_draft(session, lesson_id=lesson.id, by=lesson.owner)
    change_draft(
        session,
        clock,
        lesson_id=lesson.id,
        revision=draft.revision,
        change=lambda _: Content(items=items),
        by=lesson.owner,
    )
    give_to_pupils(session, clock, lesson_id=lesson.id, by=lesson.owner)


def page(browser: Visitor, url: str) -> str:
    """Read a page to its end: what is written after the answer is written then."""
    answer = browser.get(url, buffered=True)
    assert answer.status_code == 200
    return answer.text


def address(lesson: Lesson, item_id: UUID) -> str:
    return f"/lessons/{lesson.id}/items/{item_id}"


def test_a_pupil_goes_through_the_items_one_after_the_other(
    session: Session, clock: StoppedClock, lesson: Lesson, pupil: Person, sign_in: Browser
) -> None:
    own, text = FileItem(id=lesson.id), a_text(title="ใบความรู้", is_required=True)
    link = LinkItem(id=uuid4(), url=HttpUrl("https://dltv.example.ac.th/a"), note="ดูเพิ่ม")
    give(session, clock, lesson, own, text, link)
    browser = sign_in(pupil)

    first = page(browser, f"/lessons/{lesson.id}")
    second = page(browser, address(lesson, text.id))
    third = page(browser, address(lesson, link.id))

    assert address(lesson, text.id) in first
    assert "<strong>หน้า 4</strong>" in second
    assert f'href="{address(lesson, link.id)}"' in second
    assert "dltv.example.ac.th" in third
    assert 'rel="noopener noreferrer"' in third
    rows = {row.item_id: row for row in session.scalars(select(ItemProgress))}
    assert rows[text.id].done_at is not None
    assert rows[link.id].done_at is None
    assert browser.send_form(f"{address(lesson, link.id)}/opened").status_code == 204
    session.commit()
    session.expire_all()
    assert session.get_one(ItemProgress, (pupil.id, link.id)).done_at is not None
    session.commit()
    assert "step-done" in browser.get(f"/lessons/{lesson.id}").text


def test_a_pupil_in_progress_keeps_what_they_began(
    session: Session, clock: StoppedClock, lesson: Lesson, pupil: Person, sign_in: Browser
) -> None:
    old, new = a_text("เดิม"), a_text("ใหม่")
    give(session, clock, lesson, old)
    page(sign_in(pupil), f"/lessons/{lesson.id}")
    give(session, clock, lesson, new)
    later = sign_in(a_person(session, RoleName.STUDENT, pupil.roles[0].school))

    assert sign_in(pupil).get(address(lesson, old.id)).status_code == 200
    assert sign_in(pupil).get(address(lesson, new.id)).status_code == 302  # to the lesson
    assert later.get(address(lesson, old.id)).status_code == 404
    assert "ใหม่" in page(later, address(lesson, new.id))
    assert [row.number for row in session.scalars(select(LessonVersion))] == [1, 2]
    assert len(session.scalars(select(LessonStart)).all()) == 2


def test_nobody_but_its_editors_sees_draft_or_plan(
    session: Session, clock: StoppedClock, lesson: Lesson, pupil: Person, sign_in: Browser
) -> None:
    item, later = a_text("ให้ดูแล้ว"), a_text("ร่างใหม่")
    give(session, clock, lesson, item)
    place: dict[str, Any] = {"lesson_id": lesson.id, "by": lesson.owner}
    plan = "แผนลับของครู"
    draft = change_plan(session, clock, **place, revision=1, plan=plan)
    items = Content(items=(item, later))
    change_draft(session, clock, **place, revision=draft.revision, change=lambda _: items)
    browser = sign_in(pupil)

    pages = [
        browser.get(f"/lessons/{lesson.id}").text,
        browser.get(address(lesson, item.id)).text,
        browser.get(f"/api/v1/lessons/{lesson.id}").text,
    ]

    assert not any("แผนลับ" in page or "ร่างใหม่" in page for page in pages)
    assert plan in sign_in(lesson.owner).get(f"/studio/lessons/{lesson.id}/items").text
    assert browser.get(f"{address(lesson, later.id)}?draft=yes").status_code == 404
    assert sign_in(lesson.owner).get(f"{address(lesson, later.id)}?draft=yes").status_code == 200


def test_another_file_plays_by_the_right_to_the_lesson(
    session: Session, clock: StoppedClock, lesson: Lesson, pupil: Person, sign_in: Browser
) -> None:
    other = an_original(session, lesson.owner, a_ready_asset(session))
    item = FileItem(id=uuid4(), original_id=other.id, title="คลิปที่สอง")
    give(session, clock, lesson, FileItem(id=lesson.id), item)
    stranger = a_person(session, RoleName.STUDENT)
    wish = f"/api/v1/lessons/{lesson.id}/files/{other.id}/playback"

    assert wish in page(sign_in(pupil), address(lesson, item.id))
    answer = sign_in(pupil).send_json(wish, {})
    assert answer.status_code == 200
    address_of_bytes = answer.get_json()
    assert str(other.asset_id) in address_of_bytes["base_url"]
    assert address_of_bytes["progress_pass"]
    assert sign_in(stranger).send_json(wish, {}).status_code == 404
    unused = an_original(session, lesson.owner, a_ready_asset(session))
    elsewhere = f"/api/v1/lessons/{lesson.id}/files/{unused.id}/playback"
    assert sign_in(pupil).send_json(elsewhere, {}).status_code == 404
    assert [row.original_id for row in session.scalars(select(LessonItemFile))] == [other.id]


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[ดู](javascript:alert(1))",
        "![](https://elsewhere.example/a.png)",
        "<a href='data:text/html,x'>ดู</a>",
    ],
)
def test_unsafe_markdown_is_harmless(
    session: Session,
    clock: StoppedClock,
    lesson: Lesson,
    pupil: Person,
    sign_in: Browser,
    markdown: str,
) -> None:
    item = a_text(markdown)
    give(session, clock, lesson, item)

    whole = page(sign_in(pupil), address(lesson, item.id))
    shown = whole[whole.index('class="panel prose"') : whole.index("item-ways")]

    assert not any(bad in shown for bad in ("<script", "<img", 'href="javascript', 'href="data'))


def test_unknown_items_are_not_found(lesson: Lesson, pupil: Person, sign_in: Browser) -> None:
    assert sign_in(pupil).get(address(lesson, uuid4())).status_code == 404
    assert sign_in(pupil).get(address(lesson, lesson.id)).status_code == 200


def test_a_lesson_of_many_items_asks_as_much_as_one_of_few(
    session: Session,
    clock: StoppedClock,
    wiring: Wiring,
    lesson: Lesson,
    pupil: Person,
    sign_in: Browser,
) -> None:
    files = [an_original(session, lesson.owner, a_ready_asset(session)) for _ in range(8)]
    items = [FileItem(id=uuid4(), original_id=file.id) for file in files]
    text = a_text()
    lesson.view_count = 11  # the index hears of the openings 10 and 20
    session.commit()
    hers = sign_in(lesson.owner)
    costs = []
    for count in (1, 8):
        give(session, clock, lesson, FileItem(id=lesson.id), text, *items[:count])
        his = sign_in(a_person(session, RoleName.STUDENT, pupil.roles[0].school))
        urls = [f"/lessons/{lesson.id}", address(lesson, text.id), address(lesson, items[0].id)]
        seen = [(his, url) for url in urls] + [(hers, f"/studio/lessons/{lesson.id}/items")]
        for browser, url in seen:
            page(browser, url)
        found = []
        for browser, url in seen:
            with counted(wiring.engine) as statements:
                page(browser, url)
            found.append(len(statements))
        costs.append(found)

    assert costs[1] == costs[0]
    assert max(costs[0]) <= 45


def test_a_worksheet_among_the_items_may_be_kept_unless_its_teacher_says_no(
    session: Session, clock: StoppedClock, lesson: Lesson, pupil: Person, sign_in: Browser
) -> None:
    sheet = an_asset(
        session,
        kind=AssetKind.DOCUMENT,
        state=AssetState.READY,
        media_info={"container": "pdf"},
        ready_at=NOON,
    )
    file = an_original(session, lesson.owner, sheet)
    item = FileItem(id=uuid4(), original_id=file.id, title="ใบงานที่ 1")
    give(session, clock, lesson, item)
    browser = sign_in(pupil)
    url = f"/lessons/{lesson.id}/files/{file.id}"

    assert url in page(browser, address(lesson, item.id))
    place = browser.get(url).headers["Location"]
    keys = {"k1": SecretStr("only-for-tests-k1")}
    assert open_original(session, clock, keys=keys, path=place).key == sheet.original_key
    with pytest.raises(NotFound):
        open_original(session, clock, keys=keys, path=place.replace(str(file.id), str(uuid4())))
    lesson.may_be_kept = False
    session.commit()
    assert browser.get(url).status_code == 403
    assert url not in page(browser, address(lesson, item.id))
