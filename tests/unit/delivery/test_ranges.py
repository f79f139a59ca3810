"""Which bytes are sent for which Range header."""

import pytest

from server.delivery.ranges import Extent, choose_extent


@pytest.mark.parametrize(
    ("header", "extent"),
    [
        ("", (0, 100, False)),
        ("bytes=0-9", (0, 10, True)),
        ("bytes=90-", (90, 100, True)),
        ("bytes=-10", (90, 100, True)),
        ("bytes=-1000", (0, 100, True)),
        ("bytes=90-1000", (90, 100, True)),
        ("bytes=99-99", (99, 100, True)),
        ("bytes=9-0", (0, 100, False)),
        ("bytes=0-1,5-6", (0, 100, False)),
        ("bytes=a-b", (0, 100, False)),
        ("bytes=-", (0, 100, False)),
        ("items=0-9", (0, 100, False)),
        ("bytes=0-" + "9" * 30, (0, 100, False)),
    ],
)
def test_one_range_is_cut_to_the_object_and_anything_odd_gets_all(
    header: str, extent: tuple[int, int, bool]
) -> None:
    start, end, is_part = extent

    assert choose_extent(header, 100) == Extent(start, end, is_part=is_part)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_outside_the_object_cannot_be_satisfied(header: str) -> None:
    assert choose_extent(header, 100) is None


def test_any_range_of_an_empty_object_cannot_be_satisfied() -> None:
    assert choose_extent("bytes=0-", 0) is None
    assert choose_extent("bytes=-5", 0) is None
    assert choose_extent("", 0) == Extent(0, 0, is_part=False)
