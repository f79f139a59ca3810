"""A session that came through a classroom opens that classroom, whatever address is called."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.models.assignments import Assignment
from server.models.base import uuid7
from server.models.classrooms import Classroom
from server.models.content import HandInItem
from server.models.lessons import Lesson, PlaybackSession, Visibility
from server.models.library import Upload
from server.models.people import Person, RoleName, School, SignIn, SignInWay
from server.services.announcements import announce
from server.services.assignments import Recipients, Task, give_lesson, withdraw_assignment
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import enrol_person
from server.services.joining import give_role
from server.services.play import is_playback_allowed
from server.services.pupil_keys import make_slips
from server.wiring import Wiring
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_ready_asset,
    a_school,
    a_sign_in,
    a_version,
    an_original,
)
from tests.uploader import TUS, Uploader, encoded
from tests.web.rights_columns import Route
from tests.web.rights_table import ROUTES
from tests.web.rights_world import (
    GIVING,
    ITEMS,
    ITS_PUPIL,
    LIFE,
    QUIZ,
    World,
    call,
    sign_of,
)

STRANGER = "student of B"
# What pupils may and guests may not; pages first, before anything is changed.
PUPILS_ROUTES = sorted(
    (each for each in ROUTES if each.sign_for(ITS_PUPIL) == "+" != each.sign_for("guest")),
    key=lambda route: route.method != "GET",
)


@pytest.fixture
def other_room(
    session: Session, clock: StoppedClock, school: School, teacher: Person, pupil: Person
) -> Classroom:
    """Return a second classroom in which the pupil learns."""
    return a_room_of(session, clock, school, teacher, pupil)


@pytest.fixture
def tablet(app: Flask, session: Session, pupil: Person, room: Classroom) -> Visitor:
    return on_tablet(app, session, pupil, room.id)


def a_room_of(
    session: Session, clock: StoppedClock, school: School, teacher: Person, pupil: Person
) -> Classroom:
    facts = ClassroomFacts(name="ป.4/2", grades=["P4"])
    made = create_classroom(session, clock, school_id=school.id, facts=facts, by=teacher)
    with session.begin():
        enrol_person(session, clock, made, pupil)
    return made


def on_tablet(
    app: Flask,
    session: Session,
    pupil: Person,
    classroom_id: UUID,
    now: datetime | None = None,
    way: SignInWay = SignInWay.PICTURE,
) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in_with(a_sign_in(session, pupil, now, classroom_id=classroom_id, way=way))
    return visitor


def give(
    session: Session, clock: StoppedClock, lesson: Lesson, *rooms: Classroom
) -> list[Assignment]:
    to = [Recipients(classroom_id=room.id) for room in rooms]
    by = teacher_of(rooms[0])
    return give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=by)


def teacher_of(room: Classroom) -> Person:
    return room.teachers[0].person


def for_pupils_only(world: World) -> None:
    """Let the world's lessons be seen by the pupils of its classroom alone, and by nobody else."""
    to = [Recipients(classroom_id=UUID(world.names["classroom_id"]))]
    for name in ("lesson_id", "quiz_lesson_id"):
        lesson_id = UUID(world.names[name])
        give_lesson(
            world.session, world.clock, lesson_id=lesson_id, to=to, task=Task(), by=world.teacher
        )
    shown = update(Lesson).where(Lesson.visibility == Visibility.SCHOOL)
    with world.session.begin():
        world.session.execute(shown.values(visibility=Visibility.CLASSROOM))


def expected(route: Route, column: str) -> str:
    return "-" if route.path.startswith("/account") else route.sign_for(column)


@pytest.mark.parametrize("way", [SignInWay.PICTURE, SignInWay.TEACHER])
def test_a_session_opens_its_own_classroom_and_nothing_of_the_other_by_any_address(
    app: Flask, session: Session, clock: StoppedClock, wiring: Wiring, way: SignInWay
) -> None:
    world = World(session, clock, wiring)
    world.add({LIFE, GIVING, QUIZ, ITEMS})
    for_pupils_only(world)
    pupil, names = world.pupil, world.names_for(ITS_PUPIL)
    other = a_room_of(session, clock, world.a, world.teacher, pupil)
    answered, told = {}, {}

    for column, room_id in ((STRANGER, other.id), (ITS_PUPIL, UUID(world.names["classroom_id"]))):
        for route in PUPILS_ROUTES:
            browser = on_tablet(app, session, pupil, room_id, way=way)
            name = f"{column}: {route.method} {route.path}"
            answered[name] = sign_of(call(route, browser, names))
            told[name] = expected(route, column)

    assert answered == told


