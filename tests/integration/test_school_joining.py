"""Who asks to teach at a school, by its link or from the sign-in page, and who decides."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from server.errors import AlreadyThere, LinkExpired, ManyWait, NotAllowed, PupilsAccount
from server.models.classrooms import SchoolLink, SchoolRequest
from server.models.memberships import NewsKind, PersonNews
from server.models.people import Person, RoleName, School
from server.policy import audiences_of
from server.services.joining import NewPerson, sha256_of
from server.services.listed_links import list_school_links
from server.services.names import sort_key_of
from server.services.news import note_read, unread_news
from server.services.people import set_active
from server.services.school_joining import (
    MOST_FROM_ADDRESS,
    MOST_WAITING,
    ask_by_link,
    ask_by_link_as,
    ask_to_teach_as,
    end_school_link,
    find_school_link,
    make_school_link,
    open_school_link,
    set_takes_requests,
)
from server.services.school_requests import Decided, decide_requests, list_waiting
from server.services.schools import remove_role
from tests.at_once import at_once
from tests.builders import PASSWORD, StoppedClock, a_person, a_school
from tests.write_guard import building

HERE = "192.0.2.1"


def somebody(number: int = 0, name: str = "ครูมะลิ งามตา") -> NewPerson:
    return NewPerson(user_name=f"mali{number}", display_name=name, password=PASSWORD)


@pytest.fixture
def administrator(session: Session, school: School) -> Person:
    return a_person(session, RoleName.SCHOOL_ADMIN, school, display_name="ผอ.วิชัย รักเรียน")


@pytest.fixture
def link(
    session: Session, clock: StoppedClock, school: School, administrator: Person
) -> SchoolLink:
    return make_school_link(session, clock, school_id=school.id, by=administrator)


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session of either database."""
    with building(engine) as session:
        yield session


def waiting(session: Session, school: School, by: Person) -> list[SchoolRequest]:
    return [each.row for each in list_waiting(session, school_id=school.id, by=by).shown]


def roles_of(person: Person) -> set[tuple[str, str]]:
    return {(str(role.name), role.school.name if role.school else "") for role in person.roles}


