import pytest
from sqlalchemy.orm import Session

from server.errors import FieldError, LinkExpired, NotAllowed, NotFound
from server.models.lessons import Lesson, Visibility
from server.models.people import EmbedSite, RoleName
from server.services.embed import (
    add_embed_site,
    allowed_origins,
    exchange_ticket,
    frame_origins,
    list_embed_sites,
    make_ticket,
    normalise_origin,
    open_embed,
    remove_embed_site,
)
from server.services.lessons import unpublish_lesson
from server.services.play import is_playback_allowed
from server.services.share import make_share_link, revoke_share_link
from tests.builders import StoppedClock, a_lesson, a_person, a_school

SIGNER = "signs tickets in these tests"


def start(session: Session, clock: StoppedClock, lesson: Lesson, ticket: str) -> str:
    playback = exchange_ticket(session, clock, secret=SIGNER, ticket=ticket, lesson_id=lesson.id)
    return playback.id


@pytest.fixture
def lesson(session: Session) -> Lesson:
    return a_lesson(session, published=True, visibility=Visibility.PUBLIC)


def test_a_ticket_starts_playback_once(
    session: Session, clock: StoppedClock, lesson: Lesson
) -> None:
    opened = open_embed(session, clock, secret=SIGNER, lesson_id=lesson.id)

    assert start(session, clock, lesson, opened.ticket)

    with pytest.raises(LinkExpired):
        start(session, clock, lesson, opened.ticket)


def test_a_ticket_is_too_old_after_ten_minutes(
    session: Session, clock: StoppedClock, lesson: Lesson
) -> None:
    ticket = make_ticket(SIGNER, clock, lesson_id=lesson.id)

    clock.forward(minutes=10, seconds=1)

    with pytest.raises(LinkExpired):
        start(session, clock, lesson, ticket)


def test_a_ticket_opens_no_other_lesson_and_none_is_forged(
    session: Session, clock: StoppedClock, lesson: Lesson
) -> None:
    other = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    of_other = make_ticket(SIGNER, clock, lesson_id=other.id)
    forged = make_ticket("another secret", clock, lesson_id=lesson.id)

    for ticket in (of_other, forged, of_other[:-2], ""):
        with pytest.raises(LinkExpired):
            start(session, clock, lesson, ticket)


def test_a_ticket_is_worth_nothing_once_the_lesson_is_withdrawn(
    session: Session, clock: StoppedClock, lesson: Lesson
) -> None:
    ticket = make_ticket(SIGNER, clock, lesson_id=lesson.id)

    unpublish_lesson(session, clock, lesson_id=lesson.id, by=lesson.owner)

    with pytest.raises(LinkExpired):
        start(session, clock, lesson, ticket)


def test_playback_ends_when_its_site_leaves_the_list(
    session: Session, clock: StoppedClock, lesson: Lesson
) -> None:
    admin = a_person(session, RoleName.SCHOOL_ADMIN, school=lesson.school)
    assert lesson.school_id
    site = add_embed_site(
        session, clock, school_id=lesson.school_id, origin="https://school.example", by=admin
    )
    around = "https://school.example/m3/science"
    opened = open_embed(session, clock, secret=SIGNER, lesson_id=lesson.id, referrer=around)
    playback = exchange_ticket(
        session, clock, secret=SIGNER, ticket=opened.ticket, lesson_id=lesson.id
    )

    remove_embed_site(session, clock, embed_site_id=site.id, by=admin)

    assert playback.embed_origin == "https://school.example"
    assert not is_playback_allowed(
        session, clock, session_id=playback.id, asset_id=playback.asset_id
    )


@pytest.mark.parametrize("referrer", ["", "nonsense", "https://unknown.example/page"])
def test_a_page_around_it_that_is_not_known_changes_nothing(
    session: Session, clock: StoppedClock, lesson: Lesson, referrer: str
) -> None:
    opened = open_embed(session, clock, secret=SIGNER, lesson_id=lesson.id, referrer=referrer)

    assert start(session, clock, lesson, opened.ticket)


