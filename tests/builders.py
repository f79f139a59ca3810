"""Things for tests to stand on: each function makes one, whole and saved."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.messages import ProbeOriginal
from server.models.base import Base, uuid7
from server.models.classrooms import Classroom
from server.models.consents import MediaPeople, PeopleAnswer
from server.models.content import AnyItem, Content
from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.jobs import JobRow
from server.models.lesson_versions import LessonVersion
from server.models.lessons import Lesson, ShareLink, Visibility
from server.models.library import (
    Asset,
    AssetKind,
    AssetState,
    Original,
    Part,
    Rendition,
    RenditionKind,
    Stretch,
)
from server.models.people import Office, Person, Role, RoleName, School, SignIn
from server.models.progress import WatchProgress
from server.queue import NEXT_FIRST, enqueue
from server.services.covered import Covered
from server.services.lesson_content import newest_version
from server.services.open_rooms import is_right_picture, shown_picture
from server.services.passwords import hash_password
from storage.keys import original_key, part_key
from storage.store import ObjectStore

NOON = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)  # 12.00 in Bangkok, first day of term 2/2569
PASSWORD = "ม้าลายกินแตงโม 47"  # noqa: S105 (of persons made here)
CLASS_NAMES = "1 1001 ด.ช. สมชาย ใจดี\n2 ด.ญ. มะลิ ณ อยุธยา\n3 ด.ช. ปิติ ชูใจ"  # as pasted
NUMBERS = count(1)
Row = TypeVar("Row", bound=Base)
SEGMENT_BYTES = 4_000
INIT_BYTES = 800


@dataclass(slots=True)
class StoppedClock:
    """A Clock that stands still until it is moved."""

    at: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> None:
        """Move on, such as `forward(hours=12, seconds=1)`."""
        self.at += timedelta(**time)


def at_noon() -> datetime:
    """Be a Clock for tests in which no time passes."""
    return NOON


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)  # slow on purpose: once per test process


def an_office(session: Session, name: str = "สพป.เพชรบุรี เขต 2") -> Office:
    office = session.scalar(select(Office))
    return office or _saved(session, Office(name=name, created_at=NOON))


def a_school(session: Session, name: str = "โรงเรียนบ้านหนองปลาไหล") -> School:
    return _saved(session, School(name=name, created_at=NOON))


def a_person(
    session: Session,
    role: RoleName | str = RoleName.TEACHER,
    school: School | None = None,
    *,
    user_name: str | None = None,
    display_name: str = "ครูสมศรี ใจดี",
) -> Person:
    """Make somebody with one role and PASSWORD; all but office administrators get a school."""
    role = RoleName(role)
    if school is None and role is not RoleName.OFFICE_ADMIN:
        school = a_school(session)
    person = Person(
        user_name=user_name or f"{role}{next(NUMBERS)}",
        display_name=display_name,
        password_hash=_password_hash(),
        created_at=NOON,
        roles=[Role(name=role, school=school)],
    )
    return _saved(session, person)


def the_picture(room: Classroom, at: datetime) -> int:
    """Return the picture that the teacher of an open room shows."""
    shown = shown_picture(room, at)
    assert shown is not None, "the room is not open"
    return shown[0]


def another_picture(room: Classroom, at: datetime) -> int:
    """Return one that is wrong, also for who chooses late."""
    return next(each for each in range(1, 17) if not is_right_picture(room, each, at))


def a_teacher_of(lesson: Lesson) -> Person:
    """Return whose lesson it is."""
    return lesson.owner


def a_sign_in(session: Session, person: Person, now: datetime | None = None, **columns: Any) -> str:
    """Sign a person in on a new device; return the token that the cookie holds."""
    token, at = secrets.token_urlsafe(32), now or NOON
    facts = {"created_at": at, "proved_at": at, "expires_at": at + timedelta(days=30), **columns}
    row = SignIn(
        token_sha256=hashlib.sha256(token.encode()).hexdigest(), person_id=person.id, **facts
    )
    _saved(session, row)
    return token


def an_asset(session: Session, **columns: Any) -> Asset:
    """Make an asset that has just arrived; `columns` replace the defaults."""
    defaults = {
        "original_key": original_key(UUID(int=next(NUMBERS))),
        "size_bytes": 1_000_000,
        "sha256": hashlib.sha256(secrets.token_bytes(8)).hexdigest(),
        "created_at": NOON,
    }
    return _saved(session, Asset(**{**defaults, **columns}))


def a_ready_asset(
    session: Session,
    store: ObjectStore | None = None,
    *,
    duration_s: float = 12.0,
    **columns: Any,
) -> Asset:
    """Make a whole video asset: 240p, 720p and sound in stretches of 4 s and 8 s.

    With a store its parts are there too: right names and sizes, bytes that no player can show.
    """
    facts = {
        "kind": AssetKind.VIDEO,
        "state": AssetState.READY,
        "duration_s": duration_s,
        "width_px": 1280,
        "height_px": 720,
        "watchable_at": NOON,
        "ready_at": NOON,
    }
    asset = an_asset(session, **{**facts, **columns})
    spans = _spans(duration_s)
    asset.stretches = [Stretch(number=n, start_s=s, duration_s=d) for n, s, d in spans]
    asset.renditions = [
        _rendition("audio", RenditionKind.AUDIO, 0, is_first=True),
        _rendition("240p", RenditionKind.VIDEO, 240, is_first=True),
        _rendition("720p", RenditionKind.VIDEO, 720, is_first=False),
    ]
    for rendition in asset.renditions:
        rendition.parts = [_part(asset.id, rendition.name, span, store) for span in spans]
        rendition.size_bytes = sum(part.size_bytes for part in rendition.parts)
    asset.made_bytes = sum(rendition.size_bytes for rendition in asset.renditions)
    return _saved(session, asset)


def an_original(session: Session, owner: Person, asset: Asset | None = None) -> Original:
    """Make a person's file in which nobody is seen; its asset is waiting unless one is given."""
    row = Original(
        owner=owner,
        school_id=_school_id_of(owner),
        asset=asset or an_asset(session),
        file_name="การบวกเลข.mp4",
        created_at=NOON,
    )
    session.add(row)
    session.flush()
    nobody = {"answer": PeopleAnswer.NOBODY, "academic_year": NOON.year, "at": NOON}
    session.add(MediaPeople(original_id=row.id, **nobody))
    return _saved(session, row)


