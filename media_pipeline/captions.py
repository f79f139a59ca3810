"""SRT and WebVTT, as teachers have them → clean WebVTT, and back."""

from collections.abc import Iterable

from media_pipeline.caption_reading import Cue, read_captions
from media_pipeline.caption_words import plain, shown_text
from media_pipeline.errors import CaptionsRejected

__all__ = ["Cue", "format_cues", "format_srt", "plain_text", "read_cues", "to_webvtt"]


def to_webvtt(raw: bytes) -> str:
    """Return WebVTT made from SRT or WebVTT in UTF-8, UTF-16 or CP874.

    Styles, positions and tags but b, i, u are dropped: what a file says about looks is not
    trusted. Raises CaptionsRejected with the first fault.
    """
    return format_cues(read_cues(raw))


def read_cues(raw: bytes) -> list[Cue]:
    """Return the cues in order of their start. Raises CaptionsRejected with the first fault."""
    reading = read_captions(raw)
    if reading.faults:
        first = min(reading.faults, key=lambda fault: fault.line)
        raise CaptionsRejected(first.line, first.code)
    return reading.cues


def plain_text(cue: Cue) -> str:
    """Return the words of a cue in one line, without tags, for searching."""
    return plain(cue.text)


def format_cues(cues: Iterable[Cue]) -> str:
    """Return the cues as a WebVTT file."""
    blocks = [f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{cue.text}" for cue in cues]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def format_srt(cues: Iterable[Cue]) -> str:
    """Return the cues as an SRT file, which television sets and phones read beside a video."""
    blocks = [
        f"{number}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n"
        f"{shown_text(cue.text)}"
        for number, cue in enumerate(cues, start=1)
    ]
    return "\n\n".join(blocks) + "\n"


def _clock(time_ms: int, sign: str = ".") -> str:
    seconds, rest_ms = divmod(time_ms, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{clock}{sign}{rest_ms:03}"
