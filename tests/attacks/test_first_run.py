"""A stranger finds a fresh server behind a proxy of which its settings know nothing."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.app import create_app
from server.models.people import Office
from server.services.setup_code import setup_code_of
from server.settings import Settings
from server.wiring import Wiring
from tests.attacks.browser import Browser
from tests.browsing import Visitor
from tests.builders import PASSWORD
from tests.services.product import running_product

ASKED = 'name="setup_code"'
FORM = {
    "office_name": "สพป.เพชรบุรี เขต 2",
    "display_name": "ผู้ดูแล",
    "user_name": "first",
    "password": PASSWORD,
}
BY_A_PROXY = [
    {"X-Forwarded-For": "198.51.100.7"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "lessons.example.go.th"},
    {"X-Forwarded-Server": "gate"},
    {"Forwarded": "for=198.51.100.7;proto=https"},
    {"Forwarded": ""},
    {"Via": "1.1 gate"},
    {"X-Real-IP": "198.51.100.7"},
    {"CF-Connecting-IP": "198.51.100.7"},
]


@pytest.mark.parametrize("headers", BY_A_PROXY, ids=str)
def test_who_comes_through_a_proxy_is_asked_for_the_code(
    bare_app: Flask, session: Session, settings: Settings, headers: Mapping[str, str]
) -> None:
    stranger = Visitor(bare_app)

    asked = stranger.get("/first-run", headers=headers)
    refused = [begin(stranger, headers, code) for code in ("", "guessed")]

    assert ASKED in asked.text
    assert [answer.status_code for answer in refused] == [422, 422]
    assert session.scalar(select(Office)) is None
    session.rollback()
    assert begin(stranger, headers, setup_code_of(settings)).status_code == 303


def begin(visitor: Visitor, headers: Mapping[str, str], code: str) -> TestResponse:
    form = {**FORM, "csrf_token": visitor.csrf, "setup_code": code}
    return visitor.post("/first-run", data=form, headers=headers)


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "192.168.1.20"},
        {"REMOTE_ADDR": "::ffff:192.168.1.20"},
        {"REMOTE_ADDR": ""},
        {"SERVER_PROTOCOL": "HTTP/1.0"},  # as nginx asks what is behind it
    ],
    ids=str,
)
def test_who_is_not_at_the_machine_is_asked(bare_app: Flask, environ: dict[str, str]) -> None:
    assert ASKED in Visitor(bare_app).get("/first-run", environ_overrides=environ).text


@pytest.mark.parametrize(
    "options",
    [
        {"public_url": "https://lessons.example.go.th"},
        {"public_url": "http://0.0.0.0:8080"},
        {"trusted_proxy_count": 1},
    ],
    ids=str,
)
def test_a_server_for_others_asks_even_its_own_machine(
    wiring: Wiring, options: dict[str, object]
) -> None:
    settings = wiring.settings.model_copy(update=options)
    app = create_app(replace(wiring, settings=settings))
    app.testing = True

    assert ASKED in Visitor(app).get("/first-run").text


@pytest.mark.parametrize("host", ["lessons.example.go.th", "192.168.1.9:8080", "[::1"])
def test_who_asked_for_another_name_is_asked(bare_app: Flask, host: str) -> None:
    """A tunnel, or a page elsewhere whose name was made to lead here, adds no header."""
    assert ASKED in Visitor(bare_app).get("/first-run", headers={"Host": host}).text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "khlang.localhost"])
def test_who_sits_at_the_machine_is_not_asked(bare_app: Flask, host: str) -> None:
    at_the_machine = Visitor(bare_app)

    assert ASKED not in at_the_machine.get("/first-run", headers={"Host": host}).text


@pytest.mark.slow
def test_the_real_server_tells_the_machine_from_a_proxy(tmp_path: Path) -> None:
    options = {"WORKER_COUNT": "0"}
    with running_product(tmp_path, options=options, is_set_up=False) as product:
        at_the_machine = Browser(product.port)
        through_a_proxy = Browser(product.port, {"X-Forwarded-For": "198.51.100.7"})

        asked = through_a_proxy.open("/first-run")
        refused = through_a_proxy.send_form("/first-run", **FORM, setup_code="guessed")
        free = at_the_machine.open("/first-run")
        done = at_the_machine.send_form("/first-run", **FORM)

    assert ASKED in asked.text
    assert refused.status == 422
    assert ASKED not in free.text
    assert done.status == 303
