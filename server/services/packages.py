"""Packages: their files by path, and how far each person is in them."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from media_pipeline.zips import folded
from server.errors import FieldError, NotAllowed, NotFound, TooMuch
from server.models.lessons import Lesson
from server.models.library import Asset
from server.models.packages import Package, PackageAttempt, PackageFile
from server.models.people import Person
from server.services.clock import Clock
from server.services.erased_lessons import hold_for_work
from server.services.given import is_learnt_here
from server.services.lessons import get_lesson_for
from server.services.shown_files import file_of_items

MOST_STATE_BYTES = 256 * 1024
MOST_LAUNCHES = 300
MOST_ATTEMPTS = 50  # of one person in one lesson
MOST_REVISION = 2**31 - 1
MOST_SECONDS = 10_000_000.0
MOST_SCORE = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageCard:
    """What a player offers: each launch has a title ("" where there is none) and a path."""

    form: str
    title: str
    launches: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a device tells of an attempt; `revision` counts up there."""

    revision: int
    state: dict[str, str] = field(default_factory=dict)
    score_raw: float | None = None
    score_min: float | None = None
    score_max: float | None = None
    score_scaled: float | None = None
    completion: str = "unknown"
    success: str = "unknown"
    duration_s: float = 0.0


COMPLETIONS = frozenset({"unknown", "not attempted", "incomplete", "completed"})
SUCCESSES = frozenset({"unknown", "passed", "failed"})


def write_package(
    session: Session,
    asset: Asset,
    *,
    form: str,
    title: str,
    launches: list[dict[str, Any]],
    files: Sequence[PackageFile],
) -> int:
    """Write down what was unpacked, in the caller's transaction; return the bytes it takes."""
    session.execute(delete(PackageFile).where(PackageFile.asset_id == asset.id))
    package = session.get(Package, asset.id) or Package(asset_id=asset.id)
    package.form, package.title, package.launches = form, title, launches
    session.add(package)
    for file in files:
        file.asset_id = asset.id
    session.add_all(files)
    return sum({file.key: file.size_bytes for file in files}.values())


def find_package(session: Session, asset_id: UUID) -> PackageCard | None:
    """Return what a package offers; None while it is not unpacked."""
    with session.begin():
        row = session.get(Package, asset_id)
    if row is None:
        return None
    return PackageCard(form=row.form, title=row.title, launches=row.launches)


def find_package_object(session: Session, asset_id: UUID, path: str) -> str | None:
    """Return the key of the object under a path; spelling as packages made on Windows have it."""
    steps = [step for step in path.split("/") if step]
    if not steps or ".." in steps or "\0" in path:  # no database takes a NUL
        return None
    path = "/".join(steps)
    alike = select(PackageFile.path, PackageFile.key).where(
        PackageFile.asset_id == asset_id, PackageFile.folded == folded(path)
    )
    with session.begin():
        found = dict(session.execute(alike).all())
    return found.get(path) or next(iter(found.values()), None)


def save_attempt(  # noqa: PLR0913 (who, where, what, and by what right)
    session: Session,
    now: Clock,
    *,
    lesson_id: UUID,
    attempt_id: UUID,
    progress: Progress,
    by: Person,
    share_token: str | None = None,
    original_id: UUID | None = None,
) -> PackageAttempt:
    """Keep how far somebody is, in the lesson's own file or in one of its items'.

    The same again, or an older revision, changes nothing. Raises NotFound (also for
    another person's attempt), NotAllowed where nothing is kept of who came, FieldError, TooMuch.
    """
    _check(progress)
    lesson = get_lesson_for(session, now, lesson_id=lesson_id, by=by, share_token=share_token)
    asset_id = _package_in(session, lesson, original_id, by)
    with session.begin():
        hold_for_work(session, lesson_id)
        # An update first: it takes the write lock, so that nothing changes between read and write.
        mine = update(PackageAttempt).where(PackageAttempt.id == attempt_id)
        session.execute(mine.values(revision=PackageAttempt.revision))
        attempt = session.get(PackageAttempt, attempt_id, populate_existing=True)
        if not is_learnt_here(session, person=by, lesson_id=lesson_id):
            raise NotAllowed(f"lesson {lesson_id} was not given to this classroom")
        if attempt is None:
            _drop_oldest(session, by.id, lesson_id)
            facts = {"person_id": by.id, "lesson_id": lesson_id, "asset_id": asset_id}
            attempt = PackageAttempt(id=attempt_id, revision=-1, started_at=now(), **facts)
            session.add(attempt)
        if (attempt.person_id, attempt.lesson_id) != (by.id, lesson_id):
            raise NotFound(f"no attempt {attempt_id} of this person")
        if progress.revision > attempt.revision:
            _take(attempt, progress)
            attempt.changed_at = now()
    return attempt


