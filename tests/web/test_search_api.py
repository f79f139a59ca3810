"""Searching for programs: what the pages can, in JSON."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from server.models.lessons import Lesson, Visibility
from server.models.people import Person
from server.settings import Settings
from tests.browsing import Visitor
from tests.builders import a_person, a_school

CAPTIONS = "WEBVTT\n\n00:00:07.250 --> 00:00:11.000\nดาวพฤหัสบดีใหญ่ที่สุด\n"
Publish = Callable[..., Lesson]


def test_a_program_reads_facets_marks_and_the_address_of_the_place(
    client: Visitor, publish: Publish
) -> None:
    lesson = publish("ระบบสุริยะ", captions=CAPTIONS, learning_area="ว", grades=["M3"])

    answer = client.get("/api/v1/lessons?q=ดาวพฤหัสบดี&grade=M3&captions=yes").json

    assert answer is not None
    assert (answer["total"], answer["page_count"]) == (1, 1)
    assert answer["facets"]["learning_area"] == {"ว": 1}
    passage = answer["lessons"][0]["passages"][0]
    start, end = passage["marks"][0]
    assert passage["text"][start:end] == "ดาวพฤหัสบดี"
    assert passage["url"].endswith(f"/lessons/{lesson.id}?t=7.25")


def test_a_program_lists_sorts_and_narrows_without_words(client: Visitor, publish: Publish) -> None:
    publish("เก่า", view_count=5, indicators=["ค 1.1 ป.4/3"])
    publish("ใหม่", view_count=1)

    by_views = client.get("/api/v1/lessons?sort=views").json
    narrowed = client.get("/api/v1/lessons?strand=ค 1").json

    assert by_views is not None
    assert narrowed is not None
    assert [one["title"] for one in by_views["lessons"]] == ["เก่า", "ใหม่"]
    assert [one["indicators"] for one in narrowed["lessons"]] == [["ค 1.1 ป.4/3"]]


def test_suggestions_are_lessons_and_words_of_what_one_may_see(
    client: Visitor,
    sign_in: Callable[[Person], Visitor],
    session: Session,
    teacher: Person,
    publish: Publish,
) -> None:
    lesson = publish("เศษส่วนรอบตัวเรา")
    publish("เศษส่วนลับเฉพาะ", visibility=Visibility.SCHOOL)
    stranger = sign_in(a_person(session, "teacher", a_school(session)))
    address = "/api/v1/suggestions?q=เศษส"

    answer = client.get(address)
    texts = [one["text"] for one in answer.json["suggestions"]] if answer.json else []

    assert "เศษส่วนรอบตัวเรา" in texts
    assert str(lesson.id) in str(answer.json)
    assert "ลับ" not in str(answer.json)
    assert "ลับ" not in str(stranger.get(address).json)
    assert "ลับ" in str(sign_in(teacher).get(address).json)
    assert answer.headers["Cache-Control"].startswith("private")


def test_misspelt_beginnings_and_the_other_keyboard_are_put_right(
    client: Visitor, publish: Publish
) -> None:
    publish("เศษส่วนรอบตัวเรา")

    for typed in ("เสดส่วน", "gLKl"):
        answer = client.get(f"/api/v1/suggestions?q={typed}").json

        assert answer is not None
        assert "เศษส่วนรอบตัวเรา" in [one["text"] for one in answer["suggestions"]], typed


def test_nobody_is_corrected_to_words_of_what_they_may_not_see(
    client: Visitor, sign_in: Callable[[Person], Visitor], teacher: Person, publish: Publish
) -> None:
    publish("เศษส่วนรอบตัวเรา")
    publish("กระซู่ในป่าแก่งกระจาน", visibility=Visibility.SCHOOL)

    for address in ("/api/v1/lessons?q=กระสู่", "/api/v1/suggestions?q=กระสู่"):
        assert "กระซู่" not in str(client.get(address).json)
    assert "กระซู่" in str(sign_in(teacher).get("/api/v1/lessons?q=กระสู่").json)


@pytest.mark.parametrize(
    "query", ["kind=x", "licence=x", "length=x", "captions=x", "sort=up", "page=0", "school=x"]
)
def test_values_that_are_none_are_named(client: Visitor, query: str) -> None:
    answer = client.get(f"/api/v1/lessons?{query}")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["field"] == query.partition("=")[0]


def test_an_unreadable_index_is_said_and_lists_go_on(
    client: Visitor, publish: Publish, settings: Settings
) -> None:
    publish("เศษส่วน")
    folder = settings.data_path / "search"
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.write_bytes(b"damaged")

    searched = client.get("/api/v1/lessons?q=เศษส่วน")
    page = client.get("/search?q=เศษส่วน")

    assert searched.status_code == 503
    assert searched.json is not None
    assert searched.json["type"] == "/problems/search_unavailable"
    assert "ค้นหาไม่ได้" in page.text or page.status_code == 200
    assert client.get("/api/v1/lessons").status_code == 200


def test_the_description_names_searching_and_suggestions(client: Visitor) -> None:
    paths = client.get("/api/v1/openapi.json").json["paths"]  # type: ignore[index]

    asked = {one["name"] for one in paths["/api/v1/lessons"]["get"]["parameters"]}
    assert {"q", "strand", "indicator", "captions", "length", "sort", "page"} <= asked
    assert "/api/v1/suggestions" in paths
