"""Who learns in a classroom: names added, corrected, joined, and taken out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.errors import FieldError, NotFound
from server.models.base import uuid7
from server.models.classrooms import (
    Classroom,
    Enrolment,
    JoinRequest,
    KeyKind,
    PupilKey,
    StudentNumber,
)
from server.models.people import Person, RoleName, SignIn
from server.policy import may_change_pupil, may_lead_classroom, may_set_home
from server.services.audit import note_act
from server.services.classrooms import led_classroom, send_away, taught_classroom
from server.services.clock import Clock
from server.services.home_places import at_home_in, forget_home, homes_of, keep_home, propose_home
from server.services.joining import give_role
from server.services.names import (
    NameLine,
    NameList,
    PersonName,
    checked_name,
    holds_national_number,
    match_key,
    read_names,
    sort_key_of,
)
from server.services.people_in_picture import renew_classroom
from server.services.sign_ins import end_sign_ins, open_sign_ins

LAST_PLACE = 999  # in a register


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """A member of a classroom, with what its teacher sees in the list."""

    enrolment: Enrolment
    student_number: str
    is_signed_in: bool
    locked_kinds: Sequence[KeyKind]
    key_kinds: Sequence[KeyKind]


def list_pupils(session: Session, now: Clock, *, classroom: Classroom) -> list[Pupil]:
    """Return the pupils, by their place in the register, then in Thai order. Four questions."""
    with session.begin():
        enrolments = present_enrolments(session, classroom.id)
        person_ids = [row.person_id for row in enrolments]
        of_school = select(StudentNumber).where(
            StudentNumber.person_id.in_(person_ids),
            StudentNumber.school_id == classroom.school_id,
        )
        numbers = {row.person_id: row.value for row in session.scalars(of_school)}
        signed_in = {row.person_id for row in open_sign_ins(session, now, *person_ids)}
        keys = session.scalars(
            select(PupilKey).where(PupilKey.enrolment_id.in_([row.id for row in enrolments]))
        ).all()
    return [
        Pupil(
            enrolment=row,
            student_number=numbers.get(row.person_id, ""),
            is_signed_in=row.person_id in signed_in,
            locked_kinds=[key.kind for key in keys if key.enrolment_id == row.id and key.locked_at],
            key_kinds=[key.kind for key in keys if key.enrolment_id == row.id],
        )
        for row in enrolments
    ]


def present_enrolments(session: Session, *classroom_ids: UUID) -> list[Enrolment]:
    """Return who has not left, in the order of the register; inside a transaction."""
    wanted = (
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.classroom_id.in_(classroom_ids), Enrolment.left_at.is_(None))
        .order_by(
            Enrolment.list_number.is_(None), Enrolment.list_number, Person.sort_key, Person.id
        )
    )
    return list(session.scalars(wanted))


def members_of(session: Session, *, classroom_ids: Collection[UUID]) -> dict[UUID, list[Enrolment]]:
    """Return the pupils of several classrooms; who asks was found to teach them."""
    found: dict[UUID, list[Enrolment]] = {}
    with session.begin():
        for row in present_enrolments(session, *classroom_ids):
            found.setdefault(row.classroom_id, []).append(row)
    return found


def preview_names(session: Session, *, text: str, classroom: Classroom | None = None) -> NameList:
    """Return what a pasted text would add."""
    if classroom is None:
        return read_names(text)
    with session.begin():
        here = [row.person.display_name for row in present_enrolments(session, classroom.id)]
    return read_names(text, here=here)


def add_names(
    session: Session, now: Clock, *, classroom_id: UUID, text: str, by: Person
) -> list[Enrolment]:
    """Enrol the pupils of a pasted list; who is there already, also since a moment, stays once.

    Somebody whom the school knows by the student number and the name is found again, and enrolled
    by the school and by their home class. Others ask the school whether this is the home class:
    nobody takes another class's pupil by typing a name. Raises NotFound.
    """
    with session.begin():
        classroom = led_classroom(session, classroom_id, by)
        _take_turn(session, classroom)
        here = [row.person.display_name for row in present_enrolments(session, classroom_id)]
        found = read_names(text, here=here)
        rows = [_enrol_line(session, now, classroom, line, by) for line in found.names]
        added = [row for row in rows if row is not None]
        facts = {"count": len(added), "asked": len(rows) - len(added)}
        note_act(session, now, action="enrolment.add", by=by, thing_id=classroom_id, **facts)
    return added


def enrol_person(session: Session, now: Clock, classroom: Classroom, person: Person) -> Enrolment:
    """Enrol a person inside the caller's transaction; somebody who had left is back."""
    same = select(Enrolment).where(
        Enrolment.classroom_id == classroom.id, Enrolment.person_id == person.id
    )
    row = session.scalar(same)
    if row is None:
        row = Enrolment(classroom_id=classroom.id, person_id=person.id, created_at=now())
        session.add(row)
    row.left_at = None
    give_role(session, now, person, RoleName.STUDENT, classroom.school_id, None)
    session.flush()
    renew_classroom(session, now, classroom.id)
    return row


