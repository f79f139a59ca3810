"""A school's links to ask by, with who asked by each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotAllowed
from server.models.classrooms import SchoolLink, SchoolRequest
from server.models.people import Person
from server.policy import may_invite, may_manage_school
from server.services.clock import Clock

LISTED = 20  # the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLink:
    """A link, who made it, and the requests that came by it, first one first."""

    row: SchoolLink
    made_by: Person | None
    is_open: bool
    requests: Sequence[SchoolRequest]

    @property
    def unnamed_count(self) -> int:
        """Return how many used it before it was kept who they were."""
        return max(0, self.row.used_count - len(self.requests))


def list_school_links(
    session: Session, now: Clock, *, school_id: UUID, by: Person
) -> list[ListedLink]:
    """Return a school's links, newest first. Raises NotAllowed."""
    if not may_manage_school(by, school_id):
        raise NotAllowed("links are listed for the school's administrators only")
    wanted = (
        select(SchoolLink, Person)
        .outerjoin(Person, Person.id == SchoolLink.made_by_id)
        .where(SchoolLink.school_id == school_id)
        .order_by(SchoolLink.created_at.desc(), SchoolLink.id.desc())
        .limit(LISTED)
    )
    with session.begin():
        rows = session.execute(wanted).all()
        asked = _requests_by(session, [link.id for link, _maker in rows])
    return [
        ListedLink(
            row=link,
            made_by=maker,
            is_open=link.revoked_at is None
            and link.expires_at > now()
            and may_invite(maker, link.role, link.school_id),
            requests=asked.get(link.id, ()),
        )
        for link, maker in rows
    ]


def _requests_by(session: Session, link_ids: Sequence[UUID]) -> dict[UUID, list[SchoolRequest]]:
    wanted = select(SchoolRequest).where(SchoolRequest.school_link_id.in_(link_ids))
    found: dict[UUID, list[SchoolRequest]] = {}
    for row in session.scalars(wanted.order_by(SchoolRequest.created_at, SchoolRequest.id)):
        if row.school_link_id is not None:
            found.setdefault(row.school_link_id, []).append(row)
    return found
