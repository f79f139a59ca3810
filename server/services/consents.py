"""Consents of pupils, ticked off from paper by their teacher, and withdrawn in one action."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed, NotFound
from server.models.classrooms import Classroom, Enrolment
from server.models.consents import MediaPeople, PupilConsent
from server.models.lessons import WIDTHS, Visibility
from server.models.people import Person
from server.services.audit import note_act
from server.services.classrooms import taught_classroom
from server.services.clock import Clock
from server.services.enrolments import changes_pupil
from server.services.people_in_picture import (
    Moved,
    files_with_pupil,
    lessons_with,
    renew_ceilings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilForm:
    """A pupil of a classroom and what their form of this year says; none yet: `consent` is None."""

    enrolment: Enrolment
    consent: PupilConsent | None

    @property
    def allowed(self) -> Visibility | None:
        """Return how far it reaches; None while there is no form."""
        return self.consent.allowed if self.consent else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """The lessons that others see now, and the forms that were changed since the page was opened.

    Those are left as they are: a page from before takes no withdrawal back.
    """

    moved: Sequence[Moved]
    left_alone: Sequence[PupilForm]


def class_consents(
    session: Session, *, classroom_id: UUID, by: Person
) -> tuple[Classroom, list[PupilForm]]:
    """Return everybody of the register, those who left last, with their forms. Raises NotFound."""
    with session.begin():
        classroom = taught_classroom(session, classroom_id, by)
        return classroom, _forms(session, classroom)


def tick_consents(
    session: Session,
    now: Clock,
    *,
    classroom_id: UUID,
    reaches: Mapping[UUID, Visibility | None],
    seen: Mapping[UUID, Visibility | None],
    by: Person,
) -> Ticked:
    """Keep what the forms of a classroom say, by enrolment; None: there is no form (any more).

    Only what differs from what was `seen` is written, if that is still so, and the former row is
    kept; and only of pupils whose home class or school this is. Raises NotFound, FieldError.
    """
    if any(reach is Visibility.LINK for reach in reaches.values()):
        raise FieldError("reach", "a link is no audience", rule="unknown")
    with session.begin():
        classroom = taught_classroom(session, classroom_id, by)
        _take_turn(
            session, select(Enrolment.person_id).where(Enrolment.classroom_id == classroom_id)
        )
        wished = [
            form
            for form in _forms(session, classroom)
            if form.enrolment.id in reaches
            and _is_wished(form, reaches, seen)
            and changes_pupil(session, form.enrolment.person, by)
        ]
        changed = [form for form in wished if _is_as_seen(form, seen)]
        for form in changed:
            _replace(session, now, form, classroom, reaches[form.enrolment.id], by)
        note_act(
            session, now, action="consent.tick", by=by, thing_id=classroom_id, count=len(changed)
        )
        moved = _renew_pupils(session, now, [form.enrolment.person_id for form in changed])
    return Ticked(moved=moved, left_alone=[form for form in wished if form not in changed])


def withdraw_consent(
    session: Session, now: Clock, *, enrolment_id: UUID, by: Person
) -> list[Moved]:
    """Withdraw all that was consented to for a pupil, of every year in which they are recorded.

    Every lesson with them, or with a classroom of theirs, is its editors' alone at once. Raises
    NotFound, or NotAllowed outside their home class and school.
    """
    with session.begin():
        row = session.get(Enrolment, enrolment_id)
        if row is None:
            raise NotFound(f"no member {enrolment_id}")
        taught_classroom(session, row.classroom_id, by)
        if not changes_pupil(session, row.person, by):
            raise NotAllowed("a family's consent is kept by the home class and the school")
        _take_turn(session, select(Enrolment.person_id).where(Enrolment.id == enrolment_id))
        original_ids = files_with_pupil(session, row.person_id)
        valid = _valid(session, [row.person_id])
        for consent in valid:
            consent.withdrawn_at = consent.withdrawn_at or now()
            consent.withdrawn_by_id = consent.withdrawn_by_id or by.id
        years = _recorded_years(session, row.person_id, original_ids)
        for year in years - {consent.academic_year for consent in valid}:
            refusal = _row(now, row.person_id, year, Visibility.ME, by)
            refusal.withdrawn_at, refusal.withdrawn_by_id = now(), by.id
            session.add(refusal)
        note_act(session, now, action="consent.withdraw", by=by, thing_id=row.person_id)
        return renew_ceilings(session, now, lessons_with(session, original_ids))


def consents_of(session: Session, *, person_id: UUID) -> Sequence[PupilConsent]:
    """Return every row about a pupil, newest first; inside a transaction."""
    wanted = select(PupilConsent).where(PupilConsent.person_id == person_id)
    return session.scalars(wanted.order_by(PupilConsent.at.desc(), PupilConsent.id.desc())).all()


def _take_turn(session: Session, of_pupils: Select[UUID]) -> None:
    """Wait for others who change forms of these pupils: a withdrawal is not written over."""
    people = select(Person.id).where(Person.id.in_(of_pupils)).order_by(Person.id)
    session.execute(people.with_for_update(key_share=True))


def _forms(session: Session, classroom: Classroom) -> list[PupilForm]:
    wanted = (
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.classroom_id == classroom.id)
        .order_by(
            Enrolment.left_at.is_not(None),
            Enrolment.list_number.is_(None),
            Enrolment.list_number,
            Person.sort_key,
            Person.id,
        )
    )
    members = session.scalars(wanted).all()
    by_person: dict[UUID, PupilConsent] = {}
    for row in _valid(session, [member.person_id for member in members]):
        if row.academic_year == classroom.academic_year:
            other = by_person.get(row.person_id, row)
            by_person[row.person_id] = min(row, other, key=lambda each: WIDTHS.index(each.allowed))
    return [
        PupilForm(enrolment=member, consent=by_person.get(member.person_id)) for member in members
    ]


def _is_wished(
    form: PupilForm,
    reaches: Mapping[UUID, Visibility | None],
    seen: Mapping[UUID, Visibility | None],
) -> bool:
    """Return whether the teacher changed it on the page, and it does not say so already."""
    reach = reaches[form.enrolment.id]
    return reach is not form.allowed and reach is not seen.get(form.enrolment.id, form.allowed)


def _is_as_seen(form: PupilForm, seen: Mapping[UUID, Visibility | None]) -> bool:
    return seen.get(form.enrolment.id, form.allowed) is form.allowed


def _valid(session: Session, person_ids: Sequence[UUID]) -> Sequence[PupilConsent]:
    wanted = select(PupilConsent).where(
        PupilConsent.person_id.in_(person_ids), PupilConsent.replaced_at.is_(None)
    )
    return session.scalars(wanted).all()


def _recorded_years(session: Session, person_id: UUID, original_ids: Sequence[UUID]) -> set[int]:
    """Return the years in which the pupil learned, or came into a file."""
    learned = (
        select(Classroom.academic_year)
        .join(Enrolment, Enrolment.classroom_id == Classroom.id)
        .where(Enrolment.person_id == person_id)
    )
    came = select(MediaPeople.academic_year).where(MediaPeople.original_id.in_(original_ids))
    return {*session.scalars(learned), *session.scalars(came)}


def _replace(
    session: Session,
    now: Clock,
    form: PupilForm,
    classroom: Classroom,
    reach: Visibility | None,
    by: Person,
) -> None:
    person_id, year = form.enrolment.person_id, classroom.academic_year
    for row in _valid(session, [person_id]):
        if row.academic_year == year:
            row.replaced_at = now()
    if reach is not None:
        session.add(_row(now, person_id, year, reach, by))


def _row(now: Clock, person_id: UUID, year: int, reach: Visibility, by: Person) -> PupilConsent:
    return PupilConsent(person_id=person_id, academic_year=year, reach=reach, by_id=by.id, at=now())


def _renew_pupils(session: Session, now: Clock, person_ids: Sequence[UUID]) -> list[Moved]:
    original_ids = {id_ for person in person_ids for id_ in files_with_pupil(session, person)}
    return renew_ceilings(session, now, lessons_with(session, original_ids))
