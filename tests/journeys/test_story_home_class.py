"""The school says whose home is which; a subject class that takes it in opens no account."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, select

from server.models.classrooms import Classroom, HomePlace
from server.models.people import Person, RoleName
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names, enrol_person
from server.services.pupil_keys import make_slips
from tests.builders import PASSWORD, a_person, a_school
from tests.journeys.story import Story
from tests.journeys.visits import sign_in
from tests.services.product import Product

pytestmark = pytest.mark.slow

HOME, CLUB, SUBJECT = "ป.4/1", "ชุมนุมดนตรี", "คณิตศาสตร์ ป.4"
NAMES = "1 1001 ด.ช. สมชาย ใจดี\n2 1002 ด.ญ. มะลิ งามตา"


@dataclass(frozen=True, slots=True)
class People:
    """Who signs in, by user name, and where."""

    admin: str
    home_teacher: str
    subject_teacher: str
    school_id: str


@pytest.fixture
def people(live_server: Product) -> People:
    """A school whose two pupils learn in two classrooms, and whose subject class is empty."""
    with live_server.session() as session, live_server.wired() as wired:
        school = a_school(session)
        homes, subjects = (a_person(session, RoleName.TEACHER, school) for _ in range(2))
        rooms = {
            name: create_classroom(
                session,
                wired.clock,
                school_id=school.id,
                facts=ClassroomFacts(name=name, grades=["P4"]),
                by=subjects if name == SUBJECT else homes,
            )
            for name in (HOME, CLUB, SUBJECT)
        }
        room_id = rooms[HOME].id
        rows = add_names(session, wired.clock, classroom_id=room_id, text=NAMES, by=homes)
        with session.begin():
            session.execute(delete(HomePlace))  # as it was before there were home classes
            for row in rows:
                enrol_person(session, wired.clock, rooms[CLUB], row.person)
        return People(
            admin=a_person(session, RoleName.SCHOOL_ADMIN, school).user_name,
            home_teacher=homes.user_name,
            subject_teacher=subjects.user_name,
            school_id=str(school.id),
        )


def school_confirms_homes(story: Story, people: People) -> None:
    page = story.begin()
    sign_in(page, people.admin, PASSWORD)
    page.goto(f"/admin/schools/{people.school_id}")
    story.tap(page.get_by_role("link", name="ห้องประจำชั้น", exact=True))
    expect(page.get_by_label("ด.ช. สมชาย ใจดี").locator("option:checked")).to_contain_text(HOME)
    story.look_at(page)
    story.tap(page.get_by_role("button", name="ยืนยันทั้งหมดที่เลือก"))
    expect(page.get_by_role("status").first).to_contain_text("นักเรียน 2 คนมีห้องประจำชั้นแล้ว")


def teacher_takes_the_class(story: Story, people: People) -> None:
    page = story.begin()
    sign_in(page, people.subject_teacher, PASSWORD)
    page.goto("/classrooms/")
    story.tap(page.get_by_role("link", name=SUBJECT))
    story.tap(page.get_by_role("link", name="รับจากห้องประจำชั้น"))
    story.look_at(page)
    story.tap(page.locator("label.check", has_text=HOME))
    story.tap(page.get_by_role("button", name="รับนักเรียนเข้าห้องวิชา"))
    expect(page.locator(".register-line")).to_have_count(2)
    story.look_at(page)


def slip_link(product: Product, room: str, user_name: str) -> str:
    """Return what the QR code on the first pupil's new slip says."""
    with product.session() as session, product.wired() as wired:
        with session.begin():
            by = session.scalars(select(Person).where(Person.user_name == user_name)).one()
            room_id = session.scalars(select(Classroom.id).where(Classroom.name == room)).one()
        slips = make_slips(session, wired.clock, classroom_id=room_id, by=by)
        return f"/in/{slips[0].token}"


def scan(story: Story, link: str) -> Page:
    """Return the phone on which a slip was scanned."""
    phone = story.begin()
    phone.goto(link)
    story.tap(phone.locator("main form button[type=submit]"))
    phone.wait_for_url("**/home")
    return phone


def test_a_subject_class_opens_itself_and_its_home_class_the_account(
    browser: Browser, live_server: Product, people: People
) -> None:
    story = Story(browser, live_server)

    school_confirms_homes(story, people)
    teacher_takes_the_class(story, people)
    subject = scan(story, slip_link(live_server, SUBJECT, people.subject_teacher))
    at_home = scan(story, slip_link(live_server, HOME, people.home_teacher))

    expect(subject.locator("main")).to_contain_text(SUBJECT)
    expect(subject.locator("main")).not_to_contain_text(HOME)
    assert subject.request.get("/account").status == 403
    story.look_at(subject)
    expect(at_home.locator("main")).to_contain_text(HOME)
    expect(at_home.locator("main")).to_contain_text(SUBJECT)
    at_home.goto("/account")
    story.look_at(at_home)
    story.end()
