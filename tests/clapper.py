"""When the clapperboard of tests/odd_recordings.py is seen and heard in a prepared recording."""

import subprocess
from array import array
from pathlib import Path

from tests.media_clips import TOOLS
from tests.mp4_reader import read_fragments

SIDE_PX = 8
WHITE = 190
SOUND_HZ = 8000
STEP = SOUND_HZ // 100
QUIET_STEPS = 30  # of 10 ms: silence before a clap


def decoded(playlist: Path, *options: str) -> bytes:
    """Return raw samples; fails when ffmpeg complains about anything."""
    argv = [str(TOOLS.ffmpeg), "-v", "error", "-nostdin", "-i", str(playlist), *options, "-"]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr[-2000:]
    return done.stdout


def seen_claps(playlist: Path, fps: float) -> tuple[list[float], int]:
    """Return when the picture turns white, from the beginning of the lesson, and how many frames.

    Its middle is enough: some recordings change their shape midway.
    """
    small = f"scale={SIDE_PX}:{SIDE_PX},format=gray"
    raw = decoded(
        playlist, "-map", "0:v", "-vf", small, "-fps_mode", "passthrough", "-f", "rawvideo"
    )
    size = SIDE_PX * SIDE_PX
    columns = (SIDE_PX // 2 - 1, SIDE_PX // 2)
    frames = [raw[at : at + size] for at in range(0, len(raw), size)]
    middles = [[*frame[columns[0] :: SIDE_PX], *frame[columns[1] :: SIDE_PX]] for frame in frames]
    is_white = [sum(middle) / len(middle) > WHITE for middle in middles]
    begin_s = begins_at(playlist)
    claps = [
        begin_s + number / fps
        for number in range(1, len(frames))
        if is_white[number] and not is_white[number - 1]
    ]
    return claps, len(frames)


def heard_claps(playlist: Path) -> tuple[list[float], float]:
    """Return when a tone begins, from the beginning of the lesson, and how long the sound is."""
    raw = decoded(playlist, "-map", "0:a", "-ac", "1", "-ar", str(SOUND_HZ), "-f", "s16le")
    samples = array("h", raw)
    loud = [max(map(abs, samples[at : at + STEP])) for at in range(0, len(samples), STEP)]
    least = max(loud) * 0.3
    begin_s = begins_at(playlist)
    claps = [
        begin_s + number / 100
        for number in range(1, len(loud))
        if loud[number] > least and max(loud[max(0, number - QUIET_STEPS) : number]) <= least
    ]
    return claps, begin_s + len(samples) / SOUND_HZ


def begins_at(playlist: Path) -> float:
    """Return where the first fragment stands, by its bytes, from the beginning of the lesson."""
    name = next(line for line in playlist.read_text().splitlines() if line.endswith(".m4s"))
    return read_fragments((playlist.parent / name).read_bytes())[0].first_shown_s - 10
