"""What players get below /v/: rights, ranges, playlists, for every origin."""

import gzip
import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.delivery.tokens import sign
from server.models.lessons import Lesson, PlaybackSession, Visibility
from server.models.people import Person, RoleName, SignIn
from server.services.play import open_playback
from server.wiring import Wiring
from storage.keys import asset_prefix, part_key
from tests.asgi_client import AsgiClient
from tests.builders import StoppedClock, a_lesson, a_person, a_share_link, a_sign_in

CONTENT = bytes(range(256)) * 4000  # more than one piece
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def lesson(session: Session, wiring: Wiring) -> Lesson:
    lesson = a_lesson(session, store=wiring.store, published=True, visibility=Visibility.PUBLIC)
    assert lesson.original
    key = part_key(lesson.original.asset_id, SHA256)
    wiring.store.put_bytes(key, CONTENT, content_type="video/mp4")
    return lesson


@pytest.fixture
def player(app: Flask, wiring: Wiring) -> AsgiClient:
    return AsgiClient(app, wiring)


@pytest.fixture
def base_url(session: Session, wiring: Wiring, lesson: Lesson) -> str:
    return address(wiring, open_playback(session, wiring.clock, lesson=lesson, person=None))


def address(wiring: Wiring, playback: PlaybackSession) -> str:
    keys = wiring.settings.playback_keys
    return sign(keys, playback.id, playback.asset_id, playback.expires_at)


def test_an_object_comes_whole_or_as_a_range(player: AsgiClient, base_url: str) -> None:
    whole = player.call("GET", f"{base_url}{SHA256}.m4s")
    part = player.call("GET", f"{base_url}{SHA256}.m4s", range="bytes=300000-300009")
    end = player.call("GET", f"{base_url}{SHA256}.m4s", range="bytes=-5")

    assert (whole.status, whole.body) == (200, CONTENT)
    assert (part.status, part.body) == (206, CONTENT[300000:300010])
    assert part.headers["content-range"] == f"bytes 300000-300009/{len(CONTENT)}"
    assert part.headers["content-type"] == "video/mp4"
    assert "immutable" in part.headers["cache-control"]
    assert (end.status, end.body) == (206, CONTENT[-5:])


def test_the_waveform_of_a_recording_in_sound_is_answered(
    player: AsgiClient, base_url: str, lesson: Lesson, wiring: Wiring
) -> None:
    assert lesson.original
    key = f"{asset_prefix(lesson.original.asset_id)}{SHA256}.json"
    wiring.store.put_bytes(key, b"[]", content_type="application/json")

    answer = player.call("GET", f"{base_url}{SHA256}.json")

    assert (answer.status, answer.body) == (200, b"[]")
    assert answer.headers["content-type"] == "application/json"


def test_head_tells_the_size_and_sends_nothing(player: AsgiClient, base_url: str) -> None:
    answer = player.call("HEAD", f"{base_url}{SHA256}.m4s")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(CONTENT))


def test_what_the_browser_has_is_not_sent_again(player: AsgiClient, base_url: str) -> None:
    answer = player.call("GET", f"{base_url}{SHA256}.m4s", if_none_match=f'"{SHA256}"')
    other = player.call("GET", f"{base_url}{SHA256}.m4s", range="bytes=0-1", if_range='"other"')

    assert (answer.status, answer.body) == (304, b"")
    assert other.status == 200


def test_a_range_behind_the_end_is_416(player: AsgiClient, base_url: str) -> None:
    answer = player.call("GET", f"{base_url}{SHA256}.m4s", range=f"bytes={len(CONTENT)}-")

    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


def test_every_answer_may_be_read_by_pages_of_any_origin(player: AsgiClient, base_url: str) -> None:
    answers = [
        player.call("GET", f"{base_url}{SHA256}.m4s", range="bytes=0-1", origin="null"),
        player.call("GET", f"{base_url}multivariant.m3u8", origin="null"),
        player.call("GET", f"{base_url}none.m3u8", origin="null"),
        player.call("OPTIONS", f"{base_url}{SHA256}.m4s", origin="null"),
    ]

    assert [answer.status for answer in answers] == [206, 200, 404, 204]
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"*"}
    assert "Range" in answers[3].headers["access-control-allow-headers"]


def test_playlists_name_the_renditions_and_their_parts(player: AsgiClient, base_url: str) -> None:
    multivariant = player.call("GET", f"{base_url}multivariant.m3u8")
    media = player.call("GET", f"{base_url}240p.m3u8")

    assert multivariant.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert multivariant.headers["cache-control"] == "private, max-age=300"
    lines = multivariant.body.decode().splitlines()
    names = [line for line in lines if not line.startswith("#")]
    assert names[:2] == ["240p.m3u8", "720p.m3u8"]
    assert 'URI="audio.m3u8"' in multivariant.body.decode()
    assert b"#EXT-X-ENDLIST" in media.body
    part = next(line for line in media.body.decode().splitlines() if line.endswith(".m4s"))
    assert player.call("GET", base_url + part).status == 200


