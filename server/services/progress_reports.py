"""Reports of devices judged and written, many in one transaction: the group is the unit.

A report is believed as far as it can be: within the asset, not faster than the fastest speed of the
player allows since its playback began, and while the person may see the lesson. What is refused
changes nothing. What fails to be written is acknowledged to nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.errors import AppError, FieldError, NotAllowed, ReadOnly
from server.models.assignments import Assignment
from server.models.classrooms import Enrolment
from server.models.erased_lessons import ErasedFile
from server.models.lessons import Lesson, ShareLink
from server.models.library import Asset, AssetKind, Original
from server.models.people import Person
from server.policy import may_view_lesson
from server.services.class_sessions import classes_by_id
from server.services.clock import Clock
from server.services.covered import NOTHING, Covered
from server.services.given import given_pairs, is_given_to_pupil
from server.services.progress import AnotherBegan, Progress, Watched, record_watched
from server.services.progress_passes import ProgressPass
from server.services.sign_ins import revoked_of
from server.services.turns import TO_WRITE

FASTEST = 2.0  # frontend/src/choices.ts offers no more
SLACK_S = 20  # clocks that are read to the second, a line that held a report up
BEYOND_END_S = 3  # players round, and last frames last
ASKED_AGAIN_AFTER = timedelta(seconds=30)  # as playback itself
TRIES = 3
PLAYED = frozenset({AssetKind.VIDEO, AssetKind.AUDIO})
_MANY = 20_000
Thing = TypeVar("Thing", Person, Lesson, ShareLink)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one device tells; `age_s` is how long ago it was at `position_s`, by its own clock."""

    opened: ProgressPass
    covered: Covered
    position_s: float
    age_s: float


@dataclass(slots=True)
class Standing:
    """What is known of a pass: whether it is still good, and what was told with it so far."""

    asked_at: datetime
    length_s: float = 0.0  # of a document: pages
    is_allowed: bool = False
    told: Covered = field(default=NOTHING)
    others: Sequence[UUID] = ()  # who are before the same screen
    together_until: datetime | None = None

    def persons(self, opened: ProgressPass, at: datetime) -> list[UUID]:
        """Return for whom it counts: before one screen also for all who are there."""
        is_alone = self.together_until is None or at >= self.together_until
        return [opened.person_id, *(() if is_alone else self.others)]


class ReportDesk:
    """Takes groups of reports, one group at a time."""

    def __init__(self, engine: Engine, now: Clock) -> None:
        """Take the database, and the clock that all processes share."""
        self._engine = engine.execution_options(**TO_WRITE)
        self._now = now
        self._standings: dict[ProgressPass, Standing] = {}

    def take(self, reports: Sequence[Report]) -> list[AppError | None]:
        """Write the reports in one transaction; return for each why it was refused, or None.

        Raises SQLAlchemyError or ReadOnly; then nothing of the group is written.
        """
        now = self._now()
        self._ask_again({report.opened for report in reports}, now)
        judged = [self._judged(report, now) for report in reports]
        taken = [one for one in judged if isinstance(one, Watched)]
        if taken:
            self._write(taken)
        return [one if isinstance(one, AppError) else None for one in judged]

    def _judged(self, report: Report, now: datetime) -> Watched | AppError:
        standing = self._standings[report.opened]
        if not standing.is_allowed:
            return NotAllowed("the lesson is not this person's to watch any more")
        end_s = max(report.position_s, report.covered.end_s)
        if end_s > standing.length_s + BEYOND_END_S:
            return FieldError("ranges", "beyond the end", rule="range")
        passed_s = (now - report.opened.begun_at).total_seconds()
        told = standing.told | report.covered
        if told.seconds > passed_s * FASTEST + SLACK_S:
            return FieldError("ranges", "faster than can be watched", rule="too_fast")
        standing.told = told
        at = _moment(report, now)
        progress = Progress(
            covered=report.covered.until(round(standing.length_s)),
            position_s=min(report.position_s, standing.length_s),
            first_at=at,
            last_at=at,
        )
        return Watched(standing.persons(report.opened, at), report.opened.asset_id, progress)

    def _ask_again(self, passes: Iterable[ProgressPass], now: datetime) -> None:
        """Find out who may still watch, for all whose answer is old, in a few queries."""
        if len(self._standings) >= _MANY:
            self._standings.clear()  # what was told with them is forgotten: they are trusted anew
        old = [one for one in passes if self._is_old(one, now)]
        if not old:
            return
        with Session(self._engine.execution_options(sqlite_begin="DEFERRED")) as session:
            lengths = lengths_of_allowed(session, old, now)
            classes = classes_of_passes(session, old)
        for one in old:
            standing = self._standings.setdefault(one, Standing(now))
            standing.asked_at, standing.is_allowed = now, one in lengths
            standing.length_s = lengths.get(one, 0.0)
            if one in classes:
                standing.others, standing.together_until = classes[one]

    def _is_old(self, opened: ProgressPass, now: datetime) -> bool:
        standing = self._standings.get(opened)
        return standing is None or standing.asked_at + ASKED_AGAIN_AFTER < now

    def _write(self, taken: Sequence[Watched]) -> None:
        for _ in range(TRIES):
            try:
                with Session(self._engine) as session, session.begin():
                    record_watched(session, list(_at_present_assets(session, taken)))
            except AnotherBegan:
                continue
            except (IntegrityError, ReadOnly) as error:
                self._standings.clear()  # somebody or something was removed: all are asked again
                raise ReadOnly("a person or a file was removed meanwhile") from error
            return
        raise ReadOnly("others write the same rows")


