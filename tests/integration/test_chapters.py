"""Chapters come from the file, until a teacher writes others."""

from pathlib import Path

from sqlalchemy.orm import Session

from media_pipeline.probe import probe_file
from server.models.lessons import Chapter
from server.services.chapters import spread_chapters
from server.services.lessons import create_lesson
from tests.builders import StoppedClock, a_lesson, a_person, an_asset, an_original
from tests.media_clips import TOOLS, a_clip, make_clip

FOUND = [[0.0, "เศษส่วนคืออะไร"], [2.5, "การบวกเศษส่วน"]]
METADATA = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2500
title=เศษส่วนคืออะไร
[CHAPTER]
TIMEBASE=1/1000
START=2500
END=5000
title=การบวกเศษส่วน
"""


def test_the_probe_finds_the_chapters_of_a_file(tmp_path: Path) -> None:
    described = tmp_path / "chapters.txt"
    described.write_text(METADATA)
    source = ["-i", str(a_clip(tmp_path / "bare.mp4", seconds=5)), "-i", str(described)]
    clip = make_clip(tmp_path / "clip.mp4", *source, "-map_chapters", "1", "-c", "copy")

    assert [list(chapter) for chapter in probe_file(clip, TOOLS).chapters] == FOUND
    assert probe_file(tmp_path / "bare.mp4", TOOLS).chapters == ()


def test_a_lesson_made_after_the_probe_has_the_chapters_of_its_file(
    session: Session, clock: StoppedClock
) -> None:
    teacher = a_person(session)
    original = an_original(session, teacher, an_asset(session, media_info={"chapters": FOUND}))

    lesson = create_lesson(session, clock, original_id=original.id, title="เศษส่วน", by=teacher)

    assert [[chapter.start_s, chapter.title] for chapter in lesson.chapters] == FOUND


def test_a_lesson_made_before_the_probe_gets_them_and_what_a_teacher_wrote_stays(
    session: Session,
) -> None:
    asset = an_asset(session)
    teacher = a_person(session)
    waiting = a_lesson(session, teacher, original=an_original(session, teacher, asset))
    written = a_lesson(session, teacher, original=an_original(session, teacher, asset))
    with session.begin():
        written.chapters = [Chapter(start_s=1.0, title="ของครูเอง")]

    with session.begin():
        asset.media_info = {"chapters": FOUND}
        spread_chapters(session, asset)
        spread_chapters(session, asset)

    with session.begin():
        session.refresh(waiting)
        session.refresh(written)
        assert [chapter.title for chapter in waiting.chapters] == [title for _, title in FOUND]
        assert [chapter.title for chapter in written.chapters] == ["ของครูเอง"]
