"""Which classroom is a pupil's home now: at each school the one of the newest academic year."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from server.models.base import insert_into
from server.models.classrooms import Classroom, Enrolment, HomePlace, HomeProposal
from server.models.people import Person
from server.services.clock import Clock
from server.services.names import NameLine


def is_newest_home() -> ColumnElement[bool]:
    """Return the condition on HomePlace that it is the pupil's newest at its school."""
    newer = aliased(HomePlace)
    is_older = exists().where(
        newer.person_id == HomePlace.person_id,
        newer.school_id == HomePlace.school_id,
        newer.academic_year > HomePlace.academic_year,
    )
    return ~is_older


def homes_of(session: Session, person_id: UUID) -> list[Classroom]:
    """Return the home classes in which a pupil is now, one a school; inside a transaction.

    First that of the school which was home first.
    """
    is_there = and_(
        Enrolment.classroom_id == HomePlace.classroom_id,
        Enrolment.person_id == HomePlace.person_id,
        Enrolment.left_at.is_(None),
    )
    earlier = aliased(HomePlace)
    since = (
        select(func.min(earlier.created_at))
        .where(earlier.person_id == HomePlace.person_id, earlier.school_id == HomePlace.school_id)
        .scalar_subquery()
    )
    wanted = (
        select(Classroom)
        .join(HomePlace, HomePlace.classroom_id == Classroom.id)
        .join(Enrolment, is_there)
        .where(HomePlace.person_id == person_id, is_newest_home())
        .order_by(since)
    )
    return list(session.scalars(wanted).unique())


def at_home_in(
    session: Session, person_ids: Collection[UUID], *, school_id: UUID
) -> dict[UUID, UUID]:
    """Return the home class of each of these pupils at a school; inside a transaction."""
    wanted = select(HomePlace.person_id, HomePlace.classroom_id).where(
        HomePlace.person_id.in_(person_ids), HomePlace.school_id == school_id, is_newest_home()
    )
    return {row.person_id: row.classroom_id for row in session.execute(wanted)}


def set_home(
    session: Session, now: Clock, *, person_id: UUID, classroom: Classroom, by_id: UUID | None
) -> None:
    """Make the classroom the pupil's home in its year, in the caller's transaction."""
    row = insert_into(session, HomePlace).values(
        **_keys(person_id, classroom),
        classroom_id=classroom.id,
        set_by_id=by_id,
        created_at=now(),
    )
    moved = {"classroom_id": classroom.id, "set_by_id": by_id}  # which school was first stays
    keys = ["person_id", "school_id", "academic_year"]
    session.execute(row.on_conflict_do_update(index_elements=keys, set_=moved))


def keep_home(
    session: Session, now: Clock, *, person_id: UUID, classroom: Classroom, by_id: UUID | None
) -> None:
    """Make it the home of a pupil who has none in that year: enrolling elsewhere moves nobody."""
    row = insert_into(session, HomePlace).values(
        **_keys(person_id, classroom),
        classroom_id=classroom.id,
        set_by_id=by_id,
        created_at=now(),
    )
    session.execute(row.on_conflict_do_nothing())


def forget_home(session: Session, *, person_id: UUID, classroom_id: UUID) -> None:
    """Let the classroom be the pupil's home no more, in the caller's transaction."""
    gone = delete(HomePlace).where(
        HomePlace.person_id == person_id, HomePlace.classroom_id == classroom_id
    )
    session.execute(gone, execution_options={"synchronize_session": False})


def propose_home(
    session: Session,
    now: Clock,
    *,
    classroom: Classroom,
    person_id: UUID,
    line: NameLine,
    by: Person,
) -> None:
    """Ask the school whether a pupil whom it knows belongs here, in the caller's transaction.

    Asked again, it is asked once.
    """
    row = insert_into(session, HomeProposal).values(
        classroom_id=classroom.id,
        person_id=person_id,
        list_number=line.list_number,
        by_id=by.id,
        created_at=now(),
    )
    session.execute(row.on_conflict_do_nothing())


def _keys(person_id: UUID, classroom: Classroom) -> dict[str, object]:
    return {
        "person_id": person_id,
        "school_id": classroom.school_id,
        "academic_year": classroom.academic_year,
    }
