"""What every handler is given to work with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from media_pipeline.tools import Tools
from search.index import SearchIndex
from server.jobs.originals import OriginalFiles
from server.models.lessons import Lesson
from server.models.library import Asset, Original
from server.queue import Lease
from server.services.clock import Clock
from server.services.index_lessons import note_change
from storage.store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the operator allows."""

    max_duration_s: int
    upload_expiry_days: int
    undo_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The world outside, and a folder of its own for one job, removed after it."""

    sessions: sessionmaker[Session]
    now: Clock
    store: ObjectStore
    index: SearchIndex
    tools: Tools
    originals: OriginalFiles
    limits: Limits
    spool_path: Path
    work_path: Path
    nice: int

    @contextmanager
    def writing(self, lease: Lease) -> Iterator[Session]:
        """One short transaction that commits only if the job is still ours. Raises LeaseLost."""
        with self.sessions() as session, session.begin():
            lease.check(session)
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One short look at the database; objects stay readable after it."""
        with self.sessions() as session, session.begin():
            yield session

    def note_asset_change(self, session: Session, asset: Asset) -> None:
        """Have every lesson of this asset indexed again, in the caller's transaction."""
        of_asset = select(Lesson.id).join(Original).where(Original.asset_id == asset.id)
        for lesson_id in session.scalars(of_asset):
            note_change(session, self.now, lesson_id)


def asset_of(session: Session, asset_id: UUID | None) -> Asset | None:
    """Return the asset a message is about; None when it was deleted meanwhile."""
    return session.get(Asset, asset_id) if asset_id else None