def a_lesson(
    session: Session,
    owner: Person | None = None,
    *,
    store: ObjectStore | None = None,
    ready: bool = True,
    published: bool = False,
    **columns: Any,
) -> Lesson:
    """Make a lesson, visible to its school once published; `columns` replace the defaults."""
    owner = owner or a_person(session)
    original = columns.pop("original", None)
    if original is None:
        asset = a_ready_asset(session, store) if ready else an_asset(session)
        original = an_original(session, owner, asset)
    facts: dict[str, Any] = {
        "owner": owner,
        "school_id": _school_id_of(owner),
        "original": original,
        "title": "การบวกเลขสองหลัก ป.2",
        "visibility": Visibility.SCHOOL,
        "created_at": NOON,
        "changed_at": NOON,
        "published_at": NOON if published else None,
    }
    return _saved(session, Lesson(**{**facts, **columns}))


def a_version(session: Session, lesson: Lesson, *items: AnyItem) -> LessonVersion:
    """Give these items to pupils, as the lesson's first or a newer version."""
    with session.begin():
        newest = newest_version(session, lesson.id)
        document = Content(items=items).model_dump(mode="json")
        number = newest.number + 1 if newest else 1
        row = LessonVersion(lesson_id=lesson.id, number=number, content=document, created_at=NOON)
        session.add(row)
    return row


def a_course(session: Session, owner: Person, *lessons: Lesson) -> Course:
    """Make a course of term 2/2569 with one unit."""
    places = [
        CourseLesson(lesson_id=lesson.id, title=lesson.title, place=place)
        for place, lesson in enumerate(lessons)
    ]
    row = Course(
        owner_id=owner.id,
        school_id=_school_id_of(owner),
        title="คณิตศาสตร์ ป.2",
        academic_year=NOON.year,
        term_number=2,
        units=[CourseUnit(place=0, title="การบวก", lessons=places)],
        created_at=NOON,
        changed_at=NOON,
    )
    return _saved(session, row)


