import pytest
from sqlalchemy.orm import Session

from server.errors import FieldError, LessonNotReady, NotAllowed
from server.models.lessons import Lesson
from server.services.captions import LARGEST_BYTES, add_captions, remove_captions
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
