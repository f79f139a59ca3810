"""Days as people type them: either era, either order, Thai digits, names of months."""

import re
from datetime import date

from babel import Locale

from server.web.dates import BUDDHIST_ERA

FIRST_BUDDHIST_YEAR = 2400  # nobody gives work for the common era's
SHORT_YEAR = 100
DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_PLAIN = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})(?:\s*[-/. ]\s*(\d{4}|\d{2}))?")
_NAMED = re.compile(r"(\d{1,2})\s*([^\d\s]+(?:\.[^\d\s]+)*)\s*(\d{4}|\d{2})?")


def read_day(text: str, today: date) -> date | None:
    """Return the day that was typed, such as 21/12/2569, 21 ธ.ค. 69, 2026-12-21; None for no day.

    Without a year the next such day is meant; of two digits, the year nearer to today.
    """
    text = " ".join(text.translate(DIGITS).split()).removeprefix("วันที่ ")
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
        return _day(_common_year(year, today), month, day)
    if found := _PLAIN.fullmatch(text):
        return _dated(int(found[1]), int(found[2]), found[3], today)
    if (found := _NAMED.fullmatch(text)) and (named := _month(found[2])):
        return _dated(int(found[1]), named, found[3], today)
    return None


def typed_day(day: date, language: str) -> str:
    """Return a day as a field shows it, to be typed over: 21/12/2569 or 21/12/2026."""
    year = day.year + (BUDDHIST_ERA if language == "th" else 0)
    return f"{day.day}/{day.month}/{year}"


def _dated(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _day(_common_year(int(year), today), month, day)
    this_year = _day(today.year, month, day)
    return this_year if this_year and this_year >= today else _day(today.year + 1, month, day)


def _common_year(year: int, today: date) -> int:
    if year >= FIRST_BUDDHIST_YEAR:
        return year - BUDDHIST_ERA
    if year >= SHORT_YEAR:
        return year
    common, buddhist = 2000 + year, 2500 + year - BUDDHIST_ERA
    return min(common, buddhist, key=lambda each: abs(each - today.year))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(name: str) -> int | None:
    wanted = name.replace(".", "").casefold()
    for language in ("th", "en"):
        months = Locale(language).months["format"]
        for number in range(1, 13):
            names = (months[width][number] for width in ("wide", "abbreviated"))
            if wanted in {each.replace(".", "").casefold() for each in names}:
                return number
    return None
