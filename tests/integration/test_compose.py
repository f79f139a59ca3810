"""docker-compose.yml is valid, and what it sets is accepted by what it starts."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose, PyOptions

from server.commands.installation import MUST_BE_ON
from server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
OPERATOR = {  # the .env of docs/operations.md
    "POSTGRES_PASSWORD": "a" * 64,
    "MINIO_PASSWORD": "b" * 64,
    "SECRET_KEY": "c" * 64,
    "PLAYBACK_KEY": "d" * 64,
    "PUBLIC_URL": "https://lessons.example.go.th",
}
OF_APPLICATION = ("app", "worker", "prepare")


@pytest.fixture
def services() -> dict[str, Any]:
    """The services as docker compose sees them: merged and filled in."""
    parsed = yaml.safe_load(filled(FILE.read_text()))
    assert isinstance(parsed["services"], dict)
    return parsed["services"]


def filled(text: str) -> str:
    """Replace ${NAME:-default} and ${NAME:?} as docker compose does."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return OPERATOR[name] if kind == ":?" else OPERATOR.get(name, default)

    return re.sub(r"\$\{([A-Z_]+)(:[?-])([^}]*)\}", value, text)


def test_the_compose_file_is_valid() -> None:
    options = PyOptions()
    options.apply_merge = True

    compose = options.from_yaml(filled(FILE.read_text()))

    assert set(compose.services or {}) >= {"nginx", "app", "worker", "postgres", "minio"}


def test_the_check_of_the_compose_file_finds_faults() -> None:
    with pytest.raises(ValueError, match="restart"):
        PyCompose.from_yaml("services: {a: {image: b, restart: sometimes}}")


@pytest.mark.parametrize("name", OF_APPLICATION)
def test_the_application_accepts_its_settings(
    services: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = services[name]["environment"]
    assert {key.lower() for key in environment} <= set(Settings.model_fields)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("DATA_PATH", str(tmp_path))

    settings = Settings.from_env()

    assert settings.database_url.startswith("postgresql+psycopg://khlang:")
    assert settings.byte_delivery == "nginx"
    assert list(settings.playback_keys) == ["k1"]


def test_nginx_knows_the_same_keys_and_fills_in_its_whole_template(
    services: dict[str, Any],
) -> None:
    environment = services["nginx"]["environment"]
    template = (ROOT / "deploy/nginx/khlang.conf.template").read_text()

    wanted = set(re.findall(r"\$\{([A-Z0-9_]+)\}", template))

    assert wanted <= set(environment)
    assert environment["PLAYBACK_KEYS"] == services["app"]["environment"]["PLAYBACK_KEYS"]
    assert f"/{environment['S3_BUCKET']}?" in services["app"]["environment"]["OBJECT_STORE_URL"]


def test_only_nginx_can_be_reached_from_outside(services: dict[str, Any]) -> None:
    published = {name for name, service in services.items() if "ports" in service}
    outside = {name for name, service in services.items() if "outside" in service["networks"]}

    assert published == outside == {"nginx"}
    assert yaml.safe_load(FILE.read_text())["networks"]["inside"]["internal"] is True


def test_every_file_that_is_mounted_or_copied_is_there(services: dict[str, Any]) -> None:
    mounts = [
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)

    needed = [*mounts, *(name for line in copies for name in line.split())]

    assert [name for name in needed if not (ROOT / name).exists()] == []
    assert (ROOT / "deploy/nginx/playback_keys.sh").stat().st_mode & 0o111


def test_images_are_pinned(services: dict[str, Any]) -> None:
    others = {
        name: service["image"] for name, service in services.items() if name not in OF_APPLICATION
    }

    assert [image for image in others.values() if ":" not in image or "latest" in image] == []


def test_postgresql_is_told_to_sync_what_it_acknowledges(services: dict[str, Any]) -> None:
    command = services["postgres"]["command"]

    assert command[0] == "postgres"
    assert set(command[2::2]) >= {f"{name}=on" for name in MUST_BE_ON}


def test_a_database_that_does_not_sync_is_told_by_the_check(
    tmp_path: Path, postgres_url: str
) -> None:
    of_a_careless_cluster = {"DATA_PATH": str(tmp_path), "DATABASE_URL": postgres_url}

    said = subprocess.run(
        [sys.executable, "-m", "server.cli", "check"],
        env={**os.environ, **of_a_careless_cluster},
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    assert [name for name in MUST_BE_ON if f"PostgreSQL's {name} is off" in said] == [*MUST_BE_ON]
