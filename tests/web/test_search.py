"""The page of results: facets, chips, passages, ways on; all of it in the address."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName
from server.services.clock import Clock
from server.services.search_log import LEAST_ASKED, note_query, search_log
from server.services.synonyms import add_synonyms
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person, a_school
from tests.web.test_pages_cost import counted

CAPTIONS = """WEBVTT

00:00:01.000 --> 00:00:04.000
สวัสดีครับนักเรียนทุกคน

00:00:07.250 --> 00:00:11.000
ดาวพฤหัสบดีใหญ่ที่สุด
"""
Publish = Callable[..., Lesson]
SignIn = Callable[[Person], Visitor]


def found(visitor: Visitor, address: str) -> str:
    answer = visitor.get(address)
    assert answer.status_code == 200
    return answer.text


def unmarked(visitor: Visitor, address: str) -> str:
    answer = visitor.get(address)
    return re.sub("</?mark>", "", str(answer.json) if answer.is_json else answer.text)


def test_a_hit_in_captions_opens_the_player_at_its_second(
    client: Visitor, publish: Publish
) -> None:
    lesson = publish("ระบบสุริยะ", captions=CAPTIONS)

    page = found(client, "/search?q=ดาวพฤหัสบดี")

    assert f'href="/lessons/{lesson.id}?t=7.25"' in page
    assert "<mark>ดาวพฤหัสบดี</mark>" in page


def test_a_hit_on_a_page_opens_that_page(client: Visitor, publish: Publish) -> None:
    lesson = publish("ใบงาน", pages=("หน้าแรก", "วงแหวนของดาวเสาร์"))

    page = found(client, "/search?q=ดาวเสาร์")

    assert f'href="/lessons/{lesson.id}?page=2#page-2"' in page


def test_words_of_the_query_are_marked_in_titles_and_titles_stay_text(
    client: Visitor, publish: Publish
) -> None:
    publish("การบวก <b>เศษส่วน</b>")

    page = found(client, "/search?q=เศษส่วน")

    assert "<mark>เศษส่วน</mark>" in page
    assert "<b>" not in page


def test_facets_count_and_narrow_and_chips_take_back(client: Visitor, publish: Publish) -> None:
    publish("เศษส่วน ตอนที่ 1", learning_area="ค", grades=["P4"])
    publish("เศษส่วน ตอนที่ 2", learning_area="ค", grades=["P5"])

    wide = found(client, "/search?q=เศษส่วน")
    narrow = found(client, "/search?q=เศษส่วน&grade=P4")

    narrowed = f"/search?q={quote('เศษส่วน')}&amp;grade=P4"
    assert f'href="{narrowed}"' in wide
    assert "ตอนที่ 1" in narrow
    assert "ตอนที่ 2" not in narrow
    assert f'class="chip" href="/search?q={quote("เศษส่วน")}"' in narrow


def test_filters_stay_when_other_words_are_typed(client: Visitor, publish: Publish) -> None:
    publish("เศษส่วน", grades=["P4"])
    publish("เศษส่วนคละ", grades=["P4"])

    page = found(client, "/search?q=เศษส่วน&grade=P4&sort=newest")

    assert '<input type="hidden" name="grade" value="P4">' in page
    assert "ใหม่ที่สุดก่อน" in page


@pytest.mark.parametrize(
    "address",
    [
        "/search?school=x&grade=zz&kind=%00&length=?&captions=maybe&sort=up&page=-3",
        "/search?q=%00&page=99999999999999999999",
        "/search?q=***",
        "/search?strand=ค&indicator=x&licence=y&language=zz",
        "/browse/ค",
    ],
)
def test_addresses_that_mean_nothing_are_answered(
    client: Visitor, publish: Publish, address: str
) -> None:
    publish("เศษส่วน")

    assert client.get(address).status_code == 200


def test_a_very_long_text_is_answered_with_what_was_left_out(
    client: Visitor, publish: Publish
) -> None:
    publish("เศษส่วน")

    page = found(client, "/search?q=เศษส่วน" + "ก" * 10_000)
    api = client.get("/api/v1/lessons?q=" + "ก" * 9_000)
    too_long = client.get("/api/v1/lessons?q=" + "ก" * 10_001)

    assert "200 ตัวอักษรแรก" in page
    assert len(page) < 20_000
    assert api.json is not None
    assert api.json["is_cut"]
    assert too_long.status_code == 422


def test_nothing_found_is_said_with_ways_on(client: Visitor, publish: Publish) -> None:
    publish("เศษส่วน")

    page = found(client, "/search?q=ไดโนเสาร์ กินพืช&grade=P4")

    assert "ไม่พบบทเรียน" in page
    assert f'href="/search?q={quote("ไดโนเสาร์ กินพืช".replace(" ", "+"), safe="+")}"' in page
    assert 'href="/browse"' in page
    assert "<article" not in page


def test_a_misspelt_word_is_put_right_by_a_link(client: Visitor, publish: Publish) -> None:
    publish("วิทยาศาสตร์ เรื่อง วัฏจักรของน้ำ")

    page = found(client, "/search?q=วัดจักรของน้ำ")

    assert "วัฏจักร" in page


def test_the_office_reads_why_a_lesson_stands_where_it_does(
    client: Visitor, client_as: Callable[[RoleName], Visitor], publish: Publish
) -> None:
    publish("เศษส่วน")

    explained = found(client_as(RoleName.OFFICE_ADMIN), "/search?q=เศษส่วน&explain=1")

    assert "“เศษส่วน” ในชื่อบทเรียน" in explained
    assert "explanation" not in found(client, "/search?q=เศษส่วน&explain=1")
    assert "explain" not in found(client_as(RoleName.TEACHER), "/search?q=เศษส่วน")


def test_nobody_counts_or_browses_what_they_may_not_see(
    client: Visitor, sign_in: SignIn, session: Session, teacher: Person, publish: Publish
) -> None:
    hidden = {"visibility": Visibility.SCHOOL, "learning_area": "ว", "grades": ["M3"]}
    publish("ดาวหางลับ", indicators=["ว 3.1 ม.3/1"], **hidden)
    stranger = sign_in(a_person(session, RoleName.TEACHER, a_school(session)))
    addresses = ("/", "/browse", f"/browse/{quote('ว')}", "/search?q=ดาวหาง", "/search")
    api = ("/api/v1/lessons?q=ดาวหาง", "/api/v1/suggestions?q=ดาวห")

    for address in (*addresses, *api):
        for visitor in (client, stranger):
            text = unmarked(visitor, address)
            assert "ดาวหางลับ" not in text
            assert "ม.3" not in text
            assert "'M3'" not in text
            assert "ว 3" not in text
    assert "ดาวหางลับ" in unmarked(sign_in(teacher), "/search?q=ดาวหาง")


def test_browsing_leads_from_area_to_strand_to_indicator(client: Visitor, publish: Publish) -> None:
    publish("เศษส่วน", learning_area="ค", indicators=["ค 1.1 ป.4/3", "ค 1.1 ป.4/10"])
    publish("มุม", learning_area="ค", indicators=["ค 2.2 ป.4/1"])
    publish("อื่น ๆ", learning_area="ค")

    area = found(client, f"/browse/{quote('ค')}")
    strand = found(client, f"/search?learning_area={quote('ค')}&strand={quote('ค 1')}")
    one = found(client, f"/search?indicator={quote('ค 2.2 ป.4/1')}")

    assert area.index("ค 1.1 ป.4/3") < area.index("ค 1.1 ป.4/10") < area.index("ค 2.2 ป.4/1")
    assert "อีก 1 บทเรียน" in area
    assert ("เศษส่วน" in strand, "มุม" in strand) == (True, False)
    assert ("เศษส่วน" in one, "มุม" in one) == (False, True)


def test_without_an_index_lists_stand_and_say_what_they_cannot(
    client: Visitor, wiring: Wiring, publish: Publish
) -> None:
    publish("เศษส่วน", learning_area="ค", grades=["P4"])
    wiring.index.close()
    (wiring.settings.data_path / "search" / "current").write_text("{")

    for address in ("/", "/search"):
        assert "เศษส่วน" in found(client, address)
    assert "กรองผลการค้น" not in found(client, "/search")
    assert "ค้นหาไม่ได้" in found(client, "/search?q=เศษส่วน")
    assert client.get("/browse").status_code == 200


def test_an_unknown_learning_area_is_not_found(client: Visitor) -> None:
    assert client.get("/browse/x").status_code == 404


def test_searches_are_counted_after_the_answer_and_refinements_are_not(
    client: Visitor,
    client_as: Callable[[RoleName], Visitor],
    publish: Publish,
    session: Session,
    clock: Clock,
) -> None:
    publish("เศษส่วน")
    for _time in range(LEAST_ASKED):
        client.get("/search?q=ไดโนเสาร์", buffered=True)
        client.get("/search?q=เศษส่วน", buffered=True)
        client.get("/search?q=เศษส่วน&grade=P4", buffered=True)
    client.get("/search?q=สมชาย ใจดี", buffered=True)

    page = found(client_as(RoleName.OFFICE_ADMIN), "/admin/search/")
    log = search_log(session, clock, days=7, by=a_person(session, RoleName.OFFICE_ADMIN))

    assert [(one.text, one.asked_count) for one in log.missed] == [("ไดโนเสาร์", LEAST_ASKED)]
    assert {one.text: one.asked_count for one in log.popular} == {
        "ไดโนเสาร์": LEAST_ASKED,
        "เศษส่วน": LEAST_ASKED,
    }
    assert "ไดโนเสาร์" in page
    assert "สมชาย" not in page


def test_the_offices_synonyms_find_at_once(
    client_as: Callable[[RoleName], Visitor], publish: Publish, client: Visitor
) -> None:
    publish("กติกาฟุตบอล")
    assert "<article" not in found(client, "/search?q=ลูกหนังกลม")
    office = client_as(RoleName.OFFICE_ADMIN)

    answer = office.send_form("/admin/search/synonyms", words="ลูกหนังกลม, ฟุตบอล")

    assert answer.status_code == 303
    assert "<article" in found(client, "/search?q=ลูกหนังกลม")


def test_a_word_of_two_groups_is_refused_and_what_was_typed_stays(
    client_as: Callable[[RoleName], Visitor], session: Session, clock: Clock
) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)
    add_synonyms(session, clock, words=["ฟุตบอล", "ลูกหนัง"], by=office)
    visitor = client_as(RoleName.OFFICE_ADMIN)

    answer = visitor.send_form("/admin/search/synonyms", words="ฟุตบอล, football")

    assert answer.status_code == 422
    assert "อยู่ในกลุ่มอื่นแล้ว" in answer.text
    assert 'value="ฟุตบอล, football"' in answer.text


def test_indicators_are_taken_in_any_spelling_and_unknown_ones_lose_nothing(
    sign_in: SignIn, session: Session, teacher: Person
) -> None:
    lesson = a_lesson(session, teacher)
    visitor = sign_in(teacher)
    address = f"/studio/lessons/{lesson.id}"

    visitor.send_form(address, title="ก", indicators="ค๑.๑ป๔/๓, 4 และ ว 3.2 ป.5/1")
    refused = visitor.send_form(address, title="ก", indicators="ค 1.1 ป.4/3, เศษส่วน")

    session.expire_all()
    assert lesson.indicators == ["ค 1.1 ป.4/3", "ค 1.1 ป.4/4", "ว 3.2 ป.5/1"]
    assert refused.status_code == 422
    assert "ไม่ใช่รหัสตัวชี้วัด: เศษส่วน" in refused.text
    assert 'value="ค 1.1 ป.4/3, เศษส่วน"' in refused.text


def test_openings_are_counted_but_not_of_editors(
    client: Visitor, sign_in: SignIn, session: Session, teacher: Person, publish: Publish
) -> None:
    lesson = publish("เศษส่วน")

    for visitor in (client, client, sign_in(teacher)):
        visitor.get(f"/lessons/{lesson.id}", buffered=True)

    session.expire_all()
    assert lesson.view_count == 2


def test_the_log_forgets_what_could_name_a_person(session: Session, clock: Clock) -> None:
    for text in ("ก", "1-1037-02071-81-1", "somsri@example.ac.th", "081 234 5678", "x" * 101):
        note_query(session, clock, text=text, is_missed=True)

    log = search_log(session, clock, days=7, by=a_person(session, RoleName.OFFICE_ADMIN))

    assert log.asked_count == 0


def test_a_page_of_results_asks_as_much_for_many_as_for_few(
    client: Visitor, publish: Publish, wiring: Wiring
) -> None:
    address = "/search?q=เศษส่วน&explain=1"
    publish("เศษส่วน ตอนแรก", captions=CAPTIONS, pages=("เศษส่วน",))
    client.get(address)

    with counted(wiring.engine) as for_few:
        client.get(address)
    for number in range(6):
        publish(f"เศษส่วน ตอนที่ {number}", captions=CAPTIONS, pages=("เศษส่วน",))
    with counted(wiring.engine) as for_many:
        client.get(address)

    assert len(for_many) == len(for_few)
    assert len(for_few) <= 12
