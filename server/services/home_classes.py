"""Home classes (ห้องประจำชั้น): asked of the school, confirmed by it, and taken as subject classes."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, select
from sqlalchemy.orm import Session, joinedload

from server.errors import FieldError, NotAllowed, NotFound
from server.models.classrooms import Classroom, Enrolment, HomePlace, HomeProposal
from server.models.people import Person
from server.policy import may_set_home
from server.services.audit import note_act
from server.services.classrooms import led_classroom
from server.services.clock import Clock
from server.services.enrolments import enrol_person
from server.services.find_row import find_row
from server.services.home_places import is_newest_home, set_home

MOST_ASKED = 600
_ROOM = re.compile(r"[อปม]\.?\s*[1-6]\s*/\s*\d+|[อปม]\.\s*[1-6](?!\d)")  # ป.4/1, ม.2/10, ป.3


@dataclass(slots=True, kw_only=True)
class HomeQuestion:
    """A pupil whose home class the school is asked about, and the classrooms that it may be."""

    person: Person
    choices: list[Classroom] = field(default_factory=list)
    proposed_ids: set[UUID] = field(default_factory=set)  # typed there, not enrolled yet
    had_home: bool = False  # at this school, in a year before
    present_id: UUID | None = None  # where the home is in that year

    @property
    def suggested_id(self) -> UUID | None:
        """Return the home as it is, else the only choice that is named like a grade's room.

        The only choice of all is proposed where it takes the pupil from no home.
        """
        if self.present_id is not None:
            return self.present_id
        rooms = [room for room in self.choices if is_grade_room(room)]
        if len(rooms) == 1:
            return rooms[0].id
        is_first = len(self.choices) == 1 and not self.had_home
        return self.choices[0].id if is_first else None


@dataclass(frozen=True, slots=True)
class HomeClass:
    """A classroom that is the home of pupils, and of how many."""

    classroom: Classroom
    pupil_count: int


def is_grade_room(classroom: Classroom) -> bool:
    """Tell whether it is named as rooms of a grade are (ป.4/1), and not as a subject or a club."""
    return _ROOM.search(classroom.name) is not None


def home_questions(session: Session, *, school_id: UUID, by: Person) -> list[HomeQuestion]:
    """Return pupils without a home class in their newest year, and those typed somewhere else.

    In Thai order. Raises NotAllowed.
    """
    if not may_set_home(by, school_id):
        raise NotAllowed("home classes are confirmed by the school's administrators")
    with session.begin():
        asked = _without_home(session, school_id)
        for person, classroom, home_id in session.execute(_proposals(school_id)):
            question = asked.setdefault(person.id, HomeQuestion(person=person))
            question.present_id = home_id
            question.proposed_ids.add(classroom.id)
            _add_choice(question, classroom)
            if home_id is not None:
                _add_choice(question, session.get_one(Classroom, home_id))
    return sorted(asked.values(), key=lambda one: (one.person.sort_key, one.person.id))[:MOST_ASKED]


def confirm_homes(
    session: Session,
    now: Clock,
    *,
    school_id: UUID,
    chosen: Mapping[UUID, UUID | None],
    by: Person,
) -> int:
    """Make the chosen classroom each pupil's home, and enrol who was typed there; return how many.

    None: it is none of those in which they were typed. What nobody is asked about any more is left
    as it is. Raises NotAllowed.
    """
    asked = {one.person.id: one for one in home_questions(session, school_id=school_id, by=by)}
    count = 0
    with session.begin():
        for person_id, classroom_id in chosen.items():
            question = asked.get(person_id)
            rooms = {room.id: room for room in question.choices} if question else {}
            if question is None or (classroom_id is not None and classroom_id not in rooms):
                continue
            if classroom_id is not None:
                _take_home(session, now, question, rooms[classroom_id], by)
                count += 1
            answered = delete(HomeProposal).where(
                HomeProposal.person_id == person_id, HomeProposal.classroom_id.in_(rooms)
            )
            session.execute(answered)
        note_act(session, now, action="home.confirm", by=by, thing_id=school_id, count=count)
    return count


def move_home(
    session: Session, now: Clock, *, enrolment_id: UUID, classroom_id: UUID, by: Person
) -> None:
    """Make another classroom of the school the pupil's home, and enrol them there.

    Raises NotFound, NotAllowed.
    """
    with session.begin():
        row = find_row(session, Enrolment, enrolment_id)
        classroom = find_row(session, Classroom, classroom_id)
        if not may_set_home(by, classroom.school_id):
            raise NotAllowed("which class is whose home is for the school to say")
        here = find_row(session, Classroom, row.classroom_id)
        if here.school_id != classroom.school_id:
            raise NotFound("no such classroom of this school")
        enrol_person(session, now, classroom, row.person)
        set_home(session, now, person_id=row.person_id, classroom=classroom, by_id=by.id)
        facts = {"classroom": str(classroom_id)}
        note_act(session, now, action="home.move", by=by, thing_id=row.person_id, **facts)


def home_classes(session: Session, *, classroom: Classroom) -> list[HomeClass]:
    """Return the home classes of the same school and year, by name; who asks leads the classroom.

    The classroom itself is left out.
    """
    count = (
        select(HomePlace.classroom_id, func.count().label("pupil_count"))
        .join(Enrolment, _is_at_home())
        .where(HomePlace.school_id == classroom.school_id, is_newest_home())
        .group_by(HomePlace.classroom_id)
        .subquery()
    )
    wanted = (
        select(Classroom, count.c.pupil_count)
        .join(count, count.c.classroom_id == Classroom.id)
        .where(Classroom.academic_year == classroom.academic_year, Classroom.id != classroom.id)
        .options(joinedload(Classroom.school))
        .order_by(Classroom.name, Classroom.id)
    )
    with session.begin():
        return [HomeClass(room, number) for room, number in session.execute(wanted)]


def take_home_classes(
    session: Session, now: Clock, *, classroom_id: UUID, home_ids: Collection[UUID], by: Person
) -> int:
    """Enrol the pupils of home classes in a subject class (ห้องวิชา); return how many came new.

    Their own devices see it at once; other devices that are let in here get this classroom only.
    Their home stays where it is. Raises NotFound, NotAllowed, FieldError.
    """
    if not home_ids:
        raise FieldError("home", "no classroom was chosen", rule="empty")
    with session.begin():
        classroom = led_classroom(session, classroom_id, by)
        here = select(Enrolment.person_id).where(
            Enrolment.classroom_id == classroom_id, Enrolment.left_at.is_(None)
        )
        known = set(session.scalars(here))
        wanted = (
            select(Enrolment)
            .join(HomePlace, _is_at_home())
            .where(
                HomePlace.classroom_id.in_(home_ids),
                HomePlace.school_id == classroom.school_id,
                HomePlace.academic_year == classroom.academic_year,
                is_newest_home(),
            )
        )
        rows = [row for row in session.scalars(wanted) if row.person_id not in known]
        for row in rows:
            enrolled = enrol_person(session, now, classroom, row.person)
            if len(set(home_ids)) == 1:  # of several classes the same places stand twice
                enrolled.list_number = row.list_number
        facts = {"homes": [str(id_) for id_ in home_ids], "count": len(rows)}
        note_act(session, now, action="classroom.take", by=by, thing_id=classroom_id, **facts)
    return len(rows)


def asked_about(session: Session, *, classroom_id: UUID) -> Sequence[Person]:
    """Return pupils typed into a classroom about whom the school is asked; who asks teaches it."""
    wanted = select(HomeProposal).where(HomeProposal.classroom_id == classroom_id)
    with session.begin():
        rows = session.scalars(wanted.order_by(HomeProposal.created_at)).all()
        return [row.person for row in rows]


def _is_at_home() -> ColumnElement[bool]:
    return and_(
        Enrolment.person_id == HomePlace.person_id,
        Enrolment.classroom_id == HomePlace.classroom_id,
        Enrolment.left_at.is_(None),
    )


def _without_home(session: Session, school_id: UUID) -> dict[UUID, HomeQuestion]:
    """Return who learns at the school in their newest year there, and has no home in that year."""
    is_home = and_(
        HomePlace.person_id == Enrolment.person_id,
        HomePlace.school_id == Classroom.school_id,
        HomePlace.academic_year == Classroom.academic_year,
    )
    wanted = (
        select(Person, Classroom, HomePlace.id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Classroom, Classroom.id == Enrolment.classroom_id)
        .outerjoin(HomePlace, is_home)
        .where(Classroom.school_id == school_id, Enrolment.left_at.is_(None), Person.is_active)
        .order_by(Classroom.name, Classroom.id)
    )
    places: dict[Person, list[tuple[Classroom, bool]]] = defaultdict(list)
    for person, classroom, home_id in session.execute(wanted):
        places[person].append((classroom, home_id is not None))
    asked = {}
    for person, rooms in places.items():
        year = max(room.academic_year for room, _ in rooms)
        of_year = [(room, has_home) for room, has_home in rooms if room.academic_year == year]
        if not any(has_home for _, has_home in of_year):
            choices = [room for room, _ in of_year]
            had_home = any(has_home for _, has_home in rooms)
            asked[person.id] = HomeQuestion(person=person, choices=choices, had_home=had_home)
    return asked


def _proposals(school_id: UUID) -> Select[Person, Classroom, UUID | None]:
    is_home = and_(
        HomePlace.person_id == HomeProposal.person_id,
        HomePlace.school_id == Classroom.school_id,
        HomePlace.academic_year == Classroom.academic_year,
    )
    return (
        select(Person, Classroom, HomePlace.classroom_id)
        .select_from(HomeProposal)
        .join(Person, Person.id == HomeProposal.person_id)
        .join(Classroom, Classroom.id == HomeProposal.classroom_id)
        .outerjoin(HomePlace, is_home)
        .where(Classroom.school_id == school_id, Person.is_active)
        .order_by(HomeProposal.created_at)
    )


def _add_choice(question: HomeQuestion, classroom: Classroom) -> None:
    if all(classroom.id != room.id for room in question.choices):
        question.choices.append(classroom)


def _take_home(
    session: Session, now: Clock, question: HomeQuestion, classroom: Classroom, by: Person
) -> None:
    row = enrol_person(session, now, classroom, question.person)
    if classroom.id in question.proposed_ids and row.list_number is None:
        typed = select(HomeProposal.list_number).where(
            HomeProposal.classroom_id == classroom.id, HomeProposal.person_id == row.person_id
        )
        row.list_number = session.scalar(typed)
    set_home(session, now, person_id=row.person_id, classroom=classroom, by_id=by.id)
