"""Home classes: what the school is asked, what it says, and what a subject class takes."""

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed
from server.models.classrooms import Classroom, Enrolment, HomePlace, HomeProposal
from server.models.people import Person, RoleName, School
from server.services.classrooms import ClassroomFacts, create_classroom, list_classrooms
from server.services.enrolments import add_names, enrol_person, present_enrolments
from server.services.home_classes import (
    asked_about,
    confirm_homes,
    home_classes,
    home_questions,
    take_home_classes,
)
from server.services.home_places import homes_of
from server.services.loans import end_loan, lend_classroom, open_loans
from server.services.scopes import person_of_token
from tests.builders import StoppedClock, a_person, a_sign_in


@pytest.fixture
def admin(session: Session, school: School) -> Person:
    return a_person(session, RoleName.SCHOOL_ADMIN, school)


def a_class(
    session: Session, clock: StoppedClock, by: Person, name: str, *, year: int | None = None
) -> Classroom:
    school_id = by.roles[0].school_id
    facts = ClassroomFacts(name=name, grades=["P4"], academic_year=year)
    return create_classroom(session, clock, school_id=school_id, facts=facts, by=by)


def pupils_of(session: Session, room: Classroom) -> list[Person]:
    with session.begin():
        return [row.person for row in present_enrolments(session, room.id)]


def home_ids(session: Session, person: Person) -> list[UUID]:
    with session.begin():
        return [home.id for home in homes_of(session, person.id)]


def without_home(session: Session, person: Person, *rooms: Classroom, clock: StoppedClock) -> None:
    """Let a pupil learn in classrooms, none of which is the home, as before the upgrade."""
    with session.begin():
        for row in session.scalars(select(HomePlace).where(HomePlace.person_id == person.id)):
            session.delete(row)
        for room in rooms:
            enrol_person(session, clock, room, person)


def test_a_pupil_typed_for_the_first_time_is_at_home_there(
    session: Session, room: Classroom
) -> None:
    assert [home_ids(session, each) for each in pupils_of(session, room)] == [[room.id]] * 3


def test_of_several_classrooms_the_one_named_like_a_grades_room_is_proposed(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person, admin: Person
) -> None:
    club = a_class(session, clock, teacher, "ชุมนุมหมากล้อม")
    somchai = pupils_of(session, room)[0]
    without_home(session, somchai, club, clock=clock)

    questions = home_questions(session, school_id=room.school_id, by=admin)

    assert [one.person.id for one in questions] == [somchai.id]
    assert {choice.id for choice in questions[0].choices} == {room.id, club.id}
    assert questions[0].suggested_id == room.id


def test_what_the_school_confirms_is_the_home_and_is_asked_no_more(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person, admin: Person
) -> None:
    club = a_class(session, clock, teacher, "ชุมนุม")
    somchai = pupils_of(session, room)[0]
    without_home(session, somchai, club, clock=clock)
    confirm = partial(confirm_homes, session, clock, school_id=room.school_id, by=admin)

    count, again = (confirm(chosen={somchai.id: place.id}) for place in (room, club))

    assert (count, again) == (1, 0)
    assert home_ids(session, somchai) == [room.id]
    assert home_questions(session, school_id=room.school_id, by=admin) == []


