"""The one place that starts ffmpeg, ffprobe and readers of files: limits, progress, error tail."""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO

from media_pipeline.errors import (
    DiskFull,
    EncodeStalled,
    EncodeTooSlow,
    MediaFailed,
    ProgramCrashed,
    ToolsMissing,
)

TICK_S = 0.2
MOST_OUTPUT_BYTES = 128 * 2**20  # a hostile file can have millions of packets
ERROR_LINES = 24
NO_SPACE = "No space left on device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use. The address space holds 4K frames of several threads."""

    memory_bytes: int = 8 * 2**30
    cpu_s: int = 4 * 3600
    file_bytes: int = 64 * 2**30
    wall_s: float = 8 * 3600.0
    stall_s: float = 180.0
    nice: int = 0


@dataclass(slots=True)
class Progress:
    """How far a run is: frames and seconds put out by the first output, or the share done."""

    frame_count: int = 0
    out_time_s: float = 0.0
    share: float = 0.0


@dataclass(slots=True)
class Finished:
    """A run that ended well."""

    progress: Progress
    stdout: bytes
    error_lines: list[str]


def run_ffmpeg(
    argv: list[str], limits: Limits, *, on_tick: Callable[[Progress], None] | None = None
) -> Finished:
    """Run ffmpeg; call `on_tick` several times a second. What it raises stops ffmpeg and goes up.

    Raises MediaFailed with the last lines of ffmpeg, EncodeStalled, EncodeTooSlow, ToolsMissing.
    Nothing is left running, whatever happens.
    """
    told = ["-hide_banner", "-nostdin", "-nostats", "-progress", "pipe:1", "-stats_period", "0.3"]
    return _run([argv[0], *told, *argv[1:]], limits, on_tick or _ignore)


def run_ffprobe(argv: list[str], limits: Limits) -> bytes:
    """Run ffprobe and return what it printed. Raises as run_ffmpeg."""
    return _run(argv, limits, _ignore, keep_stdout=True).stdout


def run_program(
    argv: list[str], limits: Limits, *, on_tick: Callable[[Progress], None]
) -> Finished:
    """Run another program that prints "share=0.5" lines. Raises as run_ffmpeg."""
    return _run(argv, limits, on_tick)


def run_to_read(argv: list[str], limits: Limits, *, on_tick: Callable[[Progress], None]) -> bytes:
    """Run another program and return what it printed. Raises as run_ffmpeg."""
    return _run(argv, limits, on_tick, keep_stdout=True).stdout


def _ignore(_progress: Progress) -> None:
    """Do nothing."""


def guarded(argv: list[str], limits: Limits) -> list[str]:
    """Return argv wrapped so that limits hold from the first instruction.

    Wrapper programs, not preexec_fn: that one is unsafe in a process with threads. The child is
    killed when the thread that started it ends, so that a killed worker leaves no encoder.
    """
    wrapper: list[str] = []
    if setpriv := _program("setpriv"):
        wrapper += [setpriv, "--pdeathsig", "KILL", "--"]
    if prlimit := _program("prlimit"):
        wrapper += [prlimit, f"--as={limits.memory_bytes}", f"--cpu={limits.cpu_s}"]
        wrapper += [f"--fsize={limits.file_bytes}", "--core=0", "--"]
    if limits.nice and (nice := _program("nice")):
        wrapper += [nice, "-n", str(limits.nice)]
    return [*wrapper, *argv]


@lru_cache(maxsize=8)
def _program(name: str) -> str | None:
    return shutil.which(name)


@dataclass(slots=True)
class _Child:
    """A running program and what was read from it."""

    process: subprocess.Popen[bytes]
    keep_stdout: bool
    progress: Progress = field(default_factory=Progress)
    stdout: bytearray = field(default_factory=bytearray)
    error_lines: deque[str] = field(default_factory=lambda: deque(maxlen=ERROR_LINES))
    rest: dict[str, bytes] = field(default_factory=lambda: {"out": b"", "err": b""})

    def take(self, name: str, chunk: bytes) -> None:
        if name == "out" and self.keep_stdout:
            self.stdout += chunk
            if len(self.stdout) > MOST_OUTPUT_BYTES:
                raise MediaFailed("the file has more to tell than any recording")
            return
        *lines, rest = (self.rest[name] + chunk).split(b"\n")
        self.rest[name] = rest[-65536:]
        for line in lines:
            text = line.decode(errors="replace").strip()
            self._take_progress(text) if name == "out" else self.error_lines.append(text[:500])

    def _take_progress(self, line: str) -> None:
        key, _, value = line.partition("=")
        if key == "frame" and value.isdigit():
            self.progress.frame_count = int(value)
        elif key == "out_time_us" and value.lstrip("-").isdigit():
            self.progress.out_time_s = int(value) / 1e6
        elif key == "share":
            with contextlib.suppress(ValueError):
                self.progress.share = float(value)

    def kill(self) -> None:
        """End the whole process group, also helpers that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def detail(self) -> str:
        return "\n".join(self.error_lines)


def _run(
    argv: list[str],
    limits: Limits,
    on_tick: Callable[[Progress], None],
    *,
    keep_stdout: bool = False,
) -> Finished:
    child = _Child(_start(argv, limits), keep_stdout)
    try:
        _follow(child, limits, on_tick)
        child.process.wait(timeout=limits.stall_s)
        on_tick(child.progress)
    except subprocess.TimeoutExpired as error:
        raise EncodeStalled(child.detail) from error
    finally:
        child.kill()
        for stream in (child.process.stdout, child.process.stderr):
            if stream:
                stream.close()
    _check_ending(child)
    return Finished(child.progress, bytes(child.stdout), list(child.error_lines))


def _start(argv: list[str], limits: Limits) -> subprocess.Popen[bytes]:
    if not Path(argv[0]).is_file() and not shutil.which(argv[0]):
        raise ToolsMissing(f"{argv[0]} is not there")
    return subprocess.Popen(
        guarded(argv, limits),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    )


def _follow(child: _Child, limits: Limits, on_tick: Callable[[Progress], None]) -> None:
    """Read both pipes until they end, watching the clock."""
    started = moved = ticked = time.monotonic()
    seen = Progress()
    with selectors.DefaultSelector() as selector:
        _watch(selector, child.process.stdout, "out")
        _watch(selector, child.process.stderr, "err")
        while selector.get_map():
            for key, _events in selector.select(TICK_S):
                chunk = os.read(key.fd, 65536)
                child.take(key.data, chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
            now, at = time.monotonic(), replace(child.progress)
            if now - ticked < TICK_S:
                continue
            ticked = now
            on_tick(child.progress)
            moved, seen = (now, at) if at != seen else (moved, seen)
            if now - moved > limits.stall_s:
                raise EncodeStalled(child.detail)
            if now - started > limits.wall_s:
                raise EncodeTooSlow(child.detail)


def _watch(selector: selectors.BaseSelector, stream: IO[bytes] | None, name: str) -> None:
    if stream:
        selector.register(stream, selectors.EVENT_READ, name)


def _check_ending(child: _Child) -> None:
    status = child.process.returncode
    if status == -signal.SIGKILL:  # not by us: that ended in an exception above
        raise EncodeTooSlow(f"{child.detail}\nkilled at a limit of CPU or memory".strip())
    if status:
        kind = ProgramCrashed if status < 0 else MediaFailed
        kind = DiskFull if NO_SPACE in child.detail else kind
        raise kind(f"{child.detail}\nexit status {status}".strip())
