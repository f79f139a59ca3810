"""The tables' history, up and down, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Double, Engine, MetaData, String, Table, Uuid, inspect, select, text

from server.migrations import BrokenReferences, downgrade, is_current, migrating, upgrade
from server.models.base import Base, UtcTime, uuid7
from server.models.classrooms import HomePlace, SchoolLink, SchoolRequest
from server.models.consents import MediaPeople
from server.models.people import Invitation, Office, Person, RoleName, SignInWay
from server.models.progress import WatchProgress
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names, enrol_person
from server.services.scopes import person_of_token
from server.services.turns import TO_WRITE
from server.wiring import open_database
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_school,
    a_sign_in,
    an_office,
)
from tests.write_guard import building

PLACES = Table(  # as it was before 0012
    "resume_point",
    MetaData(),
    *(Column(name, Uuid()) for name in ("id", "person_id", "lesson_id")),
    Column("position_s", Double()),
    Column("at", UtcTime()),
)
ASKED = Table(  # as it was before 0029
    "school_request",
    MetaData(),
    *(Column(name, Uuid()) for name in ("id", "school_id", "person_id")),
    *(Column(name, UtcTime()) for name in ("created_at", "decided_at")),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    else:
        engine = open_database(request.getfixturevalue("empty_postgres_url"))
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_migrations_make_the_tables_that_the_models_describe(empty: Engine) -> None:
    upgrade(empty)

    assert differences(empty) == []


def test_migrating_again_changes_nothing(empty: Engine) -> None:
    assert not is_current(empty)
    upgrade(empty)

    upgrade(empty)

    assert is_current(empty)


def test_migrations_go_down_to_nothing_and_up_again(empty: Engine) -> None:
    upgrade(empty)

    downgrade(empty)

    assert inspect(empty).get_table_names() == ["alembic_version"]
    upgrade(empty)
    assert is_current(empty)


def test_places_to_go_on_from_become_progress_in_the_recording(empty: Engine) -> None:
    upgrade(empty)
    with building(empty) as session:
        lesson = a_lesson(session)
        twin = a_lesson(session, lesson.owner, original=lesson.original)
        keys = {"person": lesson.owner_id, "one": lesson.id, "other": twin.id}
        asset_id = lesson.original.asset_id if lesson.original else None
    downgrade(empty, "0011")
    places = [
        {"id": uuid7(), "person_id": keys["person"], "lesson_id": keys[name], "position_s": at_s}
        for name, at_s in (("one", 61.5), ("other", 12.0))
    ]
    with empty.execution_options(**TO_WRITE).begin() as connection:
        connection.execute(PLACES.insert(), [{**place, "at": NOON} for place in places])

    upgrade(empty)

    with building(empty) as session:
        row = session.scalars(select(WatchProgress)).one()
        assert (row.asset_id, row.position_s, row.covered) == (asset_id, 61.5, "")
        assert (row.first_at, row.last_at) == (NOON, NOON)


def test_a_table_that_is_copied_keeps_the_rows_that_refer_to_it(empty: Engine) -> None:
    upgrade(empty)
    with building(empty) as session:
        place_of = a_lesson(session).original

    with migrating(empty) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("original", recreate="auto") as table:
            table.alter_column("file_name", type_=String(500))

    with building(empty) as session:
        assert place_of is not None
        assert session.scalars(select(MediaPeople.original_id)).all() == [place_of.id]


def forget_persons(engine: Engine) -> None:
    with migrating(engine) as connection:
        connection.execute(text("DELETE FROM person"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))


def test_a_migration_that_leaves_rows_without_what_they_name_changes_nothing(
    tmp_path: Path,
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    upgrade(engine)
    with building(engine) as session:
        a_lesson(session)

    with pytest.raises(BrokenReferences):
        forget_persons(engine)

    with building(engine) as session:
        assert session.scalars(select(Person)).all() != []
    engine.dispose()


def test_an_only_classroom_becomes_the_home_and_sessions_without_a_classroom_end(
    empty: Engine,
) -> None:
    upgrade(empty)
    clock = StoppedClock()
    with building(empty) as session:
        an_office(session)
        teacher = a_person(session)
        school_id = teacher.roles[0].school_id
        facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
        here, other = (
            create_classroom(session, clock, school_id=school_id, facts=facts, by=teacher)
            for _ in range(2)
        )
        one, both = add_names(
            session, clock, classroom_id=here.id, text="ด.ช. หนึ่ง ก\nด.ช. สอง ข", by=teacher
        )
        with session.begin():
            enrol_person(session, clock, other, both.person)
        pupils = (one.person, both.person)
        tokens = [a_sign_in(session, each, way=SignInWay.TEACHER) for each in pupils]
        kept = a_sign_in(session, teacher)
    downgrade(empty, "0022")

    upgrade(empty)

    with building(empty) as session:
        homes = session.execute(select(HomePlace.person_id, HomePlace.classroom_id)).all()
        assert [tuple(row) for row in homes] == [(one.person_id, here.id)]
        clock.forward(minutes=1)
        found = [person_of_token(session, clock, token) for token in (*tokens, kept)]
        assert [each is not None for each in found] == [False, False, True]
        assert session.scalars(select(Office.pupils_signed_out_at)).one() is not None


def test_who_asked_and_who_was_invited_stays_so_and_links_keep_their_counts(empty: Engine) -> None:
    upgrade(empty)
    with building(empty) as session:
        school, asker, other = a_school(session), a_person(session), a_person(session)
        link = SchoolLink(
            school_id=school.id,
            token="t",  # noqa: S106 (of a link)
            role=RoleName.TEACHER,
            used_count=3,
            created_at=NOON,
            expires_at=NOON,
        )
        invitation = Invitation(
            token_sha256="s",  # noqa: S106 (of a link)
            role=RoleName.TEACHER,
            school_id=school.id,
            created_at=NOON,
            expires_at=NOON,
            used_at=NOON,
        )
        session.add_all([link, invitation])
        session.commit()
    downgrade(empty, "0028")
    ids = [(asker.id, None), (other.id, NOON)]
    rows = [
        {"id": uuid7(), "school_id": school.id, "person_id": id_, "decided_at": at}
        for id_, at in ids
    ]
    with empty.execution_options(**TO_WRITE).begin() as connection:
        connection.execute(ASKED.insert(), [{**row, "created_at": NOON} for row in rows])

    upgrade(empty)

    with building(empty) as session:
        found = session.scalars(select(SchoolRequest).order_by(SchoolRequest.id)).all()
        assert [(row.person_id, row.decided_at) for row in found] == ids
        assert [(row.is_accepted, row.school_link_id) for row in found] == [(None, None)] * 2
        assert session.scalars(select(SchoolLink.used_count)).all() == [3]
        used = session.scalars(select(Invitation)).one()
        assert (used.used_at, used.used_by_id, used.invited_name) == (NOON, None, "")


def test_on_the_way_down_the_newest_of_several_requests_stays_and_ended_links_stay_ended(
    empty: Engine,
) -> None:
    upgrade(empty)
    with building(empty) as session:
        school, asker = a_school(session), a_person(session)
        facts = {"school_id": school.id, "person_id": asker.id, "created_at": NOON}
        earlier = SchoolRequest(id=uuid7(), **facts, decided_at=NOON, is_accepted=False)
        newest = SchoolRequest(id=uuid7(), **facts)
        ended = Invitation(
            token_sha256="s",  # noqa: S106 (of a link)
            role=RoleName.TEACHER,
            school_id=school.id,
            created_at=NOON,
            expires_at=NOON + timedelta(days=7),
            revoked_at=NOON,
        )
        session.add_all([earlier, newest, ended])
        session.commit()

    downgrade(empty, "0028")
    upgrade(empty)

    with building(empty) as session:
        assert session.scalars(select(SchoolRequest.id)).all() == [newest.id]
        assert session.scalars(select(Invitation.expires_at)).all() == [NOON]
