"""Times as people type them, and as they are shown where tenths of a second count."""

import re

CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,3})?)|(\d{1,6}(?:[.,]\d{1,3})?)")


def read_clock(typed: str) -> float | None:
    """Return the seconds of 1:05, 1:02:03.5 or 65; None when it is no time."""
    found = CLOCK.fullmatch(typed.strip())
    if not found:
        return None
    hours, minutes, seconds, alone = ((part or "0").replace(",", ".") for part in found.groups())
    return round(int(hours) * 3600 + int(minutes) * 60 + float(seconds) + float(alone), 3)


def fine_clock(seconds: float) -> str:
    """Return a time with tenths: 1:05.3, 1:02:03.0; thousandths where there are any."""
    whole_ms = round(seconds * 1000)
    minutes, rest_ms = divmod(whole_ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    rest = f"{rest_ms / 1000:06.3f}"
    rest = rest[:-2] if rest.endswith("00") else rest
    return f"{hours}:{minutes:02}:{rest}" if hours else f"{minutes}:{rest}"
