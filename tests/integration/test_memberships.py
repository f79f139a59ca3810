"""A school switches its people off and signs them out; invitations for one person."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from server.errors import (
    Conflict,
    LastAdministrator,
    LinkExpired,
    NotAllowed,
    NotFound,
)
from server.models.classrooms import Classroom
from server.models.lessons import PlaybackSession, Visibility
from server.models.memberships import NewsKind
from server.models.people import Person, Role, RoleName, School
from server.services.classrooms import get_classroom
from server.services.invitations import (
    accept_as,
    make_invitation,
)
from server.services.joining import give_role
from server.services.memberships import (
    let_in_again,
    list_switched_off,
    sign_out_everywhere,
    switch_off,
)
from server.services.news import unread_news
from server.services.people import list_sign_ins, set_active
from server.services.play import is_playback_allowed, open_playback
from server.services.schools import remove_role
from server.services.scopes import person_of_token
from tests.at_once import at_once
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    a_school,
    a_sign_in,
    an_office,
)
from tests.write_guard import building


@pytest.fixture
def administrator(session: Session, school: School) -> Person:
    return a_person(session, RoleName.SCHOOL_ADMIN, school, display_name="ผอ.วิชัย รักเรียน")


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session of either database."""
    with building(engine) as session:
        yield session


def news_of(session: Session, person: Person) -> list[NewsKind]:
    return [row.kind for row in unread_news(session, person=person)]


def a_playback(
    session: Session, clock: StoppedClock, school: School, teacher: Person
) -> tuple[PlaybackSession, UUID]:
    """Let the teacher play a colleague's lesson of the school."""
    lesson = a_lesson(
        session,
        a_person(session, RoleName.TEACHER, school),
        published=True,
        visibility=Visibility.SCHOOL,
    )
    a_sign_in(session, teacher, clock())
    (sign_in,) = list_sign_ins(session, clock, person=teacher)
    playback = open_playback(session, clock, lesson=lesson, person=teacher, sign_in_id=sign_in.id)
    return playback, playback.asset_id


def everybody(session: Session) -> Sequence[Person]:
    """Read them, as a request has read who asks before a service begins."""
    return session.scalars(select(Person)).all()


def schools_in(session: Session, person: Person) -> set[tuple[str, str]]:
    session.expire_all()
    held = {(str(role.name), role.school.name if role.school else "") for role in person.roles}
    session.commit()
    return held


def test_a_school_switches_a_teacher_off_and_the_other_school_keeps_her(
    session: Session, clock: StoppedClock, school: School, teacher: Person, administrator: Person
) -> None:
    other = a_school(session, "โรงเรียนวัดใหม่")
    with session.begin():
        give_role(session, clock, teacher, RoleName.TEACHER, other.id, None)
        give_role(session, clock, teacher, RoleName.SCHOOL_ADMIN, school.id, None)
    token = a_sign_in(session, teacher)
    facts: dict[str, Any] = {"school_id": school.id, "person_id": teacher.id, "by": administrator}

    switch_off(session, clock, **facts)

    assert schools_in(session, teacher) == {("teacher", other.name)}
    assert teacher.is_active
    assert person_of_token(session, clock, token) is None
    assert news_of(session, teacher) == [NewsKind.SWITCHED_OFF]
    let_in_again(session, clock, **facts)
    assert schools_in(session, teacher) == {
        ("teacher", school.name),
        ("school_admin", school.name),
        ("teacher", other.name),
    }
    assert list_switched_off(session, school_id=school.id, by=administrator) == []
    with pytest.raises(NotFound):
        let_in_again(session, clock, **facts)


def test_her_classroom_waits_for_her(
    session: Session,
    clock: StoppedClock,
    school: School,
    teacher: Person,
    administrator: Person,
    room: Classroom,
) -> None:
    facts: dict[str, Any] = {"school_id": school.id, "person_id": teacher.id, "by": administrator}

    switch_off(session, clock, **facts)
    with pytest.raises(NotFound):
        get_classroom(session, classroom_id=room.id, by=teacher)
    let_in_again(session, clock, **facts)

    assert get_classroom(session, classroom_id=room.id, by=teacher) == room


