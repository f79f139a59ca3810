"""The server as it is really started: memory, kills in the middle of an upload, stalled clients."""

import hashlib
import http.client
import random
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select

from server.delivery.tokens import sign
from server.models.lessons import Visibility
from server.models.library import Asset, Original
from server.models.people import Person
from server.services.play import open_playback
from server.services.upload import UploadLimits, create_upload
from storage.keys import part_key
from tests.builders import a_lesson, a_person, a_sign_in
from tests.services.product import Product, running_product

pytestmark = pytest.mark.slow

LIMITS = UploadLimits(max_bytes=2**40, expiry=timedelta(days=1))
MIB = 2**20


def now() -> datetime:
    return datetime.now(UTC)


class Phone:
    """A teacher's device, signed in to a running product."""

    def __init__(self, product: Product) -> None:
        self.product = product
        with product.session() as session:
            self.teacher: Person = a_person(session)
            token = a_sign_in(session, self.teacher, now())
        signer = Flask("server")
        signer.secret_key = product.settings.secret_key.get_secret_value()
        serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
        assert serializer
        self.cookie = f"khlang={serializer.dumps({'_user_id': token, '_fresh': True})}"

    def begin(self, size_bytes: int) -> str:
        with self.product.wired() as wiring, self.product.session() as session:
            upload = create_upload(
                session,
                now,
                wiring.store,
                owner=self.teacher,
                file_name="บทเรียน.mp4",
                size_bytes=size_bytes,
                fingerprint="",
                limits=LIMITS,
            )
        return f"/files/{upload.id}"

    def head(self, url: str) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.product.port)) as line:
            line.request("HEAD", url, headers={"Cookie": self.cookie, "Tus-Resumable": "1.0.0"})
            return int(line.getresponse().headers["Upload-Offset"])

    def request(self, url: str, offset: int, length: int) -> bytes:
        lines = [
            f"PATCH {url} HTTP/1.1",
            "Host: localhost",
            f"Cookie: {self.cookie}",
            "Tus-Resumable: 1.0.0",
            "Content-Type: application/offset+octet-stream",
            f"Upload-Offset: {offset}",
            f"Content-Length: {length}",
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def connect(self) -> socket.socket:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        line.connect(("127.0.0.1", self.product.port))
        return line


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path, arguments=("web",)) as product:
        yield product


def test_a_large_patch_does_not_grow_the_server(product: Product) -> None:
    phone, block, count = Phone(product), a_block(1), 64
    url = phone.begin(count * MIB)
    server = product.processes()[0]
    phone.head(url)
    before = peak = server.memory_info().rss

    with closing(phone.connect()) as line:
        line.sendall(phone.request(url, 0, count * MIB))
        for _ in range(count):
            line.sendall(block)
            peak = max(peak, server.memory_info().rss)
        answer = line.recv(4096)

    digest = hashlib.sha256(block * count).hexdigest()
    assert answer.startswith(b"HTTP/1.1 204")
    assert max(peak, server.memory_info().rss) - before <= 32 * MIB
    with product.session() as session:
        assert session.scalars(select(Asset.sha256)).one() == digest


def test_two_kills_in_an_upload_lose_nothing(product: Product) -> None:
    phone, content = Phone(product), a_block(2) * 20 + a_block(3) * 20
    url = phone.begin(len(content))

    for bytes_before_kill in (11 * MIB, 17 * MIB + 5):
        offset = phone.head(url)
        with closing(phone.connect()) as line, suppress(OSError):
            line.sendall(phone.request(url, offset, len(content) - offset))
            line.sendall(content[offset : offset + bytes_before_kill])
            product.kill()
        product.start()
    offset = phone.head(url)
    # What had arrived is not sent again: all but what stood in the buffers of two sockets.
    assert offset >= 8 * MIB
    with closing(phone.connect()) as line:
        line.sendall(phone.request(url, offset, len(content) - offset) + content[offset:])
        answer = line.recv(4096).decode()

    original_id = UUID(answer.lower().partition("upload-original: ")[2].split()[0])
    with product.session() as session, product.wired() as wiring:
        key = session.get_one(Original, original_id).asset.original_key
        stored = wiring.store.read_range(key, 0, len(content) + 1)
    assert hashlib.sha256(stored).digest() == hashlib.sha256(content).digest()
    assert list(product.settings.spool_path.iterdir()) == []


def test_pages_answer_while_uploads_and_players_stall(product: Product) -> None:
    phone = Phone(product)
    urls = [phone.begin(1000) for _ in range(100)]
    address = a_large_part(product)

    lines = [phone.connect() for _ in range(400)]
    for line in lines[:300]:
        line.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    for line, url in zip(lines[300:], urls, strict=True):
        line.sendall(phone.request(url, 0, 1000) + b"abc")

    statuses = [urllib.request.urlopen(f"{product.url}/sign-in").status for _ in range(20)]  # noqa: S310
    assert statuses == [200] * 20
    assert phone.head(urls[0]) in {0, 3}
    for line in lines:
        line.close()


def test_clients_that_go_away_leave_no_traces_and_the_server_stops(product: Product) -> None:
    phone = Phone(product)
    address, url = a_large_part(product), phone.begin(1000)
    for request in (
        f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc",
        b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n",
        phone.request(url, 0, 1000) + b"abc",
    ):
        with closing(phone.connect()) as line:
            line.sendall(request)
    stalled = phone.connect()
    stalled.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert phone.head(url) in {0, 3}

    server = product.processes()[0]
    server.terminate()
    server.wait(timeout=20)

    stalled.close()
    log = (product.data_path.parent / "product.log").read_text()
    assert "Traceback" not in log


def a_block(seed: int) -> bytes:
    return random.Random(seed).randbytes(MIB)  # noqa: S311 (the same in every run)


def a_large_part(product: Product) -> str:
    """Return the address of 32 MiB that a player may fetch."""
    content = a_block(4) * 32
    sha256 = hashlib.sha256(content).hexdigest()
    with product.session() as session, product.wired() as wiring:
        lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
        playback = open_playback(session, now, lesson=lesson, person=None)
        key = part_key(playback.asset_id, sha256)
        wiring.store.put_bytes(key, content, content_type="video/mp4")
        keys = wiring.settings.playback_keys
        base_url = sign(keys, playback.id, playback.asset_id, playback.expires_at)
    return f"{base_url}{sha256}.m4s"
