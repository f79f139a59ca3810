"""Groups of a classroom: pupils whom the teacher chooses together."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotFound
from server.models.assignments import PupilGroup, PupilGroupPupil
from server.models.people import Person
from server.services.audit import note_act
from server.services.classrooms import LONGEST_CLASSROOM_NAME, taught_classroom
from server.services.clock import Clock
from server.services.enrolments import present_enrolments

MOST_GROUPS = 30


def list_groups(session: Session, *, classroom_ids: Collection[UUID]) -> list[PupilGroup]:
    """Return the groups of these classrooms by name; who asks was found to teach them."""
    wanted = select(PupilGroup).where(PupilGroup.classroom_id.in_(classroom_ids))
    with session.begin():
        return list(session.scalars(wanted.order_by(PupilGroup.name, PupilGroup.id)))


def save_group(  # noqa: PLR0913 (which group of which classroom, and all that it is)
    session: Session,
    now: Clock,
    *,
    classroom_id: UUID,
    group_id: UUID | None,
    name: str,
    enrolment_ids: Collection[UUID],
    by: Person,
) -> PupilGroup:
    """Make a group or change one. Raises NotFound, FieldError."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_CLASSROOM_NAME:
        raise FieldError("name", "1 to 100 characters", rule="length", most=LONGEST_CLASSROOM_NAME)
    with session.begin():
        taught_classroom(session, classroom_id, by)
        here = present_enrolments(session, classroom_id)
        people = [row.person_id for row in here if row.id in enrolment_ids]
        if not people:
            raise FieldError("pupil", "nobody was chosen", rule="empty")
        group = _own_group(session, classroom_id, group_id) if group_id else None
        if group is None:
            group = PupilGroup(classroom_id=classroom_id, created_at=now(), members=[])
            session.add(group)
            _check_room(session, classroom_id)
        group.name = name
        kept = {row.person_id: row for row in group.members}
        group.members = [kept.get(id_) or PupilGroupPupil(person_id=id_) for id_ in people]
        session.flush()
        note_act(session, now, action="group.save", by=by, thing_id=group.id)
    return group


def remove_group(
    session: Session, now: Clock, *, classroom_id: UUID, group_id: UUID, by: Person
) -> None:
    """Remove a group; what was given to its pupils stays. Raises NotFound."""
    with session.begin():
        taught_classroom(session, classroom_id, by)
        session.delete(_own_group(session, classroom_id, group_id))
        note_act(session, now, action="group.remove", by=by, thing_id=group_id)


def _own_group(session: Session, classroom_id: UUID, group_id: UUID) -> PupilGroup:
    group = session.get(PupilGroup, group_id)
    if group is None or group.classroom_id != classroom_id:
        raise NotFound(f"no group {group_id} of this classroom")
    return group


def _check_room(session: Session, classroom_id: UUID) -> None:
    with session.no_autoflush:
        there = select(PupilGroup.id).where(PupilGroup.classroom_id == classroom_id)
        if len(session.scalars(there.limit(MOST_GROUPS)).all()) >= MOST_GROUPS:
            raise FieldError("name", "too many groups", rule="too_many", most=MOST_GROUPS)
