"""How far people are with the items of lessons, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from pydantic import HttpUrl
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.content import Content, FileItem, LinkItem, TextItem
from server.models.lessons import Lesson
from server.models.library import AssetKind, AssetState
from server.models.packages import PackageAttempt
from server.models.people import Person, RoleName
from server.models.progress import WatchProgress
from server.services.completion import lesson_state, standing_of
from server.services.item_progress import ItemNote, note_item
from server.services.lesson_content import note_start
from server.services.lesson_drafts import change_draft, read_draft
from server.services.lesson_version_changes import give_to_pupils
from server.wiring import Wiring
from tests.builders import (
    NOON,
    StoppedClock,
    a_lesson,
    a_person,
    a_progress,
    a_ready_asset,
    an_asset,
    an_original,
)


@pytest.fixture
def lesson(db: Session) -> Lesson:
    return a_lesson(db, published=True)


@pytest.fixture
def pupil(db: Session, lesson: Lesson) -> Person:
    return a_person(db, RoleName.STUDENT, lesson.school)


def give(db: Session, clock: StoppedClock, lesson: Lesson, content: Content) -> None:
    draft = read_draft(db, lesson_id=lesson.id, by=lesson.owner)
    change_draft(
        db,
        clock,
        lesson_id=lesson.id,
        revision=draft.revision,
        change=lambda _: content,
        by=lesson.owner,
    )
    give_to_pupils(db, clock, lesson_id=lesson.id, by=lesson.owner)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_files_are_done_by_what_was_watched_and_the_rest_by_its_notes(
    db: Session, clock: StoppedClock, lesson: Lesson, pupil: Person
) -> None:
    other = an_original(db, lesson.owner, a_ready_asset(db, duration_s=100.0))
    own = FileItem(id=lesson.id, min_share=0.5)
    second = FileItem(id=uuid4(), original_id=other.id, min_share=0.9, is_required=True)
    text = TextItem(id=uuid4(), markdown="อ่าน", is_required=True)
    link = LinkItem(id=uuid4(), url=HttpUrl("https://example.ac.th"))
    give(db, clock, lesson, Content(items=(own, second, text, link)))
    a_progress(db, pupil, lesson, [0, 6])  # of 12 s
    watched = {"covered": "0-80", "covered_s": 80, "position_s": 80.0}
    of_second = {"person_id": pupil.id, "asset_id": other.asset_id}
    db.add(WatchProgress(**of_second, **watched, first_at=NOON, last_at=NOON))
    db.commit()
    note = ItemNote(person_id=pupil.id, lesson_id=lesson.id, item_id=text.id, is_done=True)
    with db.begin():
        note_item(db, clock, note)

    standing = standing_of(db, [pupil.id], [lesson])[pupil.id]

    states = standing.states
    assert set(states) == {own.id, second.id, text.id}
    assert (states[own.id].is_done, states[own.id].share) == (True, 0.5)
    assert (states[second.id].is_done, states[second.id].share) == (False, 0.8)
    whole = lesson_state(standing.contents[lesson.id], states)
    assert (whole.item_count, whole.done_count, whole.is_done) == (2, 1, False)


def test_a_package_is_done_when_one_of_its_tries_was(
    db: Session, clock: StoppedClock, lesson: Lesson, pupil: Person
) -> None:
    asset = an_asset(db, kind=AssetKind.PACKAGE, state=AssetState.READY, ready_at=NOON)
    game = an_original(db, lesson.owner, asset)
    item = FileItem(id=uuid4(), original_id=game.id)
    give(db, clock, lesson, Content(items=(item,)))
    for completion, score in [("completed", 0.4), ("incomplete", 0.7)]:
        facts = {"person_id": pupil.id, "lesson_id": lesson.id, "asset_id": asset.id}
        told = {"completion": completion, "score_scaled": score}
        db.add(PackageAttempt(id=uuid7(), **facts, **told, started_at=NOON, changed_at=NOON))
    db.commit()

    state = standing_of(db, [pupil.id], [lesson])[pupil.id].states[item.id]

    assert (state.is_done, state.score) == (True, 0.7)


def test_who_began_an_older_version_is_counted_by_that(
    db: Session, clock: StoppedClock, lesson: Lesson, pupil: Person
) -> None:
    old, new = (TextItem(id=uuid4(), markdown=text) for text in ("เดิม", "ใหม่"))
    give(db, clock, lesson, Content(items=(old,)))
    with db.begin():
        note_start(db, clock, lesson_id=lesson.id, person_id=pupil.id)
    give(db, clock, lesson, Content(items=(new,)))
    later = a_person(db, RoleName.STUDENT, lesson.school)

    standing = standing_of(db, [pupil.id, later.id], [lesson])

    assert standing[pupil.id].contents[lesson.id].items == (old,)
    assert standing[later.id].contents[lesson.id].items == (new,)


def test_many_people_and_lessons_cost_as_many_questions_as_one(
    db: Session, clock: StoppedClock, world: Wiring, lesson: Lesson, pupil: Person
) -> None:
    lessons, pupils = [lesson], [pupil]
    text = TextItem(id=uuid4(), markdown="อ่าน")
    give(db, clock, lesson, Content(items=(FileItem(id=lesson.id), text)))
    with counted(world.engine) as for_one:
        standing_of(db, [pupil.id], [lesson])
    for _ in range(4):
        more = a_lesson(db, lesson.owner, published=True)
        item = TextItem(id=uuid4(), markdown="อ่าน")
        give(db, clock, more, Content(items=(FileItem(id=more.id), item)))
        lessons.append(more)
        pupils.append(a_person(db, RoleName.STUDENT, lesson.school))

    with counted(world.engine) as for_many:
        standing_of(db, [each.id for each in pupils], lessons)

    assert len(for_many) <= len(for_one)
    assert len(for_one) <= 8
