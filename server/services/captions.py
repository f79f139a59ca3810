"""Captions and subtitles that a teacher adds: WebVTT, kept beside the lesson's asset."""

import hashlib
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.captions import to_webvtt
from media_pipeline.errors import CaptionsRejected
from server.errors import FieldError, LessonNotReady, NotAllowed
from server.models.lessons import Lesson, TextTrack
from server.models.people import Person
from server.policy import may_edit_lesson
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.index_lessons import note_change
from server.services.lesson_changes import LANGUAGE
from storage.keys import part_key
from storage.store import ObjectStore

LARGEST_BYTES = 4 * 2**20
TrackKind = Literal["captions", "subtitles"]


def add_captions(  # noqa: PLR0913 (the file and what it is)
    session: Session,
    now: Clock,
    store: ObjectStore,
    *,
    lesson_id: UUID,
    language: str,
    raw: bytes,
    by: Person,
    kind: TrackKind = "captions",
) -> TextTrack:
    """Take an SRT or WebVTT file as the lesson's track of this language, instead of an older one.

    Raises NotFound, NotAllowed, LessonNotReady (no file yet), or FieldError, whose facts name the
    line that cannot be read.
    """
    with session.begin():
        asset_id = _asset_of(session, lesson_id, by)
    text = _checked(language, raw)
    content = text.encode()
    key = part_key(asset_id, hashlib.sha256(content).hexdigest(), "vtt")
    store.put_bytes(key, content, content_type="text/vtt; charset=utf-8")  # same content, same name
    with session.begin():
        track = _track(session, lesson_id, language, kind) or TextTrack(
            lesson_id=lesson_id, language=language, kind=kind
        )
        track.key, track.text, track.created_at = key, text, now()
        session.add(track)
        note_act(session, now, action="captions.add", by=by, thing_id=lesson_id, language=language)
        note_change(session, now, lesson_id)
    return track


def remove_captions(session: Session, now: Clock, *, text_track_id: UUID, by: Person) -> Lesson:
    """Take a track off its lesson. Raises NotFound or NotAllowed."""
    with session.begin():
        track = find_row(session, TextTrack, text_track_id)
        lesson = find_row(session, Lesson, track.lesson_id)
        if not may_edit_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson.id} is not this person's to edit")
        lesson.text_tracks.remove(track)
        note_act(
            session,
            now,
            action="captions.remove",
            by=by,
            thing_id=lesson.id,
            language=track.language,
        )
        note_change(session, now, lesson.id)
    return lesson


def _checked(language: str, raw: bytes) -> str:
    if not LANGUAGE.fullmatch(language):
        raise FieldError("language", "not a language tag", rule="unknown")
    if len(raw) > LARGEST_BYTES:
        raise FieldError("captions", "too large", rule="too_long", most=LARGEST_BYTES)
    try:
        return to_webvtt(raw)
    except CaptionsRejected as error:
        raise FieldError("captions", str(error), rule=error.code, line=error.line) from error


def _asset_of(session: Session, lesson_id: UUID, by: Person) -> UUID:
    lesson = find_row(session, Lesson, lesson_id)
    if not may_edit_lesson(by, lesson):
        raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
    if lesson.original is None:
        raise LessonNotReady("captions belong to a file")
    return lesson.original.asset_id


def _track(session: Session, lesson_id: UUID, language: str, kind: str) -> TextTrack | None:
    same = select(TextTrack).where(TextTrack.lesson_id == lesson_id, TextTrack.language == language)
    return session.scalar(same.where(TextTrack.kind == kind))
