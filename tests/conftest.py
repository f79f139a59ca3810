"""Fixtures for all tests: an installation in a temporary folder, and real services on demand."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import hypothesis
import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from server.app import connect, create_app
from server.migrations import upgrade
from server.models.classrooms import Classroom
from server.models.people import Office, Person, RoleName, School
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names
from server.settings import Settings
from server.wiring import Wiring, open_database, wire
from storage.store import ObjectStore
from tests.browsing import Visitor
from tests.builders import CLASS_NAMES, StoppedClock, a_person, a_school, a_sign_in, an_office
from tests.services.moving_sqlite import MovingSqlite
from tests.services.postgres import TEMPLATE, Cluster, running_postgres
from tests.services.s3 import S3Server, running_s3
from tests.write_guard import building, watch_writes

SECRET_KEY = "only for tests, long enough to sign"  # noqa: S105
PLAYBACK_KEYS = "k1:only-for-tests-k1,k0:only-for-tests-k0"


def pytest_configure(config: pytest.Config) -> None:
    """Set what all runs have in common."""
    watch_writes()
    # By itself xdist puts files with few tests last.
    config.option.loadscopereorder = False
    # A run tells about the change, not about luck; `--hypothesis-profile=default` looks for more.
    hypothesis.settings.register_profile("same examples", derandomize=True, deadline=None)
    if not config.getoption("hypothesis_profile", None):
        hypothesis.settings.load_profile("same examples")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with much slow work first: at the end no process has a long one left."""
    slow_count = Counter(item.path for item in items if item.get_closest_marker("slow"))
    count = Counter(item.path for item in items)
    items.sort(key=lambda item: (-slow_count[item.path], -count[item.path]))


@pytest.fixture
def clock() -> StoppedClock:
    """A clock that stands at noon of 2 November 2569 until a test moves it."""
    return StoppedClock()


