"""Do rows and objects belong together, and is work missing: found, and put right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from media_pipeline.probe import MediaInfo
from server.messages import ProbeOriginal
from server.models.jobs import JobRow
from server.models.lessons import TextTrack
from server.models.library import Asset, AssetState, Page, Part, Rendition, Upload
from server.queue import enqueue
from server.services.asset_plan import plan_asset
from server.services.clock import Clock
from storage.keys import part_key
from storage.store import ObjectInfo, ObjectStore

YOUNG = timedelta(days=1)  # an object may be stored before its row is
PREFIXES = ("originals/", "assets/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not fit: an object's key, or an asset's id."""

    kind: Literal["missing_object", "orphan", "idle_asset"]
    key: str = ""
    asset_id: UUID | None = None

    @property
    def text(self) -> str:
        """Say it to an administrator."""
        return f"{self.kind.replace('_', ' ')}: {self.key or self.asset_id}"


def find_faults(session: Session, now: Clock, *, store: ObjectStore) -> list[Fault]:
    """Compare every key in rows with every object, and assets in preparation with jobs.

    Objects are listed first: what is stored meanwhile is in rows only later. Raises StoreError.
    """
    objects = [info for prefix in PREFIXES for info in store.list_keys(prefix)]
    with session.begin():
        keys = set(_keys(session))
        idle = session.scalars(_idle_assets()).all()
        arriving = set(session.scalars(select(Upload.object_key)))
    stored = {info.key for info in objects}
    return [
        *(Fault(kind="missing_object", key=key) for key in sorted(keys - stored)),
        *(Fault(kind="orphan", key=key) for key in _orphans(objects, keys | arriving, now)),
        *(Fault(kind="idle_asset", asset_id=asset_id) for asset_id in idle),
    ]


def repair_faults(
    session: Session, now: Clock, *, store: ObjectStore, faults: Sequence[Fault]
) -> None:
    """Remove orphans, enqueue work that is missing. A missing object cannot be brought back."""
    for fault in faults:
        if fault.kind == "orphan":
            store.delete(fault.key)
        elif fault.asset_id is not None:
            with session.begin():
                _enqueue_again(session, now, session.get_one(Asset, fault.asset_id))


def _keys(session: Session) -> Iterator[str]:
    yield from session.scalars(select(Asset.original_key))
    yield from filter(None, session.scalars(select(Asset.poster_key)))
    yield from session.scalars(select(Page.image_key))
    yield from session.scalars(select(TextTrack.key))
    for board in session.scalars(select(Asset.storyboard)):
        if "key" in board:
            yield board["key"]
    parts = select(Rendition.asset_id, Part.sha256).join(Part, Part.rendition_id == Rendition.id)
    for asset_id, sha256 in session.execute(parts):
        yield part_key(asset_id, sha256)


def _orphans(objects: list[ObjectInfo], known: set[str], now: Clock) -> list[str]:
    old = now() - YOUNG
    return [info.key for info in objects if info.key not in known and info.modified_at < old]


def _idle_assets() -> Select[UUID]:
    unfinished = Asset.state.in_((AssetState.WAITING, AssetState.PREPARING))
    has_job = exists().where(JobRow.asset_id == Asset.id)
    return select(Asset.id).where(unfinished, ~has_job)


def _enqueue_again(session: Session, now: Clock, asset: Asset) -> None:
    """Enqueue the asset's whole plan: handlers leave out what is there."""
    if asset.state == AssetState.WAITING or not asset.media_info:
        enqueue(session, ProbeOriginal(asset_id=asset.id), now())
        return
    for order in plan_asset(asset.id, MediaInfo.from_dict(asset.media_info)).orders:
        enqueue(session, order.message, now(), priority=order.priority)
