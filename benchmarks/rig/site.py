"""The product with a lesson, a signed-in teacher and a playback session, ready to be measured."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psutil

from server.app import create_app
from server.delivery.tokens import sign
from server.models.lessons import Lesson, Visibility
from server.models.people import Person
from server.services.play import open_playback
from server.services.upload import UploadLimits, create_upload
from server.wiring import utc_now
from storage.keys import part_key
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person, a_sign_in
from tests.services.nginx import Nginx, running_nginx
from tests.services.product import Product, running_product
from tests.services.s3 import running_s3

MIB = 2**20
LARGE_BYTES = 64 * MIB


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses and rows that measurements need."""

    product: Product
    lesson_id: UUID
    asset_id: UUID
    teacher_id: UUID
    cookie: str
    large_path: Path  # the object's own file
    large_name: str

    def base(self) -> str:
        """Return the path of a fresh playback session."""
        return self.bases(1)[0]

    def bases(self, count: int) -> list[str]:
        """Return the paths of that many fresh playback sessions."""
        with self.product.session() as session:
            lesson = session.get_one(Lesson, self.lesson_id)
            session.commit()
            begun = [
                open_playback(session, utc_now, lesson=lesson, person=None) for _ in range(count)
            ]
        keys = self.product.settings.playback_keys
        return [sign(keys, each.id, self.asset_id, each.expires_at) for each in begun]

    def begin_upload(self, size_bytes: int, name: str) -> str:
        """Begin an upload of the teacher; return its path."""
        with self.product.wired() as wiring, self.product.session() as session:
            owner = session.get_one(Person, self.teacher_id)
            session.commit()
            upload = create_upload(
                session,
                utc_now,
                wiring.store,
                owner=owner,
                file_name=f"{name}.mp4",
                size_bytes=size_bytes,
                fingerprint=name,
                limits=UploadLimits(max_bytes=20 * 2**30, expiry=timedelta(days=1)),
            )
            return f"/files/{upload.id}"

    def server_process(self) -> psutil.Process:
        """Return the process that answers."""
        return next(each for each in self.product.processes() if each.cmdline()[-1] == "web")

    def cpu_s(self) -> float:
        """Return the CPU seconds that it has taken so far."""
        times = self.server_process().cpu_times()
        return float(times.user + times.system)


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Start the product with one public lesson that has a 64 MB object."""
    with running_product(folder) as product:
        yield _filled(product)


@contextmanager
def running_production(folder: Path) -> Iterator[tuple[Site, Nginx]]:
    """Start the same behind the deployed nginx configuration, with objects in an S3 server."""
    keys = "k1:only-for-measurements"
    with running_s3() as s3, s3.fresh_bucket() as bucket:
        s3.prepare_bucket(bucket)
        options = {
            "OBJECT_STORE_URL": s3.url(bucket),
            "BYTE_DELIVERY": "nginx",
            "PLAYBACK_KEYS": keys,
            "TRUSTED_PROXY_COUNT": "1",
        }
        with (
            running_product(folder, options=options) as product,
            running_nginx(
                folder / "nginx",
                app_port=product.port,
                s3_port=s3.port,
                bucket=bucket,
                keys=keys,
            ) as nginx,
        ):
            yield _filled(product), nginx


def _filled(product: Product) -> Site:
    content = os.urandom(LARGE_BYTES)
    name = f"{hashlib.sha256(content).hexdigest()}.m4s"
    with product.wired() as wiring, product.session() as session:
        teacher = a_person(session)
        lesson = a_lesson(
            session, teacher, store=wiring.store, published=True, visibility=Visibility.PUBLIC
        )
        assert lesson.original is not None  # noqa: S101 (as builders make it)
        asset_id = lesson.original.asset_id
        key = part_key(asset_id, name.removesuffix(".m4s"))
        wiring.store.put_bytes(key, content, content_type="video/mp4")
        app = create_app(wiring)
        app.test_client_class = Visitor
        browser = app.test_client()
        assert isinstance(browser, Visitor)  # noqa: S101 (set above)
        browser.sign_in_with(a_sign_in(session, teacher, utc_now()))
        cookie = browser.get_cookie("khlang")
        path = product.settings.data_path / "objects" / key
        value = cookie.value if cookie else ""
        return Site(product, lesson.id, asset_id, teacher.id, f"khlang={value}", path, name)


def settle() -> None:
    """Let a fresh start come to rest."""
    time.sleep(3)
