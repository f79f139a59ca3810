from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from media_pipeline.caption_reading import DraftCue
from server.errors import (
    CaptionsChanged,
    CaptionsFaulty,
    FieldError,
    LessonNotReady,
    NotAllowed,
)
from server.models.lessons import Lesson
from server.services.captions import (
    LARGEST_BYTES,
    TrackName,
    add_captions,
    get_track_to_edit,
    remove_captions,
    save_captions,
)
from server.services.texts_aside import texts_aside
from storage.store import ObjectStore
from tests.builders import StoppedClock, a_lesson, a_person, queued_jobs

SRT = "1\r\n00:00:01,000 --> 00:00:03,500\r\nสวัสดีนักเรียน\r\n"


@pytest.fixture
def lesson(session: Session) -> Lesson:
    return a_lesson(session)


def test_captions_in_the_old_thai_encoding_become_webvtt_in_the_store(
    session: Session, clock: StoppedClock, store: ObjectStore, lesson: Lesson
) -> None:
    saved = add_captions(
        session,
        clock,
        store,
        lesson_id=lesson.id,
        language="th",
        raw=SRT.encode("cp874"),
        by=lesson.owner,
    )

    assert lesson.original is not None
    assert saved.track.key.startswith(f"assets/{lesson.original.asset_id}/")
    stored = store.read_range(saved.track.key, 0, 10_000).decode()
    assert stored.startswith("WEBVTT")
    assert "สวัสดีนักเรียน" in stored
    assert stored == saved.track.text
    assert queued_jobs(session) == ["index_changes"]


def test_new_captions_replace_those_of_the_same_language(
    session: Session, clock: StoppedClock, store: ObjectStore, lesson: Lesson
) -> None:
    for text in (SRT, SRT.replace("สวัสดี", "อรุณสวัสดิ์"), SRT):
        add_captions(
            session,
            clock,
            store,
            lesson_id=lesson.id,
            language="th",
            raw=text.encode(),
            by=lesson.owner,
        )
    add_captions(
        session, clock, store, lesson_id=lesson.id, language="en", raw=SRT.encode(), by=lesson.owner
    )

    session.refresh(lesson)

    assert sorted(track.language for track in lesson.text_tracks) == ["en", "th"]
    remove_captions(session, clock, text_track_id=lesson.text_tracks[0].id, by=lesson.owner)
    assert len(lesson.text_tracks) == 1


@pytest.mark.parametrize(
    ("language", "raw"),
    [
        ("th", b""),
        ("th", b"\x00\x01\x02\xff"),
        ("th", b"1\n00:00:05,000 --> nonsense\ntext\n"),
        ("../", SRT.encode()),
        ("th", b"x" * (LARGEST_BYTES + 1)),
    ],
)
def test_captions_that_cannot_be_read_change_nothing(
    session: Session,
    clock: StoppedClock,
    store: ObjectStore,
    lesson: Lesson,
    language: str,
    raw: bytes,
) -> None:
    with pytest.raises(FieldError):
        add_captions(
            session, clock, store, lesson_id=lesson.id, language=language, raw=raw, by=lesson.owner
        )

    assert queued_jobs(session) == []


def test_captions_are_the_editors_to_add(
    session: Session, clock: StoppedClock, store: ObjectStore, lesson: Lesson
) -> None:
    stranger = a_person(session)
    with pytest.raises(NotAllowed):
        add_captions(
            session,
            clock,
            store,
            lesson_id=lesson.id,
            language="th",
            raw=SRT.encode(),
            by=stranger,
        )

    with session.begin():
        lesson.original = None
    with pytest.raises(LessonNotReady):
        add_captions(
            session,
            clock,
            store,
            lesson_id=lesson.id,
            language="th",
            raw=SRT.encode(),
            by=lesson.owner,
        )


def draft(start_ms: int | None, end_ms: int | None, text: str) -> DraftCue:
    return DraftCue(start_ms=start_ms, end_ms=end_ms, text=text)


def test_of_two_editors_the_later_one_is_told_and_nothing_is_lost(
    session: Session, clock: StoppedClock, store: ObjectStore, lesson: Lesson
) -> None:
    name = TrackName(lesson.id, "th")

    def save(text: str, version: int) -> int:
        saved = save_captions(
            session,
            clock,
            store,
            name=name,
            drafts=[draft(0, 1000, text)],
            version=version,
            by=lesson.owner,
        )
        return saved.track.version

    first = save("หนึ่ง", 0)
    second = save("สอง", first)
    with pytest.raises(CaptionsChanged):
        save("สาม", first)
    with pytest.raises(CaptionsChanged):
        save("สี่", 0)

    track = get_track_to_edit(session, name=name, by=lesson.owner)
    assert track is not None
    assert (track.version, "สอง" in track.text) == (second, True)
    aside = texts_aside(session, clock, lesson_id=lesson.id, undo=timedelta(days=30))
    assert ["หนึ่ง" in each.text for each in aside] == [True]


def test_what_is_taken_off_or_faulty_waits_aside_until_undo_ends(
    session: Session, clock: StoppedClock, store: ObjectStore, lesson: Lesson
) -> None:
    saved = add_captions(
        session, clock, store, lesson_id=lesson.id, language="th", raw=SRT.encode(), by=lesson.owner
    )
    remove_captions(session, clock, text_track_id=saved.track.id, by=lesson.owner)
    late = SRT.replace("00:00:03,500", "00:09:03,500")
    with pytest.raises(CaptionsFaulty) as rejected:
        add_captions(
            session,
            clock,
            store,
            lesson_id=lesson.id,
            language="en-GB",
            raw=late.encode("cp874"),
            by=lesson.owner,
            kind="subtitles",
        )

    assert [fault.code for fault in rejected.value.faults] == ["past_end"]
    undo = timedelta(days=30)
    aside = texts_aside(session, clock, lesson_id=lesson.id, undo=undo)
    assert sorted(each.why for each in aside) == ["faulty", "removed"]
    assert rejected.value.text_aside_id in {each.id for each in aside}
    clock.forward(days=31)
    assert texts_aside(session, clock, lesson_id=lesson.id, undo=undo) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (draft(None, 1000, "ข"), "missing_time"),
        (draft(-5, 1000, "ข"), "negative_time"),
        (draft(2000, 1000, "ข"), "bad_order"),
    ],
)
def test_the_editor_cannot_save_what_a_file_could_not_say(
    session: Session,
    clock: StoppedClock,
    store: ObjectStore,
    lesson: Lesson,
    wrong: DraftCue,
    code: str,
) -> None:
    with pytest.raises(CaptionsFaulty) as rejected:
        save_captions(
            session,
            clock,
            store,
            name=TrackName(lesson.id, "th"),
            drafts=[draft(0, 1000, "ก"), wrong],
            version=0,
            by=lesson.owner,
        )

    assert [(fault.cue, fault.code) for fault in rejected.value.faults] == [(1, code)]
