"""A made-up office at full size: schools, people, classrooms, lessons, and how all of them learn.

`python -m benchmarks.rig.office` fills the database of the settings, which must have no office yet.
Nobody in it can sign in by password, and the lessons have rows but no bytes.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Engine

from benchmarks.rig.loading import Row, add_rows
from benchmarks.rig.office_keys import FULL_CLASS, NOW, OfficeKeys, Size
from benchmarks.rig.office_learning import LearningMaker
from benchmarks.rig.office_lessons import GRADES, LessonMaker
from server.migrations import upgrade
from server.models.base import uuid7
from server.models.classrooms import Classroom, ClassroomTeacher, Enrolment, SecretKind
from server.models.people import Office, Person, Role, RoleName, School
from server.services.names import sort_key_of
from server.settings import Settings
from server.wiring import open_database

NAMES = ("ปิติ ตั้งใจ", "มานี ใจดี", "ชูใจ รักเรียน", "เพชร สายชล", "วีระ ประเสริฐ")


def make_office(engine: Engine, size: Size) -> OfficeKeys:
    """Fill a database that has its tables; return the keys of what was made."""
    keys = OfficeKeys(size)
    with engine.begin() as connection:
        PeopleMaker(keys).make(connection)
        LessonMaker(keys).make(connection)
        LearningMaker(keys).make(connection)
    if engine.dialect.name == "postgresql":  # which does so by itself, a little later
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    return keys


class PeopleMaker:
    """Makes the rows of schools, people and classrooms."""

    def __init__(self, keys: OfficeKeys) -> None:
        """Take the keys."""
        self._keys = keys

    def make(self, connection: Connection) -> None:
        """Add everything, tables that others refer to first."""
        office = {"id": uuid7(), "name": "สพป.เพชรบุรี เขต 2", "created_at": NOW}
        add_rows(connection, Office, [office])
        add_rows(connection, School, self._schools())
        add_rows(connection, Person, self._persons())
        add_rows(connection, Role, self._roles())
        add_rows(connection, Classroom, self._classrooms())
        add_rows(connection, ClassroomTeacher, self._teachers())
        add_rows(connection, Enrolment, self._enrolments())

    def _schools(self) -> Iterator[Row]:
        for number, school_id in enumerate(self._keys.schools):
            yield {"id": school_id, "name": f"โรงเรียนบ้านหนองปลาไหล {number}", "created_at": NOW}

    def _persons(self) -> Iterator[Row]:
        keys = self._keys
        everybody = (keys.teachers, keys.pupils, keys.school_admins, [keys.office_admin])
        for ids in everybody:
            for number, person_id in enumerate(ids):
                name = f"{NAMES[number % len(NAMES)]} {number}"
                yield {
                    "id": person_id,
                    "user_name": str(person_id),
                    "display_name": name,
                    "sort_key": sort_key_of(name),
                    "password_hash": "",
                    "is_active": True,
                    "created_at": NOW,
                }

    def _roles(self) -> Iterator[Row]:
        keys = self._keys
        office_admin = {"person_id": keys.office_admin, "name": RoleName.OFFICE_ADMIN}
        yield {"id": uuid7(), **office_admin, "school_id": None}
        rooms = len(keys.classrooms)
        of_pupils = (keys.school_of(keys.room_of(n), rooms) for n in range(len(keys.pupils)))
        of_teachers = (keys.school_of(n, len(keys.teachers)) for n in range(len(keys.teachers)))
        for name, ids, schools in (
            (RoleName.TEACHER, keys.teachers, of_teachers),
            (RoleName.STUDENT, keys.pupils, of_pupils),
            (RoleName.SCHOOL_ADMIN, keys.school_admins, iter(keys.schools)),
        ):
            for person_id, school_id in zip(ids, schools, strict=True):
                yield {"id": uuid7(), "person_id": person_id, "name": name, "school_id": school_id}

    def _classrooms(self) -> Iterator[Row]:
        keys = self._keys
        for number, classroom_id in enumerate(keys.classrooms):
            yield {
                "id": classroom_id,
                "school_id": keys.school_of(number, len(keys.classrooms)),
                "name": f"ห้อง {number}",
                "grades": [GRADES[number % len(GRADES)]],
                "academic_year": NOW.year,
                "code": f"{number:06}",
                "token": f"{number:022}",
                "code_ends_at": NOW,
                "secret_kind": SecretKind.NONE,
                "created_at": NOW,
            }

    def _teachers(self) -> Iterator[Row]:
        for room, classroom_id in enumerate(self._keys.classrooms):
            person_id = self._keys.teacher_of(room)
            keys = {"id": uuid7(), "classroom_id": classroom_id, "person_id": person_id}
            yield {**keys, "created_at": NOW}

    def _enrolments(self) -> Iterator[Row]:
        for pupil, person_id in enumerate(self._keys.pupils):
            classroom_id = self._keys.classrooms[self._keys.room_of(pupil)]
            keys = {"id": uuid7(), "classroom_id": classroom_id, "person_id": person_id}
            yield {**keys, "list_number": pupil % FULL_CLASS + 1, "created_at": NOW}


def main() -> None:
    """Fill the database of the settings."""
    engine = open_database(Settings.from_env().database_url)
    upgrade(engine)
    make_office(engine, Size())


if __name__ == "__main__":
    main()
