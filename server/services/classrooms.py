"""Classrooms: made, changed, opened for pupils to come in, and handed on to colleagues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, joinedload

from server.errors import Conflict, FieldError, NotAllowed, NotFound
from server.models.classrooms import Classroom, ClassroomTeacher, Enrolment, JoinRequest, SecretKind
from server.models.people import Office, Person, Role, RoleName
from server.policy import (
    has_role,
    may_lead_classroom,
    may_make_classroom,
    may_manage_school,
    may_teach_classroom,
    schools_of,
)
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.codes import new_code, new_token
from server.services.find_row import find_row
from server.services.given import in_scope
from server.services.lesson_changes import GRADES
from server.services.open_rooms import close_room, is_for_small, is_room_open, open_room
from server.services.terms import academic_year_of, day_in_bangkok, end_of_stay, terms_of_school

LONGEST_CLASSROOM_NAME = 100
OPEN_FOR = timedelta(days=7)
MOST_LISTED = 200
TOLD_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassroomFacts:
    """What a teacher says of a classroom; an empty name is made of the grades by the page."""

    name: str
    grades: Sequence[str]
    academic_year: int | None = None  # empty: the present one
    secret_kind: SecretKind = SecretKind.NONE


@dataclass(frozen=True, slots=True)
class ListedClassroom:
    """A classroom and how many pupils it has."""

    classroom: Classroom
    pupil_count: int


def create_classroom(
    session: Session, now: Clock, *, school_id: UUID | None, facts: ClassroomFacts, by: Person
) -> Classroom:
    """Make a classroom whose first teacher is `by`, open for a lesson: pupils may be there.

    One of small children is not open, they come in by slips. Administrators who do not teach at the
    school make it without a teacher: it is handed on. Raises NotAllowed, FieldError.
    """
    if not may_make_classroom(by, school_id):
        raise NotAllowed("classrooms are made for one's own school")
    present_year = academic_year_of(day_in_bangkok(now()))
    classroom = Classroom(
        school_id=school_id,
        code=new_code(),
        token=new_token(),
        code_ends_at=now(),
        created_at=now(),
        teachers=[],
    )
    _take_facts(classroom, facts, present_year)
    if not is_for_small(classroom.grades):
        open_room(classroom, now())
    with session.begin():
        session.add(classroom)
        if has_role(by, RoleName.TEACHER, school_id):
            classroom.teachers.append(ClassroomTeacher(person_id=by.id, created_at=now()))
        session.flush()
        note_act(session, now, action="classroom.create", by=by, thing_id=classroom.id)
    return classroom


def edit_classroom(
    session: Session, now: Clock, *, classroom_id: UUID, facts: ClassroomFacts, by: Person
) -> None:
    """Change name, grades, year, and how pupils come in. Raises NotFound, FieldError."""
    with session.begin():
        classroom = led_classroom(session, classroom_id, by)
        _take_facts(classroom, facts, classroom.academic_year)
        note_act(session, now, action="classroom.edit", by=by, thing_id=classroom_id)


def get_classroom(session: Session, *, classroom_id: UUID, by: Person) -> Classroom:
    """Return a classroom to those who teach it. Raises NotFound."""
    with session.begin():
        return taught_classroom(session, classroom_id, by)


def get_led_classroom(session: Session, *, classroom_id: UUID, by: Person) -> Classroom:
    """Return a classroom to those who lead it. Raises NotFound, NotAllowed."""
    with session.begin():
        return led_classroom(session, classroom_id, by)


def taught_classroom(session: Session, classroom_id: UUID, by: Person) -> Classroom:
    """Return the row inside the caller's transaction. Raises NotFound, also for others'."""
    classroom = session.get(
        Classroom, classroom_id, options=[joinedload(Classroom.school)], populate_existing=True
    )
    if classroom is None or not may_teach_classroom(by, classroom):
        raise NotFound(f"no classroom {classroom_id} of this person")
    return classroom


def led_classroom(session: Session, classroom_id: UUID, by: Person) -> Classroom:
    """Return the row to those who lead it, inside the caller's transaction.

    Raises NotFound, or NotAllowed to a colleague who stands in for a day.
    """
    classroom = taught_classroom(session, classroom_id, by)
    if not may_lead_classroom(by, classroom):
        raise NotAllowed("this is for the teachers of the classroom, not for who stands in")
    return classroom


def list_classrooms(
    session: Session, *, by: Person, school_id: UUID | None = None
) -> list[ListedClassroom]:
    """Return what the person teaches, newest year first; with `school_id` all of that school.

    Raises NotAllowed when the school is not theirs to manage.
    """
    if school_id is not None and not may_manage_school(by, school_id):
        raise NotAllowed("a school's classrooms are listed for its administrators")
    taught = select(ClassroomTeacher.classroom_id).where(ClassroomTeacher.person_id == by.id)
    is_mine = Classroom.id.in_(taught) | Classroom.id.in_(by.scope.lent_ids)
    is_taught = is_mine & Classroom.school_id.in_(schools_of(by))
    count = (
        select(func.count(Enrolment.id))
        .where(Enrolment.classroom_id == Classroom.id, Enrolment.left_at.is_(None))
        .scalar_subquery()
    )
    wanted = (
        select(Classroom, count)
        .where(Classroom.school_id == school_id if school_id else is_taught)
        .options(joinedload(Classroom.school))
        .order_by(Classroom.academic_year.desc(), Classroom.name, Classroom.id)
        .limit(MOST_LISTED)
    )
    with session.begin():
        return [ListedClassroom(classroom, number) for classroom, number in session.execute(wanted)]


def change_code(
    session: Session, now: Clock, *, classroom_id: UUID, action: str, by: Person
) -> None:
    """Open a classroom for a lesson, a week or the term, close it, or give it another code.

    `action` is open_room, open, open_term, close or rotate; with another code, who waits under the
    old one is sent away. Raises NotFound, FieldError.
    """
    with session.begin():
        classroom = taught_classroom(session, classroom_id, by)
        if action == "rotate":
            classroom.code, classroom.token = new_code(), new_token()
            is_here = JoinRequest.classroom_id == classroom_id
            send_away(session, now, is_here, JoinRequest.confirmed_at.is_(None))
            if is_room_open(classroom, now()):  # what the old code showed is no help any more
                close_room(classroom, now())
                open_room(classroom, now())
        elif action == "open_room":
            open_room(classroom, now())
        elif action == "open":
            classroom.code_ends_at = now() + OPEN_FOR
        elif action == "open_term":
            others = terms_of_school(session, classroom.school_id)
            classroom.code_ends_at = end_of_stay(now(), others)
        elif action == "close":
            close_room(classroom, now())
            classroom.code_ends_at = now()
        else:
            raise FieldError("action", "no such action", rule="unknown")
        note_act(session, now, action=f"classroom.code_{action}", by=by, thing_id=classroom_id)


def were_signed_out(session: Session, now: Clock, *, classroom: Classroom) -> bool:
    """Return whether to tell that the upgrade ended sessions of this classroom's pupils.

    It is told for a month, where somebody had come in before; who asks teaches the classroom.
    """
    came = exists().where(
        Enrolment.classroom_id == classroom.id,
        Enrolment.came_in_at < Office.pupils_signed_out_at,
    )
    is_new = Office.pupils_signed_out_at > now() - TOLD_FOR
    with session.begin():
        return session.scalar(select(Office.id).where(is_new, came).limit(1)) is not None


def send_away(session: Session, now: Clock, *which: ColumnElement[bool]) -> None:
    """Let none of these devices come in, also confirmed ones; in the caller's transaction."""
    not_in = (JoinRequest.claimed_at.is_(None), JoinRequest.refused_at.is_(None))
    session.execute(update(JoinRequest).where(*which, *not_in).values(refused_at=now()))


