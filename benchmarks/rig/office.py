"""A made-up office at full size: schools, people, classrooms, lessons, and what was watched.

`python -m benchmarks.rig.office` fills the database of the settings, which must have no office yet.
Nobody in it can sign in by password, and the lessons have rows but no bytes.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, insert

from server.migrations import upgrade
from server.models.base import Base, uuid7
from server.models.classrooms import Classroom, ClassroomTeacher, Enrolment, SecretKind
from server.models.lessons import Lesson, Licence, Visibility
from server.models.library import Asset, AssetKind, AssetState, Original
from server.models.people import Office, Person, Role, RoleName, School
from server.models.progress import WatchProgress
from server.services.covered import Covered
from server.settings import Settings
from server.wiring import open_database

AT_ONCE = 5_000
NOW = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
GRADES = ("P1", "P2", "P3", "P4", "P5", "P6", "M1", "M2", "M3")
AREAS = "ทคววสพศกงอ"
TITLES = ("การบวกเลขสองหลัก", "ระบบสุริยะ", "มาตราตัวสะกด", "พืชและสัตว์รอบตัวเรา", "เศษส่วนอย่างง่าย")
LENGTHS_S = (420.0, 600.0, 905.5, 1500.0, 2710.0)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many of each; the office at full size."""

    schools: int = 150
    teachers: int = 3_000
    pupils: int = 45_000
    classrooms: int = 3_000
    lessons: int = 20_000
    progress: int = 5_000_000


@dataclass(frozen=True, slots=True)
class MadeOffice:
    """Keys of what was made, to be measured by."""

    teacher_ids: Sequence[UUID]
    pupil_ids: Sequence[UUID]
    lesson_ids: Sequence[UUID]
    asset_ids: Sequence[UUID]


