"""Who writes says so at the beginning, and a service begins only where nothing was changed."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.people import School
from server.request_context import RequestSession
from server.services.turns import turn_to_write
from tests.builders import NOON, a_school
from tests.write_guard import LateWrite, building

NAME = "โรงเรียนวัดโบสถ์"
Change = Callable[[Session, School], None]


@pytest.fixture
def school(engine: Engine) -> School:
    with building(engine) as session:
        return a_school(session)


@pytest.fixture
def reading(engine: Engine) -> Iterator[Session]:
    """A session as GET requests have."""
    with RequestSession(engine, expire_on_commit=False, info={"changes": False}) as session:
        yield session


@pytest.fixture
def changing(engine: Engine) -> Iterator[Session]:
    """A session as POST requests have."""
    with RequestSession(engine, expire_on_commit=False, info={"changes": True}) as session:
        yield session


def names_of_schools(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(School.name)))


def test_a_write_in_a_transaction_that_only_reads_raises_at_the_statement(
    engine: Engine, reading: Session, school: School
) -> None:
    with pytest.raises(LateWrite, match="UPDATE school"), reading.begin():
        reading.get_one(School, school.id).name = NAME

    assert names_of_schools(engine) == [school.name]


def test_a_turn_to_write_comes_also_when_another_has_written_since_the_page_was_read(
    engine: Engine, reading: Session, school: School
) -> None:
    seen = reading.get_one(School, school.id)
    with building(engine) as another:
        a_school(another)

    with turn_to_write(reading):
        seen.name = NAME

    assert NAME in names_of_schools(engine)


def test_a_turn_to_write_is_none_to_wait_for_where_all_transactions_take_one(
    engine: Engine, changing: Session, school: School
) -> None:
    with turn_to_write(changing):
        changing.get_one(School, school.id).name = NAME

    assert names_of_schools(engine) == [NAME]


def renamed(session: Session, school: School) -> None:
    session.get_one(School, school.id).name = NAME


def added(session: Session, _school: School) -> None:
    session.add(School(name=NAME, created_at=NOON))


def removed(session: Session, school: School) -> None:
    session.delete(session.get_one(School, school.id))


def updated(session: Session, school: School) -> None:
    session.execute(update(School).where(School.id == school.id).values(name=NAME))


def inserted(session: Session, _school: School) -> None:
    session.execute(insert(School).values(id=uuid7(), name=NAME, created_at=NOON))


def flushed(session: Session, school: School) -> None:
    renamed(session, school)
    session.flush()


@pytest.mark.parametrize("change", [renamed, added, removed, updated, inserted, flushed])
def test_a_service_does_not_begin_where_a_view_has_changed_something(
    engine: Engine, school: School, change: Change
) -> None:
    with building(engine) as session:
        change(session, school)

        with pytest.raises(InvalidRequestError, match="changed before"):
            session.begin()

    assert names_of_schools(engine) == [school.name]


def test_a_service_begins_after_a_view_has_looked_and_after_what_was_taken_back(
    engine: Engine, school: School
) -> None:
    with building(engine) as session:
        updated(session, school)
        session.rollback()
        found = session.get_one(School, school.id)
        found.name = str(found.name)  # the same

        with session.begin():
            count = session.scalar(select(func.count()).select_from(School))

    assert count == 1
