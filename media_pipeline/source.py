"""How an original is opened: in quarantine, whatever it claims to be."""

import os
from pathlib import Path
from typing import Any

import ffmpeg

Node = Any  # ffmpeg-python's streams, which have no types
MAX_PIXELS = 40_000_000
MOST_DRIFT_S = 0.04  # damaged sound is moved back into place when it is this much away

FORMATS = (
    "mov,mp4,m4a,matroska,webm,avi,mpegts,mpeg,mp3,wav,ogg,flv,asf,flac,aac,aiff,amr,gif,caf,nut"
)

# An upload can be a playlist in disguise that reads other people's files: -protocol_whitelist
# alone does not stop it, the list of formats does. Needed on ffprobe and on ffmpeg.
QUARANTINE: dict[str, str | int] = {
    "protocol_whitelist": "file",
    "format_whitelist": FORMATS,
    "max_pixels": MAX_PIXELS,  # else a picture bomb takes gigabytes before it is refused
}

# Frame threads multiply memory; more than these few do not make one stretch faster.
THREAD_COUNT = min(8, os.cpu_count() or 1)


def open_source(path: Path, **options: str | float | None) -> Node:
    """Return ffmpeg-python's input of an original; `file:` so that no name is an address."""
    return ffmpeg.input(f"file:{path}", **{**QUARANTINE, "threads": THREAD_COUNT, **options})


def probe_argv(ffprobe: Path, path: Path, *options: str, form: str = "json") -> list[str]:
    """Return the ffprobe argv that prints JSON, or lines of another form, about an original."""
    guard = [word for key, value in QUARANTINE.items() for word in (f"-{key}", str(value))]
    return [str(ffprobe), "-v", "error", *guard, *options, "-of", form, "-i", f"file:{path}"]


def compiled(output: Node, ffmpeg_path: Path, *, log: str = "error") -> list[str]:
    """Return argv of what ffmpeg-python described; it starts nothing."""
    # What can be decoded of a damaged file is worth showing, however little.
    args = ("-v", log, "-max_error_rate", "1")
    argv = output.global_args(*args).compile(cmd=str(ffmpeg_path), overwrite_output=True)
    return [str(word) for word in argv]
