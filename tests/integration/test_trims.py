"""A lesson is trimmed: at once by whole segments, then exactly; rows keep original time."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.timeline import Timeline
from server.errors import FieldError, LessonNotReady, NotAllowed, TrimChanged
from server.models.lessons import Chapter, Lesson, PlaybackSession, TextTrack, Visibility
from server.models.library import AssetKind, CutPart
from server.models.people import AuditEntry
from server.services.captions import add_captions
from server.services.index_passages import caption_places
from server.services.play import asset_state, is_playback_allowed, open_playback
from server.services.playlists import find_document
from server.services.trims import TrimDraft, forget_unused_cuts, save_trim, trim_of
from server.services.views import View, caption_name, view_in
from server.wiring import Wiring
from storage.store import ObjectStore
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    an_arrived_file,
    at_noon,
    queued_jobs,
)
from tests.clapper import begins_at, decoded, heard_claps, seen_claps
from tests.media_clips import make_clip
from tests.working import parked_jobs, work_until_idle

CLAPS_S = (0.5, 5.0, 11.0, 16.5, 21.0)
LENGTH_S = 24
FPS = 30


def trim(session: Session, lesson: Lesson, version: int = 0, **draft: object) -> Lesson:
    wanted = TrimDraft(**draft)  # type: ignore[arg-type]
    return save_trim(
        session, at_noon, lesson_id=lesson.id, draft=wanted, version=version, by=lesson.owner
    )


def playing(session: Session, lesson: Lesson, *, wants_all: bool = False) -> PlaybackSession:
    return open_playback(session, at_noon, lesson=lesson, person=lesson.owner, wants_all=wants_all)


def text_of(session: Session, playback: PlaybackSession, name: str) -> str:
    document = find_document(session, playback.asset_id, name, view_in(playback))
    session.rollback()
    return document.text if document else ""


def test_a_trim_plays_at_once_by_whole_segments(session: Session, store: ObjectStore) -> None:
    lesson = a_lesson(session, store=store)

    trim(session, lesson, start_s=1.0, end_s=9.0)

    playback = playing(session, lesson)
    text = text_of(session, playback, "240p.m3u8")
    assert playback.kept_ranges == [[4.0, 8.0]]
    assert text.count("#EXTINF:4.000000") == 1
    assert "#EXT-X-ENDLIST" in text
    assert "audio.m3u8" in text_of(session, playback, "multivariant.m3u8")
    assert asset_state(session, playback.asset_id, timeline=Timeline(((4, 8),))).duration_s == 4
    assert queued_jobs(session) == ["index_changes", "make_cuts"]


def test_the_teachers_tools_play_all_of_it(session: Session, store: ObjectStore) -> None:
    lesson = a_lesson(session, store=store)
    trim(session, lesson, start_s=4.0)

    playback = playing(session, lesson, wants_all=True)

    assert text_of(session, playback, "240p.m3u8").count("#EXTINF") == 3
    assert is_playback_allowed(session, at_noon, session_id=playback.id, asset_id=playback.asset_id)


def test_who_watches_what_is_cut_out_is_given_the_new_version(
    session: Session, store: ObjectStore
) -> None:
    lesson = a_lesson(session, store=store, published=True, visibility=Visibility.PUBLIC)
    before = open_playback(session, at_noon, lesson=lesson, person=None)
    trim(session, lesson, start_s=4.0)
    after = open_playback(session, at_noon, lesson=lesson, person=None)

    answers = [
        is_playback_allowed(session, at_noon, session_id=each.id, asset_id=each.asset_id)
        for each in (before, after)
    ]

    assert answers == [False, True]


def test_giving_up_a_trim_ends_nobodys_playback(session: Session, store: ObjectStore) -> None:
    lesson = a_lesson(session, store=store, published=True, visibility=Visibility.PUBLIC)
    trim(session, lesson, start_s=4.0)
    playback = open_playback(session, at_noon, lesson=lesson, person=None)

    trim(session, lesson, version=1)

    assert lesson.kept_ranges == []
    assert is_playback_allowed(session, at_noon, session_id=playback.id, asset_id=playback.asset_id)
    acts = session.scalars(select(AuditEntry.action)).all()
    assert acts.count("lesson.trim") == 2


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        ({"start_s": 8.0, "end_s": 3.0}, "order"),
        ({"start_s": -1.0}, "order"),
        ({"start_s": float("nan")}, "order"),
        ({"cut_out": [(5.0, 5.0)]}, "order"),
        ({"end_s": 13.0}, "beyond"),
        ({"cut_out": [(2.0, 99.0)]}, "beyond"),
        ({"cut_out": [(0.0, 12.0)]}, "all_cut"),
        ({"cut_out": [(0.0, 8.0), (7.0, 11.7)]}, "all_cut"),
        ({"cut_out": [(1.0, 2.0)] * 1000}, "too_many"),
    ],
)
def test_a_trim_that_cannot_be_is_refused_and_changes_nothing(
    session: Session, draft: dict[str, Any], rule: str
) -> None:
    lesson = a_lesson(session)

    with pytest.raises(FieldError) as refused:
        trim(session, lesson, **draft)

    assert refused.value.facts["rule"] == rule
    session.refresh(lesson)
    assert (lesson.kept_ranges, lesson.trim_version) == ([], 0)


def test_of_two_teachers_the_second_is_told(session: Session) -> None:
    lesson = a_lesson(session)
    trim(session, lesson, start_s=2.0)

    with pytest.raises(TrimChanged):
        trim(session, lesson, start_s=3.0)

    session.refresh(lesson)
    assert trim_of(lesson).draft.start_s == 2.0


def test_only_who_may_edit_trims(session: Session) -> None:
    lesson = a_lesson(session)
    stranger = a_person(session)

    with pytest.raises(NotAllowed):
        save_trim(session, at_noon, lesson_id=lesson.id, draft=TrimDraft(), version=0, by=stranger)


def test_what_has_no_length_yet_cannot_be_trimmed(session: Session) -> None:
    with pytest.raises(LessonNotReady):
        trim(session, a_lesson(session, ready=False), start_s=1.0)


def test_captions_and_hits_keep_original_time_and_are_shown_moved(
    session: Session, store: ObjectStore
) -> None:
    lesson = a_lesson(session, store=store)
    vtt = "WEBVTT\n\n00:01.000 --> 00:03.000\nก่อน\n\n00:05.000 --> 00:06.000\nเรื่อง\n"
    add_captions(
        session,
        at_noon,
        store,
        lesson_id=lesson.id,
        language="th",
        raw=vtt.encode(),
        by=lesson.owner,
    )
    trim(session, lesson, start_s=4.0)
    session.refresh(lesson)
    track = session.scalars(select(TextTrack)).one()
    name = caption_name(lesson, track.key)
    asset_id = lesson.original.asset_id if lesson.original else UUID(int=0)
    view = View(Timeline.of(lesson.kept_ranges), lesson.id)

    document = find_document(session, asset_id, name, view)
    places = list(caption_places([track], view.timeline))

    assert document
    assert document.text == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nเรื่อง\n"
    assert "ก่อน" in track.text
    assert [(place.text, place.at_s) for place in places] == [("เรื่อง", 5.0)]
    assert find_document(session, asset_id, name, View(view.timeline, None)) is None


@pytest.fixture
def clap(tmp_path: Path) -> Path:
    lit = "+".join(f"between(t,{at_s - 0.001},{at_s + 0.3})" for at_s in CLAPS_S)
    flashes = f"color=black:s=640x480:r={FPS}:d={LENGTH_S},drawbox=c=white:t=fill:enable='{lit}'"
    beeps = f"sine=frequency=900:duration={LENGTH_S},volume=0:enable='not({lit})'"
    sources = ["-f", "lavfi", "-i", flashes, "-f", "lavfi", "-i", beeps]
    coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30", "-bf", "2", "-c:a", "aac"]
    return make_clip(tmp_path / "clap.mp4", *sources, *coded)


def fetched(session: Session, wiring: Wiring, playback: PlaybackSession, folder: Path) -> Path:
    """Write what a player would fetch into a folder; return the multivariant playlist."""
    folder.mkdir()
    master = text_of(session, playback, "multivariant.m3u8")
    names = [line for line in master.splitlines() if line.endswith(".m3u8")]
    (folder / "multivariant.m3u8").write_text(master)
    for name in {*names, "audio.m3u8"}:
        text = text_of(session, playback, name)
        (folder / name).write_text(text)
        for line in text.splitlines():
            if line.endswith(".m4s"):
                wiring.store.get_file(f"assets/{playback.asset_id}/{line}", folder / line)
    return folder / "multivariant.m3u8"


@pytest.mark.slow
def test_the_trimmed_lesson_is_exact_to_a_frame_and_sound_stays_with_the_picture(
    session: Session, wiring: Wiring, tmp_path: Path, clap: Path
) -> None:
    original = an_arrived_file(session, wiring.store, clap)
    lesson = a_lesson(session, original.owner, original=original)
    lesson.chapters = [Chapter(start_s=10.0, title="สอง")]
    session.commit()
    work_until_idle(wiring)
    session.expire_all()
    trim(session, lesson, start_s=2.3, end_s=22.1, cut_out=[(8.7, 14.2)])
    work_until_idle(wiring)
    session.expire_all()

    playback = playing(session, lesson)
    folder = fetched(session, wiring, playback, tmp_path / "fetched").parent

    assert parked_jobs(wiring) == []
    assert playback.kept_ranges == [[2.3, 8.7], [14.2, 22.1]]
    shown_s = 22.1 - 2.3 - (14.2 - 8.7)
    expected = [pytest.approx(at_s, abs=0.05) for at_s in (5.0 - 2.3, 16.5 - 7.8, 21.0 - 7.8)]
    pictures = [path for path in folder.glob("*.m3u8") if path.stem.endswith(("p", "x"))]
    pictures = [path for path in pictures if path.stem != "multivariant"]
    assert {path.stem for path in pictures} >= {"240p", "360p", "remux"}
    # ffmpeg reads a decoder's settings once; browsers read those of the remux's new pieces, too.
    for path in [path for path in pictures if path.stem != "remux"]:
        frames = frame_count(path)
        fps = round(frames / shown_s)
        assert frames == pytest.approx(shown_s * fps, abs=2), path.stem  # one at each end of a cut
        claps, _ = seen_claps(path, fps)
        assert [at_s - begins_at(path) for at_s in claps] == expected, path.stem
        assert path.read_text().count("#EXT-X-DISCONTINUITY") == 1
    heard, _ = heard_claps(folder / "audio.m3u8")
    assert [at_s - begins_at(folder / "audio.m3u8") for at_s in heard] == expected
    assert (folder / "audio.m3u8").read_text().count("#EXT-X-DISCONTINUITY") == 1


def frame_count(playlist: Path) -> int:
    raw = decoded(
        playlist, "-map", "0:v", "-vf", "scale=2:2,format=gray", "-fps_mode", "passthrough",
        "-f", "rawvideo",
    )  # fmt: skip
    return len(raw) // 4


@pytest.mark.slow
def test_a_trim_made_while_the_file_is_prepared_becomes_exact_by_itself(
    session: Session, wiring: Wiring, clap: Path
) -> None:
    original = an_arrived_file(session, wiring.store, clap)
    lesson = a_lesson(session, original.owner, original=original)
    original.asset.kind, original.asset.duration_s = AssetKind.VIDEO, float(LENGTH_S)
    session.commit()
    trim(session, lesson, start_s=2.3)

    work_until_idle(wiring)
    session.expire_all()

    state = asset_state(session, original.asset_id, timeline=Timeline.of(lesson.kept_ranges))
    assert lesson.is_trim_exact
    assert state.is_whole
    assert state.duration_s == pytest.approx(LENGTH_S - 2.3, abs=0.05)
    assert all(each.is_whole for each in state.renditions)


@pytest.mark.slow
def test_pieces_at_which_nothing_is_cut_any_more_are_forgotten(
    session: Session, wiring: Wiring, clap: Path
) -> None:
    original = an_arrived_file(session, wiring.store, clap)
    lesson = a_lesson(session, original.owner, original=original)
    session.commit()
    work_until_idle(wiring)
    session.expire_all()
    trim(session, lesson, start_s=2.3)
    work_until_idle(wiring)
    session.expire_all()
    assert session.scalars(select(CutPart.id)).all()
    session.rollback()
    later = StoppedClock(wiring.clock())
    later.forward(days=2)

    forget_unused_cuts(session, later)
    assert session.scalars(select(CutPart.id)).all()
    session.rollback()
    trim(session, lesson, version=1)
    forget_unused_cuts(session, later)

    assert session.scalars(select(CutPart.id)).all() == []
