"""What every handler is given to work with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from media_pipeline.coding import AV1_ENCODER
from media_pipeline.mend import mend
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Progress
from media_pipeline.tools import Tools, has_encoder
from search.index import SearchIndex
from server.jobs.originals import OriginalFiles
from server.mail_server import MailServer
from server.models.lessons import Lesson
from server.models.library import Asset, AssetKind, AssetState, Original
from server.queue import Lease
from server.services.automatic_captions import order_captions
from server.services.av1 import order_av1
from server.services.clock import Clock
from server.services.index_lessons import note_change
from storage.store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the operator allows."""

    max_duration_s: int
    upload_expiry_days: int
    undo_days: int
    search_log_days: int


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
    wants_av1: bool = False
    speech_command: str = ""  # empty: no automatic captions
    mail_server: MailServer | None = None

    @property
    def can_av1(self) -> bool:
        """Tell whether AV1 is wanted here, and this machine's ffmpeg makes it."""
        return self.wants_av1 and has_encoder(self.tools, AV1_ENCODER)

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

    def source_of(self, asset: Asset, lease: Lease) -> Path:
        """Return the file to encode from: the original, or a copy in which all can be found."""
        streams = MediaInfo.from_dict(asset.media_info).mended_from
        if not streams:
            return self.originals.path_of(asset.original_key)
        return self.mended(asset, tuple(streams), lease)

    def mended(self, asset: Asset, streams: tuple[int, ...], lease: Lease) -> Path:
        """Return the mended copy of these streams of an original, made once on each machine."""

        def write(original: Path, copy: Path) -> None:
            def tick(_progress: Progress) -> None:
                lease.renew(0.0)

            mend(original, copy, self.tools, streams, on_tick=tick, nice=self.nice)

        return self.originals.mended_path_of(asset.original_key, write)

    def note_asset_change(self, session: Session, asset: Asset) -> None:
        """Have every lesson of this asset indexed again, in the caller's transaction.

        What is ready gets pictures in AV1 later and, where a speech model is configured, captions.
        """
        if asset.kind == AssetKind.VIDEO and self.can_av1:
            order_av1(session, self.now(), asset)
        if self.speech_command and asset.state == AssetState.READY:
            order_captions(session, self.now, asset)
        of_asset = select(Lesson.id).join(Original).where(Original.asset_id == asset.id)
        for lesson_id in session.scalars(of_asset):
            note_change(session, self.now, lesson_id)


def asset_of(session: Session, asset_id: UUID | None) -> Asset | None:
    """Return the asset a message is about; None when it was deleted meanwhile."""
    return session.get(Asset, asset_id) if asset_id else None
