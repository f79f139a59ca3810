"""How much of a disk is kept free, and what is said of it."""

import shutil
from pathlib import Path

import pytest

from server.errors import StorageFull
from server.services.ballast import Ballast
from server.services.room import MIB, Disk, Room, reserve_of

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("total_bytes", "reserve_bytes"),
    [
        (10 * MIB, 5 * MIB),  # never more than half
        (200 * MIB, 32 * MIB),
        (10 * GIB, 512 * MIB),
        (100 * GIB, 2 * GIB),
        (4096 * GIB, 2 * GIB),
    ],
)
def test_the_reserve_is_a_twentieth_within_bounds(total_bytes: int, reserve_bytes: int) -> None:
    assert reserve_of(total_bytes) == reserve_bytes


@pytest.mark.parametrize(
    ("free_percent", "mark"), [(21, None), (20, 80), (10, 90), (5, 95), (2, 100), (0, 100)]
)
def test_a_disk_warns_at_80_90_95_per_cent_and_when_its_reserve_is_reached(
    free_percent: int, mark: int | None
) -> None:
    disk = Disk(folder=Path("/"), total_bytes=100, free_bytes=free_percent, reserved_bytes=2)

    assert disk.warned_percent == mark


def test_what_needs_room_is_refused_before_the_reserve_and_says_what_is_left(
    tmp_path: Path,
) -> None:
    free_bytes = shutil.disk_usage(tmp_path).free
    room = Room((tmp_path / "not made yet",), reserved_bytes=free_bytes - GIB)

    room.check(GIB // 2)
    with pytest.raises(StorageFull) as refused:
        room.check(2 * GIB)

    assert refused.value.facts["needed_bytes"] == 2 * GIB
    assert not room.is_pressed


def test_half_a_reserve_gone_is_pressed(tmp_path: Path) -> None:
    assert Room((tmp_path,), reserved_bytes=3 * shutil.disk_usage(tmp_path).free).is_pressed


def test_the_ballast_is_real_blocks_and_made_only_where_it_leaves_the_reserve(
    tmp_path: Path,
) -> None:
    ballast = Ballast(tmp_path / "ballast")

    ballast.fill(ballast.size_bytes - 1)
    assert list(tmp_path.iterdir()) == []
    ballast.fill(ballast.size_bytes)

    assert ballast.path.stat().st_blocks * 512 >= ballast.size_bytes
    ballast.ease()  # there is room enough
    assert ballast.path.exists()


def test_the_reserve_holds_for_a_backup_on_the_same_disk_only(tmp_path: Path) -> None:
    room = Room((tmp_path / "data",), reserved_bytes=GIB)

    assert room.reserve_beside(tmp_path / "backups" / "not made yet") == GIB
    assert room.reserve_beside(Path("/proc")) == 0