class OfficeMaker:
    """Makes the rows of one office, the same ones for the same size."""

    def __init__(self, size: Size) -> None:
        """Take how many of each."""
        self._size = size
        self._chance = random.Random(2569)  # noqa: S311 (made-up people)
        self._schools = [uuid7() for _ in range(size.schools)]
        self._teachers = [uuid7() for _ in range(size.teachers)]
        self._pupils = [uuid7() for _ in range(size.pupils)]
        self._classrooms = [uuid7() for _ in range(size.classrooms)]
        self._lessons = [uuid7() for _ in range(size.lessons)]
        self._assets = [uuid7() for _ in range(size.lessons)]
        self._originals = [uuid7() for _ in range(size.lessons)]

    def make(self, engine: Engine) -> MadeOffice:
        """Add everything, tables that others refer to first."""
        tables: Sequence[tuple[type[Base], Iterable[Row]]] = (
            (Office, [{"id": uuid7(), "name": "สพป.เพชรบุรี เขต 2", "created_at": NOW}]),
            (School, self._school_rows()),
            (Person, self._person_rows()),
            (Role, self._role_rows()),
            (Classroom, self._classroom_rows()),
            (ClassroomTeacher, self._classroom_teacher_rows()),
            (Enrolment, self._enrolment_rows()),
            (Asset, self._asset_rows()),
            (Original, self._original_rows()),
            (Lesson, self._lesson_rows()),
        )
        with engine.begin() as connection:
            for kind, rows in tables:
                for some in _in_pieces(rows):
                    connection.execute(insert(kind), list(some))
            _write_progress(connection, self._progress_rows())
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        return MadeOffice(self._teachers, self._pupils, self._lessons, self._assets)

    def _school_rows(self) -> Iterator[Row]:
        for number, school_id in enumerate(self._schools):
            yield {"id": school_id, "name": f"โรงเรียนบ้านหนองปลาไหล {number}", "created_at": NOW}

    def _person_rows(self) -> Iterator[Row]:
        for kind, ids in (("teacher", self._teachers), ("pupil", self._pupils)):
            for number, person_id in enumerate(ids):
                yield {
                    "id": person_id,
                    "user_name": f"{kind}{number}",
                    "display_name": f"ปิติ ตั้งใจ {number}",
                    "password_hash": "",
                    "is_active": True,
                    "created_at": NOW,
                }

    def _role_rows(self) -> Iterator[Row]:
        for name, ids in ((RoleName.TEACHER, self._teachers), (RoleName.STUDENT, self._pupils)):
            for number, person_id in enumerate(ids):
                school_id = self._school_of(number, len(ids))
                yield {"id": uuid7(), "person_id": person_id, "name": name, "school_id": school_id}

    def _classroom_rows(self) -> Iterator[Row]:
        for number, classroom_id in enumerate(self._classrooms):
            yield {
                "id": classroom_id,
                "school_id": self._school_of(number, len(self._classrooms)),
                "name": f"ห้อง {number}",
                "grades": [GRADES[number % len(GRADES)]],
                "academic_year": 2026,
                "code": f"{number:06}",
                "token": f"{number:022}",
                "code_ends_at": NOW,
                "secret_kind": SecretKind.NONE,
                "created_at": NOW,
            }

    def _classroom_teacher_rows(self) -> Iterator[Row]:
        for number, classroom_id in enumerate(self._classrooms):
            teacher_id = self._teachers[number * len(self._teachers) // len(self._classrooms)]
            keys = {"id": uuid7(), "classroom_id": classroom_id, "person_id": teacher_id}
            yield {**keys, "created_at": NOW}

    def _enrolment_rows(self) -> Iterator[Row]:
        for number, person_id in enumerate(self._pupils):
            classroom_id = self._classrooms[self._room_of(number)]
            keys = {"id": uuid7(), "classroom_id": classroom_id, "person_id": person_id}
            yield {**keys, "list_number": number % 45 + 1, "created_at": NOW}

    def _asset_rows(self) -> Iterator[Row]:
        for number, asset_id in enumerate(self._assets):
            yield {
                "id": asset_id,
                "kind": AssetKind.VIDEO,
                "state": AssetState.READY,
                "original_key": f"originals/{asset_id}",
                "size_bytes": 50_000_000,
                "duration_s": LENGTHS_S[number % len(LENGTHS_S)],
                "width_px": 1280,
                "height_px": 720,
                "created_at": NOW,
                "watchable_at": NOW,
                "ready_at": NOW,
            }

    def _original_rows(self) -> Iterator[Row]:
        for number, original_id in enumerate(self._originals):
            yield {
                "id": original_id,
                "owner_id": self._owner_of(number),
                "school_id": self._school_of(number, len(self._lessons)),
                "asset_id": self._assets[number],
                "file_name": f"{number}.mp4",
                "created_at": NOW,
            }

    def _lesson_rows(self) -> Iterator[Row]:
        for number, lesson_id in enumerate(self._lessons):
            grade = GRADES[number % len(GRADES)]
            at = NOW - timedelta(minutes=len(self._lessons) - number)
            yield {
                "id": lesson_id,
                "owner_id": self._owner_of(number),
                "school_id": self._school_of(number, len(self._lessons)),
                "original_id": self._originals[number],
                "title": f"{TITLES[number % len(TITLES)]} ตอนที่ {number}",
                "learning_area": AREAS[number % len(AREAS)],
                "grades": [grade],
                "licence": Licence.CC_BY,
                "visibility": (Visibility.SCHOOL, Visibility.AREA)[number % 2],
                "view_count": number % 100,
                "created_at": at,
                "changed_at": at,
                "published_at": at,
            }

    def _progress_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield rows in the order of the key; a classroom's pupils watch the same lessons."""
        each = -(-self._size.progress // len(self._pupils))
        of_room: dict[int, list[int]] = {}
        for number, person_id in enumerate(self._pupils):
            room = self._room_of(number)
            if room not in of_room:
                of_room = {room: sorted(self._chance.sample(range(len(self._assets)), each))}
            for lesson in of_room[room]:
                yield (person_id, self._assets[lesson], *self._watched(lesson))

    def _watched(self, lesson: int) -> tuple[str, int, float, datetime, datetime]:
        length_s = LENGTHS_S[lesson % len(LENGTHS_S)]
        end_s = self._chance.uniform(5, length_s)
        later_s = self._chance.uniform(end_s, length_s)
        covered = Covered.of([[0, end_s], [later_s, length_s]] if lesson % 4 == 0 else [[0, end_s]])
        first_at = NOW - timedelta(seconds=self._chance.uniform(0, 5e6))
        return covered.to_text(), covered.seconds, round(end_s, 2), first_at, NOW

    def _school_of(self, number: int, count: int) -> UUID:
        return self._schools[number * len(self._schools) // count]

    def _room_of(self, pupil: int) -> int:
        return pupil * len(self._classrooms) // len(self._pupils)

    def _owner_of(self, lesson: int) -> UUID:
        return self._teachers[lesson * len(self._teachers) // len(self._lessons)]


NAMES = ("person_id", "asset_id", "covered", "covered_s", "position_s", "first_at", "last_at")


def _write_progress(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write millions of rows by each database's own fastest way."""
    table, names = WatchProgress.__tablename__, ", ".join(NAMES)
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(NAMES))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 (names of ours)
    cast(Any, driver).executemany(statement, map(_for_sqlite, rows))


def _for_sqlite(row: tuple[Any, ...]) -> tuple[Any, ...]:
    person_id, asset_id, *values, first_at, last_at = row
    times = (f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (first_at, last_at))
    return (person_id.hex, asset_id.hex, *values, *times)


def _in_pieces(rows: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    coming = iter(rows)
    while some := list(islice(coming, AT_ONCE)):
        yield some


def main() -> None:
    """Fill the database of the settings."""
    engine = open_database(Settings.from_env().database_url)
    upgrade(engine)
    OfficeMaker(Size()).make(engine)


if __name__ == "__main__":
    main()
