"""Lost passwords: a link, made by who may, by which the person sets a new one once, in a day."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.errors import Conflict, LinkExpired, NotAllowed
from server.models.people import PasswordLink, Person
from server.policy import may_reset_password
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.joining import names_of_places, sha256_of
from server.services.password_rules import check_password
from server.services.passwords import hash_password
from server.services.sign_ins import end_sign_ins

WORKS_FOR = timedelta(days=1)
TOLD_FOR = timedelta(days=30)
TOLD_AT_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordNews:
    """What the person is told of one link; `made_by` is empty for the command line."""

    link_id: UUID
    made_by: str | None
    made_at: datetime
    used_at: datetime | None
    is_open: bool


def make_password_link(
    session: Session, now: Clock, *, person_id: UUID, by: Person | None
) -> tuple[str, Person]:
    """Return the token of a link by which the person sets a new password; older links end.

    `by` is empty for the command line. Nothing else changes until the link is used. Raises
    NotFound, NotAllowed, or Conflict for who has no password or was switched off.
    """
    token = secrets.token_urlsafe(16)
    with session.begin():
        find_row(session, Person, person_id)
        person = lock_person(session, person_id)
        if by is not None and not may_reset_password(by, person):
            raise NotAllowed("this person's password is for others to replace")
        if not (person.is_active and person.has_password):
            raise Conflict("they have no password, or were switched off")
        end_password_links(session, now, person.id)
        link = PasswordLink(
            token_sha256=sha256_of(token),
            person_id=person.id,
            made_by_id=by.id if by else None,
            is_by_machine=by is None,
            created_at=now(),
            expires_at=now() + WORKS_FOR,
        )
        session.add(link)
        person.password_news_until = now() + TOLD_FOR
        note_act(session, now, action="password_link.make", by=by, thing_id=person.id)
    return token, person


def find_password_link(session: Session, now: Clock, *, token: str) -> tuple[PasswordLink, Person]:
    """Return whose password a link replaces. Changes nothing: chats open links to preview them.

    Raises LinkExpired.
    """
    with session.begin():
        return _working_link(session, now, token)


def use_password_link(session: Session, now: Clock, *, token: str, password: str) -> Person:
    """Set the new password, use the link up and sign the person out everywhere.

    Raises LinkExpired, FieldError.
    """
    _link, person = find_password_link(session, now, token=token)  # first: hashing is costly
    check_password(password, known_of(session, person))
    new_hash = hash_password(password)
    with session.begin():
        lock_person(session, person.id)
        link, person = _working_link(session, now, token)
        _use_up(session, now, link)
        set_password(session, now, person, new_hash)
        person.password_news_until = now() + TOLD_FOR
        made_by = str(link.made_by_id) if link.made_by_id else None
        note_act(
            session,
            now,
            action="password_link.use",
            by=person,
            thing_id=person.id,
            made_by=made_by,
        )
    return person


def refuse_password_links(session: Session, now: Clock, *, by: Person) -> None:
    """End the links for one's own account that somebody made and nobody used."""
    with session.begin():
        end_password_links(session, now, by.id)
        note_act(session, now, action="password_link.refuse", by=by, thing_id=by.id)


def password_news(session: Session, now: Clock, *, person: Person) -> Sequence[PasswordNews]:
    """Return which links were made for a person in these thirty days, newest first."""
    wanted = (
        select(PasswordLink, Person.display_name)
        .outerjoin(Person, Person.id == PasswordLink.made_by_id)
        .where(PasswordLink.person_id == person.id, PasswordLink.created_at > now() - TOLD_FOR)
        .order_by(PasswordLink.created_at.desc(), PasswordLink.id.desc())
        .limit(TOLD_AT_MOST)
    )
    with session.begin():
        rows = session.execute(wanted).all()
    return [
        PasswordNews(
            link_id=link.id,
            made_by=None if link.is_by_machine else name or "",
            made_at=link.created_at,
            used_at=link.used_at,
            is_open=_is_open(link, now()),
        )
        for link, name in rows
    ]


def known_of(session: Session, person: Person) -> list[str]:
    """Return what others know of a person, which makes no good password."""
    places = names_of_places(session, {role.school_id for role in person.roles})
    return [person.user_name, person.display_name, *places]


def lock_person(session: Session, person_id: UUID) -> Person:
    """Return the person as they are now; where the database can, who else wants them waits."""
    return session.get_one(Person, person_id, populate_existing=True, with_for_update=True)


def set_password(
    session: Session, now: Clock, person: Person, new_hash: str, *, keep_id: UUID | None = None
) -> None:
    """Keep a new password inside the caller's transaction.

    Whoever came in by the old one, or holds a link for another one, is out; but one device.
    """
    person.password_hash = new_hash
    person.needs_new_password = False
    end_sign_ins(session, now, person.id, keep_id=keep_id)
    end_password_links(session, now, person.id)


def end_password_links(session: Session, now: Clock, person_id: UUID) -> None:
    """End what was not used yet, inside the caller's transaction."""
    is_open = (PasswordLink.used_at.is_(None), PasswordLink.ended_at.is_(None))
    whose = PasswordLink.person_id == person_id
    session.execute(update(PasswordLink).where(whose, *is_open).values(ended_at=now()))


def _use_up(session: Session, now: Clock, link: PasswordLink) -> None:
    """Of two who use it at once, one does."""
    unused = (PasswordLink.used_at.is_(None), PasswordLink.ended_at.is_(None))
    mine = update(PasswordLink).where(PasswordLink.id == link.id, *unused)
    if session.execute(mine.values(used_at=now()).returning(PasswordLink.id)).first() is None:
        raise LinkExpired("the link was used meanwhile")


def _working_link(session: Session, now: Clock, token: str) -> tuple[PasswordLink, Person]:
    """Return the link and whose password it replaces, as both are now."""
    named = select(PasswordLink).where(PasswordLink.token_sha256 == sha256_of(token))
    link = session.scalar(named.execution_options(populate_existing=True))
    if link is None or not _is_open(link, now()):
        raise LinkExpired("the link was used, ended, is too old, or never was")
    person = session.get_one(Person, link.person_id, populate_existing=True)
    if not _may_still(session, link, person):
        raise LinkExpired("who made the link may not replace this password any more")
    return link, person


def _may_still(session: Session, link: PasswordLink, person: Person) -> bool:
    if link.is_by_machine:
        return person.is_active and person.has_password
    if link.made_by_id is None:
        return False
    maker = session.get(Person, link.made_by_id, populate_existing=True)
    return may_reset_password(maker, person)


def _is_open(link: PasswordLink, at: datetime) -> bool:
    return link.used_at is None and link.ended_at is None and link.expires_at > at
