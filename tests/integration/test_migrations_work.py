"""On the way to work that outlives lessons, and back, nobody's work is lost; on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, delete, func, select, update
from sqlalchemy.orm import Session

from server.migrations import downgrade, upgrade
from server.models.assignments import Assignment, HandIn
from server.models.base import uuid7
from server.models.classrooms import Classroom
from server.models.content import TextItem
from server.models.lesson_versions import ItemProgress, LessonStart
from server.models.lessons import Lesson
from server.models.library import Asset, Original
from server.models.packages import PackageAttempt
from server.models.people import RoleName
from server.models.quizzes import QuizAttempt
from server.services.tidy import erase_lesson
from server.wiring import open_database
from tests.builders import (
    NOON,
    a_lesson,
    a_person,
    a_progress,
    a_version,
    an_original,
    at_noon,
)
from tests.write_guard import building

WORK = (
    *("hand_in", "item_progress", "lesson_start", "lesson_version", "quiz_attempt"),
    *("assignment", "package_attempt", "watch_progress"),
)
BEFORE_WORK_OUTLIVES = "0023"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    else:
        engine = open_database(request.getfixturevalue("empty_postgres_url"))
    yield engine
    engine.dispose()


def rows_of(engine: Engine, *names: str) -> dict[str, int]:
    with engine.connect() as connection:
        tables = MetaData()
        tables.reflect(connection, only=names)
        counted = ((name, select(func.count()).select_from(tables.tables[name])) for name in names)
        return {name: connection.scalar(count) or 0 for name, count in counted}


def lessons_with_work(session: Session) -> Iterator[Lesson]:
    """Yield two lessons with a row in every table of work."""
    teacher = a_person(session)
    pupil = a_person(session, RoleName.STUDENT)
    room = Classroom(school_id=teacher.roles[0].school_id, name="ป.4", academic_year=2026)
    room.code, room.token, room.code_ends_at, room.created_at = "ABCDEF", "t" * 22, NOON, NOON
    session.add(room)
    session.commit()
    for _ in range(2):
        lesson = a_lesson(session, teacher, original=an_original(session, teacher))
        version = a_version(session, lesson, TextItem(id=uuid7(), markdown="อ่าน"))
        key = {"person_id": pupil.id, "lesson_id": lesson.id}
        item = {**key, "item_id": uuid7()}
        times = dict.fromkeys(("asked_at", "answered_at", "received_at"), NOON)
        tried = {**times, "id": uuid7(), "number": 1, "version": 1, "answers": {}}
        given = {"classroom_id": room.id, "lesson_id": lesson.id, "title": "บท"}
        session.add_all(
            [
                HandIn(**item, handed_in_at=NOON),
                ItemProgress(**item, begun_at=NOON),
                LessonStart(**key, version_id=version.id, at=NOON),
                QuizAttempt(**item, **tried, points=1, most_points=1),
                PackageAttempt(
                    **key, id=uuid7(), asset_id=uuid7(), started_at=NOON, changed_at=NOON
                ),
                Assignment(**given, opens_at=NOON, created_at=NOON),
            ]
        )
        a_progress(session, pupil, lesson, [0, 2])
        yield lesson


def test_no_work_is_lost_on_the_way_to_work_that_outlives_lessons_and_back(empty: Engine) -> None:
    upgrade(empty)
    with building(empty) as session:
        erased, kept = lessons_with_work(session)
        session.execute(update(Lesson).where(Lesson.id == erased.id).values(deleted_at=NOON))
        session.commit()
        erase_lesson(session, at_noon, lesson_id=erased.id, by=kept.owner)
        session.execute(delete(Original).where(Original.id == erased.original_id))
        session.execute(delete(Asset).where(Asset.id.not_in(select(Original.asset_id))))
        session.commit()
    before = rows_of(empty, *WORK)
    assert set(before.values()) == {2}

    downgrade(empty, BEFORE_WORK_OUTLIVES)

    assert rows_of(empty, *WORK) == before
    with building(empty) as session:
        assert dict(session.execute(select(Lesson.id, Lesson.deleted_at.is_not(None))).all()) == {
            erased.id: True,
            kept.id: False,
        }
        session.execute(delete(Lesson).where(Lesson.id == kept.id))  # takes its work along again
        session.commit()
    assert rows_of(empty, "hand_in", "quiz_attempt") == {"hand_in": 1, "quiz_attempt": 1}
    upgrade(empty)
    assert rows_of(empty, "hand_in", "watch_progress") == {"hand_in": 1, "watch_progress": 2}
