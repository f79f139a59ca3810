"""Who changed what: one entry per change of rights or content, in the transaction of the change."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import NotAllowed
from server.models.people import AuditEntry, Person
from server.policy import may_manage_office
from server.services.clock import Clock


def note_act(
    session: Session,
    now: Clock,
    *,
    action: str,
    by: Person | None,
    thing_id: UUID | None = None,
    **detail: object,
) -> None:
    """Add an entry inside the caller's transaction; `by` is empty for the command line.

    `detail` holds JSON values only, and never a password or token.
    """
    session.add(
        AuditEntry(
            at=now(),
            person_id=by.id if by else None,
            action=action,
            thing_id=thing_id,
            detail=detail,
        )
    )


def list_acts(session: Session, *, by: Person, limit: int = 200) -> list[AuditEntry]:
    """Return the newest entries first. Raises NotAllowed for all but office administrators."""
    if not may_manage_office(by):
        raise NotAllowed("the audit log is the office's")
    newest = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    return list(session.scalars(newest.limit(limit)))