def colleagues_of(session: Session, *, classroom: Classroom, by: Person) -> list[Person]:
    """Return teachers of the school who do not teach this classroom, in Thai order."""
    if not may_teach_classroom(by, classroom):
        raise NotFound(f"no classroom {classroom.id} of this person")
    teaching = select(Role.person_id).where(
        Role.school_id == classroom.school_id, Role.name == RoleName.TEACHER
    )
    wanted = (
        select(Person)
        .where(Person.id.in_(teaching), Person.id.not_in(classroom.teacher_ids), Person.is_active)
        .order_by(Person.sort_key, Person.id)
    )
    with session.begin():
        return list(session.scalars(wanted))


def add_teacher(
    session: Session, now: Clock, *, classroom_id: UUID, person_id: UUID, by: Person
) -> None:
    """Let a colleague of the same school teach the classroom, too. Raises NotFound, NotAllowed."""
    with session.begin():
        classroom = led_classroom(session, classroom_id, by)
        colleague = find_row(session, Person, person_id)
        if not has_role(colleague, RoleName.TEACHER, classroom.school_id):
            raise NotAllowed("only teachers of the school teach its classrooms")
        if person_id in classroom.teacher_ids:
            return
        classroom.teachers.append(ClassroomTeacher(person_id=person_id, created_at=now()))
        note_act(
            session,
            now,
            action="classroom.add_teacher",
            by=by,
            thing_id=classroom_id,
            person=str(person_id),
        )


