"""How large a made-up office is, the keys of its rows, and who belongs to what."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Self
from uuid import UUID

from server.models.base import uuid7
from server.models.lessons import Visibility

NOW = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
FULL_CLASS = 45  # pupils in each of the first classrooms; the other pupils share the rest
FULL_CLASSES = 40
GIVEN_TO_FULL, GIVEN_TO_OTHERS = 40, 10  # lessons
SHOWN_TO = (Visibility.SCHOOL, Visibility.AREA, Visibility.PUBLIC)
LONG_EVERY = 50  # lessons: one of these has as many items as a full class has lessons
WATCHED_AT_MOST = 0.8  # of all lessons, by one classroom


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many of each; the office at full size."""

    schools: int = 150
    teachers: int = 3_000
    pupils: int = 45_000
    classrooms: int = 3_000
    lessons: int = 20_000
    progress: int = 5_000_000

    @classmethod
    def of(cls, share: float) -> Self:
        """Return a smaller office; each of its people has watched as much."""
        full = cls()
        return cls(
            schools=round(full.schools * share),
            teachers=round(full.teachers * share),
            pupils=round(full.pupils * share),
            classrooms=round(full.classrooms * share),
            lessons=round(full.lessons * share),
            progress=round(full.progress * share),
        )


class OfficeKeys:
    """Keys of what is made, and which of it goes together: the same for the same size."""

    def __init__(self, size: Size) -> None:
        """Make them, each kind in order."""
        self.size = size
        self.schools = _keys(size.schools)
        self.teachers = _keys(size.teachers)
        self.pupils = _keys(size.pupils)
        self.school_admins = _keys(size.schools)
        self.office_admin = uuid7()
        self.classrooms = _keys(size.classrooms)
        self.lessons = _keys(size.lessons)
        self.assets = _keys(size.lessons)
        self.originals = _keys(size.lessons)
        self.items = [_keys(self.item_count(number)) for number in range(size.lessons)]
        self._watched: dict[int, list[int]] = {}

    @cached_property
    def full_classes(self) -> int:
        """Return how many classrooms are full: in all not more than half of all pupils."""
        return min(FULL_CLASSES, self.size.pupils // (2 * FULL_CLASS))

    def room_of(self, pupil: int) -> int:
        """Return a pupil's classroom."""
        in_full = self.full_classes * FULL_CLASS
        if pupil < in_full:
            return pupil // FULL_CLASS
        rooms, pupils = len(self.classrooms) - self.full_classes, len(self.pupils) - in_full
        return self.full_classes + (pupil - in_full) * rooms // pupils

    def teacher_of(self, room: int) -> UUID:
        """Return who teaches a classroom."""
        return self.teachers[room * len(self.teachers) // len(self.classrooms)]

    def owner_of(self, lesson: int) -> UUID:
        """Return whose lesson it is."""
        return self.teachers[lesson * len(self.teachers) // len(self.lessons)]

    def school_of(self, number: int, count: int) -> UUID:
        """Return the school of one of so many."""
        return self.schools[number * len(self.schools) // count]

    def item_count(self, lesson: int) -> int:
        """Return of how many items a lesson consists."""
        return GIVEN_TO_FULL if lesson % LONG_EVERY == 0 else 5

    def long_lesson_of(self, room: int) -> int:
        """Return the lesson of many items that a full class is given."""
        return room * LONG_EVERY % len(self.lessons) // LONG_EVERY * LONG_EVERY

    def watched_by(self, room: int) -> Sequence[int]:
        """Return the lessons that the pupils of a classroom have watched."""
        if room not in self._watched:
            each = -(-self.size.progress // len(self.pupils))
            most = int(len(self.lessons) * WATCHED_AT_MOST)
            chance = random.Random(room)  # noqa: S311 (made-up people)
            self._watched[room] = sorted(chance.sample(range(len(self.lessons)), min(each, most)))
        return self._watched[room]

    def given_to(self, room: int) -> Sequence[int]:
        """Return the lessons that a classroom is given: what it may see of what it watched."""
        seen = [n for n in self.watched_by(room) if n % len(SHOWN_TO) and n % LONG_EVERY]
        if room >= self.full_classes:
            return seen[:GIVEN_TO_OTHERS]
        return sorted([*seen[: GIVEN_TO_FULL - 1], self.long_lesson_of(room)])


def _keys(count: int) -> list[UUID]:
    return [uuid7() for _ in range(count)]
