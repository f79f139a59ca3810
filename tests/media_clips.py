"""Short clips made by ffmpeg itself, and the real recordings beside the repository."""

import subprocess
from pathlib import Path

import pytest

from media_pipeline.tools import find_tools

TOOLS = find_tools()
REAL_PATH = Path(__file__).parents[2] / "shared" / "data" / "media"


def real_file(name: str) -> Path:
    """Return a real recording, or skip the test where there is none."""
    path = REAL_PATH / name
    if not path.is_file():
        pytest.skip(f"needs the real recording {path}")
    return path


def make_clip(path: Path, *options: str) -> Path:
    """Run ffmpeg with these options to make a test clip."""
    argv = [str(TOOLS.ffmpeg), "-v", "error", "-nostdin", "-y", *options, str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


def a_clip(
    path: Path, *, seconds: float = 20, size: str = "640x360", fps: str = "30", sound: bool = True
) -> Path:
    """Return a clip with a moving picture, a key frame each second, and perhaps a tone."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={fps}:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"] if sound else []
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30"]
    return make_clip(path, *picture, *tone, *coded, "-bf", "2", "-c:a", "aac")


def decoded_frames(path: Path) -> list[str]:
    """Return a digest of each decoded frame; fails when ffmpeg complains about anything."""
    argv = [str(TOOLS.ffmpeg), "-v", "error", "-nostdin", "-i", str(path)]
    argv += ["-f", "framemd5", "-"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    return [line.rsplit(",", 1)[1].strip() for line in rows]
