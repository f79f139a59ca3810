"""Every page answers, in Thai and in English, to those whom it is for."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName, School
from storage.store import ObjectStore
from tests.browsing import Visitor
from tests.builders import a_lesson, a_share_link, an_asset, an_original

LANGUAGES = ("th", "en")


@pytest.fixture
def lesson(session: Session, teacher: Person, store: ObjectStore) -> Lesson:
    return a_lesson(
        session,
        teacher,
        store=store,
        published=True,
        visibility=Visibility.PUBLIC,
        title="การบวกเลข <สองหลัก>",
        description="บวกเลขอย่างง่าย",
        grades=["P1", "P2", "P3"],
        learning_area="ค",
    )


def in_language(visitor: Visitor, lang: str) -> Visitor:
    visitor.set_cookie("lang", lang)
    return visitor


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/", "/search?q=บวก", "/sign-in", "/search?learning_area=ค&page=x"]
)
def test_guests_see_the_library_in_their_language(
    client: Visitor, lesson: Lesson, path: str, lang: str
) -> None:
    answer = in_language(client, lang).get(path)

    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text
    assert ("คลังบทเรียน" in answer.text) == (lang == "th")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_teachers_see_their_studio(
    sign_in: Callable[[Person], Visitor],
    session: Session,
    teacher: Person,
    lesson: Lesson,
    lang: str,
) -> None:
    visitor = in_language(sign_in(teacher), lang)
    original = an_original(session, teacher)
    spare = an_original(session, teacher, an_asset(session, state="failed", error_code="too_long"))

    for path in (
        "/studio/",
        "/studio/upload",
        "/studio/queue",
        f"/studio/lessons/{lesson.id}",
        f"/studio/originals/{original.id}/lesson",
        f"/studio/originals/{spare.id}/lesson",
        f"/lessons/{lesson.id}",
        "/account",
    ):
        assert visitor.get(path).status_code == 200, path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_office_sees_administration(
    client_as: Callable[[RoleName], Visitor], school: School, lang: str
) -> None:
    visitor = in_language(client_as(RoleName.OFFICE_ADMIN), lang)

    for path in ("/admin/", f"/admin/schools/{school.id}", "/admin/office", "/admin/queue"):
        assert visitor.get(path).status_code == 200, path


@pytest.mark.parametrize("role", [None, *RoleName])
@pytest.mark.parametrize(
    "path",
    [
        "/lessons/{id}",
        "/lessons/{id}/poster",
        "/s/{id}",
        "/s/{id}/poster",
        "/embed/{id}",
        "/studio/lessons/{id}",
        "/studio/originals/{id}/lesson",
        "/admin/schools/{id}",
        "/invitations/{id}",
        "/lessons/not-an-id",
        "/nothing/here",
    ],
)
def test_unknown_ids_are_a_clear_page_never_a_fault(
    client: Visitor,
    client_as: Callable[[RoleName], Visitor],
    role: RoleName | None,
    path: str,
) -> None:
    visitor = client_as(role) if role else client

    answer = visitor.get(path.format(id=uuid4()))

    assert answer.status_code in {303, 403, 404, 410}


def test_the_first_page_of_a_fresh_server_is_the_first_run_in_thai(bare_app: Flask) -> None:
    visitor = bare_app.test_client()

    assert visitor.get("/").headers["Location"] == "/first-run"
    page = visitor.get("/first-run")

    assert page.status_code == 200
    assert "ชื่อสำนักงานเขตพื้นที่การศึกษา" in page.text


def test_a_shared_page_is_not_for_search_engines(
    client: Visitor, session: Session, teacher: Person, store: ObjectStore
) -> None:
    lesson = a_lesson(session, teacher, store=store, published=True, visibility=Visibility.LINK)
    link = a_share_link(session, lesson)

    page = client.get(f"/s/{link.token}")

    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.text
    assert client.get(f"/lessons/{lesson.id}").status_code == 303
