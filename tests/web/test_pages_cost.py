"""What a page costs: the same number of questions for few lessons and for many; few bytes."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from server.models.lessons import Visibility
from server.models.people import Person, RoleName, School
from server.wiring import Wiring
from storage.store import ObjectStore
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person, a_school

KB = 1_000


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def some_lessons(session: Session, teacher: Person, store: ObjectStore, count: int) -> None:
    for number in range(count):
        a_lesson(
            session,
            teacher,
            store=store,
            published=True,
            visibility=Visibility.PUBLIC,
            title=f"บทเรียนที่ {number} เรื่องการบวกเลขสองหลักและการลบ",
            learning_area="ค",
        )


@pytest.mark.parametrize("path", ["/", "/search", "/browse", "/browse/ค", "/studio/"])
def test_lists_ask_as_much_for_many_lessons_as_for_few(
    sign_in: Callable[[Person], Visitor],
    session: Session,
    wiring: Wiring,
    store: ObjectStore,
    school: School,
    path: str,
) -> None:
    teacher = a_person(session, RoleName.TEACHER, school)
    visitor = sign_in(teacher)
    some_lessons(session, teacher, store, 2)
    visitor.get(path)

    with counted(wiring.engine) as for_few:
        visitor.get(path)
    some_lessons(session, teacher, store, 20)
    with counted(wiring.engine) as for_many:
        visitor.get(path)

    assert len(for_many) == len(for_few)
    assert len(for_few) <= 20


def test_a_full_list_page_is_small(
    client: Visitor, session: Session, store: ObjectStore, school: School
) -> None:
    some_lessons(session, a_person(session, RoleName.TEACHER, school), store, 24)

    page = client.get("/search")

    assert page.text.count("<article") == 24
    assert len(gzip.compress(page.data)) < 20 * KB  # leaves 60 for styles and posters in view


def test_the_office_s_disk_asks_as_much_for_many_schools_as_for_few(
    client_as: Callable[[RoleName | str], Visitor], session: Session, wiring: Wiring
) -> None:
    office = client_as(RoleName.OFFICE_ADMIN)
    a_school(session)
    office.get("/admin/storage/schools")

    with counted(wiring.engine) as for_few:
        office.get("/admin/storage/schools")
    for _ in range(5):
        a_school(session)
    with counted(wiring.engine) as for_many:
        office.get("/admin/storage/schools")

    assert len(for_many) == len(for_few)
