"""Pictures and sounds of questions, all of a quiz at once: a page of pictures costs few queries."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.models.lesson_versions import LessonItemFile
from server.models.lessons import Lesson, PlaybackSession
from server.models.library import Original, Page
from server.services.clock import Clock
from server.services.play import PLAYBACK_EXPIRY
from server.services.turns import turn_to_write


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """By which right somebody sees a lesson; that they may was asked before."""

    lesson: Lesson
    person_id: UUID | None
    sign_in_id: UUID | None
    share_link_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFile:
    """One file; of a picture its page, and the playback that opens its bytes."""

    original: Original
    picture: Page | None
    playback: PlaybackSession | None


def question_files(
    session: Session, now: Clock, *, viewing: Viewing, original_ids: Collection[UUID]
) -> dict[UUID, QuestionFile]:
    """Return the files by id; none for those that the lesson does not use."""
    if not original_ids:
        return {}
    with session.begin():
        originals = _originals(session, viewing.lesson.id, original_ids)
        pages = _first_pages(session, [original.asset_id for original in originals])
    playbacks = {asset_id: _playback(viewing, asset_id, now) for asset_id in pages}
    if playbacks:
        with turn_to_write(session):
            session.add_all(playbacks.values())
    return {
        original.id: QuestionFile(
            original=original,
            picture=pages.get(original.asset_id),
            playback=playbacks.get(original.asset_id),
        )
        for original in originals
    }


def _originals(session: Session, lesson_id: UUID, original_ids: Collection[UUID]) -> list[Original]:
    wanted = (
        select(Original)
        .join(LessonItemFile, LessonItemFile.original_id == Original.id)
        .where(LessonItemFile.lesson_id == lesson_id, Original.id.in_(original_ids))
        .options(joinedload(Original.asset))
    )
    return list(session.scalars(wanted))


def _first_pages(session: Session, asset_ids: Collection[UUID]) -> dict[UUID, Page]:
    wanted = select(Page).where(
        Page.asset_id.in_(asset_ids), Page.number == 1, Page.image_key != ""
    )
    return {page.asset_id: page for page in session.scalars(wanted)}


def _playback(viewing: Viewing, asset_id: UUID, now: Clock) -> PlaybackSession:
    return PlaybackSession(
        id=secrets.token_hex(16),
        lesson_id=viewing.lesson.id,
        asset_id=asset_id,
        person_id=viewing.person_id,
        sign_in_id=viewing.sign_in_id,
        share_link_id=viewing.share_link_id,
        created_at=now(),
        expires_at=now() + PLAYBACK_EXPIRY,
    )
