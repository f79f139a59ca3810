"""Invitations for one person: for whom, by whom, used once by whom, and ended."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from server.errors import Conflict, FieldError, LinkExpired, NotAllowed, PupilsAccount
from server.models.people import Invitation, Person, Role, RoleName, School
from server.services.invitations import (
    accept_as,
    accept_invitation,
    end_invitation,
    find_invitation,
    list_invitations,
    make_invitation,
)
from server.services.joining import NewPerson
from server.services.memberships import switch_off
from tests.at_once import at_once
from tests.builders import PASSWORD, StoppedClock, a_person, a_school
from tests.write_guard import building

MALI = NewPerson(user_name="mali", display_name="ครูมะลิ งามตา", password=PASSWORD)


@pytest.fixture
def administrator(session: Session, school: School) -> Person:
    return a_person(session, RoleName.SCHOOL_ADMIN, school, display_name="ผอ.วิชัย รักเรียน")


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session of either database."""
    with building(engine) as session:
        yield session


def test_an_invitation_says_for_whom_by_whom_and_who_used_it(
    session: Session, clock: StoppedClock, school: School, administrator: Person
) -> None:
    for name in ("ครูมะลิ งามตา", "ครูปิติ ชูใจ", "ครูสมชาย"):
        token = make_invitation(
            session,
            clock,
            role=RoleName.TEACHER,
            school_id=school.id,
            by=administrator,
            invited_name=name,
        )
        if name != "ครูสมชาย":
            new = NewPerson(user_name=f"u{len(name)}", display_name="มะลิ งามตา", password=PASSWORD)
            accept_invitation(session, clock, token=token, new=new)

    unused, by_another, used = list_invitations(
        session, clock, school_id=school.id, by=administrator
    )

    assert [each.row.invited_name for each in (unused, by_another)] == ["ครูสมชาย", "ครูปิติ ชูใจ"]
    assert [each.is_open for each in (unused, by_another, used)] == [True, False, False]
    assert [each.was_used_by_another for each in (unused, by_another, used)] == [False, True, False]
    assert used.made_by == administrator
    with pytest.raises(NotAllowed):
        list_invitations(session, clock, school_id=None, by=administrator)


def test_an_invitation_is_ended_before_it_is_used_and_by_its_administrators_alone(
    session: Session, clock: StoppedClock, school: School, teacher: Person, administrator: Person
) -> None:
    invite = partial(
        make_invitation,
        session,
        clock,
        role=RoleName.TEACHER,
        school_id=school.id,
        by=administrator,
    )
    token, used = invite(), invite()
    accept_invitation(session, clock, token=used, new=MALI)
    rows = {row.token_sha256: row for row in session.scalars(select(Invitation))}
    session.commit()
    first = next(row for row in rows.values() if row.used_at is None)
    second = next(row for row in rows.values() if row.used_at is not None)

    for by in (teacher, a_person(session, RoleName.SCHOOL_ADMIN)):
        with pytest.raises(NotAllowed):
            end_invitation(session, clock, invitation_id=first.id, by=by)
    end_invitation(session, clock, invitation_id=first.id, by=administrator)

    with pytest.raises(LinkExpired):
        find_invitation(session, clock, token)
    with pytest.raises(Conflict):
        end_invitation(session, clock, invitation_id=second.id, by=administrator)


def test_an_invitation_stops_when_the_inviter_loses_the_role(
    session: Session, clock: StoppedClock, school: School, administrator: Person
) -> None:
    token = make_invitation(
        session, clock, role=RoleName.TEACHER, school_id=school.id, by=administrator
    )
    office = a_person(session, RoleName.OFFICE_ADMIN)
    switch_off(session, clock, school_id=school.id, person_id=administrator.id, by=office)

    with pytest.raises(LinkExpired):
        accept_invitation(session, clock, token=token, new=MALI)

    assert session.scalar(select(Person).where(Person.user_name == "mali")) is None
    session.commit()
    (listed,) = list_invitations(session, clock, school_id=school.id, by=office)
    assert not listed.is_open


def test_a_pupils_account_becomes_no_staff_by_an_invitation_and_leaves_it_unused(
    session: Session, clock: StoppedClock, school: School, administrator: Person
) -> None:
    pupil = a_person(session, RoleName.STUDENT, school)
    token = make_invitation(
        session, clock, role=RoleName.TEACHER, school_id=school.id, by=administrator
    )

    with pytest.raises(PupilsAccount):
        accept_as(session, clock, token=token, by=pupil)

    assert accept_invitation(session, clock, token=token, new=MALI).roles


def test_the_name_of_an_invitation_is_not_endless(
    session: Session, clock: StoppedClock, school: School, administrator: Person
) -> None:
    with pytest.raises(FieldError):
        make_invitation(
            session,
            clock,
            role=RoleName.TEACHER,
            school_id=school.id,
            by=administrator,
            invited_name="ก" * 201,
        )


def test_of_forty_who_use_an_invitation_at_once_one_becomes_it(
    engine: Engine, db: Session, clock: StoppedClock
) -> None:
    school = a_school(db)
    token = make_invitation(db, clock, role=RoleName.TEACHER, school_id=school.id, by=None)
    new = [
        NewPerson(user_name=f"mali{number}", display_name="ครูมะลิ", password=PASSWORD)
        for number in range(20)
    ]
    there = [a_person(db, RoleName.SCHOOL_ADMIN) for _ in range(20)]

    results = at_once(
        engine,
        [
            *(partial(accept_invitation, now=clock, token=token, new=each) for each in new),
            *(partial(accept_as, now=clock, token=token, by=each) for each in there),
        ],
        after=lambda session: find_invitation(session, clock, token),
    )

    assert sum(isinstance(each, Person) for each in results) == 1
    assert sum(isinstance(each, LinkExpired) for each in results) == 39
    assert len(db.scalars(select(Role).where(Role.school_id == school.id)).all()) == 1
