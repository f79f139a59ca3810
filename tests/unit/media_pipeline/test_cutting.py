import pytest

from media_pipeline.cutting import joined, taken_segments
from media_pipeline.playlist import PartPiece, media_playlist
from media_pipeline.timeline import Timeline


def part(name: str, *lengths_s: float) -> PartPiece:
    segments = [[s, 800.0 + 1000 * number, 1000.0] for number, s in enumerate(lengths_s)]
    return PartPiece(
        url=f"{name}.m4s",
        init_bytes=800,
        size_bytes=800 + 1000 * len(segments),
        duration_s=sum(lengths_s),
        segments=segments,
    )


PARTS = [(0.0, part("a", 4.0)), (4.0, part("b", 4.0, 4.0)), (12.0, part("c", 4.0, 4.0, 2.5))]


def made_for(from_s: float, to_s: float) -> PartPiece:
    return part(f"{from_s}-{to_s}", to_s - from_s)


def playlist(timeline: Timeline) -> str:
    taken = [
        (one, made_for(one.from_s, one.to_s) if one.is_piece else None)
        for one in taken_segments(PARTS, timeline)
    ]
    return media_playlist(joined(taken), is_whole=True)


def test_whole_segments_are_taken_as_they_are_and_pieces_only_at_cuts() -> None:
    pieces = [
        (one.from_s, one.to_s)
        for one in taken_segments(PARTS, Timeline(((1.5, 9.0), (16.0, 22.5))))
        if one.is_piece
    ]

    assert pieces == [(1.5, 4.0), (8.0, 9.0)]


def test_a_range_within_one_segment_is_one_piece() -> None:
    taken = list(taken_segments(PARTS, Timeline(((5.0, 6.5),))))

    assert [(one.from_s, one.to_s, one.is_piece) for one in taken] == [(5.0, 6.5, True)]


def test_there_is_a_discontinuity_at_each_cut_and_nowhere_else() -> None:
    lines = playlist(Timeline(((1.5, 9.0), (16.0, 22.5)))).splitlines()

    shown = [line for line in lines if line.endswith(".m4s") or "DISCON" in line]
    assert shown == [
        "1.5-4.0.m4s",
        "b.m4s",
        "8.0-9.0.m4s",
        "#EXT-X-DISCONTINUITY",
        "c.m4s",
        "c.m4s",
    ]
    assert sum("#EXT-X-MAP" in line for line in lines) == 4


@pytest.mark.parametrize("border_s", [3.99, 4.0, 4.01])
def test_a_cut_beside_a_border_of_segments_is_on_it(border_s: float) -> None:
    text = playlist(Timeline(((border_s, 12.0),)))

    assert "b.m4s" in text
    assert "-" not in "".join(line for line in text.splitlines() if line.endswith(".m4s"))