def lengths_of_allowed(
    session: Session, passes: Sequence[ProgressPass], at: datetime
) -> dict[ProgressPass, float]:
    """Return, for the passes whose person may still see the lesson, how long their asset is."""
    with session.begin():
        persons = _by_id(session, Person, {one.person_id for one in passes})
        lessons = _by_id(session, Lesson, {one.lesson_id for one in passes})
        links = _by_id(session, ShareLink, {one.share_link_id for one in passes})
        lengths = _lengths(session, {one.asset_id for one in passes})
        revoked = revoked_of(session, {one.sign_in_id for one in passes if one.sign_in_id})
        given = given_pairs(
            session, at, person_ids={one.person_id for one in passes}, lesson_ids=set(lessons)
        )
        active = [one for one in passes if (of := persons.get(one.person_id)) and of.is_active]
        late = _late_but_given(session, active, lessons)
        return {
            one: lengths[one.asset_id]
            for one in passes
            if one.asset_id in lengths
            and one.sign_in_id not in revoked
            and (
                one in late
                or _may_watch(
                    one,
                    persons.get(one.person_id),
                    lessons.get(one.lesson_id),
                    links,
                    is_given=(one.person_id, one.lesson_id) in given,
                )
            )
        }


def classes_of_passes(
    session: Session, passes: Sequence[ProgressPass]
) -> dict[ProgressPass, tuple[Sequence[UUID], datetime]]:
    """Return, for passes of a class before one screen, who is there and until when."""
    ids = {one.class_session_id for one in passes if one.class_session_id}
    if not ids:
        return {}
    with session.begin():
        found = classes_by_id(session, ids)
        pairs = [(one, found.get(one.class_session_id)) for one in passes if one.class_session_id]
        return {one: (row.present_ids, row.ends_at) for one, row in pairs if row}


def _may_watch(
    opened: ProgressPass,
    person: Person | None,
    lesson: Lesson | None,
    links: Mapping[UUID, ShareLink],
    *,
    is_given: bool,
) -> bool:
    """Ask what playback asks, but for the sign-in's end: what was watched before it counts."""
    if person is None or not person.is_active or lesson is None:
        return False
    link = links.get(opened.share_link_id) if opened.share_link_id else None
    has_link = link is not None and link.lesson_id == lesson.id and link.revoked_at is None
    return may_view_lesson(person, lesson, has_share_link=has_link, is_given=is_given)


def _late_but_given(
    session: Session, passes: Sequence[ProgressPass], lessons: Mapping[UUID, Lesson]
) -> set[ProgressPass]:
    """Return passes of lessons that are deleted by now, of those to whom they were given.

    What they watched before may arrive afterwards: it is work that is kept.
    """
    gone = [
        one
        for one in passes
        if one.lesson_id not in lessons or lessons[one.lesson_id].deleted_at is not None
    ]
    if not gone:
        return set()
    pairs = is_given_to_pupil().where(
        Assignment.lesson_id.in_({one.lesson_id for one in gone}),
        Enrolment.person_id.in_({one.person_id for one in gone}),
    )
    columns = pairs.with_only_columns(Enrolment.person_id, Assignment.lesson_id)
    given = {(person_id, lesson_id) for person_id, lesson_id in session.execute(columns)}
    return {one for one in gone if (one.person_id, one.lesson_id) in given}


def _by_id(session: Session, kind: type[Thing], ids: Set[UUID | None]) -> dict[UUID, Thing]:
    named = [one for one in ids if one is not None]
    found = session.scalars(select(kind).where(kind.id.in_(named))) if named else ()
    return {row.id: row for row in found}


def _lengths(session: Session, asset_ids: Set[UUID]) -> dict[UUID, float]:
    """Return the seconds of recordings, and the pages of documents; also of erased lessons."""
    there = select(Asset.id, Asset.kind, Asset.duration_s, Asset.page_count)
    file = ErasedFile
    gone = select(file.asset_id, file.kind, file.duration_s, file.page_count)
    rows = [
        *session.execute(gone.where(file.asset_id.in_(asset_ids))),
        *session.execute(there.where(Asset.id.in_(asset_ids))),
    ]
    return {
        asset_id: duration_s if kind in PLAYED else float(page_count)
        for asset_id, kind, duration_s, page_count in rows
    }


def _at_present_assets(session: Session, taken: Sequence[Watched]) -> Iterator[Watched]:
    """Yield what was watched of an asset that was made anew as watched of its successor.

    The rows are held, so that no asset is succeeded, or removed, between this and the end of the
    transaction. Raises ReadOnly when one is gone and no erased lesson keeps what was watched of it.
    """
    columns = (Asset.id, Asset.original_key, Asset.retired_at)
    of_these = select(*columns).where(Asset.id.in_({one.asset_id for one in taken}))
    held = session.execute(of_these.order_by(Asset.id).with_for_update(read=True)).all()
    _check_there(session, {one.asset_id for one in taken} - {row.id for row in held})
    retired = {row.original_key: row.id for row in held if row.retired_at is not None}
    if not retired:
        yield from taken
        return
    in_place = select(Asset.original_key, Asset.id).join(Original, Original.asset_id == Asset.id)
    found = session.execute(in_place.where(Asset.original_key.in_(retired)))
    successors = {retired[key]: asset_id for key, asset_id in found}
    for one in taken:
        yield replace(one, asset_id=successors.get(one.asset_id, one.asset_id))


def _check_there(session: Session, missing: Set[UUID]) -> None:
    if not missing:
        return
    kept = session.scalars(select(ErasedFile.asset_id).where(ErasedFile.asset_id.in_(missing)))
    if missing - set(kept):
        raise ReadOnly("a file was removed meanwhile")


def _moment(report: Report, now: datetime) -> datetime:
    """Return when the person was there, by the server's clock: not before the playback began."""
    began, at = report.opened.begun_at, now - timedelta(seconds=report.age_s)
    return at if began <= at <= now else began
