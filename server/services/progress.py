"""What people have covered of assets: reports joined into rows, and rows read for many at once.

Docs/decisions/0026 tells why. In several processes at the same time nothing is lost: rows are
joined while they are locked, and always locked in the order of their keys.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    Row,
    Table,
    Uuid,
    and_,
    bindparam,
    column,
    delete,
    select,
    update,
    values,
)
from sqlalchemy.orm import Session

from server.errors import Conflict
from server.models.base import insert_into
from server.models.erased_lessons import ErasedFile
from server.models.people import Person
from server.models.progress import WatchProgress
from server.services.covered import NOTHING, Covered

Key: TypeAlias = tuple[UUID, UUID]  # person, asset
KEYS_AT_ONCE = 250
_TABLE = cast(Table, WatchProgress.__table__)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one person is in one asset; two of them join in any order, and with themselves."""

    covered: Covered
    position_s: float
    first_at: datetime
    last_at: datetime

    def __or__(self, other: "Progress") -> "Progress":
        """Return both together; the place is the later one's."""
        latest = max(self, other, key=lambda one: (one.last_at, one.position_s))
        return Progress(
            covered=self.covered | other.covered,
            position_s=latest.position_s,
            first_at=min(self.first_at, other.first_at),
            last_at=latest.last_at,
        )


@dataclass(frozen=True, slots=True)
class Watched:
    """What one person, or several before one screen, watched of an asset."""

    person_ids: Sequence[UUID]
    asset_id: UUID
    progress: Progress


class AnotherBegan(Conflict):
    """Another process made one of the rows meanwhile: do the whole transaction again."""


def record_watched(session: Session, watched: Iterable[Watched]) -> None:
    """Join what was watched into the rows, in the caller's transaction.

    Raises AnotherBegan, and IntegrityError if a person is gone; then nothing is changed. That the
    assets are there, or were of erased lessons, is the caller's to see.
    """
    told: dict[Key, Progress] = {}
    for one in watched:
        for person_id in one.person_ids:
            key = (person_id, one.asset_id)
            told[key] = told[key] | one.progress if key in told else one.progress
    known = _locked(session, sorted(told))
    joined = {key: known[key] | progress for key, progress in told.items() if key in known}
    changed = [key for key in sorted(joined) if joined[key] != known[key]]
    if changed:
        named = [{"of_person": key[0], "of_asset": key[1]} for key in changed]
        values = [name | _values(joined[key]) for name, key in zip(named, changed, strict=True)]
        session.connection().execute(_UPDATE, values)
    new = [key for key in sorted(told) if key not in known]
    _begin(session, [{"person_id": k[0], "asset_id": k[1]} | _values(told[k]) for k in new])


def progress_of(
    session: Session, person_ids: Iterable[UUID], asset_ids: Iterable[UUID]
) -> Mapping[Key, Progress]:
    """Return how far these persons are in these assets, by one query.

    Who has not begun is left out.
    """
    wanted = _ROWS.where(
        WatchProgress.person_id.in_(list(person_ids)), WatchProgress.asset_id.in_(list(asset_ids))
    )
    with session.begin():
        return _by_key(session.connection().execute(wanted))


def place_of(session: Session, *, asset_id: UUID, by: Person | None) -> float:
    """Return where to go on, in seconds of the original; 0 for guests and who has not begun."""
    if by is None:
        return 0.0
    with session.begin():
        row = session.get(WatchProgress, (by.id, asset_id), populate_existing=True)
    return row.position_s if row else 0.0


def move_progress(session: Session, *, from_id: UUID, to_id: UUID) -> None:
    """Let what was covered of an asset count for another one, in the caller's transaction."""
    of_older = select(WatchProgress.person_id).where(WatchProgress.asset_id == from_id)
    keys = [(person_id, from_id) for person_id in sorted(session.scalars(of_older))]
    for some in _in_pieces(keys):
        moving = _locked(session, some).items()
        record_watched(session, [Watched([key[0]], to_id, progress) for key, progress in moving])
    session.execute(delete(WatchProgress).where(WatchProgress.asset_id == from_id))
    follow = update(ErasedFile).where(ErasedFile.asset_id == from_id).values(asset_id=to_id)
    session.execute(follow, execution_options={"synchronize_session": False})


def hand_progress(session: Session, *, from_id: UUID, to_id: UUID) -> None:
    """Let what one person covered count for another, in the caller's transaction.

    For two entries of the same pupil that become one.
    """
    of_other = select(WatchProgress.asset_id).where(WatchProgress.person_id == from_id)
    keys = [(from_id, asset_id) for asset_id in sorted(session.scalars(of_other))]
    for some in _in_pieces(keys):
        moving = _locked(session, some).items()
        record_watched(session, [Watched([to_id], key[1], progress) for key, progress in moving])
    session.execute(delete(WatchProgress).where(WatchProgress.person_id == from_id))


_ROWS = select(
    _TABLE.c.person_id,
    _TABLE.c.asset_id,
    _TABLE.c.covered,
    _TABLE.c.position_s,
    _TABLE.c.first_at,
    _TABLE.c.last_at,
)
_UPDATE = update(_TABLE).where(
    _TABLE.c.person_id == bindparam("of_person"), _TABLE.c.asset_id == bindparam("of_asset")
)


def _locked(session: Session, keys: Sequence[Key]) -> dict[Key, Progress]:
    """Return the rows that are there, held until the transaction ends. `keys` are in order."""
    found: dict[Key, Progress] = {}
    for some in _in_pieces(keys):
        # Joined, not `IN`: of pairs, SQLite would look through the whole table.
        pairs = values(column("person_id", Uuid()), column("asset_id", Uuid()), name="wanted")
        wanted = pairs.data(some).cte()
        is_wanted = and_(
            _TABLE.c.person_id == wanted.c.person_id, _TABLE.c.asset_id == wanted.c.asset_id
        )
        in_order = _ROWS.join(wanted, is_wanted).order_by(_TABLE.c.person_id, _TABLE.c.asset_id)
        rows = session.connection().execute(in_order.with_for_update(of=_TABLE))
        found |= _by_key(rows)
    return found


def _begin(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows that were not there. Raises AnotherBegan if one is by now."""
    for some in _in_pieces(rows):
        added = insert_into(session, WatchProgress).on_conflict_do_nothing()
        made = session.connection().execute(added.returning(_TABLE.c.person_id), some)
        if len(made.all()) != len(some):
            raise AnotherBegan("another process began one of these rows")


def _values(progress: Progress) -> dict[str, Any]:
    """Return what a row holds beside its key."""
    return {
        "covered": progress.covered.to_text(),
        "covered_s": progress.covered.seconds,
        "position_s": progress.position_s,
        "first_at": progress.first_at,
        "last_at": progress.last_at,
    }


def _by_key(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[Key, Progress]:
    return {
        (person_id, asset_id): Progress(
            covered=Covered.from_text(covered) if covered else NOTHING,
            position_s=position_s,
            first_at=first_at,
            last_at=last_at,
        )
        for person_id, asset_id, covered, position_s, first_at, last_at in rows
    }


def _in_pieces(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Return them a few hundred at a time: databases limit the values of a statement."""
    for first in range(0, len(items), KEYS_AT_ONCE):
        yield items[first : first + KEYS_AT_ONCE]