def a_share_link(session: Session, lesson: Lesson) -> ShareLink:
    token = secrets.token_urlsafe(16)
    return _saved(session, ShareLink(token=token, lesson_id=lesson.id, created_at=NOON))


def a_progress(
    session: Session, person: Person, lesson: Lesson, *ranges: list[float], position_s: float = 0.0
) -> WatchProgress:
    """Have a person watched ranges of a lesson's recording, at noon."""
    assert lesson.original is not None
    covered = Covered.of(ranges)
    row = WatchProgress(
        person_id=person.id,
        asset_id=lesson.original.asset_id,
        covered=covered.to_text(),
        covered_s=covered.seconds,
        position_s=position_s or float(covered.end_s),
        first_at=NOON,
        last_at=NOON,
    )
    return _saved(session, row)


def queued_jobs(session: Session) -> list[str]:
    """Return the kinds of all jobs in the queue, in the order in which they would run."""
    rows = session.scalars(select(JobRow).order_by(*NEXT_FIRST))
    kinds = [row.kind for row in rows]
    session.commit()
    return kinds


def _saved(session: Session, row: Row) -> Row:
    """Save in a transaction of its own, so that a service may begin one next."""
    session.add(row)
    session.commit()
    return row


def _school_id_of(person: Person) -> UUID | None:
    return next((role.school_id for role in person.roles), None)


def _spans(duration_s: float) -> list[tuple[int, float, float]]:
    """Return (number, start, length): 4 s, then 8 s each."""
    spans: list[tuple[int, float, float]] = []
    start_s = 0.0
    while start_s < duration_s:
        length_s = min(8.0 if spans else 4.0, duration_s - start_s)
        spans.append((len(spans), start_s, length_s))
        start_s += length_s
    return spans


def _rendition(name: str, kind: RenditionKind, height_px: int, *, is_first: bool) -> Rendition:
    return Rendition(
        name=name,
        kind=kind,
        width_px=height_px * 16 // 9 // 2 * 2,
        height_px=height_px,
        fps=25.0 if height_px else 0.0,
        codecs="avc1.64001f" if height_px else "mp4a.40.2",
        is_first=is_first,
        is_whole=True,
        peak_bps=height_px * 3_000 or 64_000,
        average_bps=height_px * 2_000 or 48_000,
    )


def _part(
    asset_id: UUID, name: str, span: tuple[int, float, float], store: ObjectStore | None
) -> Part:
    number, start_s, duration_s = span
    segments, offset, rest_s = [], INIT_BYTES, duration_s
    while rest_s > 0:
        segments.append([min(4.0, rest_s), float(offset), float(SEGMENT_BYTES)])
        offset, rest_s = offset + SEGMENT_BYTES, rest_s - 4.0
    content = f"{asset_id} {name} {number} ".encode().ljust(offset, b".")
    sha256 = hashlib.sha256(content).hexdigest()
    if store is not None:
        store.put_bytes(part_key(asset_id, sha256), content, content_type="video/mp4")
    return Part(
        number=number,
        sha256=sha256,
        size_bytes=offset,
        init_bytes=INIT_BYTES,
        start_s=start_s,
        duration_s=duration_s,
        segments=segments,
    )


def an_arrived_file(
    session: Session, store: ObjectStore, path: Path, *, owner: Person | None = None
) -> Original:
    """Store a real file as an upload does, with the job that probes it."""
    original_id = uuid7()
    key = original_key(original_id)
    store.put_file(key, path, content_type="application/octet-stream")
    asset = Asset(original_key=key, size_bytes=path.stat().st_size, created_at=NOON)
    original = an_original(session, owner or a_person(session), asset)
    with session.begin():
        enqueue(session, ProbeOriginal(asset_id=asset.id), NOON)
    return original