def test_the_state_is_told_in_json(player: AsgiClient, base_url: str) -> None:
    state = player.call("GET", f"{base_url}state.json").json

    assert state["state"] == "ready"
    assert state["watchable_s"] == state["duration_s"] == 12.0
    assert [row["name"] for row in state["renditions"]] == ["audio", "240p", "720p"]


@pytest.mark.parametrize(
    "name", ["none.m3u8", "0" * 64 + ".m4s", "x.mp4", "state.txt", "../../originals/x", ""]
)
def test_other_names_open_nothing(player: AsgiClient, base_url: str, name: str) -> None:
    assert player.call("GET", base_url + name).status == 404


def test_an_original_is_never_opened(player: AsgiClient, base_url: str, lesson: Lesson) -> None:
    assert lesson.original
    original = str(lesson.original.asset.original_key)

    for path in (f"../../{original}", f"..%2f..%2f{original}", original.rpartition("/")[2]):
        assert player.call("GET", base_url + path).status == 404


def test_a_forged_token_is_refused_and_an_old_one_gone(
    player: AsgiClient, base_url: str, clock: StoppedClock
) -> None:
    forged = base_url.replace("/v/k1.", "/v/k0.")
    assert player.call("GET", f"{forged}state.json").status == 403

    clock.forward(hours=12, seconds=1)

    answer = player.call("GET", f"{base_url}state.json")
    assert (answer.status, answer.code) == (410, "link_expired")


def test_other_methods_are_refused(player: AsgiClient, base_url: str) -> None:
    assert player.call("POST", f"{base_url}state.json").status == 405


def test_a_withdrawn_lesson_stops(
    app: Flask, wiring: Wiring, session: Session, base_url: str, lesson: Lesson
) -> None:
    assert AsgiClient(app, wiring).call("GET", f"{base_url}state.json").status == 200

    lesson.published_at = None
    session.commit()

    assert AsgiClient(app, wiring).call("GET", f"{base_url}state.json").status == 403


def test_a_sign_out_stops_what_plays_on_that_device(
    session: Session, wiring: Wiring, lesson: Lesson, player: AsgiClient, clock: StoppedClock
) -> None:
    student = a_person(session, RoleName.STUDENT)
    a_sign_in(session, student)
    here = session.query(SignIn).filter_by(person_id=student.id).one()
    playback = open_playback(session, clock, lesson=lesson, person=student, sign_in_id=here.id)

    here.ended_at = clock()
    session.commit()

    assert player.call("GET", address(wiring, playback) + "state.json").status == 403


def test_a_revoked_link_stops(
    session: Session, wiring: Wiring, lesson: Lesson, player: AsgiClient, clock: StoppedClock
) -> None:
    lesson.visibility = Visibility.LINK
    link = a_share_link(session, lesson)
    playback = open_playback(session, clock, lesson=lesson, person=None, share_link_id=link.id)

    link.revoked_at = clock() + timedelta(seconds=1)
    session.commit()

    assert player.call("GET", address(wiring, playback) + "state.json").status == 403


def test_nginx_is_told_the_same(
    app: Flask, session: Session, wiring: Wiring, lesson: Lesson
) -> None:
    playback = open_playback(session, wiring.clock, lesson=lesson, person=None)
    question = f"/_/playback-check?session={playback.id}&asset={playback.asset_id}"
    client = app.test_client()

    assert client.get(question).status_code == 204
    assert client.get(question.replace(playback.id, "0" * 32)).status_code == 403
    assert client.get("/_/playback-check?session=a&asset=b").status_code == 403


def test_an_object_that_was_removed_is_not_found(
    player: AsgiClient, base_url: str, wiring: Wiring, lesson: Lesson
) -> None:
    url = f"{base_url}{SHA256}.m4s"
    assert player.call("GET", url).status == 200  # its size is known from here on
    assert lesson.original

    wiring.store.delete(part_key(lesson.original.asset_id, SHA256))

    assert player.call("GET", url).status == 404
    assert player.call("GET", url, range="bytes=0-9").status == 404


def test_pages_are_answered_through_the_same_port(
    app: Flask, wiring: Wiring, session: Session, sign_in: Callable[[Person], object]
) -> None:
    answer = AsgiClient(app, wiring).call("GET", "/api/v1/uploads")
    too_large = AsgiClient(app, wiring).call("POST", "/sign-in", body=[b"x" * 2**20] * 10)

    assert (answer.status, answer.code) == (401, "sign_in_needed")
    assert too_large.status == 413


def test_long_playlists_come_compressed_to_who_takes_that(
    player: AsgiClient, base_url: str
) -> None:
    plain = player.call("GET", f"{base_url}240p.m3u8")
    packed = player.call("GET", f"{base_url}240p.m3u8", accept_encoding="gzip, deflate")

    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
