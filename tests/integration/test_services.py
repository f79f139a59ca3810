"""The services that other tests stand on answer, and each test has its own piece of them."""

from sqlalchemy import create_engine, inspect
from sqlalchemy.orm import Session

from server.services.people import sign_in
from server.wiring import open_store
from storage.store import ObjectStore
from tests.builders import PASSWORD, a_lesson, a_person, at_noon, queued_jobs
from tests.services.s3 import S3Server


def test_postgres_gives_every_test_a_migrated_database(postgres_url: str) -> None:
    engine = create_engine(postgres_url.replace("postgresql:", "postgresql+psycopg:"))

    tables = inspect(engine).get_table_names()

    assert "lesson" in tables
    engine.dispose()


def test_s3_gives_every_test_an_empty_bucket(s3_url: str, s3_server: S3Server) -> None:
    store = open_store(s3_url)

    store.put_bytes("assets/a/b.txt", b"hello", content_type="text/plain")

    assert [found.key for found in store.list_keys("assets/")] == ["assets/a/b.txt"]


def test_a_built_person_can_sign_in(session: Session) -> None:
    person = a_person(session)

    result = sign_in(session, at_noon, user_name=person.user_name, password=PASSWORD)

    assert result.person is person


def test_a_built_lesson_is_whole(session: Session, store: ObjectStore) -> None:
    lesson = a_lesson(session, store=store)

    assert lesson.original is not None
    parts = [part for each in lesson.original.asset.renditions for part in each.parts]
    assert sum(part.size_bytes for part in parts) == lesson.original.asset.made_bytes
    assert len(list(store.list_keys(f"assets/{lesson.original.asset_id}/"))) == len(parts)
    assert queued_jobs(session) == []
