"""Addresses for "anyone with the link": unlisted, revocable, never the lesson's id."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.errors import ConsentMissing, LinkExpired, NotAllowed, NotFound
from server.models.lessons import Lesson, ShareLink, Visibility
from server.models.people import Person
from server.policy import SHARED_BY_LINK, may_publish_lesson, may_view_lesson
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.index_lessons import note_change


@dataclass(frozen=True, slots=True)
class SharedLesson:
    """A lesson and the link that opened it."""

    lesson: Lesson
    share_link_id: UUID


def make_share_link(
    session: Session, now: Clock, *, lesson_id: UUID, by: Person, is_new: bool = False
) -> ShareLink:
    """Return the lesson's open link, or make one (always, when `is_new`).

    A lesson for fewer people is from now on for anyone with the link. Raises NotFound, NotAllowed,
    or ConsentMissing where pupils are in it who have not agreed to everybody.
    """
    with session.begin():
        lesson = find_row(session, Lesson, lesson_id)
        if not may_publish_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to share")
        if lesson.ceiling is not Visibility.PUBLIC:
            raise ConsentMissing("a link may come to anybody")
        if lesson.visibility not in SHARED_BY_LINK:
            lesson.visibility = Visibility.LINK
            note_change(session, now, lesson.id)
        link = None if is_new else session.scalar(_open_links(lesson_id).limit(1))
        if link is None:
            token = secrets.token_urlsafe(16)  # 128 bits
            link = ShareLink(token=token, lesson_id=lesson_id, created_at=now())
            session.add(link)
            session.flush()
            note_act(
                session, now, action="share.make", by=by, thing_id=lesson_id, link=str(link.id)
            )
    return link


def revoke_share_link(session: Session, now: Clock, *, share_link_id: UUID, by: Person) -> Lesson:
    """Close a link; what plays through it stops. Raises NotFound, NotAllowed."""
    with session.begin():
        link = find_row(session, ShareLink, share_link_id)
        lesson = find_row(session, Lesson, link.lesson_id)
        if not may_publish_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson.id} is not this person's to share")
        link.revoked_at = link.revoked_at or now()
        note_act(session, now, action="share.revoke", by=by, thing_id=lesson.id, link=str(link.id))
    return lesson


def find_shared_lesson(session: Session, token: str) -> SharedLesson:
    """Return what a link opens now.

    Raises NotFound for an unknown token, LinkExpired when it was revoked or the lesson withdrawn.
    """
    with session.begin():
        link = session.scalar(select(ShareLink).where(ShareLink.token == token))
        if link is None:
            raise NotFound("no such link")
        lesson = find_row(session, Lesson, link.lesson_id)
        if link.revoked_at or not may_view_lesson(None, lesson, has_share_link=True):
            raise LinkExpired("the link was revoked or the lesson withdrawn")
    return SharedLesson(lesson, link.id)


def lesson_of_share_token(session: Session, token: str) -> Lesson:
    """Return the lesson that a link opens now. Raises NotFound, LinkExpired."""
    return find_shared_lesson(session, token).lesson


def has_open_link(session: Session, lesson_id: UUID, token: str) -> bool:
    """Return whether the token is a link to this lesson that was not revoked."""
    return session.scalar(_open_links(lesson_id).where(ShareLink.token == token)) is not None


def _open_links(lesson_id: UUID) -> Select[ShareLink]:
    wanted = select(ShareLink).where(ShareLink.lesson_id == lesson_id)
    return wanted.where(ShareLink.revoked_at.is_(None)).order_by(ShareLink.created_at.desc())
