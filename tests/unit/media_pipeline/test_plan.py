import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.plan import plan_stretches


def test_stretches_ramp_up_so_that_the_first_minutes_come_soon() -> None:
    lengths = [stretch.duration_s for stretch in plan_stretches(100)]

    assert lengths == [4, 8, 16, 32, 32, 8]


@pytest.mark.parametrize("duration_s", [0, -1, 0.01])
def test_a_single_frame_is_still_a_stretch(duration_s: float) -> None:
    (only,) = plan_stretches(duration_s)

    assert only.is_last
    assert only.duration_s > 0


def test_a_short_rest_stays_with_the_last_stretch() -> None:
    assert [s.duration_s for s in plan_stretches(12.3)] == [4, 8.3]


@given(st.floats(min_value=0.04, max_value=50_000))
def test_stretches_cover_the_whole_length_without_a_gap(duration_s: float) -> None:
    stretches = plan_stretches(duration_s)

    for sooner, later in itertools.pairwise(stretches):
        assert sooner.start_s + sooner.duration_s == later.start_s
        assert sooner.duration_s % 4 == 0
    last = stretches[-1]
    assert [s for s in stretches if s.is_last] == [last]
    assert last.start_s + last.duration_s == pytest.approx(duration_s, abs=0.002)
    assert last.duration_s <= 32.5  # rounded to milliseconds
