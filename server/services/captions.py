"""Captions, subtitles and descriptions of a lesson: WebVTT beside the lesson's asset.

Nothing that a person wrote is lost: what is replaced or taken off is laid aside and can be brought
back, a file with faults waits to be corrected, and who saves over a newer version is told first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from media_pipeline.caption_decoding import decode_captions
from media_pipeline.caption_reading import DraftCue, Mend, Reading, check_drafts, read_captions
from media_pipeline.captions import Cue, format_cues
from server.errors import CaptionsChanged, CaptionsFaulty, FieldError, LessonNotReady, NotAllowed
from server.models.lessons import AsideReason, Lesson, TextAside, TextTrack, TrackKind
from server.models.people import Person
from server.policy import may_edit_lesson
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.index_lessons import note_change
from server.services.lesson_changes import LANGUAGE
from server.services.lesson_texts import caption_key, store_captions
from server.services.texts_aside import lay_aside
from storage.store import ObjectStore

LARGEST_BYTES = 4 * 2**20
LONGEST_LANGUAGE = 20
UNREADABLE = frozenset({"not_text", "no_cues", "too_many_cues"})  # nothing to correct by hand


@dataclass(frozen=True, slots=True)
class TrackName:
    """Which text track of a lesson."""

    lesson_id: UUID
    language: str
    kind: TrackKind = TrackKind.CAPTIONS

    @classmethod
    def parse(cls, lesson_id: UUID, language: str, kind: str = "captions") -> "TrackName":
        """Check what was typed. Raises FieldError."""
        if not LANGUAGE.fullmatch(language) or len(language) > LONGEST_LANGUAGE:
            raise FieldError("language", "not a language tag", rule="unknown")
        if kind not in set(TrackKind):
            raise FieldError("kind", "no such kind of text", rule="unknown")
        return cls(lesson_id, language, TrackKind(kind))


@dataclass(frozen=True, slots=True)
class SavedCaptions:
    """A track as it is now, and what was mended on the way."""

    track: TextTrack
    mends: Mapping[str, Mend] = field(default_factory=dict)


def add_captions(  # noqa: PLR0913 (the file and what it is)
    session: Session,
    now: Clock,
    store: ObjectStore,
    *,
    lesson_id: UUID,
    language: str,
    raw: bytes,
    by: Person,
    kind: str = TrackKind.CAPTIONS,
) -> SavedCaptions:
    """Take an SRT or WebVTT file as this track, instead of an older one.

    Raises NotFound, NotAllowed, LessonNotReady (no file yet), FieldError, or CaptionsFaulty; then
    the text is laid aside to be corrected where there is something to correct.
    """
    name = TrackName.parse(lesson_id, language, kind)
    with session.begin():
        duration_ms = duration_ms_of(lesson_to_caption(session, lesson_id, by))
    if len(raw) > LARGEST_BYTES:
        raise FieldError("captions", "too large", rule="too_large", most=LARGEST_BYTES)
    reading = read_captions(raw, duration_ms=duration_ms)
    if reading.faults:
        raise CaptionsFaulty(reading.faults, _kept_to_correct(session, now, name, raw, reading, by))
    track = keep_captions(session, now, store, name=name, cues=reading.cues, by=by)
    return SavedCaptions(track, reading.mends)


def save_captions(  # noqa: PLR0913 (the text and what it is of)
    session: Session,
    now: Clock,
    store: ObjectStore,
    *,
    name: TrackName,
    drafts: Sequence[DraftCue],
    version: int,
    by: Person,
    corrects: UUID | None = None,
) -> SavedCaptions:
    """Keep what a person wrote in the editor, begun from `version` (0: there was none).

    Automatic captions count as read from then on. The text aside that it `corrects` goes. Raises
    NotFound, NotAllowed, LessonNotReady, CaptionsFaulty, or CaptionsChanged: somebody saved
    meanwhile.
    """
    with session.begin():
        duration_ms = duration_ms_of(lesson_to_caption(session, name.lesson_id, by))
    reading = check_drafts(drafts, duration_ms=duration_ms)
    if reading.faults:
        raise CaptionsFaulty(reading.faults)
    track = keep_captions(session, now, store, name=name, cues=reading.cues, by=by, version=version)
    if corrects:
        with session.begin():
            aside = session.get(TextAside, corrects)
            if aside is not None and aside.lesson_id == name.lesson_id:
                session.delete(aside)
    return SavedCaptions(track, reading.mends)


def keep_captions(  # noqa: PLR0913 (the text, whose it is, and what it may replace)
    session: Session,
    now: Clock,
    store: ObjectStore,
    *,
    name: TrackName,
    cues: Sequence[Cue],
    by: Person,
    version: int | None = None,
) -> TextTrack:
    """Store checked cues as the track; an older text is laid aside.

    Raises NotFound, NotAllowed, LessonNotReady; CaptionsChanged if `version` is not the present.
    """
    text = format_cues(cues)
    with session.begin():
        asset_id = _asset_id_of(lesson_to_caption(session, name.lesson_id, by))
    store_captions(store, asset_id, [text])
    try:
        with session.begin():
            track = _claimed(session, now, name, text, version)
            write_text(track, asset_id, text, now)
            track.is_automatic, track.by_id = False, by.id
            session.add(track)
            note_act(
                session,
                now,
                action="captions.add",
                by=by,
                thing_id=name.lesson_id,
                language=name.language,
                kind=name.kind,
            )
            note_change(session, now, name.lesson_id)
    except IntegrityError as error:  # two made the first version at the same moment
        raise CaptionsChanged("somebody else saved first") from error
    return track


def write_text(track: TextTrack, asset_id: UUID, text: str, now: Clock) -> None:
    """Have the track show a text whose object is stored."""
    track.key, track.text, track.created_at = caption_key(asset_id, text), text, now()
    track.size_bytes = len(text.encode())


def confirm_captions(session: Session, now: Clock, *, text_track_id: UUID, by: Person) -> Lesson:
    """Note that a person has read automatic captions. Raises NotFound or NotAllowed."""
    with session.begin():
        track = find_row(session, TextTrack, text_track_id)
        lesson = _lesson_to_edit(session, track.lesson_id, by)
        track.is_automatic, track.by_id = False, by.id
        note_act(session, now, action="captions.confirm", by=by, thing_id=lesson.id)
        note_change(session, now, lesson.id)
    return lesson


def remove_captions(session: Session, now: Clock, *, text_track_id: UUID, by: Person) -> Lesson:
    """Take a track off its lesson; it can be brought back. Raises NotFound or NotAllowed."""
    with session.begin():
        track = find_row(session, TextTrack, text_track_id)
        lesson = _lesson_to_edit(session, track.lesson_id, by)
        lay_aside(session, now, track, AsideReason.REMOVED)
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


def get_track_to_edit(session: Session, *, name: TrackName, by: Person) -> TextTrack | None:
    """Return the track, None while there is none. Raises NotFound or NotAllowed."""
    with session.begin():
        _lesson_to_edit(session, name.lesson_id, by)
        return find_track(session, name)


def find_track(session: Session, name: TrackName) -> TextTrack | None:
    """Return the track in the caller's transaction."""
    same = select(TextTrack).where(
        TextTrack.lesson_id == name.lesson_id, TextTrack.language == name.language
    )
    found = same.where(TextTrack.kind == name.kind)
    return session.scalar(found.execution_options(populate_existing=True))  # others write too


