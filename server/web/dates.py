"""Dates, lengths and sizes as people read them: Bangkok time, Buddhist years in Thai."""

import math
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from flask_babel import get_locale, ngettext

BANGKOK = ZoneInfo("Asia/Bangkok")
BUDDHIST_ERA = 543  # Babel's th prints the years of the common era
MINUTE_S, HOUR_S = 60, 3600
LONG_MINUTES = 90
KB, MB, GB = 1_000, 1_000_000, 1_000_000_000
WHOLE_FROM = 10  # below, one decimal tells more


def language() -> str:
    """Return the language of this request: "th" or "en"."""
    locale = get_locale()
    return locale.language if locale else "th"


def shown_date(at: datetime, lang: str | None = None) -> str:
    """Return such as "21 ธ.ค. 2569" or "21 Dec 2026"."""
    return shown_day(at.astimezone(BANGKOK).date(), lang)


def shown_day(day: date, lang: str | None = None) -> str:
    """Return a day of the calendar, such as "16 พ.ค. 2569"."""
    lang = lang or language()
    month = Locale(lang).months["format"]["abbreviated"][day.month]
    return f"{day.day} {month} {shown_year(day.year, lang)}"


def shown_year(year: int, lang: str | None = None) -> str:
    """Return a year of the common era as it is written: "2569" or "2026"."""
    return str(year + (BUDDHIST_ERA if (lang or language()) == "th" else 0))


def shown_time(at: datetime, lang: str | None = None) -> str:
    """Return date and time, such as "21 ธ.ค. 2569 14:05"."""
    return f"{shown_date(at, lang)} {at.astimezone(BANGKOK):%H:%M}"


def shown_hour(at: datetime) -> str:
    """Return the time of today alone, such as "14:05"."""
    return f"{at.astimezone(BANGKOK):%H:%M}"


def clock_time(seconds: float) -> str:
    """Return a length as players show it: "4:05", "1:02:03"."""
    minutes, rest = divmod(round(seconds), MINUTE_S)
    hours, minutes = divmod(minutes, MINUTE_S)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def length_text(seconds: float) -> str:
    """Return a length in words: "12 นาที 30 วินาที"; whole hours and minutes alone."""
    total = round(seconds)
    if total < MINUTE_S:
        return str(ngettext("%(num)s second", "%(num)s seconds", total))
    hours, rest = divmod(total, HOUR_S)
    minutes, seconds_left = divmod(rest, MINUTE_S)
    words = []
    if hours:
        words.append(ngettext("%(num)s hour", "%(num)s hours", hours))
    if minutes:
        words.append(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    if seconds_left and not hours:
        words.append(ngettext("%(num)s second", "%(num)s seconds", seconds_left))
    return " ".join(words)


def about_length(seconds: float) -> str:
    """Return an estimate in words: whole minutes, tens of them when it is long; never none."""
    minutes = max(1, math.ceil(seconds / MINUTE_S))
    if minutes > LONG_MINUTES:
        minutes = math.ceil(minutes / 10) * 10
    return length_text(minutes * MINUTE_S)


def size_text(size_bytes: float) -> str:
    """Return a size: "640 KB", "95 MB", "1.3 GB"."""
    if size_bytes >= GB:
        return f"{_short(size_bytes / GB)} GB"
    if size_bytes >= MB:
        return f"{_short(size_bytes / MB)} MB"
    return f"{max(1, round(size_bytes / KB)) if size_bytes else 0} KB"


def megabytes_per_minute(bps: float) -> str:
    """Return how many MB a minute costs at this rate: "0.3", "1", "12"."""
    return _short(bps * MINUTE_S / 8 / MB)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= WHOLE_FROM else f"{value:.1f}".removesuffix(".0")
