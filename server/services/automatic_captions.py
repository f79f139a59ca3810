"""Captions that a speech model writes: marked as automatic, never over what a person made."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.captions import Cue, format_cues
from server.errors import NotAllowed
from server.messages import WriteCaptions
from server.models.jobs import JobRow, JobState
from server.models.lessons import Lesson, TextTrack, TrackKind
from server.models.library import Asset, AssetState, Original
from server.models.people import Person
from server.policy import may_edit_lesson
from server.queue import enqueue, retry_dead
from server.services.captions import TrackName, find_track, write_text
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.index_lessons import note_change


def order_captions(session: Session, now: Clock, asset: Asset) -> None:
    """Have captions written for the asset's lessons that have none, in the caller's transaction."""
    of_asset = select(Lesson).join(Original).where(Original.asset_id == asset.id)
    for lesson in session.scalars(of_asset):
        if is_without_captions(lesson) and job_of(session, lesson) is None:
            _order(session, now, lesson)


def ask_for_captions(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Lesson:
    """Have captions written because somebody asks. Raises NotFound or NotAllowed."""
    with session.begin():
        lesson = find_row(session, Lesson, lesson_id)
        if not may_edit_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
        job = job_of(session, lesson)
        if job is not None and job.state == JobState.DEAD:
            retry_dead(session, now(), job.id)
        elif job is None and is_without_captions(lesson):
            _order(session, now, lesson)
    return lesson


def keep_automatic_captions(
    session: Session, now: Clock, *, name: TrackName, cues: Sequence[Cue], asset_id: UUID
) -> bool:
    """Give the lesson what was heard, in the caller's transaction; its object is stored.

    False if a person was quicker, or the lesson shows another file by now.
    """
    lesson = session.get(Lesson, name.lesson_id)
    if lesson is None or lesson.original is None or lesson.original.asset_id != asset_id:
        return False
    if find_track(session, name) is not None:
        return False
    track = TextTrack(lesson_id=lesson.id, language=name.language, kind=name.kind)
    write_text(track, asset_id, format_cues(cues), now)
    track.is_automatic = True
    session.add(track)
    note_change(session, now, lesson.id)
    return True


def is_without_captions(lesson: Lesson) -> bool:
    """Tell whether a model may write this lesson's captions."""
    asset = lesson.original.asset if lesson.original else None
    is_heard = asset is not None and any(row.name == "audio" for row in asset.renditions)
    has_own = any(
        track.language == lesson.language and track.kind == TrackKind.CAPTIONS
        for track in lesson.text_tracks
    )
    is_ready = asset is not None and asset.state == AssetState.READY
    return is_heard and is_ready and not has_own


def job_of(session: Session, lesson: Lesson) -> JobRow | None:
    """Return the job that writes this lesson's captions; a dead one waits for a person."""
    if lesson.original is None:
        return None
    message = WriteCaptions(asset_id=lesson.original.asset_id, lesson_id=lesson.id)
    wanted = select(JobRow).where(
        JobRow.kind == message.kind, JobRow.asset_id == lesson.original.asset_id
    )
    jobs = session.scalars(wanted)
    return next((job for job in jobs if job.payload.get("lesson_id") == str(lesson.id)), None)


def _order(session: Session, now: Clock, lesson: Lesson) -> None:
    if lesson.original is not None:
        message = WriteCaptions(asset_id=lesson.original.asset_id, lesson_id=lesson.id)
        enqueue(session, message, now())
