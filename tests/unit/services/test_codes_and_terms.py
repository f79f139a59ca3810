"""Codes that are typed, and until when a phone stays signed in."""

from datetime import UTC, date, datetime

import pytest

from server.services.codes import ALPHABET, fold_code, new_code
from server.services.terms import Term, academic_year_of, end_of_stay


def test_codes_are_six_characters_that_nobody_mistakes() -> None:
    codes = {new_code() for _ in range(200)}

    assert len(codes) == 200
    assert {len(code) for code in codes} == {6}
    assert not set("0O1IL2Z5S8BUV") & set(ALPHABET)


@pytest.mark.parametrize("typed", ["ac4-mw7", " AC4 MW7 ", "ฟแภ ทไึ", "AC4MW7"])
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert fold_code(typed) == "AC4MW7"


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2026, 5, 15), 2025), (date(2026, 5, 16), 2026), (date(2027, 2, 28), 2026)],
)
def test_academic_years_begin_on_16_may(day: date, year: int) -> None:
    assert academic_year_of(day) == year


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (
            (2026, 6, 1),
            (2026, 10, 31, 17),
        ),  # through the October holidays
        ((2026, 11, 21), (2027, 5, 15, 17)),
        ((2027, 5, 14), (2027, 10, 31, 17)),  # a week before a term counts for it
    ],
)
def test_a_phone_stays_signed_in_until_a_next_term_begins(
    at: tuple[int, int, int], until: tuple[int, int, int, int]
) -> None:
    assert end_of_stay(datetime(*at, tzinfo=UTC)) == datetime(*until, tzinfo=UTC)


def test_a_school_may_set_its_terms_otherwise() -> None:
    own = Term(2026, 2, date(2026, 10, 26), date(2027, 3, 20))

    end = end_of_stay(datetime(2026, 6, 1, tzinfo=UTC), [own])

    assert end == datetime(2026, 10, 25, 17, tzinfo=UTC)


def test_terms_that_were_all_set_into_the_past_keep_nobody_out() -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    past = [
        Term(year, number, date(2026, 1, number), date(2026, 1, 9))
        for year in (2025, 2026, 2027)
        for number in (1, 2)
    ]

    assert end_of_stay(at, past) > at
