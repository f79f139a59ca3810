"""Uploads by tus 1.0, through both halves: Flask for what has no body, ASGI for what has."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.library import Asset, AssetState, Original, Upload
from server.models.people import Person, RoleName
from server.services.set_aside import judge_spares
from server.wiring import Wiring
from storage.keys import note_key
from storage.store import PART_BYTES
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import queued_jobs
from tests.uploader import LARGE, SMALL, TUS, Uploader, patch_headers, stored_bytes


def spooled(wiring: Wiring) -> list[Path]:
    return list(wiring.settings.spool_path.iterdir())


def test_the_server_says_what_it_can(client: Visitor) -> None:
    answer = client.options("/files/")

    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer.headers["Tus-Max-Size"]) > 10**9


@pytest.mark.parametrize(
    "content", [SMALL, LARGE, LARGE[:PART_BYTES]], ids=["small", "large", "part"]
)
def test_a_file_arrives_whole_hashed_and_is_probed(
    uploader: Uploader, session: Session, wiring: Wiring, content: bytes
) -> None:
    original_id = uploader.send(content)

    asset = session.get_one(Original, original_id).asset
    assert stored_bytes(session, wiring, original_id) == content
    assert asset.sha256 == hashlib.sha256(content).hexdigest()
    assert asset.state == AssetState.WAITING
    assert queued_jobs(session) == ["probe_original"]
    assert spooled(wiring) == []


def test_a_cut_upload_goes_on_from_the_last_byte_that_arrived(
    uploader: Uploader, session: Session, wiring: Wiring
) -> None:
    url = uploader.begin(len(LARGE))
    uploader.patch(url, 0, LARGE[: PART_BYTES - 7], is_cut=True)

    head = uploader.head(url)
    assert head.headers["Upload-Offset"] == str(PART_BYTES - 7)
    assert head.headers["Upload-Length"] == str(len(LARGE))
    assert head.headers["Cache-Control"] == "no-store"
    answer = uploader.patch(url, PART_BYTES - 7, LARGE[PART_BYTES - 7 :])

    assert (answer.status, answer.headers["upload-offset"]) == (204, str(len(LARGE)))
    original_id = UUID(answer.headers["upload-original"])
    assert stored_bytes(session, wiring, original_id) == LARGE
    assert session.scalars(select(Asset.sha256)).one() == hashlib.sha256(LARGE).hexdigest()


def test_after_a_restart_the_hash_is_left_to_the_probe(
    uploader: Uploader, app: Flask, wiring: Wiring, session: Session
) -> None:
    url = uploader.begin(len(LARGE))
    uploader.patch(url, 0, LARGE[:100], is_cut=True)

    uploader.asgi = AsgiClient(app, wiring, uploader.visitor)  # as a new process
    answer = uploader.patch(url, 100, LARGE[100:])

    assert stored_bytes(session, wiring, UUID(answer.headers["upload-original"])) == LARGE
    assert session.scalars(select(Asset.sha256)).one() == ""


def test_a_crash_before_a_full_spool_file_was_stored_loses_nothing(
    uploader: Uploader, wiring: Wiring, session: Session
) -> None:
    url = uploader.begin(len(LARGE))
    spool = wiring.settings.spool_path / f"{url.rpartition('/')[2]}.0"
    spool.write_bytes(LARGE[:PART_BYTES])

    assert uploader.head(url).headers["Upload-Offset"] == str(PART_BYTES)
    answer = uploader.patch(url, PART_BYTES, LARGE[PART_BYTES:])

    assert stored_bytes(session, wiring, UUID(answer.headers["upload-original"])) == LARGE
    assert spooled(wiring) == []


def test_a_crash_between_recording_a_part_and_dropping_its_spool_counts_it_once(
    uploader: Uploader, wiring: Wiring, session: Session
) -> None:
    url = uploader.begin(len(LARGE))
    uploader.patch(url, 0, LARGE[:PART_BYTES], is_cut=True)
    spool = wiring.settings.spool_path / f"{url.rpartition('/')[2]}.0"
    spool.write_bytes(LARGE[:PART_BYTES])

    assert uploader.head(url).headers["Upload-Offset"] == str(PART_BYTES)
    answer = uploader.patch(url, PART_BYTES, LARGE[PART_BYTES:])

    assert stored_bytes(session, wiring, UUID(answer.headers["upload-original"])) == LARGE
    assert spooled(wiring) == []


def test_a_crash_after_the_last_byte_is_made_good_by_the_next_question(
    uploader: Uploader, wiring: Wiring, session: Session
) -> None:
    url = uploader.begin(len(SMALL))
    (wiring.settings.spool_path / f"{url.rpartition('/')[2]}.0").write_bytes(SMALL)

    head = uploader.head(url)

    assert head.headers["Upload-Offset"] == str(len(SMALL))
    assert stored_bytes(session, wiring, UUID(head.headers["Upload-Original"])) == SMALL
    assert queued_jobs(session) == ["probe_original"]


def test_the_same_file_chosen_again_goes_on_where_it_was(uploader: Uploader) -> None:
    url = uploader.begin(len(SMALL), fingerprint="11000-abc")
    uploader.patch(url, 0, SMALL[:500], is_cut=True)

    again = uploader.create(len(SMALL), name="renamed.mp4", fingerprint="11000-abc")

    assert again.status_code == 200
    assert again.headers["Location"] == url
    assert again.headers["Upload-Offset"] == "500"
    assert uploader.begin(len(SMALL) + 1, fingerprint="11000-abc") != url
    assert uploader.begin(len(SMALL), fingerprint="other") != url


def test_knowing_a_fingerprint_gets_nobody_anothers_upload(
    uploader: Uploader, other: Uploader
) -> None:
    url = uploader.begin(len(SMALL), fingerprint="11000-abc")

    assert other.begin(len(SMALL), fingerprint="11000-abc") != url
    assert other.head(url).status_code == 404
    assert other.cancel(url).status_code == 404
    assert other.patch(url, 0, SMALL).status == 404


def test_equal_files_are_kept_once_and_belong_to_both(
    uploader: Uploader, other: Uploader, session: Session, wiring: Wiring
) -> None:
    mine, again, theirs = uploader.send(SMALL), uploader.send(SMALL), other.send(SMALL)

    originals = session.scalars(select(Original)).all()
    assert {row.id for row in originals} == {mine, again, theirs}
    assert len({row.asset_id for row in originals}) == 1
    assert len({row.owner_id for row in originals}) == 2
    assert queued_jobs(session) == ["probe_original"]
    assert judge_spares(session, wiring.clock, wiring.store) == 2  # the first one was read
    kept = sorted(info.key for info in wiring.store.list_keys("originals/"))
    assert kept == [originals[0].asset.original_key, note_key(originals[0].asset.original_key)]


def test_a_failed_asset_is_not_shared(uploader: Uploader, session: Session, wiring: Wiring) -> None:
    uploader.send(SMALL)
    session.scalars(select(Asset)).one().state = AssetState.FAILED
    session.commit()

    uploader.send(SMALL)

    assert len(session.scalars(select(Asset)).all()) == 2


def test_unfinished_uploads_are_listed_on_every_device(
    uploader: Uploader,
    other: Uploader,
    app: Flask,
    sign_in: Callable[[Person], Visitor],
    teacher: Person,
) -> None:
    uploader.send(LARGE)
    url = uploader.begin(len(SMALL), name="ก" * 10 + ".mp4", fingerprint="11000-abc")
    uploader.patch(url, 0, SMALL[:500], is_cut=True)

    listed = sign_in(teacher).get("/api/v1/uploads").json

    assert listed is not None
    assert [(row["url"], row["offset_bytes"], row["size_bytes"]) for row in listed] == [
        (url, 500, len(SMALL))
    ]
    assert listed[0]["file_name"] == "ก" * 10 + ".mp4"
    assert listed[0]["fingerprint"] == "11000-abc"
    assert other.visitor.get("/api/v1/uploads").json == []


def test_a_cancelled_upload_leaves_nothing(uploader: Uploader, wiring: Wiring) -> None:
    url = uploader.begin(len(LARGE))
    uploader.patch(url, 0, LARGE[: PART_BYTES + 5], is_cut=True)

    assert uploader.cancel(url).status_code == 204

    assert uploader.head(url).status_code == 404
    assert uploader.patch(url, 0, SMALL).status == 404
    assert spooled(wiring) == []
    assert [path for path in wiring.settings.data_path.glob("objects/**/*") if path.is_file()] == []


def test_a_finished_upload_cannot_be_cancelled(uploader: Uploader) -> None:
    url = uploader.begin(len(SMALL))
    uploader.patch(url, 0, SMALL)

    assert uploader.cancel(url).status_code == 409
    assert uploader.head(url).headers["Upload-Original"]
    assert uploader.patch(url, len(SMALL), b"").status == 204


@pytest.mark.parametrize(
    ("size", "status", "code"),
    [
        ("0", 400, "empty_file"),
        (str(10**15), 413, "too_much"),
        ("-1", 400, "bad_length"),
        ("x", 400, "bad_length"),
        ("", 400, "bad_length"),
    ],
)
def test_a_size_that_cannot_be_is_refused(
    uploader: Uploader, size: str, status: int, code: str
) -> None:
    answer = uploader.create(size)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.data)["type"] == f"/problems/{code}"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\บทเรียน.mp4", "บทเรียน.mp4"),
        ("ก" * 500, "ก" * 300),
        ("a\x00b\nc.mp4", "abc.mp4"),
        ("..", "file"),
        ("", "file"),
    ],
)
def test_a_name_is_only_a_label(
    uploader: Uploader, session: Session, name: str, label: str
) -> None:
    uploader.begin(10, name=name)

    assert session.scalars(select(Upload.file_name)).one() == label


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"upload_offset": "5"}, 409, "conflict"),
        ({"upload_offset": "x"}, 400, "bad_offset"),
        ({"content_type": "text/plain"}, 415, "wrong_type"),
        ({"content_length": "999999999"}, 413, "too_much"),
        ({"tus_resumable": "0.2"}, 412, "tus_version"),
        ({"upload_checksum": "md5 YWJj"}, 400, "unknown_checksum_algorithm"),
        ({"upload_checksum": "sha1 YWJj"}, 460, "checksum_mismatch"),
        ({"upload_checksum": "sha1 !"}, 400, "bad_checksum"),
    ],
)
def test_a_wrong_request_changes_nothing(
    uploader: Uploader, headers: dict[str, str], status: int, code: str
) -> None:
    url = uploader.begin(len(SMALL))

    answer = uploader.asgi.answer_to("PATCH", url, [SMALL], patch_headers(0, **headers))

    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert uploader.head(url).headers["Upload-Offset"] == "0"


def test_more_bytes_than_announced_are_refused(uploader: Uploader) -> None:
    url = uploader.begin(10)

    assert uploader.patch(url, 0, b"x" * 11).status == 413


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_right_checksum_is_taken(
    uploader: Uploader, session: Session, wiring: Wiring, algorithm: str
) -> None:
    url = uploader.begin(len(LARGE))
    digest = b64encode(hashlib.new(algorithm, LARGE).digest()).decode()

    answer = uploader.patch(url, 0, LARGE, upload_checksum=f"{algorithm} {digest}")

    assert answer.status == 204
    assert stored_bytes(session, wiring, UUID(answer.headers["upload-original"])) == LARGE
    assert spooled(wiring) == []


def test_a_cut_body_with_a_checksum_is_not_kept(uploader: Uploader, wiring: Wiring) -> None:
    url = uploader.begin(len(SMALL))
    digest = b64encode(hashlib.sha1(SMALL).digest()).decode()  # noqa: S324 (the client's choice)

    answer = uploader.patch(url, 0, SMALL[:50], is_cut=True, upload_checksum=f"sha1 {digest}")

    assert answer.status == 460
    assert uploader.head(url).headers["Upload-Offset"] == "0"
    assert spooled(wiring) == []


def test_guests_and_students_do_not_upload(
    app: Flask,
    wiring: Wiring,
    client: Visitor,
    uploader: Uploader,
    client_as: Callable[[RoleName], Visitor],
) -> None:
    url = uploader.begin(len(SMALL))
    guest = Uploader(client, AsgiClient(app, wiring, client))
    student = Uploader(client_as(RoleName.STUDENT), uploader.asgi)

    assert guest.create(10).status_code == 401
    assert guest.patch(url, 0, SMALL).status == 401
    assert student.create(10).status_code == 403


def test_creating_and_cancelling_need_the_forgery_token(uploader: Uploader) -> None:
    url = uploader.begin(10)

    assert (
        uploader.visitor.post("/files/", headers={**TUS, "Upload-Length": "9"}).status_code == 400
    )
    assert uploader.visitor.delete(url, headers=TUS).status_code == 400
