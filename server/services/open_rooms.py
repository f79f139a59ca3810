"""A classroom that its teacher has opened for a lesson: names are shown then, and one picture.

Who waits chooses the picture that the teacher shows or says. It follows from a secret of this
opening and the time: no row changes when it does, and nobody foresees it who has the link.
"""

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

from server.models.classrooms import Classroom, SecretKind
from server.services.codes import new_token

ROOM_OPEN_FOR = timedelta(hours=2)
PICTURE_COUNT = 16
PICTURE_FOR = timedelta(minutes=10)
LATE_CHOICES = timedelta(minutes=2)  # the last picture is right so long: it was said a moment ago
SMALL_GRADES = frozenset({"A1", "A2", "A3", "P1", "P2", "P3"})


def open_room(classroom: Classroom, at: datetime) -> None:
    """Open it for a lesson. While it is open nothing changes: a second press is a colleague's."""
    if is_room_open(classroom, at):
        return
    classroom.room_opened_at, classroom.room_ends_at = at, at + ROOM_OPEN_FOR
    classroom.room_secret = new_token()
    classroom.code_ends_at = max(classroom.code_ends_at, classroom.room_ends_at)


def close_room(classroom: Classroom, at: datetime) -> None:
    """Close it, if it is open."""
    if is_room_open(classroom, at):
        classroom.room_ends_at = at


def is_room_open(classroom: Classroom, at: datetime) -> bool:
    """Return whether its teacher has it open for a lesson."""
    return classroom.room_ends_at is not None and at < classroom.room_ends_at


def opened_since(classroom: Classroom, at: datetime) -> datetime | None:
    """Return since when it is open; None while it is not."""
    return classroom.room_opened_at if is_room_open(classroom, at) else None


def is_for_small(grades: Collection[str]) -> bool:
    """Return whether all in it are small: they read no lists, and come in by slip or pictures."""
    return bool(grades) and set(grades) <= SMALL_GRADES


def shows_names(classroom: Classroom, at: datetime, *, is_its_tablet: bool) -> bool:
    """Return whether its link leads to a list of names; otherwise names are typed.

    On tablets on which its pupils came in before, while the link works. On other devices while the
    teacher has the room open; those of small children only where pictures are asked after it.
    """
    has_secrets = classroom.secret_kind is not SecretKind.NONE
    if is_its_tablet and has_secrets:
        return True
    return is_room_open(classroom, at) and (has_secrets or not is_for_small(classroom.grades))


def shown_picture(classroom: Classroom, at: datetime) -> tuple[int, datetime] | None:
    """Return the picture that the teacher shows, 1 to 16, and until when; None while closed."""
    opened_at, ends_at = classroom.room_opened_at, classroom.room_ends_at
    if opened_at is None or ends_at is None or at >= ends_at:
        return None
    turn = _turn(opened_at, at)
    until = min(opened_at + (turn + 1) * PICTURE_FOR, ends_at)
    return picture_in_turn(classroom.room_secret, turn), until


def is_right_picture(classroom: Classroom, picture: int, at: datetime) -> bool:
    """Return whether it is the one that is shown, or was shown until a moment ago."""
    opened_at = classroom.room_opened_at
    if opened_at is None or not is_room_open(classroom, at):
        return False
    turns = {_turn(opened_at, at), _turn(opened_at, max(opened_at, at - LATE_CHOICES))}
    return picture in {picture_in_turn(classroom.room_secret, turn) for turn in turns}


def picture_in_turn(secret: str, turn: int) -> int:
    """Return the picture of a turn, from 0; never the same as in the turn before."""
    picture = _draw(secret, 0, PICTURE_COUNT)
    for each in range(1, turn + 1):
        picture = (picture + 1 + _draw(secret, each, PICTURE_COUNT - 1)) % PICTURE_COUNT
    return picture + 1


def _turn(opened_at: datetime, at: datetime) -> int:
    return (at - opened_at) // PICTURE_FOR


def _draw(secret: str, turn: int, count: int) -> int:
    return int.from_bytes(hmac.digest(secret.encode(), str(turn).encode(), sha256)) % count