def latest_attempt(
    session: Session, *, lesson_id: UUID, asset_id: UUID, by: Person | None
) -> PackageAttempt | None:
    """Return where a person goes on in this very package; None for guests and who never began."""
    if by is None:
        return None
    of_person = _attempts_of(by.id, lesson_id).where(PackageAttempt.asset_id == asset_id)
    with session.begin():
        return session.scalar(of_person.limit(1))


def _attempts_of(person_id: UUID, lesson_id: UUID) -> Select[PackageAttempt]:
    return (
        select(PackageAttempt)
        .where(PackageAttempt.person_id == person_id, PackageAttempt.lesson_id == lesson_id)
        .order_by(PackageAttempt.started_at.desc(), PackageAttempt.id.desc())
    )


def _package_in(session: Session, lesson: Lesson, original_id: UUID | None, by: Person) -> UUID:
    """Return the asset of the lesson's own file, or of another one that its items use."""
    if original_id is not None:
        return file_of_items(session, lesson=lesson, original_id=original_id, by=by).asset_id
    if lesson.original is None:
        raise NotFound(f"lesson {lesson.id} has no file")
    return lesson.original.asset_id


def _drop_oldest(session: Session, person_id: UUID, lesson_id: UUID) -> None:
    """Make room for one more attempt: nobody fills the table by beginning again and again."""
    for old in session.scalars(_attempts_of(person_id, lesson_id).offset(MOST_ATTEMPTS - 1)):
        session.delete(old)


def _take(attempt: PackageAttempt, progress: Progress) -> None:
    attempt.revision, attempt.state = progress.revision, dict(progress.state)
    attempt.score_raw, attempt.score_scaled = progress.score_raw, progress.score_scaled
    attempt.score_min, attempt.score_max = progress.score_min, progress.score_max
    attempt.completion, attempt.success = progress.completion, progress.success
    attempt.duration_s = progress.duration_s


def _check(progress: Progress) -> None:
    """Refuse what no player of ours sends: a package may have sent anything."""
    if not 0 <= progress.revision <= MOST_REVISION:
        raise FieldError("revision", "a count", rule="range")
    if not math.isfinite(progress.duration_s) or not 0 <= progress.duration_s <= MOST_SECONDS:
        raise FieldError("duration_s", "seconds", rule="range")
    for name in ("score_raw", "score_min", "score_max"):
        number = getattr(progress, name)
        if number is not None and not abs(number) <= MOST_SCORE:
            raise FieldError(name, "a number of points", rule="range")
    if progress.score_scaled is not None and not abs(progress.score_scaled) <= 1:
        raise FieldError("score_scaled", "from -1 to 1", rule="range")
    if progress.completion not in COMPLETIONS or progress.success not in SUCCESSES:
        raise FieldError("completion", "a known word", rule="choice")
    size_bytes = len(json.dumps(progress.state, ensure_ascii=False).encode(errors="replace"))
    if size_bytes > MOST_STATE_BYTES or len(progress.state) > MOST_LAUNCHES:
        raise TooMuch("state", limit_bytes=MOST_STATE_BYTES)
