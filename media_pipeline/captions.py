"""SRT and WebVTT, as teachers have them → clean WebVTT."""

import re
from dataclasses import dataclass

from media_pipeline.errors import CaptionsRejected

MAX_CUES = 20_000
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s+.*)?$")
# Possessive, and lines are cut: a hostile line must not keep the expression busy for hours.
_TAG = re.compile(r"</?([a-z]++)[^<>]*+>", re.IGNORECASE)
LONGEST_LINE = 2_000
KEPT_TAGS = ("b", "i", "u")
SKIPPED_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words on the screen from one moment to another."""

    start_ms: int
    end_ms: int
    text: str


def to_webvtt(raw: bytes) -> str:
    """Return WebVTT made from SRT or WebVTT in UTF-8, UTF-16 or CP874.

    Styles, positions and tags but b, i, u are dropped: what a file says about looks is not
    trusted. Raises CaptionsRejected with the line: not_text, no_cues, bad_time, bad_order.
    """
    return format_cues(read_cues(raw))


def read_cues(raw: bytes) -> list[Cue]:
    """Return the cues in order of their start. Raises CaptionsRejected."""
    lines = _decoded(raw).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues: list[Cue] = []
    at, is_skipped = 0, False
    while at < len(lines):
        is_skipped = _is_skipped(lines, at, is_skipped=is_skipped)
        if "-->" in lines[at] and not is_skipped:
            cue, at = _cue(lines, at)
            cues.append(cue)
            if len(cues) > MAX_CUES:
                raise CaptionsRejected(at, "too_many_cues")
        else:
            at += 1
    if not cues:
        raise CaptionsRejected(1, "no_cues")
    return sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start_ms)


def format_cues(cues: list[Cue]) -> str:
    """Return the cues as a WebVTT file."""
    blocks = [f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{cue.text}" for cue in cues]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as_text(raw, "utf-16")
    if b"\x00" in raw:
        raise CaptionsRejected(1, "not_text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _as_text(raw, "cp874")  # what Thai Windows programs write


def _as_text(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise CaptionsRejected(line, "not_text") from error


def _is_skipped(lines: list[str], at: int, *, is_skipped: bool) -> bool:
    """Tell whether the line is inside a comment or style block; these end at an empty line."""
    if at == 0 or not lines[at - 1].strip():
        return lines[at].split(" ")[0].strip() in SKIPPED_BLOCKS
    return is_skipped


def _cue(lines: list[str], at: int) -> tuple[Cue, int]:
    found = _TIMING.match(lines[at])
    if not found:
        raise CaptionsRejected(at + 1, "bad_time")
    start_ms, end_ms = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
    if end_ms < start_ms:
        raise CaptionsRejected(at + 1, "bad_order")
    words: list[str] = []
    at += 1
    while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
        words.append(_clean(lines[at][:LONGEST_LINE]))
        at += 1
    if at < len(lines) and "-->" in lines[at] and words and words[-1].isdigit():
        words.pop()  # the next cue's number, where the empty line before it is missing
    return Cue(start_ms, end_ms, "\n".join(filter(None, words))), at


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = parts
    whole_s = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole_s * 1000 + int((fraction or "0").ljust(3, "0"))


def _clean(line: str) -> str:
    """Keep b, i and u; everything else that looks like a tag becomes plain text or goes."""
    kept = re.compile(rf"&lt;(/?(?:{'|'.join(KEPT_TAGS)}))&gt;", re.IGNORECASE)
    line = _TAG.sub(lambda tag: tag[0] if tag[1].lower() in KEPT_TAGS else "", line)
    line = re.sub(r"&(?!amp;|lt;|gt;|nbsp;|lrm;|rlm;)", "&amp;", line.strip())
    line = line.replace("<", "&lt;").replace(">", "&gt;")
    return kept.sub(lambda tag: f"<{tag[1].lower()}>", line)


def _clock(time_ms: int) -> str:
    seconds, rest_ms = divmod(time_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest_ms:03}"
