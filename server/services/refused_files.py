"""Files that were refused for what the server lacked then."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.library import Asset, AssetState, OriginalGone
from server.queue import enqueue_all
from server.services.assets import orders_to_finish, revive
from server.services.clock import Clock

OFFICE_MISSING = "office_missing"


def open_office_files(session: Session, now: Clock) -> int:
    """Have office files read that came before LibreOffice did; return how many.

    For a worker that has it, when it begins.
    """
    refused = select(Asset).where(
        Asset.state == AssetState.FAILED,
        Asset.error_code == OFFICE_MISSING,
        Asset.original_gone_why == OriginalGone.NOT,
        Asset.retired_at.is_(None),
    )
    with session.begin():
        assets = session.scalars(refused.with_for_update(skip_locked=True)).all()
        for asset in assets:
            revive(asset)
            enqueue_all(session, orders_to_finish(asset), now())
    return len(assets)