def test_a_page_around_it_opens_no_lesson_that_needs_a_link(
    session: Session, clock: StoppedClock
) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.LINK)
    session.add(EmbedSite(school_id=lesson.school_id, origin="https://school.example"))
    session.commit()

    with pytest.raises(NotFound):
        open_embed(
            session,
            clock,
            secret=SIGNER,
            lesson_id=lesson.id,
            referrer="https://school.example/",
        )


def test_a_lesson_with_a_link_plays_in_a_frame_until_the_link_is_revoked(
    session: Session, clock: StoppedClock
) -> None:
    lesson = a_lesson(session, published=True)
    link = make_share_link(session, clock, lesson_id=lesson.id, by=lesson.owner)
    first, second = (
        open_embed(
            session, clock, secret=SIGNER, lesson_id=lesson.id, share_token=link.token
        ).ticket
        for _ in range(2)
    )

    assert start(session, clock, lesson, first)

    with pytest.raises(NotFound):
        open_embed(session, clock, secret=SIGNER, lesson_id=lesson.id)
    revoke_share_link(session, clock, share_link_id=link.id, by=lesson.owner)
    with pytest.raises(LinkExpired):
        start(session, clock, lesson, second)


@pytest.mark.parametrize("visibility", [Visibility.ME, Visibility.SCHOOL, Visibility.AREA])
def test_what_needs_somebody_signed_in_is_not_for_frames(
    session: Session, clock: StoppedClock, visibility: Visibility
) -> None:
    lesson = a_lesson(session, published=True, visibility=visibility)

    with pytest.raises(NotFound):
        open_embed(session, clock, secret=SIGNER, lesson_id=lesson.id)


def test_the_schools_administrator_chooses_the_sites(session: Session, clock: StoppedClock) -> None:
    school = a_school(session)
    admin = a_person(session, RoleName.SCHOOL_ADMIN, school)
    teacher = a_person(session, RoleName.TEACHER, school)
    lesson = a_lesson(session, teacher, published=True)

    for typed in ("HTTPS://Example.ac.th/page?x=1", "https://example.ac.th:443"):
        site = add_embed_site(session, clock, school_id=school.id, origin=typed, by=admin)

    assert allowed_origins(session, lesson) == ("https://example.ac.th",)
    assert frame_origins(session, lesson.id) == ("https://example.ac.th",)
    with pytest.raises(NotAllowed):
        add_embed_site(
            session, clock, school_id=school.id, origin="https://example.com", by=teacher
        )
    with pytest.raises(NotAllowed):
        remove_embed_site(session, clock, embed_site_id=site.id, by=teacher)
    remove_embed_site(session, clock, embed_site_id=site.id, by=admin)
    assert list_embed_sites(session, school_id=school.id, by=admin) == []


def test_sites_of_one_school_do_not_show_lessons_of_another(
    session: Session, clock: StoppedClock, lesson: Lesson
) -> None:
    admin = a_person(session, RoleName.OFFICE_ADMIN)
    other = a_school(session)

    add_embed_site(session, clock, school_id=other.id, origin="https://other.ac.th", by=admin)

    assert allowed_origins(session, lesson) == ()
    of_office = a_lesson(session, admin, published=True)
    assert allowed_origins(session, of_office) == ("https://other.ac.th",)


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("example.ac.th", "https://example.ac.th"),
        ("https://Example.AC.th/", "https://example.ac.th"),
        ("https://example.ac.th:8443/a/b", "https://example.ac.th:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://โรงเรียน.ไทย", "https://xn--72c0b0acb2i5cn.xn--o3cw4h"),
    ],
)
def test_a_site_is_kept_as_browsers_write_it(typed: str, origin: str) -> None:
    assert normalise_origin(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "*",
        "https://*.example.ac.th",
        "http://example.ac.th",
        "ftp://example.ac.th",
        "javascript:alert(1)",
        "https://user:word@example.ac.th",
        "https://example.ac.th:99999",
        "https://example .ac.th",
        "https://a.th; script-src *",
        "https://a.th'none'",
        "https://intranet",
        "https://" + "a" * 64 + ".th",
        "https://[::1]",
        "data:text/html,x",
    ],
)
def test_what_is_no_site_is_refused(typed: str) -> None:
    with pytest.raises(FieldError) as refused:
        normalise_origin(typed)

    assert refused.value.field == "origin"
