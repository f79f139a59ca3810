"""Uploads by tus when things go wrong: a stalled request, a full disk."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from server.app import connect
from server.delivery.tokens import sign
from server.models.lessons import Visibility
from server.services.play import open_playback
from server.services.room import Room
from server.settings import Settings
from server.wiring import Wiring
from storage.keys import part_key
from tests.asgi_client import Answer, AsgiClient
from tests.builders import a_lesson
from tests.uploader import SMALL, Uploader, patch_headers, stored_bytes


def test_a_phone_that_comes_back_takes_over_from_its_stalled_request(
    uploader: Uploader, session: Session, wiring: Wiring
) -> None:
    url = uploader.begin(len(SMALL))

    async def stall_and_come_back() -> tuple[int, Answer]:
        first_status: list[int] = []
        waiting = [{"type": "http.request", "body": SMALL[:500], "more_body": True}]

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await asyncio.Event().wait()  # for ever
            raise AssertionError

        async def send(message: Any) -> None:
            first_status.append(message.get("status", 0))

        scope = uploader.asgi.scope("PATCH", url, patch_headers(0))
        stalled = asyncio.create_task(uploader.asgi.asgi(scope, receive, send))
        while uploader.head(url).headers["Upload-Offset"] != "500":
            await asyncio.sleep(0.05)
        rest = await uploader.asgi.answer("PATCH", url, [SMALL[500:]], headers=patch_headers(500))
        await stalled
        return first_status[0], rest

    first_status, rest = asyncio.run(stall_and_come_back())

    assert first_status == 409
    assert rest.status == 204
    assert stored_bytes(session, wiring, UUID(rest.headers["upload-original"])) == SMALL


def test_a_store_that_is_away_is_told_alike_by_uploads_pages_and_players(
    uploader: Uploader, session: Session, wiring: Wiring
) -> None:
    lesson = a_lesson(session, store=wiring.store, published=True, visibility=Visibility.PUBLIC)
    assert lesson.original
    asset = lesson.original.asset
    asset.poster_key = part_key(asset.id, "0" * 64, "jpg")
    session.commit()
    playback = open_playback(session, wiring.clock, lesson=lesson, person=None)
    base_url = sign(wiring.settings.playback_keys, playback.id, asset.id, playback.expires_at)
    objects = wiring.settings.data_path / "objects"
    objects.rename(objects.with_name("away"))
    objects.touch()  # no folder can be read or made there

    upload = uploader.create(100)
    page = uploader.visitor.get(f"/lessons/{lesson.id}/poster")
    part = uploader.asgi.call("GET", f"{base_url}{'0' * 64}.m4s")

    assert (upload.status_code, page.status_code, part.status) == (503, 503, 503)
    assert upload.headers["Retry-After"] == page.headers["Retry-After"] == "5"
    assert part.headers["retry-after"] == "5"
    assert part.code == json.loads(upload.data)["type"].removeprefix("/problems/")


def test_a_full_disk_is_told_and_what_has_arrived_is_kept(
    uploader: Uploader, wiring: Wiring
) -> None:
    url = uploader.begin(len(SMALL))
    uploader.patch(url, 0, SMALL[:100], is_cut=True)
    spool = wiring.settings.spool_path / f"{url.rpartition('/')[2]}.0"
    kept = spool.read_bytes()
    spool.unlink()
    spool.symlink_to("/dev/full")  # a real ENOSPC

    answer = uploader.patch(url, 0, SMALL)
    spool.unlink()
    spool.write_bytes(kept)

    assert (answer.status, answer.code) == (507, "storage_full")
    assert answer.headers["content-type"] == "application/problem+json"
    assert uploader.patch(url, 100, SMALL[100:]).status == 204


def test_uploads_are_refused_before_the_reserve_is_touched_and_go_on_when_there_is_room(
    session: Session, settings: Settings, wiring: Wiring, app: Flask, uploader: Uploader
) -> None:
    url = uploader.begin(len(SMALL), fingerprint="begun")
    uploader.patch(url, 0, SMALL[:100], is_cut=True)
    full = replace(wiring, room=Room((settings.data_path,), reserved_bytes=2**60))
    connect(app, full)
    away = Uploader(uploader.visitor, AsgiClient(app, full, uploader.visitor))

    refused = [away.create(10), away.create(10, fingerprint="another")]
    resumed = away.create(len(SMALL), fingerprint="begun")
    sent = away.patch(url, 100, SMALL[100:])

    assert {answer.status_code for answer in refused} == {507}
    assert {answer.headers["Retry-After"] for answer in refused} == {"60"}
    assert (resumed.status_code, resumed.headers["Upload-Offset"]) == (200, "100")
    assert (sent.status, sent.code, sent.headers["retry-after"]) == (507, "storage_full", "60")
    connect(app, wiring)
    answer = uploader.patch(url, 100, SMALL[100:])
    assert stored_bytes(session, wiring, UUID(answer.headers["upload-original"])) == SMALL