def test_the_start_page_and_lists_of_a_tablet_know_one_classroom(
    session: Session,
    clock: StoppedClock,
    room: Classroom,
    other_room: Classroom,
    tablet: Visitor,
    phone: Visitor,
) -> None:
    by = teacher_of(room)
    for place, title in ((room, "ของห้องนี้"), (other_room, "ของห้องอื่น")):
        give(session, clock, a_lesson(session, by, title=title, visibility=Visibility.ME), place)
        announce(session, clock, classroom_id=place.id, text=f"ประกาศ{title}", by=by)

    shared, own = tablet.get("/home"), phone.get("/home")
    here, everywhere = shared.text, own.text

    assert "ของห้องนี้" in here
    assert "ประกาศของห้องนี้" in here
    assert "ของห้องอื่น" not in here
    assert other_room.name not in here
    assert "ประกาศของห้องอื่น" in everywhere
    assert other_room.name in everywhere
    # Nor has the next child the page by the back button.
    assert shared.headers["Cache-Control"] == "no-store"
    assert own.headers["Cache-Control"] == "private, no-cache"


def test_lessons_of_the_pupils_other_school_stay_closed_on_a_tablet(
    session: Session,
    clock: StoppedClock,
    teacher: Person,
    pupil: Person,
    tablet: Visitor,
    phone: Visitor,
) -> None:
    elsewhere = a_school(session)
    with session.begin():
        give_role(session, clock, pupil, RoleName.STUDENT, elsewhere.id, None)
        give_role(session, clock, pupil, RoleName.TEACHER, elsewhere.id, None)
    theirs = a_lesson(session, a_person(session, RoleName.TEACHER, elsewhere), published=True)
    here = a_lesson(session, teacher, published=True)

    assert phone.get(f"/lessons/{theirs.id}").status_code == 200
    assert tablet.get(f"/lessons/{theirs.id}").status_code == 404
    assert tablet.get(f"/lessons/{here.id}").status_code == 200
    assert phone.get("/studio/").status_code == 200
    assert tablet.get("/studio/").status_code == 403


def test_work_is_sent_from_a_tablet_to_its_own_classroom_only(
    session: Session,
    clock: StoppedClock,
    room: Classroom,
    other_room: Classroom,
    tablet: Visitor,
) -> None:
    answered = {}
    for place in (room, other_room):
        lesson, item = a_lesson(session, teacher_of(room)), HandInItem(id=uuid7(), title="ใบงาน")
        a_version(session, lesson, item)
        give(session, clock, lesson, place)
        where = f"filename {encoded('ก.jpg')},hand_in {encoded(f'{lesson.id}/{item.id}')}"
        sent = {**TUS, "Upload-Length": "5", "Upload-Metadata": where, "X-CSRFToken": tablet.csrf}
        answered[place.name] = tablet.post("/files/", headers=sent).status_code

    assert answered == {room.name: 201, other_room.name: 403}


def test_what_was_begun_to_be_sent_before_is_not_there_on_a_tablet(
    session: Session, wiring: Wiring, pupil: Person, phone: Visitor, tablet: Visitor
) -> None:
    at = NOON - timedelta(minutes=1)
    facts = {"object_key": "k", "multipart_id": "m", "created_at": at, "touched_at": at}
    begun = Upload(owner_id=pupil.id, file_name="งาน.jpg", size_bytes=5, **facts)
    session.add(begun)
    session.commit()
    uploader = Uploader(tablet, AsgiClient(tablet.application, wiring, tablet))
    path = f"/files/{begun.id}"

    assert phone.head(path, headers=TUS).status_code == 200
    assert uploader.head(path).status_code == 404
    assert uploader.cancel(path).status_code == 404
    assert uploader.patch(path, 0, b"12345").status == 404
    assert tablet.get("/api/v1/uploads").json == []


