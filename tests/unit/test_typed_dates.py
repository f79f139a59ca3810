"""Days are read as teachers type them."""

from datetime import date

import pytest

from server.web.typed_dates import read_day, typed_day

TODAY = date(2026, 11, 21)
DAY = date(2026, 12, 21)


@pytest.mark.parametrize(
    "text",
    [
        "21/12/2569",
        "21/12/2026",
        "๒๑/๑๒/๒๕๖๙",
        "21-12-69",
        "21.12.26",
        "21 12 2569",
        "2026-12-21",
        "2569-12-21",
        "21 ธ.ค. 2569",
        "21ธค69",
        "วันที่ 21 ธันวาคม 2569",
        "21 Dec 2026",
        "21 december 2026",
        " 21 / 12 / 2569 ",
        "21/12",
        "21 ธ.ค.",
    ],
)
def test_a_day_is_read_in_either_era(text: str) -> None:
    assert read_day(text, TODAY) == DAY


@pytest.mark.parametrize("text", ["", "พรุ่งนี้", "31/2/2569", "0/0/0", "12/21/2569"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text, TODAY) is None


def test_a_day_without_a_year_is_the_next_one() -> None:
    assert read_day("5/1", TODAY) == date(2027, 1, 5)
    assert read_day("29/2", date(2027, 11, 21)) == date(2028, 2, 29)


def test_a_field_shows_a_day_in_the_era_of_the_language() -> None:
    assert typed_day(DAY, "th") == "21/12/2569"
    assert read_day(typed_day(DAY, "en"), TODAY) == DAY