def new_pupil(session: Session, now: Clock, *, title: str, name: str) -> Person:
    """Make a person without a password, inside the caller's transaction."""
    id_ = uuid7()
    person = Person(
        id=id_,
        user_name=str(id_),
        title=title,
        display_name=name,
        sort_key=sort_key_of(name),
        password_hash="",
        is_active=True,
        created_at=now(),
        roles=[],
    )
    session.add(person)
    session.flush()
    return person


def enrol_new_pupil(
    session: Session, now: Clock, classroom: Classroom, name: PersonName, *, by: Person
) -> Enrolment:
    """Enrol somebody whom the school does not know yet, whose home this is until it says otherwise.

    Inside the caller's transaction.
    """
    person = new_pupil(session, now, title=name.title, name=name.name)
    keep_home(session, now, person_id=person.id, classroom=classroom, by_id=by.id)
    return enrol_person(session, now, classroom, person)


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilChanges:
    """What a teacher corrects."""

    name: str
    list_number: int | None = None
    student_number: str = ""


def edit_pupil(
    session: Session, now: Clock, *, enrolment_id: UUID, changes: PupilChanges, by: Person
) -> None:
    """Correct name and numbers. Raises NotFound, FieldError.

    Only the home class and the school change a name; any of a pupil's classes the place in its own
    register. The name of somebody who signs in with a password is their own to change.
    """
    if changes.list_number is not None and not 0 < changes.list_number <= LAST_PLACE:
        raise FieldError("list_number", "1 to 999", rule="place")
    with session.begin():
        row, classroom = member_led(session, enrolment_id, by)
        row.list_number = changes.list_number
        if changes_pupil(session, row.person, by):
            name = _checked(changes)
            row.person.title, row.person.display_name = name.title, name.name
            row.person.sort_key = sort_key_of(name.name)
            _keep_number(session, classroom, row.person_id, changes.student_number)
        note_act(session, now, action="enrolment.edit", by=by, thing_id=row.id)


def changes_pupil(session: Session, pupil: Person, by: Person) -> bool:
    """Return whether the pupil's name and sign-ins are this person's to change; in a transaction.

    That is their home class and its school.
    """
    school_ids = {role.school_id for role in pupil.roles if role.school_id is not None}
    return may_change_pupil(by, pupil, homes_of(session, pupil.id), school_ids)


def remove_pupil(session: Session, now: Clock, *, enrolment_id: UUID, by: Person) -> None:
    """Take a pupil out of the classroom; what they did is kept, and they may come back.

    Whom the school took out of their home class comes back by the school's word only.
    Their slip and pictures of this classroom stop, and who came in through it. Raises NotFound.
    """
    with session.begin():
        row, classroom = member_led(session, enrolment_id, by)
        row.left_at = now()
        if by.id not in classroom.teacher_ids:
            forget_home(session, person_id=row.person_id, classroom_id=classroom.id)
        drop_keys(session, row.id)
        send_away(session, now, JoinRequest.enrolment_id == row.id)
        end_sign_ins(session, now, row.person_id, SignIn.classroom_id == classroom.id)
        note_act(session, now, action="enrolment.remove", by=by, thing_id=row.id)


def member_taught(session: Session, enrolment_id: UUID, by: Person) -> tuple[Enrolment, Classroom]:
    """Return a member and the classroom, to those who teach it. Raises NotFound."""
    row = session.get(Enrolment, enrolment_id)
    if row is None or row.left_at is not None:
        raise NotFound(f"no member {enrolment_id}")
    return row, taught_classroom(session, row.classroom_id, by)


