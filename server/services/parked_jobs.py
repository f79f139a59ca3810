"""Jobs that failed too often: what becomes of their assets, and how a person tries again."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound
from server.messages import EncodeSound, EncodeStretch, Message, ProbeOriginal, ReadDocument
from server.models.jobs import JobRow
from server.models.library import Asset, AssetState
from server.models.people import Person
from server.policy import may_manage_office
from server.queue import retry_dead
from server.services.assets import SOUND, end_growth, reject, rendition_named, settle
from server.services.clock import Clock

ABOUT_ALL = (ProbeOriginal, ReadDocument)  # without these there is nothing to show


def note_parked_job(session: Session, now: Clock, *, message: Message) -> None:
    """Keep what can be shown without the parked job; fail the asset if that is nothing.

    A film whose sound cannot be encoded is shown silent; one without its first stretch is not.
    """
    with session.begin():
        # An update first: it takes the write lock, so that nothing changes between read and write.
        session.execute(
            update(Asset).where(Asset.id == message.asset_id).values(state=Asset.state),
            execution_options={"synchronize_session": False},
        )
        asset = session.get(Asset, message.asset_id) if message.asset_id else None
        if asset is None:
            return
        if isinstance(message, EncodeSound):
            _end_sound(session, now, asset)
        elif asset.watchable_at is None and _is_about_all(message):
            reject(asset, "broken_file")


def retry_job(session: Session, now: Clock, *, job_id: UUID, by: Person) -> None:
    """Let a parked job run again. Raises NotAllowed, NotFound."""
    if not may_manage_office(by):
        raise NotAllowed("parked jobs are the office's")
    with session.begin():
        if not retry_dead(session, now(), job_id):
            raise NotFound(f"no parked job {job_id}")
        asset_id = session.get_one(JobRow, job_id).asset_id
        asset = session.get(Asset, asset_id) if asset_id else None
        if asset and asset.state == AssetState.FAILED:
            asset.state = AssetState.PREPARING if asset.stretches else AssetState.WAITING
            asset.error_code = ""


def _end_sound(session: Session, now: Clock, asset: Asset) -> None:
    sound = rendition_named(session, asset.id, SOUND)
    if sound is not None:
        end_growth(session, asset, sound)
        settle(now(), asset)


def _is_about_all(message: Message) -> bool:
    if isinstance(message, EncodeStretch):
        return message.number == 0 and message.rungs == "lowest"
    return isinstance(message, ABOUT_ALL)
