"""What is made around the picture: places where slides change, posters to choose, captions."""

import json
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from server.messages import DrawCandidates
from server.models.jobs import JobRow, JobState
from server.models.lessons import Lesson
from server.models.library import Asset
from server.queue import BACK_OFF_S, enqueue
from server.services.automatic_captions import job_of
from server.services.chapters import proposed_starts
from server.wiring import Wiring
from tests.builders import StoppedClock, a_lesson, an_arrived_file
from tests.media_clips import a_clip, make_clip
from tests.working import parked_jobs, work_until_idle

pytestmark = pytest.mark.slow

COLOURS = ("white", "navy", "olive", "black")
SLIDE_S = 21


def a_slide_show(path: Path) -> Path:
    """Four slides of 21 seconds each, with drawings that differ; the last one is black."""
    inputs: list[str] = []
    for colour in COLOURS:
        inputs += ["-f", "lavfi", "-i", f"color={colour}:s=320x180:r=10:d={SLIDE_S}"]
    boxes = "drawbox=20:20:80:50:red:fill,drawbox=200:90:60:60:yellow:fill"
    chain = ";".join(f"[{n}]{boxes if n < 3 else 'null'}[s{n}]" for n in range(len(COLOURS)))
    joined = "".join(f"[s{n}]" for n in range(len(COLOURS)))
    graph = f"{chain};{joined}concat=n={len(COLOURS)}[v]"
    tone = ["-f", "lavfi", "-i", f"sine=frequency=300:duration={SLIDE_S * len(COLOURS)}"]
    maps = ["-map", "[v]", "-map", f"{len(COLOURS)}:a", "-c:v", "mpeg4", "-q:v", "5"]
    return make_clip(path, *inputs, *tone, "-filter_complex", graph, *maps)


def fresh(session: Session, asset_id: object) -> Asset:
    session.expire_all()
    return session.get_one(Asset, asset_id)


def test_slides_become_proposals_and_stills_are_drawn_when_somebody_asks(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, a_slide_show(tmp_path / "slides.mp4"))
    lesson = a_lesson(session, original.owner, original=original)
    work_until_idle(wiring)

    asset = fresh(session, original.asset_id)
    assert asset.slides["starts_s"] == pytest.approx([0, 21, 42, 63], abs=0.6)
    session.refresh(lesson)
    assert len(proposed_starts(lesson)) == 4

    before_bytes = asset.made_bytes
    enqueue(session, DrawCandidates(asset_id=asset.id), wiring.clock())
    session.commit()
    work_until_idle(wiring)

    asset = fresh(session, original.asset_id)
    stills = [wiring.store.read_range(key, 0, 30_000) for key in asset.candidates["keys"]]
    assert len(stills) == 3  # of four slides one is black
    assert all(len(still) <= 20_000 for still in stills)
    assert all(Image.open(BytesIO(still)).format == "JPEG" for still in stills)
    assert asset.made_bytes == before_bytes + sum(map(len, stills))
    assert parked_jobs(wiring) == []


HEARD = """WEBVTT

00:00:00.500 --> 00:00:02.000
แรงคือสิ่งที่ทำให้วัตถุเคลื่อนที่

00:00:02.000 --> 00:00:02.000
ไม่มีความยาว

00:01:40.000 --> 00:01:42.000
เลยท้ายคลิป
"""


def a_program(folder: Path, body: str) -> str:
    """Write a real program and return the command with its places."""
    path = folder / "listen"
    path.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return f"{path} --language {{language}} {{wav}}"


@pytest.fixture
def listening(wiring: Wiring) -> Callable[[str], Wiring]:
    """Return the same installation with a speech command."""

    def with_command(command: str) -> Wiring:
        settings = wiring.settings.model_copy(update={"speech_command": command})
        return replace(wiring, settings=settings)

    return with_command


@pytest.fixture
def lesson(session: Session, wiring: Wiring, tmp_path: Path) -> Lesson:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=5))
    return a_lesson(session, original.owner, original=original, published=True)


def test_what_the_configured_program_hears_becomes_captions_marked_as_automatic(
    session: Session,
    listening: Callable[[str], Wiring],
    lesson: Lesson,
    tmp_path: Path,
) -> None:
    said = json.dumps(HEARD)
    command = a_program(
        tmp_path,
        f"open({str(tmp_path / 'argv')!r}, 'w').write(repr(sys.argv[1:]))\n"
        "assert open(sys.argv[3], 'rb').read(4) == b'RIFF'\n"
        f"open(sys.argv[3] + '.vtt', 'w').write({said})",
    )

    work_until_idle(listening(command))

    session.refresh(lesson)
    track = lesson.text_tracks[0]
    assert (track.language, track.is_automatic) == ("th", True)
    assert "แรงคือสิ่งที่ทำให้วัตถุเคลื่อนที่" in track.text
    assert "เลยท้ายคลิป" not in track.text
    assert "'--language', 'th'" in (tmp_path / "argv").read_text()
    assert parked_jobs(listening(command)) == []


def test_without_a_command_nothing_is_written(
    session: Session, wiring: Wiring, lesson: Lesson
) -> None:
    work_until_idle(wiring)

    session.refresh(lesson)
    assert lesson.text_tracks == []
    assert job_of(session, lesson) is None


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit('no model')",
        "print('loading model ... 99%')",
        "sys.stdout.buffer.write(os.urandom(50_000))",
        "os.kill(os.getpid(), signal.SIGKILL)",
    ],
    ids=["fails", "garbage", "binary garbage", "killed"],
)
def test_a_program_that_fails_waits_for_a_person_and_harms_nothing(
    session: Session,
    listening: Callable[[str], Wiring],
    lesson: Lesson,
    clock: StoppedClock,
    tmp_path: Path,
    body: str,
) -> None:
    world = listening(a_program(tmp_path, body))

    for wait_s in (0, *BACK_OFF_S):
        clock.forward(seconds=wait_s + 1)
        work_until_idle(world)

    session.expire_all()
    job = job_of(session, lesson)
    assert job is not None
    assert job.state == JobState.DEAD
    assert "Error" in job.error or "Speech" in job.error or "Crashed" in job.error or job.error
    assert session.get_one(Lesson, lesson.id).text_tracks == []
    assert session.query(JobRow).count() >= 1
