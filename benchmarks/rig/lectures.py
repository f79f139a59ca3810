"""Lectures to measure with: a real one where there is one, else pages with a moving corner."""

import subprocess
from pathlib import Path

from media_pipeline.tools import find_tools

TOOLS = find_tools()
REAL_FOLDER = Path(__file__).parents[3] / "shared" / "data" / "media"
REAL_PATH = REAL_FOLDER / "lecture_90.mp4"
REAL_FILMS = {"big_buck_bunny_480.mp4": 8, "classroom_like_person.mp4": 40, "phone_rot90.mp4": 4}
LENGTH_S = 32
LONG_S = 600
CUT_S = 8
CLIP_S = 24
PHONE_RATE = "17M"
FPS = 30
KEYS_OF_PHONES_S, KEYS_FAR_APART_S = 1, 8


def the_real_lecture() -> Path | None:
    """Return a recorded lecture of slides in 1080p, if there is one beside the repository."""
    return REAL_PATH if REAL_PATH.is_file() else None


def real_slides(folder: Path) -> list[Path]:
    """Return some seconds of the recorded lecture."""
    lecture = the_real_lecture()
    return [_cut(lecture, 32, folder / "real slides.mp4")] if lecture else []


def real_films(folder: Path) -> list[Path]:
    """Return some seconds of each recorded film: the file's name, and where to begin."""
    paths = {name: REAL_FOLDER / name for name in REAL_FILMS}
    return [
        _cut(path, REAL_FILMS[name], folder / f"film {name}")
        for name, path in paths.items()
        if path.is_file()
    ]


def _cut(path: Path, start_s: int, out_path: Path) -> Path:
    ffmpeg("-ss", str(start_s), "-t", str(CUT_S), "-i", str(path), "-c", "copy", str(out_path))
    return out_path


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


def a_phone_clip(path: Path) -> Path:
    """Make 24 s as a phone records them: restless everywhere, 17 Mb/s, a key frame every second."""
    scene = f"testsrc2=size=1920x1080:rate={FPS}:duration={CLIP_S}"
    tone = f"sine=frequency=330:duration={CLIP_S}"
    sources = ["-f", "lavfi", "-i", f"{scene},noise=alls=14:allf=t", "-f", "lavfi", "-i", tone]
    rate = ["-b:v", PHONE_RATE, "-maxrate", PHONE_RATE, "-bufsize", PHONE_RATE]
    keys = ["-g", str(FPS), "-keyint_min", str(FPS), "-sc_threshold", "0", "-pix_fmt", "yuv420p"]
    coded = ["-c:v", "libx264", "-preset", "veryfast", *rate, "-c:a", "aac"]
    ffmpeg(*sources, *keys, *coded, str(path))
    return path


def a_long_lecture(path: Path, key_gap_s: int, length_s: int = LONG_S) -> Path:
    """Make ten minutes or more: a short lecture again and again, without encoding it again."""
    short = a_lecture(path.with_suffix(".short.mp4"), key_gap_s)
    again = ["-stream_loop", str(length_s // LENGTH_S), "-i", str(short), "-t", str(length_s)]
    ffmpeg(*again, "-c", "copy", str(path))
    return path


def ffmpeg(*options: str, folder: Path | None = None) -> None:
    """Run ffmpeg as anybody would, without limits."""
    argv = [str(TOOLS.ffmpeg), "-v", "error", "-nostdin", "-y", *options]
    subprocess.run(argv, check=True, cwd=folder)