def remove_teacher(
    session: Session, now: Clock, *, classroom_id: UUID, person_id: UUID, by: Person
) -> None:
    """Take a teacher, or oneself, from a classroom. Raises NotFound, or Conflict for the last one.

    The school's administrators may leave it without a teacher.
    """
    with session.begin():
        classroom = led_classroom(session, classroom_id, by)
        is_last = classroom.teacher_ids == {person_id}
        if is_last and not may_manage_school(by, classroom.school_id):
            raise Conflict("hand the classroom to a colleague first")
        kept = [row for row in classroom.teachers if row.person_id != person_id]
        classroom.teachers = kept
        note_act(
            session,
            now,
            action="classroom.remove_teacher",
            by=by,
            thing_id=classroom_id,
            person=str(person_id),
        )


def classrooms_of_pupil(session: Session, *, person: Person) -> list[Classroom]:
    """Return where the person learns now, as far as their session reaches."""
    wanted = (
        select(Classroom)
        .join(Enrolment, Enrolment.classroom_id == Classroom.id)
        .where(
            Enrolment.person_id == person.id,
            in_scope(person, Enrolment.classroom_id),
            Enrolment.left_at.is_(None),
        )
        .options(joinedload(Classroom.school))
        .order_by(Classroom.academic_year.desc(), Classroom.name)
    )
    with session.begin():
        return list(session.scalars(wanted).unique())


def grades_of_pupil(session: Session, *, person: Person | None) -> frozenset[str]:
    """Return the grades of who learns, in the newest year of theirs; empty for all others."""
    if person is None:
        return frozenset()
    learns_in = classrooms_of_pupil(session, person=person)
    newest = max((classroom.academic_year for classroom in learns_in), default=0)
    return frozenset(
        grade for room in learns_in if room.academic_year == newest for grade in room.grades
    )


def _take_facts(classroom: Classroom, facts: ClassroomFacts, year: int) -> None:
    name = " ".join(facts.name.split())
    if not 0 < len(name) <= LONGEST_CLASSROOM_NAME:
        most = LONGEST_CLASSROOM_NAME
        raise FieldError("name", "1 to 100 characters", rule="length", most=most)
    unknown = set(facts.grades) - set(GRADES)
    if unknown or not facts.grades:
        raise FieldError("grades", "one grade or several", rule="empty")
    if facts.academic_year is not None and abs(facts.academic_year - year) > 1:
        raise FieldError("academic_year", "this year, the last or the next", rule="unknown")
    classroom.name = name
    classroom.grades = [grade for grade in GRADES if grade in facts.grades]
    classroom.academic_year = facts.academic_year or year
    classroom.secret_kind = facts.secret_kind
