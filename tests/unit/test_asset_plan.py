"""What is made of an original, and in which order."""

from uuid import UUID

import pytest

from media_pipeline.probe import MediaInfo
from server.messages import FIRST_WORK
from server.services.asset_plan import AssetPlan, plan_asset

ASSET_ID = UUID(int=1)
FIT = MediaInfo(
    kind="video",
    duration_s=70,
    width_px=1920,
    height_px=1080,
    fps=25,
    video_index=0,
    video_codec="h264",
    video_profile="High",
    pixel_format="yuv420p",
    key_gap_s=2.0,
    sound_index=1,
    bit_rate_bps=3_000_000,
    picture_end_s=70,
)


def changed(**facts: object) -> MediaInfo:
    return MediaInfo.from_dict(FIT.to_dict() | facts)


def kinds(plan: AssetPlan) -> list[str]:
    """Return the kinds of jobs in the order in which one worker takes them."""
    in_order = sorted(plan.orders, key=lambda order: order.priority)
    names = (f"{o.message.kind}:{getattr(o.message, 'rungs', '')}".strip(":") for o in in_order)
    return list(dict.fromkeys(names))


def test_a_fit_original_is_the_top_rung_itself() -> None:
    plan = plan_asset(ASSET_ID, FIT)

    assert plan.has_remux
    assert [rung.name for rung in plan.rungs] == ["720p", "480p", "360p", "240p"]


def test_a_fit_original_of_many_bytes_is_encoded_at_its_size_too() -> None:
    plan = plan_asset(ASSET_ID, changed(bit_rate_bps=20_000_000))

    assert plan.has_remux
    assert plan.rungs[0].name == "1080p"


def test_what_makes_it_watchable_comes_before_the_rest() -> None:
    plan = plan_asset(ASSET_ID, changed(video_codec="vp9"))

    assert kinds(plan) == [
        "encode_sound",
        "encode_stretch:lowest",
        "draw_stills",
        "encode_stretch:rest",
    ]


def test_only_the_short_first_stretches_may_use_the_kept_free_slot() -> None:
    plan = plan_asset(ASSET_ID, changed(video_codec="vp9"))

    firsts = [
        getattr(order.message, "number", None)
        for order in plan.orders
        if order.message.kind == "encode_stretch" and order.priority < FIRST_WORK
    ]
    assert firsts == [0, 1]


def test_beside_a_remux_no_encode_is_first_work() -> None:
    plan = plan_asset(ASSET_ID, FIT)

    encodes = [order for order in plan.orders if order.message.kind == "encode_stretch"]
    assert all(order.priority > FIRST_WORK for order in encodes)


def test_beside_a_remux_that_is_the_top_all_others_are_made_together() -> None:
    plan = plan_asset(ASSET_ID, FIT)

    assert "encode_stretch:all" in kinds(plan)
    encodes = [order for order in plan.orders if order.message.kind == "encode_stretch"]
    assert len(encodes) == len(plan.stretches)


def test_beside_a_remux_that_goes_again_the_lowest_comes_first() -> None:
    plan = plan_asset(ASSET_ID, changed(bit_rate_bps=20_000_000))

    names = kinds(plan)
    assert names.index("encode_stretch:lowest") < names.index("encode_stretch:rest")


def test_every_stretch_is_encoded_twice_at_most_lowest_and_rest() -> None:
    plan = plan_asset(ASSET_ID, changed(video_codec="vp9"))

    encodes = [order for order in plan.orders if order.message.kind == "encode_stretch"]
    assert len(encodes) == 2 * len(plan.stretches)


def test_a_small_silent_clip_has_one_picture_and_no_sound() -> None:
    plan = plan_asset(
        ASSET_ID, changed(width_px=320, height_px=180, sound_index=-1, video_codec="vp9")
    )

    assert len(plan.rungs) == 1
    assert kinds(plan) == ["encode_stretch:lowest", "draw_stills"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("audio", ["encode_sound", "draw_waveform"]),
        ("document", ["read_document"]),
        ("image", ["read_document"]),
    ],
)
def test_other_files_have_one_job(kind: str, expected: list[str]) -> None:
    assert kinds(plan_asset(ASSET_ID, MediaInfo(kind=kind, sound_index=0))) == expected
