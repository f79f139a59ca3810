"""What a trim of an hour's lecture at both ends costs, and how soon it plays."""

import time
from pathlib import Path

from sqlalchemy.orm import Session

from benchmarks.rig.runs import Lecture, cpu_of
from media_pipeline.cutting import Taken, cut_picture, taken_segments
from media_pipeline.encode import encode_stretch
from media_pipeline.ladder import RenditionSpec
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches
from media_pipeline.playlist import PartPiece
from media_pipeline.timeline import Timeline
from server.migrations import upgrade
from server.services.play import open_playback
from server.services.playlists import opening_documents
from server.services.trims import TrimDraft, save_trim
from server.services.views import view_in
from server.wiring import open_database, utc_now
from tests.builders import a_lesson, a_person, a_ready_asset, an_original

HOUR_S = 3600
BEGIN_S, END_MISSING_S = 2.3, 1.7  # in the middle of the first and of the last segment


def finished_share(lecture: Lecture) -> float:
    """Return the CPU of cutting an hour at both ends ÷ that of encoding an hour anew.

    Both are measured on the lecture: its pieces as they are, its encode for each second of it.
    """
    made: dict[RenditionSpec, list[MadePart]] = {}
    encoding_s = cpu_of(lambda: _encode(lecture, made))
    cutting_s = cpu_of(lambda: _cut(lecture, made))
    return cutting_s / (encoding_s / lecture.info.duration_s * HOUR_S)


def playable_s(folder: Path) -> float:
    """Return the seconds from a teacher's press to the playlists of a trimmed hour."""
    folder.mkdir()
    engine = open_database(f"sqlite:///{folder / 'rows.sqlite3'}")
    upgrade(engine)
    with Session(engine, expire_on_commit=False) as session:
        teacher = a_person(session)
        asset = a_ready_asset(session, duration_s=float(HOUR_S))
        lesson = a_lesson(session, teacher, original=an_original(session, teacher, asset))
        session.commit()
        draft = TrimDraft(start_s=BEGIN_S, end_s=HOUR_S - END_MISSING_S)
        began_s = time.monotonic()
        save_trim(session, utc_now, lesson_id=lesson.id, draft=draft, version=0, by=teacher)
        playback = open_playback(session, utc_now, lesson=lesson, person=teacher)
        documents = opening_documents(session, playback.asset_id, view_in(playback))
        took_s = time.monotonic() - began_s
    engine.dispose()
    if "240p.m3u8" not in documents:
        raise RuntimeError("the trimmed lesson does not play")
    return took_s


def _encode(lecture: Lecture, made: dict[RenditionSpec, list[MadePart]]) -> None:
    for stretch in plan_stretches(lecture.info.duration_s):
        parts = encode_stretch(
            lecture.path,
            stretch,
            lecture.ladder,
            lecture.out_dir,
            lecture.tools,
            lecture.info,
            on_progress=lambda _share: None,
        )
        for spec, part in zip(lecture.ladder, parts, strict=True):
            made.setdefault(spec, []).append(part)


def _cut(lecture: Lecture, made: dict[RenditionSpec, list[MadePart]]) -> None:
    work_path = lecture.out_dir / "cuts"
    work_path.mkdir(exist_ok=True)
    timeline = Timeline(((BEGIN_S, lecture.info.duration_s - END_MISSING_S),))
    for spec, parts in made.items():
        pieces = [(part.start_s, _piece(part)) for part in parts]
        for taken in taken_segments(pieces, timeline):
            if taken.is_piece:
                init, segment = _bytes_of(taken)
                cut_picture(init, segment, taken, spec, work_path, lecture.tools, nice=0)


def _piece(part: MadePart) -> PartPiece:
    return PartPiece(
        url=str(part.path),
        init_bytes=part.init_bytes,
        size_bytes=part.size_bytes,
        duration_s=part.duration_s,
        segments=part.segment_rows(),
    )


def _bytes_of(taken: Taken) -> tuple[bytes, bytes]:
    content = Path(taken.part.url).read_bytes()
    begin = int(taken.segment[1])
    return content[: taken.part.init_bytes], content[begin : begin + int(taken.segment[2])]
