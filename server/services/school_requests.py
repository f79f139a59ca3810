"""Who asks to teach at a school: what its administrators see of them, and what they decide."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from search.folding import fold
from server.errors import NotAllowed
from server.models.classrooms import SchoolLink, SchoolRequest
from server.models.memberships import NewsKind, SwitchedOff
from server.models.people import Person, Role, RoleName
from server.policy import may_invite, may_manage_school
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import AS_IT_IS, as_now, hold_school
from server.services.joining import give_role
from server.services.names import plain_name, sort_key_of
from server.services.news import tell
from server.staff_policy import may_take_on_staff_role

SHOWN = 50  # at once: what is confirmed together is looked through first


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedToTeach:
    """A request that waits, and what makes it worth a second look."""

    row: SchoolRequest
    link: SchoolLink | None
    pupil_of: Sequence[str]  # schools
    teaches_at: Sequence[str]  # other schools
    namesakes: Sequence[str]  # user names of this school's staff
    has_pupils_name: bool
    switched_off_at: datetime | None

    @property
    def is_pupils(self) -> bool:
        """Return whether it is a pupil's account: confirmed by itself alone, and said so."""
        return not may_take_on_staff_role(self.row.person)

    @property
    def is_plain(self) -> bool:
        """Return whether nothing needs a second look."""
        strange = (self.pupil_of, self.namesakes, self.has_pupils_name, self.switched_off_at)
        return not any(strange) and not self.is_pupils


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The first of those who wait, and how many do in all."""

    shown: Sequence[AskedToTeach]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Whose requests were decided now, and how many of the chosen ones were left as they are."""

    names: Sequence[str]
    left_count: int


def list_waiting(session: Session, *, school_id: UUID, by: Person) -> Waiting:
    """Return who asks to teach at a school, first come first. Raises NotAllowed.

    Whose account the office switched off meanwhile is not among them.
    """
    if not may_manage_school(by, school_id):
        raise NotAllowed("requests are for the school's administrators")
    wanted = (
        select(SchoolRequest)
        .join(SchoolRequest.person)
        .where(SchoolRequest.school_id == school_id, SchoolRequest.decided_at.is_(None))
        .where(Person.is_active)
        .order_by(SchoolRequest.created_at, SchoolRequest.id)
    )
    with session.begin():
        rows = list(session.scalars(wanted))
        shown = _with_hints(session, school_id, rows[:SHOWN])
    return Waiting(shown=shown, count=len(rows))


def decide_requests(  # noqa: PLR0913 (what was pressed)
    session: Session,
    now: Clock,
    *,
    school_id: UUID,
    request_ids: Collection[UUID],
    is_accepted: bool,
    although_pupils: bool = False,
    by: Person,
) -> Decided:
    """Let those who were chosen teach at the school, or not; nobody else, and each once.

    Left as they are: what somebody decided meanwhile, whose account was switched off, and, where
    `although_pupils` was not said, who is a pupil somewhere. Raises NotFound, NotAllowed.
    """
    with session.begin():
        hold_school(session, school_id)
        if not may_invite(as_now(session, by), RoleName.TEACHER, school_id):
            raise NotAllowed("requests are for the school's administrators")
        wanted = (
            select(SchoolRequest)
            .where(SchoolRequest.school_id == school_id, SchoolRequest.id.in_(request_ids))
            .where(SchoolRequest.decided_at.is_(None))
            .order_by(SchoolRequest.created_at)
        )
        rows = session.scalars(wanted, execution_options=AS_IT_IS).all()
        chosen = [
            row
            for row in rows
            if not is_accepted or _may_become(row.person, although_pupils=although_pupils)
        ]
        for row in chosen:
            _decide(session, now, row, is_accepted=is_accepted, by=by)
    names = [row.person.display_name for row in chosen]
    return Decided(names=names, left_count=len(set(request_ids)) - len(chosen))


def _may_become(person: Person, *, although_pupils: bool) -> bool:
    if not person.is_active or not person.has_password:
        return False
    return although_pupils or may_take_on_staff_role(person)


