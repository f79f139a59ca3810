"""Which seconds were covered: unions, whatever the order, the repetition and the device."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.services.covered import NOTHING, Covered

LENGTH_S = 600.0
SECONDS = st.floats(0, LENGTH_S, allow_nan=False)
RANGES = st.lists(st.tuples(SECONDS, SECONDS).map(sorted), max_size=12)
WHOLE = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 600)).map(sorted).filter(lambda r: r[0] < r[1]),
    max_size=12,
)


@given(WHOLE)
def test_it_holds_each_second_that_a_range_holds_once(ranges: list[list[int]]) -> None:
    covered = Covered.of(ranges)

    seconds = {second for from_s, to_s in ranges for second in range(from_s, to_s)}
    assert {s for from_s, to_s in covered.ranges for s in range(from_s, to_s)} == seconds
    assert covered.seconds == len(seconds)


@given(WHOLE)
def test_its_ranges_are_in_order_and_apart(ranges: list[list[int]]) -> None:
    covered = Covered.of(ranges).ranges

    assert all(from_s < to_s for from_s, to_s in covered)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(covered))


@given(RANGES, RANGES, RANGES)
def test_joining_does_not_ask_for_order_grouping_or_repetition(
    some: list[list[float]], others: list[list[float]], more: list[list[float]]
) -> None:
    a, b, c = Covered.of(some), Covered.of(others), Covered.of(more)

    assert a | b == b | a
    assert (a | b) | c == a | (b | c)
    assert a | a == a
    assert (a | b) | a == a | b
    assert a | NOTHING == NOTHING | a == a
    assert a | b == Covered.of([*some, *others])


@given(st.lists(SECONDS, min_size=2, max_size=40).map(sorted), st.randoms(use_true_random=False))
def test_one_run_told_in_pieces_in_any_order_is_right_within_a_second(
    borders: list[float], random: object
) -> None:
    pieces = list(itertools.pairwise(borders))
    random.shuffle(pieces)  # type: ignore[attr-defined]

    covered = NOTHING
    for piece in [*pieces, *pieces[:5]]:  # some arrive twice
        covered |= Covered.of([piece])

    assert abs(covered.seconds - (borders[-1] - borders[0])) <= 1


@given(RANGES)
def test_its_text_brings_it_back(ranges: list[list[float]]) -> None:
    covered = Covered.of(ranges)

    assert Covered.from_text(covered.to_text()) == covered


def test_an_hour_in_one_go_is_a_few_bytes() -> None:
    assert Covered.of([[0, 3600.2]]).to_text() == "0-3600"
    assert NOTHING.to_text() == ""


@pytest.mark.parametrize(
    ("ranges", "share"),
    [([[0, 100]], 0.5), ([[100, 150]], 0.7), ([[0, 50], [150, 200]], 0.0), ([], 0.0)],
)
def test_a_share_is_of_what_is_shown(ranges: list[list[float]], share: float) -> None:
    covered = Covered.of([[50, 130], [145, 150]])

    assert covered.share_of(ranges) == pytest.approx(share)


def test_what_lies_beyond_the_end_is_left_out() -> None:
    covered = Covered.of([[0, 10], [20, 30], [40, 50]])

    assert covered.until(25) == Covered.of([[0, 10], [20, 25]])
    assert covered.until(50) is covered
    assert covered.until(0) == NOTHING
