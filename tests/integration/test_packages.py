"""From an uploaded package to files behind a token, and people's attempts, with a real worker."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.delivery.tokens import sign
from server.errors import FieldError, NotFound, TooMuch
from server.models.lessons import Lesson, Visibility
from server.models.library import Asset, AssetKind, AssetState
from server.models.packages import PackageAttempt, PackageFile
from server.models.people import Person, RoleName
from server.services.expected_objects import expected_objects, real_totals
from server.services.packages import MOST_ATTEMPTS, Progress, latest_attempt, save_attempt
from server.services.play import open_playback
from server.wiring import Wiring
from tests.asgi_client import AsgiClient
from tests.builders import a_lesson, a_person, an_arrived_file, at_noon
from tests.packages import Files, scorm12_files, written
from tests.working import work_until_idle

PAGE = "<html><head></head><body><script src='a b.js'></script></body></html>"
SITE = {
    "เว็บ/index.html": PAGE,
    "เว็บ/a b.js": "1",
    "เว็บ/รูป.svg": "<svg/>",
    "เว็บ/copy.txt": "1",
    "เว็บ/x.exe": "MZ",
}


def a_package(session: Session, wiring: Wiring, tmp_path: Path, files: Files) -> Lesson:
    """Have a package unpacked; return its published lesson."""
    path = written(tmp_path / "package.zip", files)
    teacher = a_person(session)
    original = an_arrived_file(session, wiring.store, path, owner=teacher)
    lesson = a_lesson(
        session, teacher, original=original, published=True, visibility=Visibility.PUBLIC
    )
    work_until_idle(wiring)
    session.expire_all()
    return lesson


def asset_of(session: Session, lesson: Lesson) -> Asset:
    assert lesson.original
    return session.get_one(Asset, lesson.original.asset_id)


def address_of(session: Session, wiring: Wiring, lesson: Lesson) -> str:
    playback = open_playback(session, wiring.clock, lesson=lesson, person=None)
    keys = wiring.settings.playback_keys
    return f"{sign(keys, playback.id, playback.asset_id, playback.expires_at)}p/"


def test_a_package_becomes_files_behind_a_token(
    session: Session, wiring: Wiring, app: Flask, tmp_path: Path
) -> None:
    lesson = a_package(session, wiring, tmp_path, SITE)
    asset = asset_of(session, lesson)
    assert (asset.state, asset.kind, asset.error_code) == (
        AssetState.READY,
        AssetKind.PACKAGE,
        "",
    ), asset.error_detail
    browser = AsgiClient(app, wiring)
    base = address_of(session, wiring, lesson)

    page = browser.call("GET", f"{base}index.html")
    script = browser.call("GET", f"{base}A%20B.js")
    picture = browser.call("GET", f"{base}%E0%B8%A3%E0%B8%B9%E0%B8%9B.svg", range="bytes=1-3")

    assert page.status == 200
    assert b'<head><script src="/static/package/html.js">' in page.body
    assert script.headers["content-type"] == "text/javascript"
    assert (picture.status, picture.body) == (206, b"svg")
    assert browser.call("GET", f"{base}x.exe").headers["content-type"].endswith("octet-stream")
    for answer in (page, script, picture):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("sandbox allow-scripts")
        assert "allow-same-origin" not in policy
        assert "allow-top-navigation" not in policy
        assert "default-src localhost/v/ localhost/static/" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_only_paths_of_the_package_open_with_its_token(
    session: Session, wiring: Wiring, app: Flask, tmp_path: Path
) -> None:
    lesson = a_package(session, wiring, tmp_path, SITE)
    browser = AsgiClient(app, wiring)
    base = address_of(session, wiring, lesson)
    file = session.scalars(select(PackageFile)).first()
    assert file

    for name in ("../state.json", "missing.html", "..%2Fstate.json", "", "%00"):
        assert browser.call("GET", base + name).status == 404, name
    forged = base.replace("/v/k1.", "/v/k0.")
    assert browser.call("GET", f"{forged}index.html").status == 403
    bare = base.removesuffix("p/") + file.key.rpartition("/")[2]
    assert browser.call("GET", bare).status == 404


def test_a_second_host_shows_packages_and_nothing_else(
    session: Session, wiring: Wiring, app: Flask
) -> None:
    elsewhere = wiring.settings.model_copy(update={"package_url": "http://localhost"})
    object.__setattr__(wiring, "settings", elsewhere)
    browser = AsgiClient(app, wiring)

    assert browser.call("GET", "/sign-in").status == 404
    assert browser.call("GET", "/static/package/html.js").status == 200


def test_its_objects_are_expected_and_counted(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    asset = asset_of(session, a_package(session, wiring, tmp_path, SITE))

    keys = {each.key for each in expected_objects(session)}
    stored = {info.key: info.size_bytes for info in wiring.store.list_keys(f"assets/{asset.id}/")}

    assert set(stored) <= keys
    assert asset.made_bytes == sum(stored.values())
    assert real_totals(session) == {}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"../x.html": "x", "index.html": "x"}, "zip_unsafe"),
        ({"notes.txt": "x"}, "zip_unknown"),
        ({"imsmanifest.xml": "<x", "a.html": "x"}, "package_manifest_broken"),
    ],
)
def test_what_is_refused_says_why(
    session: Session, wiring: Wiring, tmp_path: Path, files: Files, code: str
) -> None:
    asset = asset_of(session, a_package(session, wiring, tmp_path, files))

    assert (asset.state, asset.error_code) == (AssetState.FAILED, code)


def told(revision: int, **more: object) -> Progress:
    return Progress(revision=revision, state={"sco.html": "{}"}, **more)  # type: ignore[arg-type]


def test_an_attempt_is_kept_once_and_late_news_changes_nothing(db: Session) -> None:
    lesson, attempt_id = a_lesson(db, published=True, visibility=Visibility.PUBLIC), uuid4()
    pupil = a_person(db, RoleName.STUDENT)

    def save(progress: Progress) -> PackageAttempt:
        return save_attempt(
            db, at_noon, lesson_id=lesson.id, attempt_id=attempt_id, progress=progress, by=pupil
        )

    save(told(2, score_raw=80.0, completion="completed"))
    save(told(2, score_raw=80.0, completion="completed"))
    late = save(told(1, score_raw=10.0))

    assert (late.revision, late.score_raw, late.completion) == (2, 80, "completed")
    assert lesson.original
    asset_id = lesson.original.asset_id
    latest = latest_attempt(db, lesson_id=lesson.id, asset_id=asset_id, by=pupil)
    assert latest
    assert latest.id == attempt_id
    assert latest_attempt(db, lesson_id=lesson.id, asset_id=asset_id, by=None) is None


def test_nobody_writes_into_another_persons_attempt(session: Session) -> None:
    lesson, attempt_id = a_lesson(session, published=True, visibility=Visibility.PUBLIC), uuid4()
    first, second = (a_person(session, RoleName.STUDENT) for _ in range(2))

    def save(progress: Progress, by: Person) -> None:
        save_attempt(
            session,
            at_noon,
            lesson_id=lesson.id,
            attempt_id=attempt_id,
            progress=progress,
            by=by,
        )

    save(told(1), first)

    with pytest.raises(NotFound):
        save(told(5, score_raw=1.0), second)

    kept = session.get_one(PackageAttempt, attempt_id)
    assert (kept.person_id, kept.revision) == (first.id, 1)


@pytest.mark.parametrize(
    "progress",
    [
        told(1, score_raw=float("nan")),
        told(1, score_scaled=1.5),
        told(1, completion="hacked"),
        told(1, duration_s=-1.0),
        told(2**31),
    ],
)
def test_values_that_no_player_sends_are_refused(session: Session, progress: Progress) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    pupil = a_person(session, RoleName.STUDENT)

    with pytest.raises(FieldError):
        save_attempt(
            session, at_noon, lesson_id=lesson.id, attempt_id=uuid4(), progress=progress, by=pupil
        )


def test_what_a_person_keeps_has_a_limit(session: Session) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    pupil = a_person(session, RoleName.STUDENT)

    def save(progress: Progress, attempt_id: UUID) -> None:
        save_attempt(
            session,
            at_noon,
            lesson_id=lesson.id,
            attempt_id=attempt_id,
            progress=progress,
            by=pupil,
        )

    with pytest.raises(TooMuch):
        save(Progress(revision=1, state={"a": "x" * 300_000}), uuid4())
    for _ in range(MOST_ATTEMPTS + 3):
        save(told(1), uuid4())

    assert len(session.scalars(select(PackageAttempt)).all()) == MOST_ATTEMPTS


def test_the_lesson_page_hands_the_package_to_its_player(
    session: Session, wiring: Wiring, app: Flask, tmp_path: Path
) -> None:
    lesson = a_package(session, wiring, tmp_path, scorm12_files())

    page = app.test_client().get(f"/lessons/{lesson.id}").get_data(as_text=True)

    assert "data-package=" in page
    assert json.dumps("imsmanifest.xml") not in page