def _decide(
    session: Session, now: Clock, row: SchoolRequest, *, is_accepted: bool, by: Person
) -> None:
    row.decided_at, row.decided_by_id, row.is_accepted = now(), by.id, is_accepted
    row.address_sha256 = ""
    if is_accepted:
        give_role(session, now, row.person, RoleName.TEACHER, row.school_id, by)
        _end_switched_off(session, now, row)
    kind = NewsKind.ACCEPTED if is_accepted else NewsKind.DECLINED
    tell(session, now, person_id=row.person_id, kind=kind, school_id=row.school_id)
    note_act(
        session,
        now,
        action="school_request.decide",
        by=by,
        thing_id=row.id,
        yes=is_accepted,
        person=str(row.person_id),
    )


def _end_switched_off(session: Session, now: Clock, row: SchoolRequest) -> None:
    """Who is accepted again is no longer on the list of those switched off."""
    off = select(SwitchedOff).where(
        SwitchedOff.school_id == row.school_id,
        SwitchedOff.person_id == row.person_id,
        SwitchedOff.back_at.is_(None),
    )
    for each in session.scalars(off):
        each.back_at = now()


def _with_hints(
    session: Session, school_id: UUID, rows: Sequence[SchoolRequest]
) -> list[AskedToTeach]:
    links = _links_of(session, rows)
    staff = _staff_by_name(session, school_id)
    pupils_keys = _names_of_pupils(session, school_id, rows)
    off_at = _switched_off_at(session, school_id, rows)
    return [
        AskedToTeach(
            row=row,
            link=links.get(row.school_link_id) if row.school_link_id else None,
            pupil_of=_schools_where(row.person, {RoleName.STUDENT}),
            teaches_at=_schools_where(row.person, {RoleName.TEACHER, RoleName.SCHOOL_ADMIN}),
            namesakes=[
                user_name
                for id_, user_name in staff.get(_folded(row.person.display_name), ())
                if id_ != row.person_id
            ],
            has_pupils_name=_key(row) in pupils_keys,
            switched_off_at=off_at.get(row.person_id),
        )
        for row in rows
    ]


def _folded(name: str) -> str:
    return fold(plain_name(name))


def _key(row: SchoolRequest) -> str:
    """Return what the name is looked up by among pupils: titles stand apart from theirs."""
    return sort_key_of(plain_name(row.person.display_name))


def _schools_where(person: Person, names: Collection[RoleName]) -> list[str]:
    return [role.school.name for role in person.roles if role.name in names and role.school]


def _links_of(session: Session, rows: Sequence[SchoolRequest]) -> Mapping[UUID, SchoolLink]:
    ids = {row.school_link_id for row in rows}
    return {
        link.id: link for link in session.scalars(select(SchoolLink).where(SchoolLink.id.in_(ids)))
    }


def _staff_by_name(session: Session, school_id: UUID) -> Mapping[str, list[tuple[UUID, str]]]:
    """Return (id, user name) of the school's staff, by the name as it is easily mistaken."""
    is_staff = Role.name.in_((RoleName.TEACHER, RoleName.SCHOOL_ADMIN))
    wanted = (
        select(Person.id, Person.user_name, Person.display_name)
        .join(Role, Role.person_id == Person.id)
        .where(Role.school_id == school_id, is_staff)
        .distinct()
    )
    found: dict[str, list[tuple[UUID, str]]] = {}
    for id_, user_name, name in session.execute(wanted):
        found.setdefault(_folded(name), []).append((id_, user_name))
    return found


def _names_of_pupils(
    session: Session, school_id: UUID, rows: Sequence[SchoolRequest]
) -> Collection[str]:
    """Return those of the asked names, as keys, that pupils of the school have, too."""
    keys = {_key(row) for row in rows}
    wanted = (
        select(Person.sort_key)
        .join(Role, Role.person_id == Person.id)
        .where(Role.school_id == school_id, Role.name == RoleName.STUDENT)
        .where(Person.sort_key.in_(keys), Person.id.not_in([row.person_id for row in rows]))
    )
    return set(session.scalars(wanted))


def _switched_off_at(
    session: Session, school_id: UUID, rows: Sequence[SchoolRequest]
) -> Mapping[UUID, datetime]:
    wanted = select(SwitchedOff).where(
        SwitchedOff.school_id == school_id,
        SwitchedOff.person_id.in_([row.person_id for row in rows]),
        SwitchedOff.back_at.is_(None),
    )
    return {row.person_id: row.at for row in session.scalars(wanted)}
