"""What one viewer is shown of a file: all of it, or what a lesson's trim leaves.

A playback keeps the view that it began with, so that nothing moves under who is watching.
"""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from media_pipeline.timeline import WHOLE, Timeline
from server.models.erased_lessons import ErasedLesson
from server.models.lessons import Lesson, PlaybackSession

CAPTIONS = "captions-"


@dataclass(frozen=True, slots=True)
class View:
    """The shown ranges, and whose captions are moved along."""

    timeline: Timeline = WHOLE
    lesson_id: UUID | None = None

    @property
    def name(self) -> str:
        """Return what differs between views of one file; all who see the whole share one."""
        if not self.timeline.ranges:
            return "whole"
        named = json.dumps([str(self.lesson_id), self.timeline.to_rows()])
        return hashlib.sha256(named.encode()).hexdigest()[:32]


WHOLE_FILE = View()


def timeline_of(row: Lesson | ErasedLesson | PlaybackSession) -> Timeline:
    """Return the ranges that a lesson has, or that a playback began with."""
    return Timeline.of(row.kept_ranges)


def playable_timeline(lesson: Lesson) -> Timeline:
    """Return the ranges that can be played at this moment.

    Until the cuts are encoded they lie at the nearest segments inside, so that what is cut out is
    gone at once.
    """
    timeline = timeline_of(lesson)
    if not timeline.ranges or lesson.is_trim_exact or lesson.original is None:
        return timeline
    return timeline.at_segments(lesson.original.asset.duration_s) or timeline


def shown_duration_s(lesson: Lesson) -> float:
    """Return how long the lesson is to those who watch it."""
    duration_s = lesson.original.asset.duration_s if lesson.original else 0.0
    return timeline_of(lesson).to_shown(duration_s)


def view_of(session: Session, session_id: str) -> View:
    """Return what a playback shows."""
    with session.begin():
        playback = session.get(PlaybackSession, session_id)
        return view_in(playback) if playback else WHOLE_FILE


def view_in(playback: PlaybackSession) -> View:
    """Return what a playback shows, from its row."""
    return View(timeline_of(playback), playback.lesson_id)


def caption_name(lesson: Lesson, key: str) -> str:
    """Return where a track is found below a playback's address: cut to the lesson, if that is."""
    name = key.rpartition("/")[2]
    return f"{CAPTIONS}{name}" if lesson.kept_ranges else name


def caption_key_named(stem: str) -> str | None:
    """Return the last part of the key that a name of `caption_name` means."""
    return f"{stem.removeprefix(CAPTIONS)}.vtt" if stem.startswith(CAPTIONS) else None
