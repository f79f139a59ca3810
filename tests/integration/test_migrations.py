"""The tables' history, up and down, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from server.migrations import downgrade, is_current, upgrade
from server.models.base import Base
from server.wiring import open_database


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
