import pytest

from media_pipeline.caption_reading import Cue
from media_pipeline.timeline import (
    WHOLE,
    Timeline,
    cut_ranges,
    kept_ranges,
    shown_chapters,
    shown_cues,
)

# Twenty seconds in front are left out, ten in the middle, and all after a minute and a half.
CUT = Timeline(((20.0, 40.0), (50.0, 90.0)))


@pytest.mark.parametrize(
    ("original_s", "shown_s"),
    [(0, 0), (20, 0), (25.5, 5.5), (39.9, 19.9), (40, 20), (45, 20), (50, 20), (60, 30), (99, 60)],
)
def test_a_moment_is_shown_when_what_is_left_before_it_has_passed(
    original_s: float, shown_s: float
) -> None:
    assert CUT.to_shown(original_s) == pytest.approx(shown_s)


@pytest.mark.parametrize(
    ("shown_s", "original_s"), [(0, 20), (5.5, 25.5), (20, 50), (30, 60), (60, 90), (999, 90)]
)
def test_what_is_shown_is_found_in_the_original(shown_s: float, original_s: float) -> None:
    assert CUT.to_original(shown_s) == pytest.approx(original_s)


@pytest.mark.parametrize("shown_s", [0, 3.25, 19.99, 20, 41, 59.99])
def test_there_and_back_is_the_same_second(shown_s: float) -> None:
    assert CUT.to_shown(CUT.to_original(shown_s)) == pytest.approx(shown_s)


def test_without_a_trim_both_times_are_one() -> None:
    assert WHOLE.to_shown(12.5) == WHOLE.to_original(12.5) == 12.5
    assert WHOLE.is_shown(99)
    assert WHOLE.shown_spans(3, 9) == [(3, 9)]


def test_what_reaches_across_a_cut_stays_in_one_piece() -> None:
    (span,) = CUT.shown_spans(38, 55)
    assert span == pytest.approx((18, 25))
    assert CUT.shown_spans(0, 10) == []
    assert CUT.shown_spans(41, 49) == []


def test_captions_move_and_are_cut_to_what_is_shown() -> None:
    cues = [Cue(1_000, 5_000, "before"), Cue(18_000, 22_000, "first"), Cue(39_000, 51_000, "cut")]

    shown = shown_cues(cues, CUT)

    assert shown == [Cue(0, 2_000, "first"), Cue(19_000, 21_000, "cut")]


def test_chapters_of_which_nothing_is_shown_are_left_out() -> None:
    chapters = [(0.0, "hello"), (10.0, "begins"), (42.0, "noise"), (46.0, "goes on"), (91.0, "end")]

    assert shown_chapters(chapters, CUT) == [(0.0, "begins"), (20.0, "goes on")]


def test_cuts_that_overlap_are_one_cut() -> None:
    kept = kept_ranges(100, [(50, 60), (0, 20), (40, 55)])

    assert list(kept) == [(20, 40), (60, 100)]
    assert cut_ranges(100, kept) == ((0, 20), (40, 60))


def test_a_sliver_between_two_cuts_goes_with_them() -> None:
    assert kept_ranges(100, [(10, 20), (20.3, 30)]) == ((0, 10), (30, 100))
    assert kept_ranges(100, [(0, 100)]) == ()
    assert cut_ranges(100, ()) == ()


def test_at_first_a_trim_shows_whole_segments_and_nothing_that_is_cut_out() -> None:
    rough = Timeline(((2.1, 17.9), (21.0, 23.0), (40.0, 57.3))).at_segments(57.3)

    assert rough == Timeline(((4, 16), (40, 57.3)))
    assert Timeline(((1.0, 3.0),)).at_segments(60) is None


def test_a_later_trim_that_shows_more_covers_the_earlier_one() -> None:
    wider = Timeline(((19.0, 95.0),))

    assert wider.covers(CUT)
    assert WHOLE.covers(CUT)
    assert not CUT.covers(wider)
    assert not CUT.covers(WHOLE)