def test_a_file_that_was_cut_on_a_tablet_goes_on_when_the_pupil_chooses_it_there_again(
    session: Session,
    clock: StoppedClock,
    wiring: Wiring,
    room: Classroom,
    pupil: Person,
    tablet: Visitor,
) -> None:
    other_room = a_room_of(session, clock, room.school, teacher_of(room), pupil)
    lesson, item = a_lesson(session, teacher_of(room)), HandInItem(id=uuid7(), title="ใบงาน")
    a_version(session, lesson, item)
    give(session, clock, lesson, room)
    words = {"filename": "ก.jpg", "hand_in": f"{lesson.id}/{item.id}", "fingerprint": "10-abc"}
    metadata = ",".join(f"{name} {encoded(word)}" for name, word in words.items())

    def choose(visitor: Visitor) -> tuple[Uploader, str]:
        sent = {**TUS, "Upload-Length": "10", "Upload-Metadata": metadata}
        begun = visitor.post("/files/", headers={**sent, "X-CSRFToken": visitor.csrf})
        uploader = Uploader(visitor, AsgiClient(visitor.application, wiring, visitor))
        return uploader, begun.headers["Location"]

    before, path = choose(tablet)
    before.patch(path, 0, b"12345")
    clock.forward(hours=1)
    later = on_tablet(tablet.application, session, pupil, room.id, clock())
    # What the pupil did in this classroom is there; to a session of another one it is not.
    assert [each["url"] for each in later.get("/api/v1/uploads").json or ()] == [path]
    elsewhere = on_tablet(tablet.application, session, pupil, other_room.id, clock())
    assert elsewhere.get("/api/v1/uploads").json == []
    assert elsewhere.head(path, headers=TUS).status_code == 404

    after, same = choose(later)

    assert same == path
    assert after.head(same).headers["Upload-Offset"] == "5"
    assert after.patch(same, 5, b"67890").headers["upload-original"]


def test_a_playback_on_a_tablet_ends_with_what_its_own_classroom_was_given(
    session: Session,
    clock: StoppedClock,
    room: Classroom,
    other_room: Classroom,
    tablet: Visitor,
    phone: Visitor,
) -> None:
    by = teacher_of(room)
    file = an_original(session, by, a_ready_asset(session))
    lesson = a_lesson(session, by, original=file, visibility=Visibility.ME)
    here, _there = give(session, clock, lesson, room, other_room)

    for browser in (tablet, phone):
        begun = browser.send_json(f"/api/v1/lessons/{lesson.id}/playback", {})
        assert begun.status_code == 200, begun.text
    withdraw_assignment(session, clock, assignment_id=here.id, by=by)

    assert goes_on(session, clock) == {"tablet": False, "phone": True}
    refused = tablet.send_json(f"/api/v1/lessons/{lesson.id}/playback", {})
    assert refused.status_code == 404


def goes_on(session: Session, clock: StoppedClock) -> dict[str, bool]:
    """Tell of the playbacks on both devices whether they go on."""
    found = {}
    for row in session.scalars(select(PlaybackSession)).all():
        device = session.get_one(SignIn, row.sign_in_id)
        with Session(session.get_bind()) as asking:
            is_on = is_playback_allowed(asking, clock, session_id=row.id, asset_id=row.asset_id)
        found["tablet" if device.classroom_id else "phone"] = is_on
    return found


def test_on_a_tablet_the_pupil_still_comes_into_another_classroom(
    session: Session,
    clock: StoppedClock,
    pupil: Person,
    teacher: Person,
    other_room: Classroom,
    tablet: Visitor,
) -> None:
    slip = next(
        each
        for each in make_slips(session, clock, classroom_id=other_room.id, by=teacher)
        if each.enrolment.person_id == pupil.id
    )

    names = tablet.get(f"/join/{other_room.token}")
    come_in = tablet.send_form(f"/in/{slip.token}")

    assert str(slip.enrolment.id) in names.text
    assert come_in.headers["Location"] == "/home"
    assert other_room.name in tablet.get("/home").text