def settings_in(folder: Path) -> Settings:
    """Return embedded defaults in a folder."""
    return Settings.model_validate(
        {
            "data_path": folder / "data",
            "secret_key": SECRET_KEY,
            "playback_keys": PLAYBACK_KEYS,
            "public_url": "http://localhost",
            "av1_pictures": False,  # as long again as all the rest; its own tests ask for it
        }
    ).with_kept_secrets()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Embedded defaults in a folder of the test's own."""
    return settings_in(tmp_path)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, made once; tests get copies."""
    path = tmp_path_factory.mktemp("template") / "khlang.sqlite3"
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def sqlite(sqlite_template: Path) -> Iterator[MovingSqlite]:
    """The engine of all tests with SQLite."""
    moving = MovingSqlite(sqlite_template)
    yield moving
    moving.engine.dispose()


@pytest.fixture
def wiring(
    settings: Settings, clock: StoppedClock, sqlite_template: Path, sqlite: MovingSqlite
) -> Iterator[Wiring]:
    """Everything outside the process: SQLite, folders, the stopped clock."""
    settings.data_path.mkdir(parents=True, exist_ok=True)
    path = settings.data_path / "khlang.sqlite3"
    shutil.copy(sqlite_template, path)
    sqlite.move_to(path)
    yield wire(settings, clock=clock, engine=sqlite.engine)
    sqlite.engine.dispose()


@pytest.fixture
def session(wiring: Wiring) -> Iterator[Session]:
    """A session as POST requests have: it may read before a service begins, and waits to write."""
    with building(wiring.engine) as session:
        yield session


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The database of one machine, and that of several."""
    if request.param == "sqlite":
        yield request.getfixturevalue("wiring").engine
        return
    engine = open_database(request.getfixturevalue("postgres_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def store(wiring: Wiring) -> ObjectStore:
    """The folder store of `wiring`."""
    return wiring.store


@pytest.fixture
def office(session: Session) -> Office:
    """The office; without it every page leads to the first-run page."""
    return an_office(session)


@pytest.fixture
def school(session: Session) -> School:
    """One school of the area."""
    return a_school(session)


@pytest.fixture
def teacher(session: Session, school: School) -> Person:
    """A teacher of that school."""
    return a_person(session, RoleName.TEACHER, school)


@pytest.fixture
def room(session: Session, clock: StoppedClock, school: School, teacher: Person) -> Classroom:
    """That teacher's classroom of two grades and three pupils."""
    facts = ClassroomFacts(name="ป.4/1", grades=["P5", "P4"])
    made = create_classroom(session, clock, school_id=school.id, facts=facts, by=teacher)
    add_names(session, clock, classroom_id=made.id, text=CLASS_NAMES, by=teacher)
    return made


@pytest.fixture(scope="session")
def kept_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application with its 260 routes and its compiled templates, made once."""
    wiring = wire(settings_in(tmp_path_factory.mktemp("kept_app")))
    app = create_app(wiring)
    wiring.engine.dispose()
    app.testing = True
    app.test_client_class = Visitor
    return app


@pytest.fixture
def bare_app(kept_app: Flask, wiring: Wiring) -> Flask:
    """The application of an installation that nobody has set up."""
    connect(kept_app, wiring)
    kept_app.extensions.pop("khlang.hashers", None)  # of another test's uploads
    for limiter in kept_app.extensions["limiter"]:
        limiter.reset()
    return kept_app


@pytest.fixture
def app(bare_app: Flask, office: Office) -> Flask:
    """The application of an office."""
    return bare_app


@pytest.fixture
def client(app: Flask) -> Visitor:
    """A guest's browser."""
    return cast(Visitor, app.test_client())


@pytest.fixture
def sign_in(app: Flask, session: Session, clock: StoppedClock) -> Callable[[Person], Visitor]:
    """Return a new browser in which this person is signed in."""

    def signed_in(person: Person) -> Visitor:
        visitor = cast(Visitor, app.test_client())
        visitor.sign_in_with(a_sign_in(session, person, clock()))
        return visitor

    return signed_in


@pytest.fixture
def client_as(
    sign_in: Callable[[Person], Visitor], session: Session, school: School
) -> Callable[[RoleName | str], Visitor]:
    """Return a browser of somebody new with this role, at the school `school`."""

    def of_role(role: RoleName | str) -> Visitor:
        of_office = RoleName(role) is RoleName.OFFICE_ADMIN
        return sign_in(a_person(session, role, None if of_office else school))

    return of_role


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Cluster]:
    """A PostgreSQL cluster for this run."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_server: Cluster) -> Iterator[str]:
    """A migrated database of the test's own on PostgreSQL."""
    with postgres_server.fresh_database(TEMPLATE) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: Cluster) -> Iterator[str]:
    """A database without tables, for tests of migrations."""
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """An S3 server for this run."""
    with running_s3() as server:
        yield server


@pytest.fixture
def s3_url(s3_server: S3Server) -> Iterator[str]:
    """A bucket of the test's own, as OBJECT_STORE_URL takes it."""
    with s3_server.fresh_bucket() as bucket:
        yield s3_server.url(bucket)


@pytest.fixture(params=["sqlite and a folder", "postgresql and s3"])
def world(
    request: pytest.FixtureRequest, settings: Settings, clock: StoppedClock
) -> Iterator[Wiring]:
    """Everything outside the process, as one machine has it and as several have it."""
    if request.param == "sqlite and a folder":
        yield request.getfixturevalue("wiring")
        return
    places = {
        "database_url": request.getfixturevalue("postgres_url"),
        "object_store_url": request.getfixturevalue("s3_url"),
    }
    elsewhere = Settings.model_validate({**settings.model_dump(), **places})
    wiring = wire(elsewhere.with_kept_secrets(), clock=clock)
    yield wiring
    wiring.engine.dispose()


@pytest.fixture
def db(world: Wiring) -> Iterator[Session]:
    """A session of `world`, as POST requests have."""
    with building(world.engine) as session:
        yield session