def lesson_to_caption(session: Session, lesson_id: UUID, by: Person) -> Lesson:
    """Return a lesson with a file. Raises NotFound, NotAllowed, LessonNotReady."""
    lesson = _lesson_to_edit(session, lesson_id, by)
    if lesson.original is None:
        raise LessonNotReady("captions belong to a file")
    return lesson


def duration_ms_of(lesson: Lesson) -> int:
    """Return how long the recording is, with what is missing of it; 0 while that is not known."""
    asset = lesson.original.asset if lesson.original else None
    return round((asset.duration_s + asset.missing_s) * 1000) if asset else 0


def _lesson_to_edit(session: Session, lesson_id: UUID, by: Person) -> Lesson:
    lesson = find_row(session, Lesson, lesson_id)
    if not may_edit_lesson(by, lesson):
        raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
    return lesson


def _asset_id_of(lesson: Lesson) -> UUID:
    if lesson.original is None:
        raise LessonNotReady("captions belong to a file")
    return lesson.original.asset_id


def _kept_to_correct(
    session: Session, now: Clock, name: TrackName, raw: bytes, reading: Reading, by: Person
) -> UUID | None:
    """Lay a file with faults aside; return where, None where nothing can be corrected by hand."""
    if {fault.code for fault in reading.faults} & UNREADABLE:
        return None
    with session.begin():
        aside = TextAside(
            lesson_id=name.lesson_id,
            language=name.language,
            kind=name.kind,
            why=AsideReason.FAULTY,
            text="\n".join(decode_captions(raw).lines).replace("\x00", ""),
            by_id=by.id,
            at=now(),
        )
        session.add(aside)
        session.flush()
        return aside.id


def _claimed(
    session: Session, now: Clock, name: TrackName, text: str, version: int | None
) -> TextTrack:
    """Return the track to write to; the update takes the row, so that of two savers one waits."""
    is_ours = [TextTrack.lesson_id == name.lesson_id, TextTrack.language == name.language]
    is_ours.append(TextTrack.kind == name.kind)
    if version is not None:
        is_ours.append(TextTrack.version == version)
    taken = update(TextTrack).where(*is_ours).values(version=TextTrack.version + 1)
    without_sync = {"synchronize_session": False}
    row_id = session.scalar(taken.returning(TextTrack.id), execution_options=without_sync)
    track = find_track(session, name)
    if track is None and version in {None, 0}:
        return TextTrack(lesson_id=name.lesson_id, language=name.language, kind=name.kind)
    if track is None or row_id is None:
        raise CaptionsChanged("somebody else saved these captions meanwhile")
    if track.text != text:
        lay_aside(session, now, track, AsideReason.REPLACED)
    return track
