"""Classrooms and how pupils come in, through services alone."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import (
    Conflict,
    FieldError,
    LinkExpired,
    NotAllowed,
    NotFound,
)
from server.models.classrooms import Classroom, Enrolment, StudentNumber
from server.models.people import Person, RoleName, School
from server.services.class_choices import choose_picture
from server.services.class_joining import (
    Joiner,
    ask_to_join,
    claim_session,
    confirm,
    find_by_code,
    find_by_token,
)
from server.services.class_waiting import confirm_all, list_waiting
from server.services.classrooms import (
    ClassroomFacts,
    add_teacher,
    change_code,
    create_classroom,
    list_classrooms,
    remove_teacher,
)
from server.services.covered import Covered
from server.services.enrolments import (
    PupilChanges,
    add_names,
    edit_pupil,
    list_pupils,
    remove_pupil,
)
from server.services.merging_pupils import join_pupils
from server.services.progress import Progress, Watched, progress_of, record_watched
from server.services.pupil_keys import (
    come_in_by_slip,
    make_slips,
)
from server.services.pupil_sign_ins import end_pupil_sign_ins
from server.services.schools import remove_role
from server.services.scopes import person_of_token
from server.services.sign_ins import Device, SignInResult
from server.wiring import Wiring
from tests.builders import CLASS_NAMES, StoppedClock, a_person, a_ready_asset, a_school, the_picture


def pupil(session: Session, name: str) -> Enrolment:
    wanted = select(Enrolment).join(Person).where(Person.display_name.startswith(name))
    with session.begin():
        return session.scalars(wanted).one()


def come_in(session: Session, clock: StoppedClock, room: Classroom, joiner: Joiner) -> str:
    """Wait under a name, and choose the picture that the teacher shows."""
    waiting = ask_to_join(session, clock, token=room.token, joiner=joiner)
    choose_picture(session, clock, token=waiting, picture=the_picture(room, clock()))
    return waiting


def claimed(session: Session, clock: StoppedClock, waiting: str) -> SignInResult:
    result = claim_session(session, clock, token=waiting)
    assert result is not None
    return result


def test_a_classroom_of_combined_grades_belongs_to_this_academic_year(
    session: Session, room: Classroom, teacher: Person
) -> None:
    assert room.grades == ["P4", "P5"]
    assert room.academic_year == 2026
    assert room.teacher_ids == {teacher.id}
    assert [listed.pupil_count for listed in list_classrooms(session, by=teacher)] == [3]


def test_pupils_are_listed_by_register_then_in_thai_order(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    add_names(session, clock, classroom_id=room.id, text="ไก่ ก\nกฤษณา ข\nเกาะ ค", by=teacher)

    names = [p.enrolment.person.display_name for p in list_pupils(session, clock, classroom=room)]

    assert names == ["สมชาย ใจดี", "มะลิ ณ อยุธยา", "ปิติ ชูใจ", "กฤษณา ข", "เกาะ ค", "ไก่ ก"]


def test_the_same_list_pasted_twice_adds_nobody(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    assert add_names(session, clock, classroom_id=room.id, text=CLASS_NAMES, by=teacher) == []


def test_a_pupil_is_found_again_by_the_student_number_in_next_years_classroom(
    session: Session, clock: StoppedClock, school: School, room: Classroom, teacher: Person
) -> None:
    facts = ClassroomFacts(name="ป.5/1", grades=["P5"])
    older = create_classroom(session, clock, school_id=school.id, facts=facts, by=teacher)

    again = add_names(
        session, clock, classroom_id=older.id, text="7 1001 เด็กชายสมชาย ใจดี", by=teacher
    )

    assert [row.person_id for row in again] == [pupil_id(session, room, "สมชาย")]
    assert session.scalars(select(StudentNumber.value)).all() == ["1001"]


def pupil_id(session: Session, room: Classroom, name: str) -> UUID:
    wanted = select(Enrolment.person_id).join(Person).where(Enrolment.classroom_id == room.id)
    return session.scalars(wanted.where(Person.display_name.startswith(name))).one()


def test_a_device_comes_in_once_after_the_teacher_confirmed_and_stays_for_the_term(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    member = pupil(session, "สมชาย")
    waiting = come_in(
        session, clock, room, Joiner(enrolment_id=member.id, device=Device(name="Chrome/ Android"))
    )
    with pytest.raises(LinkExpired):
        claim_session(session, clock, token=waiting)

    assert confirm_all(session, clock, classroom_id=room.id, by=teacher) == 1
    result = claimed(session, clock, waiting)

    with pytest.raises(LinkExpired):
        claim_session(session, clock, token=waiting)
    clock.forward(days=120)
    found = person_of_token(session, clock, result.token)
    assert found is not None
    assert found.person.id == member.person_id
    clock.forward(days=120)
    assert person_of_token(session, clock, result.token) is None


def test_a_typed_name_like_one_of_the_list_waits_for_a_second_look(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    waiting = come_in(session, clock, room, Joiner(typed_name="ด.ช.สมชาย ใจดิ"))

    assert confirm_all(session, clock, classroom_id=room.id, by=teacher) == 0
    (row,) = list_waiting(session, clock, classroom=room)
    (alike,) = row.alike
    confirm(session, clock, request_id=row.request.id, as_id=alike.id, by=teacher)

    person = claimed(session, clock, waiting).person
    assert person.display_name == "สมชาย ใจดี"
    assert len(list_pupils(session, clock, classroom=room)) == 3


def test_a_device_that_chooses_again_waits_under_the_last_name_only(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    first = come_in(session, clock, room, Joiner(enrolment_id=pupil(session, "มะลิ").id))
    member = pupil(session, "สมชาย")

    come_in(session, clock, room, Joiner(enrolment_id=member.id, instead_of=first))

    (row,) = list_waiting(session, clock, classroom=room)
    assert row.enrolment is not None
    assert row.enrolment.id == member.id


def test_who_asks_in_their_own_account_gets_no_other_session_by_it(
    session: Session, clock: StoppedClock, school: School, room: Classroom, teacher: Person
) -> None:
    other = a_person(session, RoleName.STUDENT, school)
    waiting = come_in(session, clock, room, Joiner(person=other))
    confirm_all(session, clock, classroom_id=room.id, by=teacher)

    assert claim_session(session, clock, token=waiting) is None
    assert len(list_pupils(session, clock, classroom=room)) == 4


def test_a_second_device_under_the_name_of_who_has_just_come_in_waits_for_a_second_look(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    joiner = Joiner(enrolment_id=pupil(session, "สมชาย").id)
    waiting = come_in(session, clock, room, joiner)
    confirm_all(session, clock, classroom_id=room.id, by=teacher)
    claimed(session, clock, waiting)

    again = come_in(session, clock, room, joiner)
    (row,) = list_waiting(session, clock, classroom=room)
    assert row.is_in
    assert confirm_all(session, clock, classroom_id=room.id, by=teacher) == 0
    clock.forward(hours=3)  # the next lesson, in the room with the computers
    change_code(session, clock, classroom_id=room.id, action="open_room", by=teacher)
    choose_picture(session, clock, token=again, picture=the_picture(room, clock()))
    assert confirm_all(session, clock, classroom_id=room.id, by=teacher) == 1


def _first_waiting(session: Session, clock: StoppedClock, room: Classroom) -> UUID:
    return list_waiting(session, clock, classroom=room)[0].request.id


def test_a_name_that_holds_a_formula_or_a_script_is_refused(
    session: Session, clock: StoppedClock, room: Classroom
) -> None:
    for name in ("=1+1", "<b>x</b>", "  "):
        with pytest.raises(FieldError):
            come_in(session, clock, room, Joiner(typed_name=name))


def test_a_leaked_code_is_changed_at_once_with_its_link(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    code, token = room.code, room.token
    come_in(session, clock, room, Joiner(typed_name="คนแปลกหน้า"))

    change_code(session, clock, classroom_id=room.id, action="rotate", by=teacher)

    assert list_waiting(session, clock, classroom=room) == []

    with pytest.raises(FieldError):
        find_by_code(session, clock, typed=code)
    with pytest.raises(LinkExpired):
        find_by_token(session, clock, token=token)


@pytest.mark.parametrize(("action", "hours"), [("open_room", 2), ("open", 7 * 24)])
def test_a_code_closes_by_itself_after_the_lesson_or_after_a_week(
    session: Session,
    clock: StoppedClock,
    room: Classroom,
    teacher: Person,
    action: str,
    hours: int,
) -> None:
    change_code(session, clock, classroom_id=room.id, action=action, by=teacher)
    clock.forward(hours=hours - 1)
    assert find_by_code(session, clock, typed=room.code.lower()).id == room.id

    clock.forward(hours=1)

    with pytest.raises(FieldError):
        find_by_code(session, clock, typed=room.code)


def test_the_same_pupil_twice_becomes_one_without_losing_where_they_came_from(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    (twin,) = add_names(session, clock, classroom_id=room.id, text="9 2002 สมชัย ใจดี", by=teacher)
    kept = pupil(session, "มะลิ")
    asset = a_ready_asset(session)
    for row, covered in ((twin, [(0, 5)]), (kept, [(3, 9)])):
        progress = Progress(
            covered=Covered.of(covered), position_s=0, first_at=clock(), last_at=clock()
        )
        with session.begin():
            record_watched(session, [Watched([row.person_id], asset.id, progress)])

    join_pupils(session, clock, enrolment_id=kept.id, same_id=twin.id, by=teacher)

    rows = list_pupils(session, clock, classroom=room)
    assert [row.student_number for row in rows] == ["1001", "2002", ""]
    (progress,) = progress_of(session, [kept.person_id, twin.person_id], [asset.id]).values()
    assert progress.covered == Covered.of([(0, 9)])


def test_a_teacher_with_an_account_is_never_let_in_by_a_slip_of_a_colleague(
    session: Session, clock: StoppedClock, school: School, room: Classroom, teacher: Person
) -> None:
    other = a_person(session, RoleName.STUDENT, school)  # signs in with a password
    come_in(session, clock, room, Joiner(person=other))
    confirm_all(session, clock, classroom_id=room.id, by=teacher)

    slips = make_slips(session, clock, classroom_id=room.id, by=teacher)

    assert len(slips) == 3
    member = next(
        row.enrolment
        for row in list_pupils(session, clock, classroom=room)
        if row.enrolment.person_id == other.id
    )
    with pytest.raises(NotAllowed):
        come_in(session, clock, room, Joiner(enrolment_id=member.id))
    come_in(session, clock, room, Joiner(typed_name="ใครก็ได้"))
    with pytest.raises(NotAllowed):
        confirm(
            session,
            clock,
            request_id=_first_waiting(session, clock, room),
            as_id=member.id,
            by=teacher,
        )
    with pytest.raises(NotAllowed):
        end_pupil_sign_ins(session, clock, enrolment_id=member.id, by=teacher)


def test_a_teacher_moved_to_another_school_leaves_the_classroom_to_a_colleague(
    session: Session, clock: StoppedClock, school: School, room: Classroom, teacher: Person
) -> None:
    colleague = a_person(session, RoleName.TEACHER, school)
    stranger = a_person(session, RoleName.TEACHER, a_school(session))
    administrator = a_person(session, RoleName.SCHOOL_ADMIN, school)
    with pytest.raises(NotAllowed):
        add_teacher(session, clock, classroom_id=room.id, person_id=stranger.id, by=teacher)
    with pytest.raises(Conflict):
        remove_teacher(session, clock, classroom_id=room.id, person_id=teacher.id, by=teacher)

    remove_role(session, clock, role_id=teacher.roles[0].id, by=administrator)
    session.expire_all()

    assert list_classrooms(session, by=teacher) == []
    with pytest.raises(NotFound):
        change_code(session, clock, classroom_id=room.id, action="close", by=teacher)
    add_teacher(session, clock, classroom_id=room.id, person_id=colleague.id, by=administrator)
    session.expire_all()
    assert [each.classroom.id for each in list_classrooms(session, by=colleague)] == [room.id]


def test_who_was_taken_out_may_come_back_and_keeps_numbers(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    member = pupil(session, "สมชาย")
    slip = make_slips(session, clock, classroom_id=room.id, enrolment_ids=[member.id], by=teacher)[
        0
    ]

    remove_pupil(session, clock, enrolment_id=member.id, by=teacher)

    with pytest.raises(LinkExpired):
        come_in_by_slip(session, clock, token=slip.token)
    (back,) = add_names(session, clock, classroom_id=room.id, text="1001 สมชาย ใจดี", by=teacher)
    assert back.id == member.id


def test_correcting_a_name_moves_it_in_the_order(
    session: Session, clock: StoppedClock, room: Classroom, teacher: Person
) -> None:
    member = pupil(session, "ปิติ")

    edit_pupil(
        session,
        clock,
        enrolment_id=member.id,
        changes=PupilChanges(name="ด.ช. กฤษณะ ชูใจ", student_number="1003"),
        by=teacher,
    )

    last = list_pupils(session, clock, classroom=room)[-1]
    assert (last.enrolment.person.full_name, last.student_number) == ("ด.ช. กฤษณะ ชูใจ", "1003")


@pytest.mark.parametrize(
    "numbers",
    [{"list_number": 10**30}, {"list_number": 0}, {"student_number": "1-7099-00123-45-6"}],
)
def test_impossible_places_and_national_numbers_are_not_kept(
    session: Session,
    clock: StoppedClock,
    room: Classroom,
    teacher: Person,
    numbers: dict[str, Any],
) -> None:
    member = pupil(session, "มะลิ")

    with pytest.raises(FieldError):
        edit_pupil(
            session,
            clock,
            enrolment_id=member.id,
            changes=PupilChanges(name="มะลิ ณ อยุธยา", **numbers),
            by=teacher,
        )


def test_two_teachers_who_paste_the_same_list_at_once_add_nobody_twice(world: Wiring) -> None:
    with world.sessions() as session:
        school = a_school(session)
        teacher = a_person(session, RoleName.TEACHER, school)
        facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
        room = create_classroom(session, world.clock, school_id=school.id, facts=facts, by=teacher)

    def paste(_number: int) -> int:
        with world.sessions() as own:
            found = own.get_one(Person, teacher.id)
            own.commit()
            names = CLASS_NAMES
            return len(add_names(own, world.clock, classroom_id=room.id, text=names, by=found))

    with ThreadPoolExecutor(4) as pool:
        added = sorted(pool.map(paste, range(4)))

    assert added == [0, 0, 0, 3]
