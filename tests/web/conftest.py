"""Who uploads in these tests, and lessons that can be found."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from search.index import SearchIndex
from server.jobs.index_changes import drain_outbox
from server.models.classrooms import Classroom
from server.models.lessons import Lesson, TextTrack, TrackKind, Visibility
from server.models.library import Page
from server.models.people import Person
from server.services.clock import Clock
from server.services.enrolments import list_pupils
from server.services.index_lessons import note_change
from server.wiring import Wiring
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import NOON, StoppedClock, a_lesson, a_person, a_sign_in
from tests.uploader import Uploader


@pytest.fixture
def uploader(
    app: Flask, wiring: Wiring, sign_in: Callable[[Person], Visitor], teacher: Person
) -> Uploader:
    visitor = sign_in(teacher)
    return Uploader(visitor, AsgiClient(app, wiring, visitor))


@pytest.fixture
def other(
    app: Flask, wiring: Wiring, sign_in: Callable[[Person], Visitor], session: Session
) -> Uploader:
    visitor = sign_in(a_person(session))
    return Uploader(visitor, AsgiClient(app, wiring, visitor))


@pytest.fixture
def index(wiring: Wiring) -> Iterator[SearchIndex]:
    yield wiring.index
    wiring.index.close()


@pytest.fixture
def publish(
    session: Session, wiring: Wiring, index: SearchIndex, clock: Clock, teacher: Person
) -> Callable[..., Lesson]:
    """Make a lesson that everybody may see, and have it indexed."""

    def published(title: str, **columns: Any) -> Lesson:
        facts = {"visibility": Visibility.PUBLIC, **columns}
        owner = facts.pop("owner", teacher)
        captions, pages = facts.pop("captions", ""), facts.pop("pages", ())
        lesson = a_lesson(session, owner, published=True, title=title, **facts)
        with session.begin():
            if captions:
                track = TextTrack(language="th", key="", text=captions, created_at=NOON)
                track.kind = TrackKind.CAPTIONS
                lesson.text_tracks.append(track)
            asset_id = lesson.original.asset_id if lesson.original else None
            for number, text in enumerate(pages, 1):
                sizes = {"width_px": 1, "height_px": 1, "size_bytes": 1, "image_key": ""}
                session.add(Page(asset_id=asset_id, number=number, text=text, **sizes))
            note_change(session, clock, lesson.id)
        drain_outbox(wiring.sessions, index)
        return lesson

    return published


@pytest.fixture
def at_school(sign_in: Callable[[Person], Visitor], teacher: Person, room: Classroom) -> Visitor:
    return sign_in(teacher)


@pytest.fixture
def pupil(session: Session, clock: StoppedClock, room: Classroom) -> Person:
    return list_pupils(session, clock, classroom=room)[0].enrolment.person


@pytest.fixture
def phone(app: Flask, session: Session, pupil: Person) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in_with(a_sign_in(session, pupil))
    return visitor
