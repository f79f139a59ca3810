"""Speech → captions, by a program that the operator chose; none is part of this."""

import shlex
from collections.abc import Callable
from pathlib import Path

import ffmpeg

from media_pipeline.caption_reading import Cue, read_captions
from media_pipeline.errors import SpeechUnreadable
from media_pipeline.run import Limits, Progress, run_ffmpeg, run_to_read
from media_pipeline.source import compiled, open_source
from media_pipeline.tools import Tools

HEARD_HZ = 16_000  # what speech models are trained on
SLOWEST = 12.0  # times as long as the recording
LEAST_WALL_S = 900.0
# Such models give words beyond the end, and words without any length: these are left out.
PASSED_OVER = frozenset({"past_end", "bad_order"})
WRITTEN = (".vtt", ".srt")


def write_speech(
    command: str,
    sound: Path,
    tools: Tools,
    *,
    language: str,
    duration_s: float,
    on_tick: Callable[[Progress], None],
) -> list[Cue]:
    """Return what the program heard; nothing where nobody speaks. Files go beside `sound`.

    {wav} and {language} in the command are filled; no shell reads it. Raises SpeechUnreadable, or
    as run_ffmpeg: MediaFailed, EncodeTooSlow, ToolsMissing.
    """
    wav_path = sound.with_name("heard.wav")
    heard = ffmpeg.output(
        open_source(sound)["a:0"], str(wav_path), ar=HEARD_HZ, ac=1, **{"c:a": "pcm_s16le"}
    )
    run_ffmpeg(compiled(heard, tools.ffmpeg), Limits(nice=19), on_tick=on_tick)
    argv = speech_argv(command, wav_path, language)
    said = run_to_read(argv, _limits(duration_s), on_tick=on_tick)
    return read_speech(_written_beside(wav_path) or said, duration_s)


def speech_argv(command: str, wav_path: Path, language: str) -> list[str]:
    """Return the command as words; models know languages by their first part ("th" of "th-TH")."""
    filled = {"{wav}": str(wav_path), "{language}": language.partition("-")[0].lower()}
    words = shlex.split(command)
    for name, value in filled.items():
        words = [word.replace(name, value) for word in words]
    return words


def read_speech(raw: bytes, duration_s: float) -> list[Cue]:
    """Return the cues of what a program wrote. Raises SpeechUnreadable."""
    reading = read_captions(raw, duration_ms=round(duration_s * 1000))
    codes = {fault.code for fault in reading.faults} - PASSED_OVER
    is_silence = raw.strip().startswith(b"WEBVTT") and not reading.drafts
    if is_silence or (reading.cues and not codes):
        return reading.cues
    raise SpeechUnreadable(", ".join(sorted(codes)) or "nothing was written")


def _written_beside(wav_path: Path) -> bytes:
    """Return the caption file that the program left; empty when it printed instead."""
    for path in sorted(wav_path.parent.iterdir()):
        if path.suffix in WRITTEN and path.is_file():
            return path.read_bytes()
    return b""


def _limits(duration_s: float) -> Limits:
    wall_s = max(LEAST_WALL_S, duration_s * SLOWEST)
    # Models are mapped into memory whole, and say nothing while they listen.
    return Limits(memory_bytes=2**36, cpu_s=7 * 86_400, wall_s=wall_s, stall_s=wall_s, nice=19)
