"""What a person is told about their place at a school, until they have read it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.models.memberships import NewsKind, PersonNews
from server.models.people import Person
from server.services.clock import Clock


def tell(
    session: Session,
    now: Clock,
    *,
    person_id: UUID,
    kind: NewsKind,
    school_id: UUID | None,
    detail: str = "",
) -> None:
    """Have a person told, inside the caller's transaction."""
    session.add(
        PersonNews(person_id=person_id, kind=kind, school_id=school_id, detail=detail, at=now())
    )


def unread_news(session: Session, *, person: Person) -> list[PersonNews]:
    """Return what the person has not said to have read, newest first."""
    wanted = select(PersonNews).where(
        PersonNews.person_id == person.id, PersonNews.seen_at.is_(None)
    )
    with session.begin():
        return list(session.scalars(wanted.order_by(PersonNews.id.desc())))


def note_read(session: Session, now: Clock, *, news_ids: Sequence[UUID], by: Person) -> None:
    """Keep that the person has read these; those of others are left alone."""
    theirs = (PersonNews.person_id == by.id, PersonNews.seen_at.is_(None))
    shown = update(PersonNews).where(*theirs, PersonNews.id.in_(news_ids)).values(seen_at=now())
    with session.begin():
        session.execute(shown)
