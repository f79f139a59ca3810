"""What the pupils of a made-up office are given, told, have watched, done and handed in."""

import random
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import cycle
from uuid import UUID

from sqlalchemy import Connection, select

from benchmarks.rig.loading import Loader, Plain, Row, add_rows
from benchmarks.rig.office_keys import LONG_EVERY, NOW, OfficeKeys
from benchmarks.rig.office_lessons import LENGTHS_S, TITLES
from server.models.assignments import Announcement, Assignment, HandIn
from server.models.base import uuid7
from server.models.lesson_versions import ItemProgress, LessonStart, LessonVersion
from server.models.progress import WatchProgress
from server.services.covered import Covered

WATCHED = ("person_id", "asset_id", "covered", "covered_s", "position_s", "first_at", "last_at")
DONE = ("person_id", "item_id", "lesson_id", "begun_at", "done_at", "score")
STARTED = ("person_id", "lesson_id", "version_id", "at")
WAYS = 997  # of having watched a recording; more would not make the tables any different
TOLD = 3  # announcements of a classroom


class LearningMaker:
    """Makes the rows; a classroom's pupils watch the same lessons."""

    def __init__(self, keys: OfficeKeys) -> None:
        """Take the keys."""
        self._keys = keys
        self._chance = random.Random(2569)  # noqa: S311 (made-up people)

    def make(self, connection: Connection) -> None:
        """Add everything; most of all rows are here."""
        add_rows(connection, Assignment, self._assignments())
        add_rows(connection, Announcement, self._announcements())
        add_rows(connection, HandIn, self._hand_ins())
        loader = Loader(connection)
        loader.load(WatchProgress, WATCHED, self._watched(loader))
        wanted = select(LessonVersion.lesson_id, LessonVersion.id)
        versions = {row.lesson_id: row.id for row in connection.execute(wanted)}
        loader.load(LessonStart, STARTED, self._started(loader, versions))
        loader.load(ItemProgress, DONE, self._done(loader))

    def _assignments(self) -> Iterator[Row]:
        keys = self._keys
        for room, classroom_id in enumerate(keys.classrooms):
            for place, lesson in enumerate(keys.given_to(room)):
                opens_at = NOW - timedelta(days=30 - place % 30)
                yield {
                    "id": uuid7(),
                    "classroom_id": classroom_id,
                    "lesson_id": keys.lessons[lesson],
                    "title": TITLES[lesson % len(TITLES)],
                    "opens_lesson": lesson % LONG_EVERY == 0,
                    "opens_at": opens_at,
                    "due_at": opens_at + timedelta(days=14) if place % 2 else None,
                    "by_id": keys.teacher_of(room),
                    "created_at": opens_at,
                }

    def _announcements(self) -> Iterator[Row]:
        for room, classroom_id in enumerate(self._keys.classrooms):
            for number in range(TOLD):
                yield {
                    "id": uuid7(),
                    "classroom_id": classroom_id,
                    "text": "พรุ่งนี้นำสมุดมาด้วย",
                    "by_id": self._keys.teacher_of(room),
                    "by_name": "ครูสมศรี",
                    "created_at": NOW - timedelta(days=number),
                }

    def _hand_ins(self) -> Iterator[Row]:
        """Yield what every pupil handed in for the last item of every lesson they were given."""
        keys = self._keys
        for pupil, person_id in enumerate(keys.pupils):
            for lesson in keys.given_to(keys.room_of(pupil))[:3]:
                yield {
                    "id": uuid7(),
                    "person_id": person_id,
                    "lesson_id": keys.lessons[lesson],
                    "item_id": keys.items[lesson][4],
                    "text": "หนูทำเสร็จแล้วค่ะ",
                    "handed_in_at": NOW,
                }

    def _watched(self, loader: Loader) -> Iterator[tuple[Plain, ...]]:
        """Yield rows in the order of the key."""
        keys = self._keys
        ways = [cycle([self._way(loader, length_s) for _ in range(WAYS)]) for length_s in LENGTHS_S]
        assets = [loader.key(asset_id) for asset_id in keys.assets]
        for pupil, person_id in enumerate(keys.pupils):
            person = loader.key(person_id)
            for lesson in keys.watched_by(keys.room_of(pupil)):
                yield (person, assets[lesson], *next(ways[lesson % len(ways)]))

    def _way(self, loader: Loader, length_s: float) -> tuple[Plain, ...]:
        end_s = self._chance.uniform(5, length_s)
        later_s = self._chance.uniform(end_s, length_s)
        whole = [[0.0, end_s], [later_s, length_s]]
        covered = Covered.of(whole if self._chance.random() < 0.25 else whole[:1])
        first_at = NOW - timedelta(seconds=self._chance.uniform(0, 5e6))
        times = (loader.time(first_at), loader.time(NOW))
        return (covered.to_text(), covered.seconds, round(end_s, 2), *times)

    def _started(
        self, loader: Loader, versions: Mapping[UUID, UUID]
    ) -> Iterator[tuple[Plain, ...]]:
        keys, at = self._keys, loader.time(NOW)
        for pupil, person_id in enumerate(keys.pupils):
            person = loader.key(person_id)
            for lesson in keys.given_to(keys.room_of(pupil)):
                lesson_id = keys.lessons[lesson]
                yield person, loader.key(lesson_id), loader.key(versions[lesson_id]), at

    def _done(self, loader: Loader) -> Iterator[tuple[Plain, ...]]:
        """Yield two of three items of every lesson that was given, recordings aside."""
        keys, at = self._keys, loader.time(NOW)
        items = [[loader.key(item_id) for item_id in own] for own in keys.items]
        lessons = [loader.key(lesson_id) for lesson_id in keys.lessons]
        for pupil, person_id in enumerate(keys.pupils):
            person = loader.key(person_id)
            for lesson in keys.given_to(keys.room_of(pupil)):
                for place, item in enumerate(items[lesson][1:]):
                    if luck := (pupil + place + lesson) % 3:
                        score = luck / 2 if place % 4 == 1 else None
                        yield person, item, lessons[lesson], at, at if luck == 2 else None, score
