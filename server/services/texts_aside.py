"""Texts that are not shown: replaced or taken off, to be brought back; faulty, to be corrected."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.errors import NotAllowed
from server.models.lessons import AsideReason, Lesson, TextAside, TextTrack
from server.models.people import Person
from server.policy import may_edit_lesson
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row

MOST_VERSIONS = 10  # of one track; who saves every minute would keep hundreds


def lay_aside(session: Session, now: Clock, track: TextTrack, why: AsideReason) -> None:
    """Keep what a track shows, in the caller's transaction; the oldest of many versions goes."""
    aside = TextAside(
        lesson_id=track.lesson_id,
        language=track.language,
        kind=track.kind,
        why=why,
        text=track.text,
        is_automatic=track.is_automatic,
        by_id=track.by_id,
        at=now(),
    )
    session.add(aside)
    session.flush()
    same = (
        select(TextAside)
        .where(TextAside.lesson_id == track.lesson_id, TextAside.language == track.language)
        .where(TextAside.kind == track.kind, TextAside.why != AsideReason.FAULTY)
        .order_by(TextAside.at.desc(), TextAside.id.desc())
        .offset(MOST_VERSIONS)
    )
    for old in session.scalars(same):
        session.delete(old)


def texts_aside(
    session: Session, now: Clock, *, lesson_id: UUID, undo: timedelta
) -> Sequence[TextAside]:
    """Return what can be brought back or corrected, newest first."""
    wanted = (
        select(TextAside)
        .where(TextAside.lesson_id == lesson_id, TextAside.at > now() - undo)
        .order_by(TextAside.at.desc(), TextAside.id.desc())
    )
    with session.begin():
        return session.scalars(wanted).all()


def get_text_aside(session: Session, *, text_aside_id: UUID, by: Person) -> TextAside:
    """Return one. Raises NotFound or NotAllowed."""
    with session.begin():
        return _aside_to_edit(session, text_aside_id, by)


def drop_text_aside(session: Session, now: Clock, *, text_aside_id: UUID, by: Person) -> UUID:
    """Remove one for good; return its lesson. Raises NotFound or NotAllowed."""
    with session.begin():
        aside = _aside_to_edit(session, text_aside_id, by)
        session.delete(aside)
        note_act(session, now, action="captions.drop_aside", by=by, thing_id=aside.lesson_id)
    return aside.lesson_id


def forget_texts_aside(session: Session, before: datetime) -> None:
    """End the undo of texts laid aside earlier, in the caller's transaction."""
    gone = delete(TextAside).where(TextAside.at < before)
    session.execute(gone, execution_options={"synchronize_session": False})


def _aside_to_edit(session: Session, text_aside_id: UUID, by: Person) -> TextAside:
    aside = find_row(session, TextAside, text_aside_id)
    if not may_edit_lesson(by, find_row(session, Lesson, aside.lesson_id)):
        raise NotAllowed(f"lesson {aside.lesson_id} is not this person's to edit")
    return aside
