"""Makes the demo through the same services that people use. Again adds nothing."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from media_pipeline.tools import Tools
from server.demo.media import captions_of, make_file
from server.demo.script import LESSONS, OFFICE, SCHOOLS, DemoLesson
from server.models.consents import PeopleAnswer
from server.models.lessons import Lesson
from server.models.library import Asset, AssetState, Original, Upload
from server.models.people import Office, Person, RoleName, School
from server.services.captions import add_captions
from server.services.clock import Clock
from server.services.joining import NewPerson
from server.services.lesson_version_changes import is_watchable
from server.services.lessons import create_lesson, edit_lesson, publish_lesson
from server.services.people import create_person, first_run
from server.services.people_in_picture import WhoIsIn, say_who_is_in
from server.services.schools import create_school
from server.services.upload import UploadLimits, create_upload, finish_upload, record_part
from storage.store import PART_BYTES, ObjectStore

LOOK_EVERY_S = 1.0
LIMITS = UploadLimits(max_bytes=2**30, expiry=timedelta(days=1))
PERSONS = (  # user name, display name, role, number of the school
    ("teacher", "ครูสมศรี ใจดี", RoleName.TEACHER, 0),
    ("school", "ผอ.วิชัย รักเรียน", RoleName.SCHOOL_ADMIN, 0),
    ("student", "ด.ช.ปิติ ตั้งใจ", RoleName.STUDENT, 0),
)
ADMINISTRATOR = ("office", "กลุ่มส่งเสริมการศึกษาทางไกลฯ")


class NotADemo(Exception):
    """There is a real office in this installation: nothing was added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSite:
    """Where the demo is made."""

    sessions: Callable[[], Session]
    now: Clock
    store: ObjectStore
    tools: Tools


def demo_password(data_path: Path) -> str:
    """Return the password of all demo persons, made at the first call."""
    path = data_path / "secrets" / "demo_password"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(f"demo-{secrets.token_hex(6)}")
    except FileExistsError:
        pass
    return path.read_text()


def install_people(site: DemoSite, password: str) -> None:
    """Make the office, two schools and one person of each role. Raises NotADemo."""
    with site.sessions() as session:
        _make_office(session, site.now, password)
        schools = [_school(session, site.now, name) for name in SCHOOLS]
        for user_name, display_name, role, number in PERSONS:
            if _person(session, user_name) is None:
                new = NewPerson(user_name=user_name, display_name=display_name, password=password)
                roles = [(role, schools[number].id)]
                create_person(session, site.now, new=new, roles=roles, needs_new_password=False)


def install_lessons(site: DemoSite) -> Iterator[str]:
    """Upload what is missing, wait until it can be watched, publish; yield each title."""
    with site.sessions() as session:
        teacher = _person(session, PERSONS[0][0])
        if teacher is None:
            return
        missing = [each for each in LESSONS if not _has_lesson(session, teacher, each)]
        originals = {each.title: _uploaded(site, session, teacher, each) for each in missing}
        for each in missing:
            if _is_watchable_soon(session, originals[each.title]):
                _publish(site, session, teacher, each, originals[each.title])
                yield each.title


def _make_office(session: Session, now: Clock, password: str) -> None:
    with session.begin():
        office = session.scalar(select(Office))
    if office is None:
        user_name, display_name = ADMINISTRATOR
        first_run(
            session,
            now,
            office_name=OFFICE,
            user_name=user_name,
            display_name=display_name,
            password=password,
        )
    elif not office.is_demo and office.name != OFFICE:
        raise NotADemo
    with session.begin():
        session.execute(update(Office).values(is_demo=True))


def _school(session: Session, now: Clock, name: str) -> School:
    with session.begin():
        found = session.scalar(select(School).where(School.name == name))
    return found or create_school(session, now, name=name, by=None)


def _person(session: Session, user_name: str) -> Person | None:
    with session.begin():
        return session.scalar(select(Person).where(Person.user_name == user_name))


def _has_lesson(session: Session, teacher: Person, demo: DemoLesson) -> bool:
    made = select(Lesson.id).where(Lesson.owner_id == teacher.id, Lesson.title == demo.title)
    with session.begin():
        return session.scalar(made) is not None


def _uploaded(site: DemoSite, session: Session, teacher: Person, demo: DemoLesson) -> UUID:
    """Return the original of an earlier try, or upload the file."""
    mine = select(Original.id).where(Original.owner_id == teacher.id)
    with session.begin():
        found = session.scalar(mine.where(Original.file_name == demo.file_name))
    if found:
        return found
    with TemporaryDirectory(prefix="khlang-demo-") as folder:
        path = make_file(demo, Path(folder), site.tools)
        return _upload(site, session, teacher, path)


def _upload(site: DemoSite, session: Session, teacher: Person, path: Path) -> UUID:
    upload = create_upload(
        session,
        site.now,
        site.store,
        owner=teacher,
        file_name=path.name,
        size_bytes=path.stat().st_size,
        fingerprint="",
        limits=LIMITS,
    )
    content = path.read_bytes()
    for base_bytes in range(0, len(content), PART_BYTES):
        _send_piece(site, session, upload, base_bytes, path.with_suffix(".piece"), content)
    sha256 = hashlib.sha256(content).hexdigest()
    original = finish_upload(session, site.now, site.store, upload_id=upload.id, sha256=sha256)
    return original.id


def _send_piece(
    site: DemoSite,
    session: Session,
    upload: Upload,
    base_bytes: int,
    piece: Path,
    content: bytes,
) -> None:
    piece.write_bytes(content[base_bytes : base_bytes + PART_BYTES])
    number = base_bytes // PART_BYTES + 1
    part = site.store.put_part(upload.object_key, upload.multipart_id, number, piece)
    record_part(session, site.now, upload_id=upload.id, base_bytes=base_bytes, part=part)


def _is_watchable_soon(session: Session, original_id: UUID) -> bool:
    """Wait for a worker to prepare it; False if it never can be shown."""
    of_original = select(Asset).join(Original).where(Original.id == original_id)
    while True:
        with session.begin():
            asset = session.scalar(of_original.execution_options(populate_existing=True))
        if asset is None or asset.state == AssetState.FAILED:
            return False
        if is_watchable(asset):
            return True
        time.sleep(LOOK_EVERY_S)


def _publish(
    site: DemoSite, session: Session, teacher: Person, demo: DemoLesson, original_id: UUID
) -> None:
    nobody = WhoIsIn(answer=PeopleAnswer.NOBODY)
    say_who_is_in(session, site.now, original_id=original_id, who=nobody, by=teacher)
    lesson = create_lesson(session, site.now, original_id=original_id, title=demo.title, by=teacher)
    edit_lesson(session, site.now, lesson_id=lesson.id, changes=demo.changes, by=teacher)
    if demo.captions:
        add_captions(
            session,
            site.now,
            site.store,
            lesson_id=lesson.id,
            language="th",
            raw=captions_of(demo),
            by=teacher,
        )
    publish_lesson(session, site.now, lesson_id=lesson.id, by=teacher)