def test_nobody_switches_off_herself_another_schools_people_or_the_office(
    session: Session, clock: StoppedClock, school: School, teacher: Person, administrator: Person
) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)
    with session.begin():
        give_role(session, clock, office, RoleName.TEACHER, school.id, None)
    stranger = a_person(session, RoleName.SCHOOL_ADMIN)
    pupil = a_person(session, RoleName.STUDENT, school)
    pupil.password_hash = ""
    session.commit()

    for act in (switch_off, sign_out_everywhere):
        refused = partial(act, session, clock, school_id=school.id)
        for person, by in ((office, administrator), (teacher, stranger), (administrator, teacher)):
            with pytest.raises(NotAllowed):
                refused(person_id=person.id, by=by)
        for person in (stranger, pupil):
            with pytest.raises(NotFound):
                refused(person_id=person.id, by=administrator)
    with pytest.raises(Conflict):
        switch_off(
            session, clock, school_id=school.id, person_id=administrator.id, by=administrator
        )
    with pytest.raises(NotAllowed):
        let_in_again(session, clock, school_id=school.id, person_id=teacher.id, by=stranger)


def test_the_last_administrator_stays_unless_the_office_says_so(
    session: Session, clock: StoppedClock, school: School, administrator: Person
) -> None:
    with pytest.raises(LastAdministrator):
        remove_role(session, clock, role_id=administrator.roles[0].id, by=administrator)
    second = a_person(session, RoleName.SCHOOL_ADMIN, school)
    second.is_active = False
    session.commit()
    with pytest.raises(LastAdministrator):  # who was switched off is none
        remove_role(session, clock, role_id=administrator.roles[0].id, by=administrator)
    office = a_person(session, RoleName.OFFICE_ADMIN)

    switch_off(session, clock, school_id=school.id, person_id=administrator.id, by=office)

    assert schools_in(session, administrator) == set()


def test_two_administrators_who_switch_each_other_off_at_once_do_not_both_succeed(
    engine: Engine, db: Session, clock: StoppedClock
) -> None:
    for _ in range(5):  # a race is not lost each time
        school = a_school(db)
        one, other = (a_person(db, RoleName.SCHOOL_ADMIN, school) for _ in range(2))
        facts: dict[str, Any] = {"now": clock, "school_id": school.id}

        at_once(
            engine,
            [
                partial(switch_off, **facts, person_id=other.id, by=one),
                partial(switch_off, **facts, person_id=one.id, by=other),
            ],
            after=everybody,
        )

        left = db.scalars(select(Role.name).where(Role.school_id == school.id)).all()
        db.commit()
        assert left == [RoleName.SCHOOL_ADMIN]


def test_two_of_the_office_who_switch_each_other_off_at_once_do_not_both_succeed(
    engine: Engine, db: Session, clock: StoppedClock
) -> None:
    one, other = (a_person(db, RoleName.OFFICE_ADMIN) for _ in range(2))
    facts: dict[str, Any] = {"now": clock, "is_active": False}
    an_office(db)

    at_once(
        engine,
        [
            partial(set_active, **facts, person_id=other.id, by=one),
            partial(set_active, **facts, person_id=one.id, by=other),
        ],
        after=everybody,
    )

    assert len(db.scalars(select(Person).where(Person.is_active)).all()) == 1


@pytest.mark.parametrize("how", ["switched off", "signed out", "by the office", "role taken"])
def test_what_she_plays_of_the_school_ends_with_the_next_question(
    session: Session,
    clock: StoppedClock,
    school: School,
    teacher: Person,
    administrator: Person,
    how: str,
) -> None:
    playback, asset_id = a_playback(session, clock, school, teacher)
    facts: dict[str, Any] = {"school_id": school.id, "person_id": teacher.id, "by": administrator}
    office = a_person(session, RoleName.OFFICE_ADMIN)
    assert is_playback_allowed(session, clock, session_id=playback.id, asset_id=asset_id)

    if how == "switched off":
        switch_off(session, clock, **facts)
    elif how == "signed out":
        sign_out_everywhere(session, clock, **facts)
    elif how == "by the office":
        set_active(session, clock, person_id=teacher.id, is_active=False, by=office)
    else:
        remove_role(session, clock, role_id=teacher.roles[0].id, by=administrator)

    session.expire_all()
    assert not is_playback_allowed(session, clock, session_id=playback.id, asset_id=asset_id)


def test_who_was_switched_off_does_not_come_back_by_an_earlier_invitation(
    session: Session, clock: StoppedClock, school: School, teacher: Person, administrator: Person
) -> None:
    invite = partial(
        make_invitation,
        session,
        clock,
        role=RoleName.TEACHER,
        school_id=school.id,
        by=administrator,
        invited_name=teacher.display_name,
    )
    earlier = invite()
    clock.forward(hours=1)
    switch_off(session, clock, school_id=school.id, person_id=teacher.id, by=administrator)

    with pytest.raises(LinkExpired):
        accept_as(session, clock, token=earlier, by=teacher)
    clock.forward(hours=1)
    accept_as(session, clock, token=invite(), by=teacher)

    assert schools_in(session, teacher) == {("teacher", school.name)}