def test_the_link_makes_nobody_a_teacher_before_somebody_of_the_school_confirms(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    asker = ask_by_link(session, clock, token=link.token, new=somebody())

    assert asker.roles == []
    assert audiences_of(asker) == {"public", f"person:{asker.id}"}
    (row,) = waiting(session, school, administrator)
    assert (row.person_id, row.school_link_id, link.used_count) == (asker.id, link.id, 1)
    decide_requests(
        session,
        clock,
        school_id=school.id,
        request_ids=[row.id],
        is_accepted=True,
        by=administrator,
    )
    assert roles_of(asker) == {("teacher", school.name)}
    assert waiting(session, school, administrator) == []


def test_only_those_who_were_chosen_are_confirmed_not_who_came_meanwhile(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    shown = [ask_by_link(session, clock, token=link.token, new=somebody(n)) for n in range(3)]
    chosen = [row.id for row in waiting(session, school, administrator)[:2]]
    late = ask_by_link(session, clock, token=link.token, new=somebody(9))

    decided = decide_requests(
        session,
        clock,
        school_id=school.id,
        request_ids=chosen,
        is_accepted=True,
        by=administrator,
    )

    assert [bool(person.roles) for person in (*shown, late)] == [True, True, False, False]
    assert (len(decided.names), decided.left_count) == (2, 0)


def test_a_request_of_another_school_is_not_decided_here(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    asker = ask_by_link(session, clock, token=link.token, new=somebody())
    (row,) = waiting(session, school, administrator)
    other = a_school(session, "โรงเรียนวัดใหม่")
    of_other = a_person(session, RoleName.SCHOOL_ADMIN, other)

    accept = partial(decide_requests, session, clock, request_ids=[row.id], is_accepted=True)
    assert accept(school_id=other.id, by=of_other).left_count == 1
    with pytest.raises(NotAllowed):
        accept(school_id=school.id, by=of_other)

    assert asker.roles == []


def test_asking_twice_is_once_and_after_a_no_one_may_ask_again(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    asker = a_person(session)
    for _ in range(2):
        ask_by_link_as(session, clock, token=link.token, by=asker)
    assert link.used_count == 1
    (first,) = waiting(session, school, administrator)
    decide_requests(
        session,
        clock,
        school_id=school.id,
        request_ids=[first.id],
        is_accepted=False,
        by=administrator,
    )
    assert [news.kind for news in unread_news(session, person=asker)] == [NewsKind.DECLINED]

    ask_by_link_as(session, clock, token=link.token, by=asker)

    (listed,) = list_school_links(session, clock, school_id=school.id, by=administrator)
    assert [row.is_accepted for row in listed.requests] == [False, None]
    assert (listed.row.used_count, listed.unnamed_count) == (2, 0)


def test_who_teaches_there_has_nothing_to_ask(
    session: Session, clock: StoppedClock, teacher: Person, link: SchoolLink
) -> None:
    with pytest.raises(AlreadyThere):
        ask_by_link_as(session, clock, token=link.token, by=teacher)


def test_a_pupils_account_is_confirmed_only_where_that_is_said(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    pupil = a_person(session, RoleName.STUDENT, school)
    ask_by_link_as(session, clock, token=link.token, by=pupil)
    (asked,) = list_waiting(session, school_id=school.id, by=administrator).shown
    accept = partial(
        decide_requests,
        session,
        clock,
        school_id=school.id,
        request_ids=[asked.row.id],
        is_accepted=True,
        by=administrator,
    )

    assert (asked.is_pupils, asked.is_plain, asked.pupil_of) == (True, False, [school.name])
    assert accept().left_count == 1
    assert roles_of(pupil) == {("student", school.name)}
    assert accept(although_pupils=True).names == [pupil.display_name]
    assert roles_of(pupil) == {("student", school.name), ("teacher", school.name)}


def test_an_account_without_a_password_does_not_ask(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    pupil = a_person(session, RoleName.STUDENT, school)
    pupil.password_hash = ""
    session.commit()
    set_takes_requests(session, clock, school_id=school.id, takes_requests=True, by=administrator)

    with pytest.raises(PupilsAccount):
        ask_by_link_as(session, clock, token=link.token, by=pupil)
    with pytest.raises(PupilsAccount):
        ask_to_teach_as(session, clock, school_id=school.id, by=pupil)


def test_what_needs_a_second_look_is_said(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    colleague = a_person(session, RoleName.TEACHER, school, display_name="ครูมะลิ งามตา")
    pupil = a_person(session, RoleName.STUDENT, school, display_name="ปิติ ชูใจ")
    pupil.sort_key = sort_key_of(pupil.display_name)
    session.commit()
    for number, name in enumerate(("มะลี่ งามตา", "ครูปิติ ชูใจ", "ครูใหม่ มาแล้ว")):
        ask_by_link(session, clock, token=link.token, new=somebody(number, name))

    namesake, pupils_name, plain = list_waiting(
        session, school_id=school.id, by=administrator
    ).shown

    assert namesake.namesakes == [colleague.user_name]
    assert pupils_name.has_pupils_name
    assert [each.is_plain for each in (namesake, pupils_name, plain)] == [False, False, True]


def test_who_was_switched_off_since_is_neither_listed_nor_confirmed(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    asker = ask_by_link(session, clock, token=link.token, new=somebody())
    (row,) = waiting(session, school, administrator)
    office = a_person(session, RoleName.OFFICE_ADMIN)
    set_active(session, clock, person_id=asker.id, is_active=False, by=office)

    decided = decide_requests(
        session,
        clock,
        school_id=school.id,
        request_ids=[row.id],
        is_accepted=True,
        by=administrator,
    )

    assert waiting(session, school, administrator) == []
    assert (decided.names, decided.left_count, asker.roles) == ([], 1, [])


def test_the_link_stops_when_its_maker_may_no_longer_invite(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)
    remove_role(session, clock, role_id=administrator.roles[0].id, by=office)

    with pytest.raises(LinkExpired):
        ask_by_link(session, clock, token=link.token, new=somebody())
    with pytest.raises(LinkExpired):
        ask_by_link_as(session, clock, token=link.token, by=a_person(session))

    assert open_school_link(session, clock, school_id=school.id) is None
    (listed,) = list_school_links(session, clock, school_id=school.id, by=office)
    assert not listed.is_open


def test_who_asked_goes_on_waiting_when_the_link_ends(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    ask_by_link(session, clock, token=link.token, new=somebody())

    end_school_link(session, clock, school_id=school.id, by=administrator)

    with pytest.raises(LinkExpired):
        find_school_link(session, clock, token=link.token)
    assert len(waiting(session, school, administrator)) == 1


def test_a_link_that_went_astray_buries_nobody(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    known_hash = administrator.password_hash
    session.add_all(
        SchoolRequest(
            school_id=school.id,
            person=Person(
                user_name=f"bot{number}",
                display_name="x",
                password_hash=known_hash,
                created_at=clock(),
            ),
            school_link_id=link.id,
            created_at=clock(),
        )
        for number in range(MOST_WAITING)
    )
    session.commit()
    people = session.scalar(select(func.count()).select_from(Person))

    with pytest.raises(ManyWait):
        ask_by_link(session, clock, token=link.token, new=somebody(), address=HERE)

    assert session.scalar(select(func.count()).select_from(Person)) == people
    session.commit()
    assert list_waiting(session, school_id=school.id, by=administrator).count == MOST_WAITING
    other = make_school_link(session, clock, school_id=school.id, by=administrator)
    ask_by_link(session, clock, token=other.token, new=somebody(), address=HERE)


def test_an_address_is_kept_only_while_a_request_waits_and_never_in_the_clear(
    session: Session, clock: StoppedClock, school: School, administrator: Person, link: SchoolLink
) -> None:
    ask_by_link(session, clock, token=link.token, new=somebody(), address=HERE)
    (row,) = waiting(session, school, administrator)
    assert row.address_sha256 == sha256_of(f"{school.id} {HERE}")

    decide_requests(
        session,
        clock,
        school_id=school.id,
        request_ids=[row.id],
        is_accepted=False,
        by=administrator,
    )

    assert row.address_sha256 == ""


def test_news_is_told_until_its_own_person_has_read_it(
    session: Session, clock: StoppedClock, school: School
) -> None:
    person, stranger = a_person(session), a_person(session)
    session.add(
        PersonNews(person_id=person.id, kind=NewsKind.ACCEPTED, school_id=school.id, at=clock())
    )
    session.commit()
    (news,) = unread_news(session, person=person)

    note_read(session, clock, news_ids=[news.id], by=stranger)
    assert unread_news(session, person=person) == [news]
    note_read(session, clock, news_ids=[news.id], by=person)

    assert unread_news(session, person=person) == []


def test_of_those_at_one_address_who_use_a_link_at_once_no_more_wait_than_may(
    engine: Engine, db: Session, clock: StoppedClock
) -> None:
    school = a_school(db)
    administrator = a_person(db, RoleName.SCHOOL_ADMIN, school)
    link = make_school_link(db, clock, school_id=school.id, by=administrator)
    askers = [a_person(db) for _ in range(MOST_FROM_ADDRESS + 5)]

    results = at_once(
        engine,
        [
            partial(ask_by_link_as, now=clock, token=link.token, by=by, address=HERE)
            for by in askers
        ],
    )

    assert [type(each) for each in results if each is not None] == [ManyWait] * 5
    assert list_waiting(db, school_id=school.id, by=administrator).count == MOST_FROM_ADDRESS
    (listed,) = list_school_links(db, clock, school_id=school.id, by=administrator)
    db.refresh(listed.row)
    assert listed.row.used_count == MOST_FROM_ADDRESS


def test_one_person_who_asks_from_many_windows_at_once_waits_once(
    engine: Engine, db: Session, clock: StoppedClock
) -> None:
    school = a_school(db)
    administrator, asker = a_person(db, RoleName.SCHOOL_ADMIN, school), a_person(db)
    link = make_school_link(db, clock, school_id=school.id, by=administrator)
    set_takes_requests(db, clock, school_id=school.id, takes_requests=True, by=administrator)
    by_link = partial(ask_by_link_as, now=clock, token=link.token, by=asker)
    by_page = partial(ask_to_teach_as, now=clock, school_id=school.id, by=asker)

    results = at_once(engine, [by_link, by_page] * 4)

    assert results == [None] * 8
    assert list_waiting(db, school_id=school.id, by=administrator).count == 1


def test_of_two_administrators_who_decide_at_once_one_does(
    engine: Engine, db: Session, clock: StoppedClock
) -> None:
    school = a_school(db)
    first, second = (a_person(db, RoleName.SCHOOL_ADMIN, school) for _ in range(2))
    link = make_school_link(db, clock, school_id=school.id, by=first)
    asker = ask_by_link(db, clock, token=link.token, new=somebody())
    (row,) = waiting(db, school, first)
    facts: dict[str, Any] = {"now": clock, "school_id": school.id, "request_ids": [row.id]}

    yes, no = at_once(
        engine,
        [
            partial(decide_requests, **facts, is_accepted=True, by=first),
            partial(decide_requests, **facts, is_accepted=False, by=second),
        ],
    )

    assert isinstance(yes, Decided)
    assert isinstance(no, Decided)
    assert sorted([yes.left_count, no.left_count]) == [0, 1]
    db.refresh(asker)
    assert bool(asker.roles) == (yes.left_count == 0)
    news = unread_news(db, person=asker)
    assert [each.kind for each in news] == [
        NewsKind.ACCEPTED if yes.left_count == 0 else NewsKind.DECLINED
    ]