def member_led(session: Session, enrolment_id: UUID, by: Person) -> tuple[Enrolment, Classroom]:
    """Return the same, to those who lead the classroom. Raises NotFound."""
    row, classroom = member_taught(session, enrolment_id, by)
    return row, led_classroom(session, classroom.id, by)


def drop_keys(session: Session, enrolment_id: UUID) -> None:
    """Remove slip, pictures and PIN, inside the caller's transaction."""
    for key in session.scalars(select(PupilKey).where(PupilKey.enrolment_id == enrolment_id)):
        session.delete(key)


def _checked(changes: PupilChanges) -> PersonName:
    """Return the name. Raises FieldError for what cannot be kept, or must not be."""
    name = checked_name(changes.name)
    if name is None:
        raise FieldError("name", "no name", rule="name")
    if holds_national_number(changes.student_number):
        raise FieldError("student_number", "a national number", rule="national")
    return name


def _member(session: Session, classroom_id: UUID, enrolment_id: UUID) -> Enrolment:
    row = session.get(Enrolment, enrolment_id)
    if row is None or row.left_at is not None or row.classroom_id != classroom_id:
        raise NotFound(f"no member {enrolment_id} of this classroom")
    return row


def _take_turn(session: Session, classroom: Classroom) -> None:
    """Wait for others who change this list, so that nobody is added twice."""
    session.execute(
        update(Classroom).where(Classroom.id == classroom.id).values(name=classroom.name)
    )


def _enrol_line(
    session: Session, now: Clock, classroom: Classroom, line: NameLine, by: Person
) -> Enrolment | None:
    """Enrol a pupil; None where the school is asked first."""
    person = _known_pupil(session, classroom, line)
    if person is None:
        name = PersonName(line.title, line.name)
        row = enrol_new_pupil(session, now, classroom, name, by=by)
    elif not _take_known(session, now, classroom, person, line, by):
        return None
    else:
        row = enrol_person(session, now, classroom, person)
    row.list_number = line.list_number
    _keep_number(session, classroom, row.person_id, line.student_number)
    return row


def _take_known(
    session: Session,
    now: Clock,
    classroom: Classroom,
    pupil: Person,
    line: NameLine,
    by: Person,
) -> bool:
    """Return whether a pupil whom the school knows is enrolled at once.

    The school's own list also says that this is the home, unless another class is it that year.
    Anybody else asks for that; who leads the pupil's home class now takes them along already.
    """
    if may_set_home(by, classroom.school_id):
        keep_home(session, now, person_id=pupil.id, classroom=classroom, by_id=by.id)
        return True
    if at_home_in(session, [pupil.id], school_id=classroom.school_id).get(pupil.id) == classroom.id:
        return True
    homes = homes_of(session, pupil.id)
    propose_home(session, now, classroom=classroom, person_id=pupil.id, line=line, by=by)
    return any(
        home.school_id == classroom.school_id and may_lead_classroom(by, home) for home in homes
    )


def _known_pupil(session: Session, classroom: Classroom, line: NameLine) -> Person | None:
    """Return whom the school knows by this number, if the name is the same, too."""
    if not line.student_number:
        return None
    wanted = (
        select(Person)
        .join(StudentNumber, StudentNumber.person_id == Person.id)
        .where(
            StudentNumber.school_id == classroom.school_id,
            StudentNumber.value == line.student_number,
        )
    )
    found = session.scalar(wanted)
    return found if found and match_key(found.display_name) == match_key(line.name) else None


def _keep_number(session: Session, classroom: Classroom, person_id: UUID, value: str) -> None:
    """Keep by which number the school knows the pupil; one that somebody else has is left out."""
    value = value.strip()[:20]
    own = select(StudentNumber).where(
        StudentNumber.school_id == classroom.school_id, StudentNumber.person_id == person_id
    )
    taken = select(StudentNumber).where(
        StudentNumber.school_id == classroom.school_id, StudentNumber.value == value
    )
    row = session.scalar(own)
    if not value or session.scalar(taken) is not None:
        return
    if row is None:
        row = StudentNumber(school_id=classroom.school_id, person_id=person_id)
        session.add(row)
    row.value = value
    session.flush()