def test_a_teacher_says_nobodys_home(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    with pytest.raises(NotAllowed):
        home_questions(session, school_id=room.school_id, by=teacher)
    with pytest.raises(NotAllowed):
        confirm_homes(session, clock, school_id=room.school_id, chosen={}, by=teacher)


def test_known_pupils_of_next_years_list_wait_for_the_school_and_come_with_their_places(
    session: Session,
    clock: StoppedClock,
    school: School,
    room: Classroom,
    admin: Person,
) -> None:
    colleague = a_person(session, RoleName.TEACHER, school)
    later = a_class(session, clock, colleague, "ป.5/1", year=room.academic_year + 1)
    text = "7 1001 ด.ช. สมชาย ใจดี\n8 ด.ช. คนใหม่ มาถึง"

    added = add_names(session, clock, classroom_id=later.id, text=text, by=colleague)
    add_names(session, clock, classroom_id=later.id, text=text, by=colleague)  # pasted again

    assert [row.person.display_name for row in added] == ["คนใหม่ มาถึง"]
    assert [each.display_name for each in asked_about(session, classroom_id=later.id)] == [
        "สมชาย ใจดี"
    ]
    question = home_questions(session, school_id=school.id, by=admin)[0]
    chosen = {question.person.id: later.id}
    assert confirm_homes(session, clock, school_id=school.id, chosen=chosen, by=admin) == 1
    assert home_ids(session, question.person) == [later.id]
    rows = {each.person_id: each for each in _rows(session, later)}
    assert rows[question.person.id].list_number == 7


def _rows(session: Session, room: Classroom) -> list[Enrolment]:
    with session.begin():
        return present_enrolments(session, room.id)


def test_a_proposal_that_the_school_declines_is_gone_and_nobody_moved(
    session: Session, clock: StoppedClock, school: School, room: Classroom, admin: Person
) -> None:
    colleague = a_person(session, RoleName.TEACHER, school)
    other = a_class(session, clock, colleague, "ป.4/2")
    add_names(session, clock, classroom_id=other.id, text="1001 ด.ช. สมชาย ใจดี", by=colleague)
    question = home_questions(session, school_id=school.id, by=admin)[0]
    assert question.suggested_id == room.id

    chosen: dict[UUID, UUID | None] = {question.person.id: None}
    confirm_homes(session, clock, school_id=school.id, chosen=chosen, by=admin)

    assert session.scalar(select(func.count()).select_from(HomeProposal)) == 0
    assert home_ids(session, question.person) == [room.id]
    assert pupils_of(session, other) == []


def test_the_schools_own_list_enrols_whom_it_knows_at_once(
    session: Session, clock: StoppedClock, room: Classroom, admin: Person
) -> None:
    later = a_class(session, clock, admin, "ป.5/1", year=room.academic_year + 1)

    added = add_names(session, clock, classroom_id=later.id, text="1001 ด.ช. สมชาย ใจดี", by=admin)

    assert [home_ids(session, row.person) for row in added] == [[later.id]]


def test_a_subject_class_takes_a_home_class_in_one_press_and_once(
    session: Session, clock: StoppedClock, school: School, room: Classroom
) -> None:
    colleague = a_person(session, RoleName.TEACHER, school)
    maths = a_class(session, clock, colleague, "คณิต ป.4")
    offered = home_classes(session, classroom=maths)
    assert [(each.classroom.id, each.pupil_count) for each in offered] == [(room.id, 3)]

    take = partial(take_home_classes, session, clock, classroom_id=maths.id, by=colleague)
    counts = [take(home_ids=[room.id]) for _ in range(2)]

    assert counts == [3, 0]
    assert [row.list_number for row in _rows(session, maths)] == [1, 2, 3]
    assert [home_ids(session, each) for each in pupils_of(session, maths)] == [[room.id]] * 3
    with pytest.raises(FieldError):
        take(home_ids=[])


def test_a_loan_ends_by_itself_and_at_once_when_it_is_ended(
    session: Session, clock: StoppedClock, school: School, room: Classroom, teacher: Person
) -> None:
    colleague = a_person(session, RoleName.TEACHER, school)
    token = a_sign_in(session, colleague, clock())

    def sees() -> list[str]:
        found = person_of_token(session, clock, token)
        assert found
        return [each.classroom.name for each in list_classrooms(session, by=found.person)]

    def lend() -> UUID:
        return lend_classroom(
            session,
            clock,
            classroom_id=room.id,
            person_id=colleague.id,
            last_on=None,
            by=teacher,
        ).id

    before = sees()
    loan_id = lend()
    meanwhile = sees()
    end_loan(session, clock, loan_id=loan_id, by=teacher)
    after = sees()
    lend()
    clock.forward(hours=13)  # it was noon
    next_day = sees()

    assert (before, meanwhile, after, next_day) == ([], [room.name], [], [])
    assert open_loans(session, clock, classroom_id=room.id) == []
