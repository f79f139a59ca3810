"""What protects every page, whoever wrote it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from server.app import create_app
from server.models.lessons import Lesson, Visibility
from server.models.people import EmbedSite, Office, Person, RoleName
from server.services.embed import make_ticket
from server.services.setup_code import setup_code_of
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import PASSWORD, StoppedClock, a_lesson, a_person, a_share_link, an_office
from tests.conftest import SECRET_KEY

SignIn = Callable[[Person], Visitor]


@pytest.fixture
def lesson(session: Session) -> Lesson:
    return a_lesson(session, published=True, visibility=Visibility.PUBLIC)


def csp_of(headers: Headers) -> dict[str, str]:
    """Return the policy as a dict of directive to sources."""
    directives = headers["Content-Security-Policy"].split("; ")
    return dict((directive + " ").split(" ", 1) for directive in directives)


def visitor_of(app: Flask) -> Visitor:
    app.testing = True
    return Visitor(app)


def test_pages_refuse_scripts_from_elsewhere_and_inline(client: Visitor) -> None:
    answer = client.get("/")

    csp = csp_of(answer.headers)
    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert csp["script-src"].strip() == "'self' http://localhost"
    assert csp["object-src"].strip() == csp["base-uri"].strip() == "'none'"
    assert csp["frame-ancestors"].strip() == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


def test_no_page_holds_inline_script_or_style(client: Visitor, lesson: Lesson) -> None:
    for path in ("/", "/search", "/sign-in", f"/lessons/{lesson.id}", f"/embed/{lesson.id}"):
        html = client.get(path).get_data(as_text=True)

        assert "<script>" not in html, path
        assert "<style" not in html, path
        assert " style=" not in html, path
        assert " onclick=" not in html, path


def test_a_site_behind_tls_is_pinned_to_it(wiring: Wiring, session: Session) -> None:
    an_office(session)
    secure = wiring.settings.model_copy(update={"public_url": "https://media.example.go.th"})
    app = create_app(
        Wiring(
            settings=secure,
            engine=wiring.engine,
            sessions=wiring.sessions,
            store=wiring.store,
            index=wiring.index,
            tools=wiring.tools,
            clock=wiring.clock,
            room=wiring.room,
        )
    )

    answer = visitor_of(app).get("/sign-in")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(("lang", "words"), [("th", "แบบฟอร์ม"), ("en", "form")])
def test_a_form_without_its_token_ends_in_a_clear_message(
    client: Visitor, lang: str, words: str
) -> None:
    client.set_cookie("lang", lang)

    answer = client.post("/sign-in", data={"user_name": "x", "password": "y"})

    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert f'lang="{lang}"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("headers", "is_shown"),
    [
        ({}, True),  # signed out meanwhile: what was typed is not lost
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "http://["}, False),
    ],
)
def test_another_sites_words_are_not_shown_as_if_they_had_been_typed_here(
    client: Visitor,
    headers: dict[str, str],
    is_shown: bool,  # noqa: FBT001 (a table)
) -> None:
    answer = client.post("/sign-in", data={"title": "โทรหาเราด่วน"}, headers=headers)

    assert answer.status_code == 400
    assert ("โทรหาเราด่วน" in answer.text) is is_shown


def test_a_forged_token_is_no_token(client: Visitor) -> None:
    answer = client.post("/sign-in", data={"user_name": "x", "csrf_token": "forged"})

    assert answer.status_code == 400


def test_a_hundred_wrong_passwords_end_in_a_page_that_says_so(
    client: Visitor, session: Session
) -> None:
    victim, other = a_person(session), a_person(session)

    answers = [
        client.send_form("/sign-in", user_name=victim.user_name, password="wrong")  # noqa: S106
        for _ in range(100)
    ]

    assert answers[0].status_code in {401, 422}
    assert [answer.status_code for answer in answers[10:]] == [429] * 90
    assert "10 นาที" in answers[-1].get_data(as_text=True)
    # Not even the right one now; but a colleague behind the same address comes in.
    assert (
        client.send_form("/sign-in", user_name=victim.user_name, password=PASSWORD).status_code
        == 429
    )
    came_in = client.send_form("/sign-in", user_name=other.user_name, password=PASSWORD)
    assert came_in.status_code == 303


def test_a_stranger_who_guesses_does_not_lock_the_teacher_out(app: Flask, session: Session) -> None:
    teacher = a_person(session)
    stranger, at_school = visitor_of(app), visitor_of(app)
    stranger.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for _ in range(20):
        stranger.send_form("/sign-in", user_name=teacher.user_name, password="wrong")  # noqa: S106

    answer = at_school.send_form("/sign-in", user_name=teacher.user_name, password=PASSWORD)

    assert answer.status_code == 303


def test_a_whole_class_signs_in_behind_one_address(client: Visitor, session: Session) -> None:
    students = [a_person(session, RoleName.STUDENT) for _ in range(40)]

    for student in students:
        answer = client.send_form("/sign-in", user_name=student.user_name, password=PASSWORD)
        assert answer.status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(
    client: Visitor, session: Session, target: str
) -> None:
    person = a_person(session)

    answer = client.send_form(
        "/sign-in", user_name=person.user_name, password=PASSWORD, next=target
    )

    assert answer.status_code == 303
    assert "evil" not in answer.headers["Location"]
    assert answer.headers["Location"].startswith("/")


def test_a_guest_is_asked_to_sign_in_and_comes_back(client: Visitor) -> None:
    answer = client.get("/studio/?page=2")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fstudio%2F%3Fpage%3D2"
    assert client.get("/api/v1/uploads").status_code == 401


def test_a_cookie_dies_with_its_sign_in(app: Flask, session: Session, sign_in: SignIn) -> None:
    browser = sign_in(a_person(session))
    assert browser.get("/account").status_code == 200
    with browser.session_transaction() as cookie:
        stolen = cookie["_user_id"]

    assert browser.send_form("/sign-out").status_code == 303

    thief = visitor_of(app)
    thief.sign_in_with(stolen)
    assert thief.get("/account").status_code == 303


def test_a_form_of_nine_megabytes_is_too_much(client: Visitor) -> None:
    answer = client.send_form("/sign-in", user_name="x" * 9_000_000)

    assert answer.status_code == 413
    assert "text/html" in answer.content_type


def test_an_address_without_a_page_says_what_to_do(client: Visitor) -> None:
    page, data = client.get("/nothing-here"), client.get("/api/v1/nothing-here")

    assert (page.status_code, data.status_code) == (404, 404)
    assert "text/html" in page.content_type
    assert data.content_type == "application/problem+json"
    assert data.get_json(force=True)["type"] == "/problems/not_found"


def test_before_the_first_run_every_page_leads_there(bare_app: Flask) -> None:
    guest = visitor_of(bare_app)

    for path in ("/", "/sign-in", "/studio/", "/api/v1/lessons"):
        assert guest.get(path).headers["Location"] == "/first-run"
    assert guest.get("/first-run").status_code == 200


def test_the_first_run_page_is_gone_once_there_is_an_office(client: Visitor) -> None:
    assert client.get("/first-run").status_code == 404
    assert client.send_form("/first-run", office_name="ของเรา").status_code == 404


def test_a_stranger_cannot_take_a_fresh_server_over(wiring: Wiring) -> None:
    reachable = wiring.settings.model_copy(update={"public_url": "http://192.168.1.9:8080"})
    app = create_app(
        Wiring(
            settings=reachable,
            engine=wiring.engine,
            sessions=wiring.sessions,
            store=wiring.store,
            index=wiring.index,
            tools=wiring.tools,
            clock=wiring.clock,
            room=wiring.room,
        )
    )
    form = {
        "office_name": "สพป.สตูล",
        "user_name": "admin",
        "display_name": "ผู้ดูแล",
        "password": PASSWORD,
        "password_again": PASSWORD,
    }

    stranger = visitor_of(app).send_form("/first-run", **form, setup_code="00000000x")
    operator = visitor_of(app).send_form("/first-run", **form, setup_code=setup_code_of(reachable))

    assert 400 <= stranger.status_code < 500
    assert operator.status_code == 303


def test_a_frame_without_cookies_plays_by_its_ticket(
    client: Visitor, clock: StoppedClock, lesson: Lesson
) -> None:
    url = f"/api/v1/lessons/{lesson.id}/playback"
    ticket = make_ticket(SECRET_KEY, clock, lesson_id=lesson.id)
    opaque = {"Origin": "null"}

    asked = client.options(url, headers={**opaque, "Access-Control-Request-Method": "POST"})
    played = client.post(url, json={"ticket": ticket}, headers=opaque)
    again = client.post(url, json={"ticket": ticket}, headers=opaque)

    assert asked.status_code == 200
    for answer in (asked, played, again):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]
    address = played.get_json()
    assert address["playlist_url"] == address["base_url"] + "multivariant.m3u8"
    assert address["base_url"].startswith("/v/k1.")
    assert (again.status_code, again.get_json(force=True)["type"]) == (
        410,
        "/problems/link_expired",
    )


def test_playback_in_a_persons_name_needs_the_pages_token(
    session: Session, sign_in: SignIn, lesson: Lesson
) -> None:
    browser = sign_in(a_person(session, RoleName.STUDENT))
    url = f"/api/v1/lessons/{lesson.id}/playback"

    assert browser.post(url, json={}).status_code == 400
    assert browser.send_json(url, {}).status_code == 200


def test_playback_by_a_share_link_needs_nobody_signed_in(client: Visitor, session: Session) -> None:
    shared = a_lesson(session, published=True, visibility=Visibility.LINK)
    token = a_share_link(session, shared).token
    url = f"/api/v1/lessons/{shared.id}/playback"

    assert client.post(url, json={}).status_code == 404
    assert client.post(url, json={"share": token}).status_code == 200
    assert client.post(url, json={"share": "guessed"}).status_code == 404
    assert client.post(url, json={"share": 5}).status_code == 422


def test_only_sites_of_the_lessons_school_may_frame_it(
    client: Visitor, session: Session, lesson: Lesson
) -> None:
    assert lesson.school_id is not None
    with session.begin():
        session.add(EmbedSite(school_id=lesson.school_id, origin="https://example.ac.th"))

    framed = csp_of(client.get(f"/embed/{lesson.id}").headers)["frame-ancestors"].split()
    page = csp_of(client.get(f"/lessons/{lesson.id}").headers)["frame-ancestors"].split()

    assert framed == ["'self'", "http://localhost", "https://example.ac.th"]
    assert page == ["'none'"]


def test_proxies_are_believed_only_as_far_as_the_settings_say(
    wiring: Wiring, office: Office
) -> None:
    app = create_app(wiring)

    @app.get("/address-seen")
    def address_seen() -> str:
        return f"{request.remote_addr} {request.scheme}"

    forged = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}

    assert Visitor(app).get("/address-seen", headers=forged).text == "127.0.0.1 http"


def test_the_api_describes_itself(client: Visitor) -> None:
    document = client.get("/api/v1/openapi.json").get_json()

    assert {
        "/api/v1/lessons",
        "/api/v1/lessons/{lesson_id}/playback",
        "/api/v1/assets/{asset_id}/state",
    } <= set(document["paths"])
    assert "/api/v1/lessons" in client.get("/api/v1/").get_data(as_text=True)


def test_static_files_open_in_frames_and_stay_in_caches(client: Visitor) -> None:
    built = sorted((Path(__file__).parents[2] / "server" / "static" / "assets").glob("*.woff2"))
    if not built:
        pytest.skip("the front end is not built")

    answer = client.get(f"/static/assets/{built[0].name}", buffered=True)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
