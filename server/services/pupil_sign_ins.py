"""Where a pupil is signed in, through which class, and who let them in: seen and ended by teachers.

Each class sees and ends what came through it. The home class and the school see all that the
pupil has at the school, so that nobody lets somebody in as a child unnoticed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound
from server.models.classrooms import Classroom, Enrolment, JoinRequest
from server.models.people import Person, SignIn
from server.policy import is_only_pupil, may_lead_classroom
from server.services.audit import note_act
from server.services.classrooms import send_away
from server.services.clock import Clock
from server.services.enrolments import changes_pupil, member_taught
from server.services.home_places import homes_of
from server.services.sign_ins import end_sign_ins

TOLD_FOR = timedelta(days=30)  # sessions that are over
MOST_LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilSignIn:
    """A session of a pupil, through which class it came, and who let them in."""

    sign_in: SignIn
    classroom: Classroom
    let_in_by: Person | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilAtClass:
    """A pupil as a teacher of one of their classes sees them."""

    enrolment: Enrolment
    classroom: Classroom
    sign_ins: Sequence[PupilSignIn]
    may_change: bool  # name and numbers: of the home class and the school
    may_end: bool  # sessions of this class
    is_home: bool


def pupil_at_class(session: Session, now: Clock, *, enrolment_id: UUID, by: Person) -> PupilAtClass:
    """Return a pupil and where they are signed in, as far as it is this teacher's to see.

    Raises NotFound.
    """
    with session.begin():
        row, classroom = member_taught(session, enrolment_id, by)
        is_ours = is_only_pupil(row.person)
        room_ids = _rooms_reached(session, row, classroom, by) if is_ours else ()
        rows = session.execute(_seen(now, row, room_ids)).all() if is_ours else []
        homes = {home.id for home in homes_of(session, row.person_id)}
        return PupilAtClass(
            enrolment=row,
            classroom=classroom,
            sign_ins=[
                PupilSignIn(
                    sign_in=sign_in,
                    classroom=through,
                    let_in_by=let_in_by,
                    is_open=sign_in.ended_at is None and sign_in.expires_at > now(),
                )
                for sign_in, through, let_in_by in rows
            ],
            may_change=changes_pupil(session, row.person, by),
            may_end=is_ours and may_lead_classroom(by, classroom),
            is_home=classroom.id in homes,
        )


def end_pupil_sign_ins(
    session: Session,
    now: Clock,
    *,
    enrolment_id: UUID,
    sign_in_id: UUID | None = None,
    by: Person,
) -> None:
    """End one session of a pupil, or all; then no device that was let in comes in later.

    All that came through this class; to the home class and the school, through any of the school's.
    Raises NotFound, NotAllowed.
    """
    with session.begin():
        row, classroom = member_taught(session, enrolment_id, by)
        if not is_only_pupil(row.person) or not may_lead_classroom(by, classroom):
            raise NotAllowed("this member's sessions are not this teacher's to end")
        room_ids = _rooms_reached(session, row, classroom, by)
        through = SignIn.classroom_id.in_(room_ids)
        if sign_in_id is None:
            # Who waits first: a device that comes in at this moment is signed out after it.
            send_away(session, now, JoinRequest.enrolment_id.in_(_places(row, room_ids)))
            if changes_pupil(session, row.person, by):
                send_away(session, now, JoinRequest.person_id == row.person_id)
            end_sign_ins(session, now, row.person_id, through)
        else:
            found = session.get(SignIn, sign_in_id)
            is_theirs = found is not None and found.person_id == row.person_id
            if found is None or not is_theirs or found.classroom_id not in room_ids:
                raise NotFound("no such session of this pupil")
            end_sign_ins(session, now, row.person_id, SignIn.id == sign_in_id)
        note_act(session, now, action="pupil.sign_out", by=by, thing_id=row.person_id)


def _rooms_reached(
    session: Session, row: Enrolment, classroom: Classroom, by: Person
) -> frozenset[UUID]:
    """Return the classrooms whose sessions are this teacher's to see: this one, or the school's."""
    if not changes_pupil(session, row.person, by):
        return frozenset({classroom.id})
    of_school = (
        select(Classroom.id)
        .join(Enrolment, Enrolment.classroom_id == Classroom.id)
        .where(Enrolment.person_id == row.person_id, Classroom.school_id == classroom.school_id)
    )
    return frozenset(session.scalars(of_school))


def _places(row: Enrolment, room_ids: Collection[UUID]) -> Select[UUID]:
    return select(Enrolment.id).where(
        Enrolment.person_id == row.person_id, Enrolment.classroom_id.in_(room_ids)
    )


def _seen(
    now: Clock, row: Enrolment, room_ids: Collection[UUID]
) -> Select[SignIn, Classroom, Person | None]:
    """Return open sessions first, then those of the last month, newest first."""
    is_over = or_(SignIn.ended_at.is_not(None), SignIn.expires_at <= now())
    return (
        select(SignIn, Classroom, Person)
        .join(Classroom, Classroom.id == SignIn.classroom_id)
        .outerjoin(Person, Person.id == SignIn.let_in_by_id)
        .where(
            SignIn.person_id == row.person_id,
            SignIn.classroom_id.in_(room_ids),
            or_(~is_over, SignIn.created_at > now() - TOLD_FOR),
        )
        .order_by(is_over, SignIn.created_at.desc())
        .limit(MOST_LISTED)
    )
