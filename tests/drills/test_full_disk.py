"""A disk that uploads and strangers have filled: what frees room works, and all goes on after."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from server.messages import ProbeOriginal
from server.models.base import uuid7
from server.models.jobs import JobRow
from server.models.lessons import Lesson, Visibility
from server.models.library import Asset, Original, Upload
from server.models.people import RoleName
from server.models.quizzes import QuizAttempt
from server.queue import enqueue
from tests.builders import a_lesson, a_person, an_asset, an_original
from tests.quizzes import answers_to, page_of, with_quiz
from tests.services.device import Answered, Device
from tests.services.postgres import TEMPLATE, running_postgres
from tests.services.product import Product, running_product
from tests.services.small_disk import MIB, SmallDisk, a_small_disk

pytestmark = pytest.mark.slow

DISK_BYTES, RESERVE_BYTES, LARGE_BYTES = 256 * MIB, 32 * MIB, 64 * MIB
PIECE_BYTES = 4 * MIB
OK = range(200, 400)
MOST_ROWS = 5_000


@dataclass(slots=True)
class Site:
    """The product with a lesson that plays and asks, one to be removed, and its people."""

    product: Product
    disk: SmallDisk
    teacher: Device
    pupil: Device
    lesson: Lesson
    quiz_page: str
    answers: dict[str, list[str]]
    large: Lesson

    def wait_until(self, is_so: Callable[[], bool], *, at_most_s: float = 90) -> None:
        end = time.monotonic() + at_most_s
        while not is_so():
            assert time.monotonic() < end, self.product.program and self.product.program.log()
            time.sleep(0.3)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with a_small_disk(tmp_path, size_bytes=DISK_BYTES) as disk:
        yield disk


@pytest.fixture
def site(disk: SmallDisk) -> Iterator[Site]:
    options = {"RESERVED_BYTES": str(RESERVE_BYTES)}
    with running_product(disk.path, options=options) as product:
        site = a_site(product, disk)
        site.wait_until(lambda: spare_bytes(product) > 4 * MIB)
        yield site


def spare_bytes(product: Product) -> int:
    with product.wired() as wiring, wiring.engine.connect() as connection:
        return int(connection.scalar(text("PRAGMA freelist_count")) or 0) * 4096


def a_site(product: Product, disk: SmallDisk) -> Site:
    with product.session() as session, product.wired() as wiring:
        teacher = a_person(session)
        pupil = a_person(session, RoleName.STUDENT, teacher.roles[0].school)
        lesson = a_lesson(
            session, teacher, store=wiring.store, published=True, visibility=Visibility.PUBLIC
        )
        quiz = with_quiz(session, lesson)
        asset = an_asset(session, size_bytes=LARGE_BYTES)
        source = disk.path / "source"
        source.write_bytes(os.urandom(LARGE_BYTES))
        wiring.store.put_file(asset.original_key, source, content_type="")
        source.unlink()
        large = a_lesson(session, teacher, original=an_original(session, teacher, asset))
        session.commit()
    return Site(
        product=product,
        disk=disk,
        teacher=Device(product, teacher),
        pupil=Device(product, pupil),
        lesson=lesson,
        quiz_page=page_of(lesson, quiz.id),
        answers=answers_to(quiz),
        large=large,
    )


def test_a_full_disk_refuses_uploads_in_words_frees_itself_and_goes_on(site: Site) -> None:
    sent, other = os.urandom(12 * MIB), b"given up" * MIB
    url = begun(site.teacher.begin_upload(len(sent), "long.mp4"))
    other_url = begun(site.teacher.begin_upload(len(other), "other.mp4"))
    assert site.teacher.send_bytes(other_url, 0, other[:MIB]).status == 204

    site.disk.fill(leave_bytes=RESERVE_BYTES + 6 * MIB)
    refused = send_until_refused(site.teacher, url, sent)
    refuses_in_words(refused)
    refuses_in_words(site.teacher.begin_upload(20 * MIB, "new.mp4"))
    acknowledged = site.teacher.arrived_bytes(url)
    assert 0 < acknowledged < len(sent)

    site.disk.fill()
    assert site.disk.free_bytes < MIB
    job_id = a_job_that_needs_room(site)
    all_but_uploads_works(site)
    assert site.teacher.arrived_bytes(url) == acknowledged
    assert not was_taken(site, job_id)
    assert site.teacher.cancel_upload(other_url).status == 204
    remove_for_good(site)

    site.wait_until(lambda: site.disk.free_bytes > RESERVE_BYTES + len(sent))
    send_all(site, url, sent)
    assert stored(site) == sent
    site.wait_until(lambda: was_taken(site, job_id))
    site.disk.clear()
    site.wait_until((site.product.data_path / "khlang.sqlite3.ballast").exists)


def begun(answer: Answered) -> str:
    assert answer.status == 201, answer
    return answer.headers["location"]


def send_until_refused(device: Device, url: str, content: bytes) -> Answered:
    for offset in range(0, len(content), PIECE_BYTES):
        answer = device.send_bytes(url, offset, content[offset : offset + PIECE_BYTES])
        if answer.status != 204:
            return answer
    raise AssertionError("nothing was refused")


def refuses_in_words(answer: Answered) -> None:
    assert (answer.status, answer.json["type"]) == (507, "/problems/storage_full")
    assert int(answer.headers["retry-after"]) > 0


def a_job_that_needs_room(site: Site) -> UUID:
    with site.product.session() as session:
        asset = an_asset(session)
        with session.begin():
            enqueue(session, ProbeOriginal(asset_id=asset.id), asset.created_at)
        wanted = select(JobRow.id).where(JobRow.asset_id == asset.id)
        return session.scalars(wanted).one()


def was_taken(site: Site, job_id: UUID) -> bool:
    with site.product.session() as session:
        row = session.get(JobRow, job_id)
        return row is None or row.claimed_at is not None


def all_but_uploads_works(site: Site) -> None:
    lesson = f"/lessons/{site.lesson.id}"
    for path in ("/", "/search?q=P4", lesson):
        assert site.pupil.get(path).status in OK, path
    play = site.pupil.send_json("POST", f"/api/v1{lesson}/playback", {})
    assert play.status in OK, play.body
    assert site.pupil.get(f"{lesson}/save/240p.mp4").status in OK
    page = site.pupil.get(site.quiz_page)
    assert page.status in OK
    quiz_pass = page.body.decode().partition('name="quiz_pass" value="')[2].partition('"')[0]
    body = {"quiz_pass": quiz_pass, "answers": site.answers}
    answer = site.pupil.send_json("PUT", f"/api/v1/quiz-attempts/{uuid7()}", body)
    assert answer.status in OK, answer.body
    with site.product.session() as session:
        assert session.scalars(select(QuizAttempt)).all()


def remove_for_good(site: Site) -> None:
    path = f"/studio/lessons/{site.large.id}"
    assert site.teacher.send_form(f"{path}/delete").status in OK
    page = site.teacher.get(f"{path}/erase").body.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    assert site.teacher.send_form(f"{path}/erase", seen=seen).status in OK


def send_all(site: Site, url: str, content: bytes) -> None:
    """Go on as the browser does: from where the server is, again until it takes it."""

    def is_sent() -> bool:
        offset = site.teacher.arrived_bytes(url)
        answer = site.teacher.send_bytes(url, offset, content[offset:])
        return answer.status == 204 and site.teacher.arrived_bytes(url) == len(content)

    site.wait_until(is_sent)


def stored(site: Site) -> bytes:
    def newest(session: Session) -> Asset:
        return session.scalars(
            select(Asset).join(Original).order_by(Original.id.desc()).limit(1)
        ).one()

    with site.product.session() as session, site.product.wired() as wiring:
        return wiring.store.read_range(newest(session).original_key, 0, DISK_BYTES)


@pytest.fixture
def postgres_disk() -> Iterator[SmallDisk]:
    """A disk whose path is short and can be reached by PostgreSQL's user."""
    with TemporaryDirectory(prefix="khlang-disk-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with a_small_disk(folder, size_bytes=DISK_BYTES) as disk:
            yield disk


def test_a_full_disk_of_postgresql_is_told_in_words_reading_goes_on_and_all_comes_back(
    tmp_path: Path, postgres_disk: SmallDisk
) -> None:
    with (
        running_postgres(postgres_disk.path) as cluster,
        cluster.fresh_database(TEMPLATE) as url,
        running_product(tmp_path, options={"DATABASE_URL": url}) as product,
    ):
        site = a_site(product, postgres_disk)
        lesson = f"/lessons/{site.lesson.id}"

        site.wait_until(lambda: spare_table_bytes(product) >= 16 * MIB)

        postgres_disk.fill()
        answers = write_until_refused(site)

        assert answers[-1].status == 507, answers[-1]
        assert answers[-1].json["type"] == "/problems/storage_full"
        assert {site.pupil.get(path).status for path in ("/", lesson)} == {200}
        all_but_uploads_works(site)
        assert site.teacher.send_form(f"/studio{lesson}/delete").status in OK
        postgres_disk.clear()
        site.wait_until(lambda: site.teacher.begin_upload(MIB, "after.mp4").status == 201)
        assert uploads_begun(site) == 1 + sum(answer.status == 201 for answer in answers)


def spare_table_bytes(product: Product) -> int:
    with product.wired() as wiring, wiring.engine.connect() as connection:
        size = text("SELECT pg_total_relation_size(to_regclass('spare_table'))")
        return int(connection.scalar(size) or 0)


def write_until_refused(site: Site) -> list[Answered]:
    """Begin uploads, each a row with a long name, until the database takes no more."""
    answers: list[Answered] = []
    while len(answers) < MOST_ROWS and (not answers or answers[-1].status == 201):
        answers.append(site.teacher.begin_upload(MIB, f"{len(answers)}-{'x' * 200}.mp4"))
    return answers


def uploads_begun(site: Site) -> int:
    with site.product.session() as session:
        return session.scalar(select(func.count()).select_from(Upload)) or 0
