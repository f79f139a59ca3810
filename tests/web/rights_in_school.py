"""What stands in a school beside its lessons: a classroom, its pupils, links and requests."""

from sqlalchemy.orm import Session

from server.models.classrooms import SchoolRequest, SecretKind
from server.models.people import Person, RoleName, School
from server.models.work_removals import WorkRemoval
from server.services.class_joining import Joiner, ask_to_join, find_request
from server.services.classrooms import (
    ClassroomFacts,
    add_teacher,
    create_classroom,
    edit_classroom,
)
from server.services.enrolments import add_names, enrol_person
from server.services.loans import lend_classroom
from server.services.pupil_keys import come_in_by_slip, make_slips
from server.services.school_joining import make_school_link
from tests.builders import NOON, StoppedClock, a_person, a_school

IN_SCHOOL = (  # routes that need more than the lesson's world
    *("/classrooms/", "/pupils/", "/join", "/in/", "/teach/", "/ask", "/hat"),
    "/admin/schools/{school_id}/asked",
)
NAMES = "1 ด.ช. สมชาย ใจดี\n2 ด.ญ. มะลิ งามตา"


def names_in_school(
    session: Session,
    clock: StoppedClock,
    teacher: Person,
    pupil: Person,
) -> dict[str, str]:
    """Make them for the teacher's school; the pupil learns in the classroom."""
    school = teacher.roles[0].school
    assert school
    administrator = a_person(session, RoleName.SCHOOL_ADMIN, school)
    return {
        **_classroom(session, clock, school, teacher, pupil),
        **_links(session, clock, school, administrator),
    }


def _classroom(
    session: Session,
    clock: StoppedClock,
    school: School,
    teacher: Person,
    pupil: Person,
) -> dict[str, str]:
    facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
    room = create_classroom(session, clock, school_id=school.id, facts=facts, by=teacher)
    with_pin = ClassroomFacts(name="ป.4/1", grades=["P4"], secret_kind=SecretKind.PIN)
    edit_classroom(session, clock, classroom_id=room.id, facts=with_pin, by=teacher)
    first, second = add_names(session, clock, classroom_id=room.id, text=NAMES, by=teacher)
    with session.begin():
        enrol_person(session, clock, room, pupil)
    colleague, free = (a_person(session, RoleName.TEACHER, school) for _ in range(2))
    add_teacher(session, clock, classroom_id=room.id, person_id=colleague.id, by=teacher)
    loan = lend_classroom(
        session, clock, classroom_id=room.id, person_id=free.id, last_on=None, by=teacher
    )
    slip = make_slips(session, clock, classroom_id=room.id, enrolment_ids=[first.id], by=teacher)[0]
    signed_in = come_in_by_slip(session, clock, token=slip.token)
    session.add(WorkRemoval(classroom_id=room.id, told_days=1, last_told_on=NOON.date()))
    session.commit()
    waiting = ask_to_join(session, clock, token=room.token, joiner=Joiner(typed_name="ด.ช. ใหม่"))
    return {
        "classroom_id": str(room.id),
        "class_code": room.code,
        "class_token": room.token,
        "enrolment_id": str(first.id),
        "other_enrolment_id": str(second.id),
        "colleague_id": str(colleague.id),
        "free_colleague_id": str(free.id),
        "slip_token": slip.token,
        "pin": slip.secret,
        "grid_form": "csv",
        "loan_id": str(loan.id),
        "pupil_sign_in_id": str(signed_in.sign_in.id),
        "join_request_id": str(find_request(session, clock, token=waiting).id),
    }


def _links(
    session: Session, clock: StoppedClock, school: School, administrator: Person
) -> dict[str, str]:
    link = make_school_link(session, clock, school_id=school.id, by=administrator)
    asked = a_school(session)
    asked.takes_requests = True
    asker = a_person(session, RoleName.STUDENT)
    request = SchoolRequest(school_id=school.id, person_id=asker.id, created_at=clock())
    session.add(request)
    session.commit()
    return {
        "teach_token": link.token,
        "asked_school_id": str(asked.id),
        "school_request_id": str(request.id),
    }
