"""How soon after the last byte of an upload its lesson plays, on the product started for real."""

import http.client
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from benchmarks.rig.clients import get, patch_headers
from benchmarks.rig.site import MIB, Site, running_site, settle
from server.messages import FIRST_WORK, EncodeStretch
from server.models.jobs import JobRow, JobState
from server.models.lessons import Visibility
from server.models.library import Original
from server.models.people import Person
from tests.builders import a_lesson

PATIENCE_S = 120.0
POLL_S = 0.05


def first_playable_s(folder: Path, source: Path) -> float:
    """Upload `source` to a fresh, idle product; return the seconds from its last byte to play."""
    folder.mkdir()
    with running_site(folder) as site:
        settle()
        sent_s, original_id = _upload(site, source)
        with _lesson_of(site, original_id) as watched:
            return _play(watched, site.product.port) - sent_s


def first_playable_beside_s(folder: Path, lecture: Path, clip: Path) -> float:
    """Upload `clip` while one worker encodes `lecture`; return the seconds to its play."""
    folder.mkdir()
    with running_site(folder) as site:
        settle()
        _sent_s, lecture_id = _upload(site, lecture)
        _wait_for_stretches(site, lecture_id)
        sent_s, original_id = _upload(site, clip)
        with _lesson_of(site, original_id) as watched:
            return _play(watched, site.product.port) - sent_s


def _wait_for_stretches(site: Site, original_id: UUID) -> None:
    """Return when a long stretch of the file is being encoded."""
    until_s = time.monotonic() + PATIENCE_S
    with site.product.session() as session:
        asset_id = session.get_one(Original, original_id).asset_id
        long_ones = select(JobRow.id).where(
            JobRow.asset_id == asset_id,
            JobRow.kind == EncodeStretch.kind,
            JobRow.state == JobState.RUNNING,
            JobRow.priority >= FIRST_WORK,
        )
        session.rollback()
        while time.monotonic() < until_s:
            with session.begin():
                if session.scalar(long_ones) is not None:
                    return
            time.sleep(POLL_S)
    raise RuntimeError("the lecture is not being encoded")


def _upload(site: Site, source: Path) -> tuple[float, UUID]:
    """Send the file; return the moment of its last byte and the original."""
    size_bytes = source.stat().st_size
    path = site.begin_upload(size_bytes, source.stem)
    connection = http.client.HTTPConnection("127.0.0.1", site.product.port, timeout=PATIENCE_S)
    sent_at_s = [0.0]

    def body() -> Iterator[bytes]:
        with source.open("rb") as file:
            while block := file.read(MIB):
                yield block
        sent_at_s[0] = time.monotonic()  # asked for more: the last block is on its way

    connection.request("PATCH", path, body=body(), headers=patch_headers(site, size_bytes))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.NO_CONTENT:
        raise RuntimeError(f"PATCH: {answer.status}")
    return sent_at_s[0], UUID(answer.headers["Upload-Original"])


@contextmanager
def _lesson_of(site: Site, original_id: UUID) -> Iterator[Site]:
    """Make the lesson as a teacher does; yield the site with it."""
    with site.product.session() as session:
        teacher = session.get_one(Person, site.teacher_id)
        original = session.get_one(Original, original_id)
        session.commit()  # a transaction that has read may not write once the worker has written
        public = Visibility.PUBLIC
        lesson = a_lesson(session, teacher, original=original, visibility=public, published=True)
        yield replace(site, lesson_id=lesson.id, asset_id=original.asset_id)


def _play(site: Site, port: int) -> float:
    """Ask as players do until the first segment is there; return that moment."""
    base = site.base()
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if json.loads(get(port, f"{base}state.json"))["watchable_s"] > 0:
            _read_first_segment(port, base)
            return time.monotonic()
        time.sleep(POLL_S)
    raise RuntimeError(f"nothing to watch: {get(port, f'{base}state.json').decode()}")


def _read_first_segment(port: int, base: str) -> None:
    multivariant = get(port, f"{base}multivariant.m3u8").decode()
    names = re.findall(r"^(?!#)(.+)$", multivariant, re.MULTILINE)
    names += re.findall(r'URI="(.+?)"', multivariant)  # the sound
    for name in set(names):
        media = get(port, base + name).decode()
        part = re.search(r"^(?!#)(.+)$", media, re.MULTILINE)
        if part is None:
            raise RuntimeError(f"{name} lists nothing:\n{media}")
        get(port, base + part[1])
