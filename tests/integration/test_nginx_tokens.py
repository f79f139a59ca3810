"""nginx judges tokens as the application does: one file of vectors for both."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.nginx import Nginx, running_nginx
from tests.services.programs import free_ports

FILE = Path(__file__).resolve().parents[1] / "data" / "token_vectors.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text())
# The vectors' good tokens have expired by nginx's clock, which cannot be set. It checks the
# signature first, so that 410 still tells a good signature from a bad one.
EXPECTED = {"opened": {410}, "expired": {410}, "forged": {403}, "refused": {400, 403, 404}}


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    app_port, s3_port = free_ports(2)  # nobody is behind it: no vector gets that far
    keys = ",".join(f"{key_id}:{secret}" for key_id, secret in VECTORS["keys"].items())
    folder = tmp_path_factory.mktemp("tokens") / "nginx"
    with running_nginx(
        folder, app_port=app_port, s3_port=s3_port, bucket="b", keys=keys
    ) as running:
        yield running


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: str(vector["what"]))
def test_nginx_agrees_with_the_vectors(nginx: Nginx, vector: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=10)
    connection.putrequest("GET", vector["path"])  # as it stands: no client tidies the path up
    connection.endheaders()

    status = connection.getresponse().status

    connection.close()
    assert status in EXPECTED[vector["expect"]]
    assert nginx.reached_app() == []


@pytest.mark.parametrize("path", ["/search", "/api/v1/lessons", "/api/v1/suggestions"])
def test_the_log_does_not_say_who_searched_for_what(nginx: Nginx, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=10)
    connection.request("GET", f"{path}?q=dinosaur&grade=P4")
    connection.getresponse()
    connection.close()

    nginx.program.wait_until(lambda: f"GET {path}?- " in nginx.log())  # written after the answer
    assert "dinosaur" not in nginx.log()
