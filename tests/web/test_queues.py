"""The pages about waiting work: a teacher's own, and the office's."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.messages import EncodeStretch, ProbeOriginal
from server.models.jobs import JobRow, JobState
from server.models.library import AssetKind, AssetState, Original
from server.models.people import Person, RoleName
from server.queue import claim, enqueue
from server.services.health import note_worker
from server.services.waiting import note_speed
from tests.browsing import Visitor
from tests.builders import NOON, StoppedClock, a_person, an_asset, an_original

Browse = Callable[[Person], Visitor]


@pytest.fixture
def admin(session: Session, sign_in: Browse) -> Visitor:
    return sign_in(a_person(session, RoleName.OFFICE_ADMIN))


def a_waiting_file(session: Session, clock: StoppedClock, owner: Person, name: str) -> Original:
    asset = an_asset(session, kind=AssetKind.VIDEO, state=AssetState.PREPARING, duration_s=60.0)
    original = an_original(session, owner, asset)
    original.file_name = name
    for number in range(2):
        message = EncodeStretch(asset_id=asset.id, number=number, rungs="lowest")
        enqueue(session, message, clock(), priority=60)
    session.commit()
    return original


def set_work(session: Session, work_s: float) -> None:
    for row in session.scalars(select(JobRow)):
        row.work_s = work_s
    session.commit()


def test_a_teacher_sees_the_own_files_and_nobody_elses(
    session: Session, clock: StoppedClock, teacher: Person, sign_in: Browse
) -> None:
    a_waiting_file(session, clock, teacher, "own.mp4")
    a_waiting_file(session, clock, a_person(session), "other.mp4")

    page = sign_in(teacher).get("/studio/queue").text

    assert "own.mp4" in page
    assert "other.mp4" not in page


def test_the_empty_page_says_what_will_be_here(teacher: Person, sign_in: Browse) -> None:
    visitor = sign_in(teacher)
    visitor.set_cookie("lang", "en")

    page = visitor.get("/studio/queue").text

    assert "its place in line" in page
    assert 'href="/studio/upload"' in page


def test_minutes_left_show_only_when_they_are_known(
    session: Session, clock: StoppedClock, teacher: Person, sign_in: Browse
) -> None:
    a_waiting_file(session, clock, teacher, "own.mp4")
    set_work(session, 300)
    visitor = sign_in(teacher)
    visitor.set_cookie("lang", "en")
    assert not re.search(r"in about \d", visitor.get("/studio/queue").text)

    note_worker(session, clock, name="host:1:a", version="1")
    for _ in range(3):
        note_speed(session, "encode_stretch", expected_s=10, took_s=12)

    assert "in about 12 minutes" in visitor.get("/studio/queue").text


def test_a_list_that_has_not_changed_is_not_sent_again(
    session: Session, clock: StoppedClock, teacher: Person, sign_in: Browse
) -> None:
    a_waiting_file(session, clock, teacher, "own.mp4")
    visitor = sign_in(teacher)
    first = visitor.get("/studio/queue?part=list")

    again = visitor.get("/studio/queue?part=list", headers={"If-None-Match": first.headers["ETag"]})

    assert "<html" not in first.text
    assert (again.status_code, again.data) == (304, b"")


def test_the_office_sees_workers_and_what_they_do(
    session: Session, clock: StoppedClock, teacher: Person, admin: Visitor
) -> None:
    a_waiting_file(session, clock, teacher, "lesson.mp4")
    name = "edge-2:811:ab12cd"
    note_worker(session, clock, name=name, version="7.7")
    assert claim(session, clock(), worker=name, first_work_only=False)

    page = admin.get("/admin/queue").text

    assert "edge-2" in page
    assert "7.7" in page
    assert page.count("lesson.mp4") >= 3  # the file, what the worker does, the jobs


def test_the_office_filters_jobs_by_state(
    session: Session, clock: StoppedClock, teacher: Person, admin: Visitor
) -> None:
    a_waiting_file(session, clock, teacher, "waits.mp4")
    failed = a_waiting_file(session, clock, teacher, "fails.mp4")
    job = session.scalars(select(JobRow).where(JobRow.asset_id == failed.asset_id)).first()
    assert job is not None
    job.state, job.error = JobState.DEAD, "Invalid data found when processing input"
    session.commit()

    dead = admin.get("/admin/queue?state=dead").text
    jobs = dead[dead.index('id="jobs-title"') :]

    assert "Invalid data found" in jobs
    assert "waits.mp4" not in jobs
    running = admin.get("/admin/queue?state=running").text
    assert "fails.mp4" not in running[running.index('id="jobs-title"') :]


def test_one_files_page_shows_its_jobs_only(
    session: Session, clock: StoppedClock, teacher: Person, admin: Visitor
) -> None:
    original = a_waiting_file(session, clock, teacher, "this.mp4")
    a_waiting_file(session, clock, teacher, "that.mp4")

    page = admin.get(f"/admin/queue/assets/{original.asset_id}").text

    assert "this.mp4" in page
    assert "that.mp4" not in page


def test_the_office_puts_a_file_first_and_comes_back_to_the_same_page(
    session: Session, clock: StoppedClock, teacher: Person, admin: Visitor
) -> None:
    original = a_waiting_file(session, clock, teacher, "later.mp4")
    address = f"/admin/queue/assets/{original.asset_id}"

    answer = admin.send_form(f"{address}/rank", rank="first", next=address)

    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    session.expire_all()
    assert {row.rank for row in session.scalars(select(JobRow))} == {-1}


def test_stopped_work_is_explained_and_can_go_on(
    session: Session, clock: StoppedClock, teacher: Person, sign_in: Browse, admin: Visitor
) -> None:
    asset = an_asset(session)
    an_original(session, teacher, asset)
    enqueue(session, ProbeOriginal(asset_id=asset.id), NOON)
    session.commit()
    admin.send_form(f"/admin/queue/assets/{asset.id}/cancel")
    visitor = sign_in(teacher)
    visitor.set_cookie("lang", "en")
    assert "The area office stopped the work" in visitor.get("/studio/queue").text

    admin.send_form(f"/admin/queue/assets/{asset.id}/again")

    session.expire_all()
    assert session.scalars(select(JobRow.kind)).all() == ["probe_original"]
    assert asset.state == AssetState.WAITING
