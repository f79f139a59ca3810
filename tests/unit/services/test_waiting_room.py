"""Whom a teacher may believe by their pictures, and who gives way in a full room."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from server.services.waiting_room import (
    MOST_OF_ADDRESS,
    MOST_WAITING,
    WRONG_AT_MOST,
    WRONG_OF_DEVICE,
    Claim,
    Place,
    Tally,
    doubted,
    is_in_school_hours,
    may_choose,
    tally_of,
    who_gives_way,
)
from tests.builders import NOON

SCHOOL = "the school's address"
ROUNDS = 300


class Room:
    """A room in which devices choose; it counts as the product does."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []

    def choose(self, address: str, chance: float, luck: random.Random, name: str = "") -> Claim:
        """Have a new device choose until it is right or may not; return what it did."""
        wrong = 0
        right_at = None
        while right_at is None:
            those = tally_of((each for each in self.claims if each.address == address), NOON)
            of_address = Tally(those.wrong + wrong, those.right)
            if not may_choose(wrong_of_device=wrong, of_address=of_address):
                break
            if luck.random() < chance:
                right_at = NOON
            else:
                wrong += 1
        id_ = UUID(int=len(self.claims))
        claim = Claim(
            id=id_,
            device=str(id_),
            address=address,
            name=name or str(id_),
            wrong_count=wrong,
            wrong_at=NOON if wrong else None,
            right_at=right_at,
        )
        self.claims.append(claim)
        return claim

    def in_all(self, those: Iterable[Claim]) -> int:
        """Return how many of these "confirm all" takes."""
        looked_at = doubted(self.claims, NOON)
        return sum(each.right_at is not None and each.id not in looked_at for each in those)


def strangers_let_in(addresses: int, devices: int, pupils: int = 0) -> float:
    """Return in what share of rooms a guesser, who stops in time, gets a device into "all"."""
    luck = random.Random(2569)  # noqa: S311
    count = 0
    for _round in range(ROUNDS):
        room = Room()
        for _pupil in range(pupils):
            room.choose(SCHOOL, 0.95, luck)
        guesses = (room.choose(f"address {n % addresses}", 1 / 16, luck) for n in range(devices))
        count += any(each.right_at and room.in_all([each]) for each in guesses)
    return count / ROUNDS


@pytest.mark.parametrize(
    ("addresses", "devices", "pupils", "most"),
    [
        (1, 1, 0, 0.13),  # two tries of one in sixteen
        (1, 40, 0, 0.20),  # many devices help little behind one address
        (40, 40, 0, 0.22),  # nor many addresses, where nobody else is
        (30, 30, 40, 0.22),  # nor in a class
    ],
)
def test_guessing_by_many_devices_and_addresses_helps_little(
    addresses: int, devices: int, pupils: int, most: float
) -> None:
    """Of 2,000 rooms it was 11, 14, 20 and 17 in a hundred."""
    assert strangers_let_in(addresses, devices, pupils) <= most


def test_forty_honest_pupils_behind_one_address_are_all_let_in_together() -> None:
    luck = random.Random(2569)  # noqa: S311
    kept_out = 0
    for _round in range(40):
        room = Room()
        pupils = [room.choose(SCHOOL, 0.9, luck) for _ in range(40)]
        right = [each for each in pupils if each.right_at is not None]
        kept_out += len(right) - room.in_all(right)

    assert kept_out == 0


def test_no_class_is_kept_from_choosing_by_wrong_ones_of_its_own() -> None:
    assert may_choose(wrong_of_device=0, of_address=Tally(wrong=WRONG_AT_MOST - 1, right=0))
    assert not may_choose(wrong_of_device=0, of_address=Tally(wrong=WRONG_AT_MOST, right=1))
    assert may_choose(wrong_of_device=0, of_address=Tally(wrong=WRONG_AT_MOST, right=30))
    assert not may_choose(wrong_of_device=WRONG_OF_DEVICE, of_address=Tally())


def claim(number: int, name: str = "มะลิ", **facts: datetime | int) -> Claim:
    at = {"device": str(number), "address": f"address {number}"}
    return Claim(id=UUID(int=number), name=name, **at, **facts)  # type: ignore[arg-type]


def test_a_name_under_which_a_stranger_chose_wrong_is_looked_at_until_it_was_let_in() -> None:
    before = NOON - timedelta(days=2)
    stranger = claim(1, wrong_at=before, wrong_count=1)
    child = claim(2, right_at=NOON)
    other = claim(3, name="สมชาย", right_at=NOON)

    assert doubted([stranger, child, other], NOON) >= {child.id}
    assert other.id not in doubted([stranger, child, other], NOON)
    let_in = claim(4, confirmed_at=before + timedelta(hours=1))
    assert child.id not in doubted([stranger, child, other, let_in], NOON)


def place(number: int, address: str, *, is_safe: bool = False) -> Place:
    return Place(id=UUID(int=number), address=address, is_safe=is_safe)


def test_a_room_with_space_sends_nobody_away() -> None:
    waiting = [place(n, f"address {n}") for n in range(MOST_WAITING - 1)]

    assert who_gives_way(waiting, "another") is None


def test_a_crowd_behind_one_address_gives_way_to_itself() -> None:
    honest = place(0, "a home")
    crowd = [place(n, "a crowd") for n in range(1, MOST_OF_ADDRESS + 1)]

    assert who_gives_way([honest, *crowd], "a crowd") == crowd[0].id
    assert who_gives_way([honest, *crowd], "a home") is None


def test_in_a_full_room_who_chose_right_stays_and_the_largest_crowd_gives_way() -> None:
    safe = [place(n, SCHOOL, is_safe=True) for n in range(40)]
    honest = place(40, "a home")
    crowds = [place(n, f"crowd {n % 3}") for n in range(41, MOST_WAITING)]

    gone = who_gives_way([*safe, honest, *crowds], "another home")

    assert gone in {each.id for each in crowds}


def test_a_flood_never_pushes_out_a_lone_device_that_has_not_chosen_yet() -> None:
    waiting = [place(0, "a home")]
    for number in range(1, 5_000):
        address = f"crowd {number % 150}"
        gone = who_gives_way(waiting, address)
        waiting = [*(each for each in waiting if each.id != gone), place(number, address)]

    assert waiting[0].address == "a home"
    assert len(waiting) <= MOST_WAITING


@pytest.mark.parametrize(
    ("at", "taught"),
    [
        (NOON, True),
        (NOON - timedelta(hours=5, minutes=1), False),  # before seven
        (NOON + timedelta(hours=5), False),
        (NOON - timedelta(days=1), False),  # a Sunday
        (datetime.fromisoformat("2026-10-20T12:00+07:00"), False),  # holidays
    ],
)
def test_school_hours_are_those_of_weekdays_of_a_term(at: datetime, *, taught: bool) -> None:
    assert is_in_school_hours(at) is taught
