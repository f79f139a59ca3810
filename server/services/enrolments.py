"""Who learns in a classroom: names added, corrected, joined, and taken out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed, NotFound
from server.models.base import uuid7
from server.models.classrooms import (
    Classroom,
    Enrolment,
    JoinRequest,
    KeyKind,
    PupilKey,
    StudentNumber,
)
from server.models.people import Person, Role, RoleName, SignIn
from server.policy import may_let_in
from server.services.audit import note_act
from server.services.classrooms import send_away, taught_classroom
from server.services.clock import Clock
from server.services.item_progress import hand_items
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
from server.services.people_in_picture import hand_consents, renew_classroom
from server.services.progress import hand_progress
from server.services.pupil_work import hand_work
from server.services.quizzes import hand_attempts
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

    Somebody whom the school knows by the student number and the name is found again. Raises
    NotFound.
    """
    with session.begin():
        classroom = taught_classroom(session, classroom_id, by)
        _take_turn(session, classroom)
        here = [row.person.display_name for row in present_enrolments(session, classroom_id)]
        found = read_names(text, here=here)
        added = [_enrol_line(session, now, classroom, line) for line in found.names]
        note_act(
            session, now, action="enrolment.add", by=by, thing_id=classroom_id, count=len(added)
        )
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

    The name of somebody who signs in with a password is their own to change.
    """
    name = _checked(changes)
    with session.begin():
        row, classroom = member_taught(session, enrolment_id, by)
        row.list_number = changes.list_number
        if may_let_in(by, classroom, row.person):
            row.person.title, row.person.display_name = name.title, name.name
            row.person.sort_key = sort_key_of(name.name)
        _keep_number(session, classroom, row.person_id, changes.student_number)
        note_act(session, now, action="enrolment.edit", by=by, thing_id=row.id)


def remove_pupil(session: Session, now: Clock, *, enrolment_id: UUID, by: Person) -> None:
    """Take a pupil out of the classroom; what they did is kept, and they may come back.

    Their slip and pictures of this classroom stop, and its tablets. Raises NotFound.
    """
    with session.begin():
        row, classroom = member_taught(session, enrolment_id, by)
        row.left_at = now()
        drop_keys(session, row.id)
        send_away(session, now, JoinRequest.enrolment_id == row.id)
        ended = update(SignIn).where(
            SignIn.person_id == row.person_id,
            SignIn.classroom_id == classroom.id,
            SignIn.ended_at.is_(None),
        )
        session.execute(ended.values(ended_at=now()))
        note_act(session, now, action="enrolment.remove", by=by, thing_id=row.id)


def join_pupils(
    session: Session, now: Clock, *, enrolment_id: UUID, same_id: UUID, by: Person
) -> None:
    """Make one of two members who are the same pupil: `enrolment_id` stays, `same_id` goes.

    Raises NotFound, or NotAllowed when the one that goes is more than a pupil of this classroom.
    """
    with session.begin():
        kept, classroom = member_taught(session, enrolment_id, by)
        other = _member(session, classroom.id, same_id)
        if other.id == kept.id:
            raise NotFound("two different members are needed")
        others = select(Enrolment.id).where(
            Enrolment.person_id == other.person_id, Enrolment.id != other.id
        )
        if not may_let_in(by, classroom, other.person) or session.scalar(others.limit(1)):
            raise NotAllowed("somebody with another classroom or an account is not joined")
        _move_all(session, other, kept)
        end_sign_ins(session, now, other.person_id)
        other.person.is_active = False
        note_act(session, now, action="enrolment.join", by=by, thing_id=kept.id, same=str(other.id))
        session.delete(other)
        session.flush()
        hand_consents(session, now, from_id=other.person_id, to_id=kept.person_id)


def member_taught(session: Session, enrolment_id: UUID, by: Person) -> tuple[Enrolment, Classroom]:
    """Return a member and the classroom, to those who teach it. Raises NotFound."""
    row = session.get(Enrolment, enrolment_id)
    if row is None or row.left_at is not None:
        raise NotFound(f"no member {enrolment_id}")
    return row, taught_classroom(session, row.classroom_id, by)


def drop_keys(session: Session, enrolment_id: UUID) -> None:
    """Remove slip, pictures and PIN, inside the caller's transaction."""
    for key in session.scalars(select(PupilKey).where(PupilKey.enrolment_id == enrolment_id)):
        session.delete(key)


def _checked(changes: PupilChanges) -> PersonName:
    """Return the name. Raises FieldError for what cannot be kept, or must not be."""
    name = checked_name(changes.name)
    if name is None:
        raise FieldError("name", "no name", rule="name")
    if changes.list_number is not None and not 0 < changes.list_number <= LAST_PLACE:
        raise FieldError("list_number", "1 to 999", rule="place")
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


def _enrol_line(session: Session, now: Clock, classroom: Classroom, line: NameLine) -> Enrolment:
    person = _known_pupil(session, classroom, line)
    person = person or new_pupil(session, now, title=line.title, name=line.name)
    row = enrol_person(session, now, classroom, person)
    row.list_number = line.list_number
    _keep_number(session, classroom, person.id, line.student_number)
    return row


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


def _move_all(session: Session, other: Enrolment, kept: Enrolment) -> None:
    """Give to one member what another has: numbers, progress, and requests that wait."""
    if kept.list_number is None:
        kept.list_number = other.list_number
    kept.came_in_at = min(
        (at for at in (kept.came_in_at, other.came_in_at) if at is not None), default=None
    )
    has_number = select(StudentNumber.id).where(StudentNumber.person_id == kept.person_id)
    if session.scalar(has_number.limit(1)) is None:
        moved = update(StudentNumber).where(StudentNumber.person_id == other.person_id)
        session.execute(moved.values(person_id=kept.person_id))
    waiting = update(JoinRequest).where(JoinRequest.enrolment_id == other.id)
    session.execute(waiting.values(enrolment_id=kept.id))
    drop_keys(session, other.id)
    hand_progress(session, from_id=other.person_id, to_id=kept.person_id)
    hand_items(session, from_id=other.person_id, to_id=kept.person_id)
    hand_attempts(session, from_id=other.person_id, to_id=kept.person_id)
    hand_work(session, from_id=other.person_id, to_id=kept.person_id)
    student = Role.name == RoleName.STUDENT
    for role in session.scalars(select(Role).where(Role.person_id == other.person_id, student)):
        session.delete(role)
