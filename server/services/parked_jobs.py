"""Jobs that failed too often: what becomes of their assets."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.messages import (
    EncodeAv1,
    EncodeSound,
    EncodeStretch,
    FillHole,
    FillSilence,
    Message,
    ProbeOriginal,
    ReadDocument,
    RemuxOriginal,
    UnpackPackage,
)
from server.models.library import Asset
from server.queue import enqueue
from server.services.assets import give_up_remux, reject
from server.services.av1 import give_up_av1
from server.services.clock import Clock


def note_parked_job(session: Session, now: Clock, *, message: Message) -> None:
    """Keep what can be shown without the parked job; fail the asset if that is nothing.

    A stretch becomes a hole, sound is silent from there on, a remux or AV1 is left out.
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
        match message:
            case EncodeStretch():
                hole = FillHole(asset_id=asset.id, number=message.number, rungs=message.rungs)
                enqueue(session, hole, now())
            case EncodeAv1():
                give_up_av1(session, now(), asset)
            case EncodeSound():
                enqueue(session, FillSilence(asset_id=asset.id), now())
            case RemuxOriginal():
                give_up_remux(session, now(), asset)
            case ProbeOriginal() | ReadDocument() | UnpackPackage() if asset.watchable_at is None:
                reject(asset, "broken_file")
