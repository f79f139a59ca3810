"""Rooms that are open for a lesson: when names are shown, and the picture of each ten minutes."""

from datetime import timedelta
from itertools import pairwise

import pytest

from server.models.classrooms import Classroom, SecretKind
from server.services.open_rooms import (
    LATE_CHOICES,
    PICTURE_FOR,
    close_room,
    is_right_picture,
    is_room_open,
    open_room,
    picture_in_turn,
    shown_picture,
    shows_names,
)
from tests.builders import NOON, the_picture

MOMENT = timedelta(seconds=1)


def a_room(*grades: str, secret_kind: SecretKind = SecretKind.NONE) -> Classroom:
    return Classroom(grades=[*grades], code_ends_at=NOON, secret_kind=secret_kind)


def test_pictures_are_drawn_alike_and_never_twice_in_a_row() -> None:
    turns = [[picture_in_turn(f"room {room}", turn) for turn in range(12)] for room in range(800)]

    assert all(one != after for room in turns for one, after in pairwise(room))
    for turn in range(12):
        drawn = [room[turn] for room in turns]
        assert all(25 <= drawn.count(picture) <= 80 for picture in range(1, 17))  # about 50


def test_a_picture_stays_ten_minutes_and_the_last_one_is_right_a_moment_longer() -> None:
    room = a_room("P4")
    open_room(room, NOON)
    first = the_picture(room, NOON)
    second = the_picture(room, NOON + PICTURE_FOR)

    last_moment = NOON + PICTURE_FOR - MOMENT
    assert the_picture(room, last_moment) == first
    assert not is_right_picture(room, second, last_moment)
    just_late, too_late = NOON + PICTURE_FOR + LATE_CHOICES - MOMENT, NOON + PICTURE_FOR * 1.5
    assert is_right_picture(room, first, just_late)
    assert is_right_picture(room, second, just_late)
    assert not is_right_picture(room, first, too_late)
    assert shown_picture(room, NOON) == (first, NOON + PICTURE_FOR)


def test_a_room_is_open_two_hours_and_a_second_press_changes_nothing() -> None:
    room = a_room("P4")
    open_room(room, NOON)
    secret = room.room_secret

    open_room(room, NOON + timedelta(hours=1))

    assert room.room_secret == secret
    assert is_room_open(room, NOON + timedelta(hours=2) - MOMENT)
    assert not is_room_open(room, NOON + timedelta(hours=2))
    assert shown_picture(room, NOON + timedelta(hours=2)) is None


def test_after_closing_no_picture_is_right_and_another_opening_has_others() -> None:
    room = a_room("P4")
    open_room(room, NOON)
    secret = room.room_secret
    close_room(room, NOON + MOMENT)

    assert not any(is_right_picture(room, each, NOON + MOMENT) for each in range(1, 17))
    open_room(room, NOON + 2 * MOMENT)
    assert room.room_secret != secret


@pytest.mark.parametrize(
    ("grades", "kind", "is_open", "is_its_tablet", "shown"),
    [
        (["P4"], SecretKind.NONE, True, False, True),
        (["P4"], SecretKind.NONE, False, False, False),
        (["P4"], SecretKind.PIN, False, False, False),
        (["P4"], SecretKind.PIN, False, True, True),
        (["P4"], SecretKind.NONE, False, True, False),
        (["P3", "A2"], SecretKind.NONE, True, False, False),
        (["P3", "A2"], SecretKind.PICTURE, True, False, True),
        (["P3", "P4"], SecretKind.NONE, True, False, True),
    ],
)
def test_names_are_shown_while_the_room_is_open_and_on_tablets_of_the_class(
    grades: list[str],
    kind: SecretKind,
    *,
    is_open: bool,
    is_its_tablet: bool,
    shown: bool,
) -> None:
    room = a_room(*grades, secret_kind=kind)
    if is_open:
        open_room(room, NOON)

    assert shows_names(room, NOON, is_its_tablet=is_its_tablet) is shown
