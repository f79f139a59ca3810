"""Who waits before a classroom, as its teacher sees it: who chose her picture, and who did not.

"Confirm all" takes those who chose her picture since she opened the room, one device a name; she
looks at all others one by one.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from server.errors import LinkExpired
from server.models.classrooms import Classroom, Enrolment, JoinRequest
from server.models.people import Person, SignIn
from server.services.class_joining import confirm, is_waiting, open_requests
from server.services.classrooms import taught_classroom
from server.services.clock import Clock
from server.services.enrolments import present_enrolments
from server.services.names import is_like, is_same_given_name, match_key
from server.services.open_rooms import opened_since
from server.services.sign_ins import open_sign_ins
from server.services.terms import terms_of_school
from server.services.waiting_room import (
    WRONG_IS_KEPT,
    Claim,
    chose_right,
    doubted,
    is_in_school_hours,
)

LESSON = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A device that waits, as the teacher sees it.

    `alike` are members who may be meant by a typed name; `is_double`: another device waits under
    the same name; `is_in`: the member came in on another one in this lesson; `is_doubted`: wrong
    pictures were chosen around it. `last_in` and `is_late` (outside school hours) are hints.
    """

    request: JoinRequest
    enrolment: Enrolment | None
    person: Person | None
    has_chosen: bool
    alike: Sequence[Enrolment] = ()
    is_double: bool = False
    is_in: bool = False
    is_doubted: bool = False
    last_in: SignIn | None = None
    is_late: bool = False

    @property
    def is_plain(self) -> bool:
        """Return whether it needs no second look: "confirm all" takes these only."""
        needs_look = self.alike or self.is_double or self.is_in or self.is_doubted
        return self.has_chosen and not needs_look


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is read once for all who wait."""

    members: Mapping[UUID, Enrolment]
    people: Mapping[UUID, Person]
    claims: Sequence[Claim]
    sign_ins: Mapping[UUID, SignIn]  # the last one of each person
    opened_at: datetime | None
    at: datetime


def list_waiting(session: Session, now: Clock, *, classroom: Classroom) -> list[Waiting]:
    """Return who waits: first those who chose the picture, and of these who came first."""
    with session.begin():
        requests = open_requests(session, now, classroom.id)
        if not requests:
            return []
        known = _known(session, now, classroom, requests)
        terms = terms_of_school(session, classroom.school_id)
    opened_at = known.opened_at
    looked_at = doubted(known.claims, opened_at) if opened_at else set()
    names = Counter(_name_of(row) for row in requests)
    found = [
        Waiting(
            request=row,
            enrolment=known.members.get(row.enrolment_id) if row.enrolment_id else None,
            person=known.people.get(row.person_id) if row.person_id else None,
            has_chosen=chose_right(row.chose_right_at, opened_at),
            alike=_alike(row, known),
            is_double=names[_name_of(row)] > 1,
            is_in=_came_in_lately(row, known),
            is_doubted=row.id in looked_at,
            last_in=_last_in(row, known),
            is_late=not is_in_school_hours(row.created_at, terms),
        )
        for row in requests
    ]
    return sorted(found, key=lambda each: not each.has_chosen)


def count_waiting(session: Session, now: Clock, classroom_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many wait for each of these classrooms."""
    wanted = (
        select(JoinRequest.classroom_id, func.count())
        .where(JoinRequest.classroom_id.in_(classroom_ids), *is_waiting(now))
        .group_by(JoinRequest.classroom_id)
    )
    with session.begin():
        return {row[0]: row[1] for row in session.execute(wanted)}


def confirm_all(session: Session, now: Clock, *, classroom_id: UUID, by: Person) -> int:
    """Let in all who need no second look; return how many. Raises NotFound."""
    with session.begin():
        classroom = taught_classroom(session, classroom_id, by)
    plain = [row for row in list_waiting(session, now, classroom=classroom) if row.is_plain]
    confirmed_count = 0
    for row in plain:
        with suppress(LinkExpired):  # a colleague was quicker, or the device chose another name
            confirm(session, now, request_id=row.request.id, as_id=None, by=by)
            confirmed_count += 1
    return confirmed_count


def _known(
    session: Session, now: Clock, classroom: Classroom, requests: Sequence[JoinRequest]
) -> _Known:
    members = {row.id: row for row in present_enrolments(session, classroom.id)}
    ids = [row.person_id for row in requests if row.person_id]
    people = session.scalars(select(Person).where(Person.id.in_(ids)))
    asked = [members[id_].person_id for row in requests if (id_ := row.enrolment_id) in members]
    latest = reversed(open_sign_ins(session, now, *asked))
    return _Known(
        members=members,
        people={person.id: person for person in people},
        claims=_claims(session, now, classroom.id),
        sign_ins={row.person_id: row for row in latest},
        opened_at=opened_since(classroom, now()),
        at=now(),
    )


def _claims(session: Session, now: Clock, classroom_id: UUID) -> list[Claim]:
    """Return what was chosen or confirmed lately, also by devices that do not wait any more."""
    since = now() - WRONG_IS_KEPT
    wanted = select(JoinRequest).where(
        JoinRequest.classroom_id == classroom_id,
        or_(
            JoinRequest.wrong_at > since,
            JoinRequest.chose_right_at > since,
            JoinRequest.confirmed_at > since,
        ),
    )
    return [claim_of(row) for row in session.scalars(wanted)]


def claim_of(row: JoinRequest) -> Claim:
    """Return what the rules ask of a device that waits or waited."""
    return Claim(
        id=row.id,
        device=row.device_sha256,
        address=row.address_key,
        name=_name_of(row),
        wrong_count=row.wrong_count,
        wrong_at=row.wrong_at,
        right_at=row.chose_right_at,
        confirmed_at=row.confirmed_at,
    )


def _name_of(row: JoinRequest) -> str:
    """Return under which name it waits: two of the same are looked at."""
    return str(row.enrolment_id or row.person_id or match_key(row.typed_name))


def _came_in_lately(row: JoinRequest, known: _Known) -> bool:
    """Return whether the member came in on another device in this lesson, or is about to."""
    member = known.members.get(row.enrolment_id) if row.enrolment_id else None
    if member is None:
        return False
    begun = known.at - LESSON
    last = known.sign_ins.get(member.person_id)
    has_come = last is not None and last.created_at > begun
    is_let_in = (each.confirmed_at for each in known.claims if each.name == _name_of(row))
    return has_come or any(each and each > begun for each in is_let_in)


def _last_in(row: JoinRequest, known: _Known) -> SignIn | None:
    member = known.members.get(row.enrolment_id) if row.enrolment_id else None
    return known.sign_ins.get(member.person_id) if member else None


def _alike(row: JoinRequest, known: _Known) -> list[Enrolment]:
    """Return members whose name is like the one that came; nobody when a member was chosen."""
    person = known.people.get(row.person_id) if row.person_id else None
    name = person.display_name if person else row.typed_name
    if not name or row.enrolment_id:
        return []
    return [
        member
        for member in known.members.values()
        if not (person and member.person_id == person.id)
        and _may_be_meant(name, member.person.display_name)
    ]


def _may_be_meant(name: str, member_name: str) -> bool:
    return is_like(name, member_name) or is_same_given_name(name, member_name)
