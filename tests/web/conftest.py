"""Who uploads in these tests."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.models.people import Person
from server.wiring import Wiring
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import a_person
from tests.uploader import Uploader


@pytest.fixture
def teacher(session: Session) -> Person:
    return a_person(session)


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
