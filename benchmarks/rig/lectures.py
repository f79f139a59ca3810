"""Lectures to measure with: a real one where there is one, else pages with a moving corner."""

import subprocess
from pathlib import Path

from media_pipeline.tools import find_tools

TOOLS = find_tools()
REAL_PATH = Path(__file__).parents[3] / "shared" / "data" / "media" / "lecture_90.mp4"
LENGTH_S = 32
LONG_S = 600
FPS = 30
KEYS_OF_PHONES_S, KEYS_FAR_APART_S = 1, 8


def the_real_lecture() -> Path | None:
    """Return a recorded lecture of slides in 1080p, if there is one beside the repository."""
    return REAL_PATH if REAL_PATH.is_file() else None


def a_lecture(path: Path, key_gap_s: int) -> Path:
    """Make 32 s of a still page with a small moving picture and a tone, in 1080p H.264."""
    page = f"color=0x101830:size=1920x1080:rate={FPS}:duration={LENGTH_S}"
    moving = f"testsrc2=size=480x270:rate={FPS}:duration={LENGTH_S}"
    tone = f"sine=frequency=220:duration={LENGTH_S}"
    sources = [word for source in (page, moving, tone) for word in ("-f", "lavfi", "-i", source)]
    drawn = ["-filter_complex", "[0][1]overlay=1400:780", "-pix_fmt", "yuv420p"]
    keys = ["-g", str(key_gap_s * FPS), "-keyint_min", str(key_gap_s * FPS), "-sc_threshold", "0"]
    coded = ["-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac"]
    ffmpeg(*sources, *drawn, *keys, *coded, str(path))
    return path


def a_long_lecture(path: Path, key_gap_s: int) -> Path:
    """Make ten minutes: the short lecture again and again, without encoding it again."""
    short = a_lecture(path.with_suffix(".short.mp4"), key_gap_s)
    again = ["-stream_loop", str(LONG_S // LENGTH_S), "-i", str(short), "-t", str(LONG_S)]
    ffmpeg(*again, "-c", "copy", str(path))
    return path


def ffmpeg(*options: str) -> None:
    """Run ffmpeg as anybody would, without limits."""
    subprocess.run([TOOLS.ffmpeg, "-v", "error", "-nostdin", "-y", *options], check=True)
