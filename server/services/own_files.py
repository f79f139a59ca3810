"""Files that a person may put into lessons."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.models.library import Asset, AssetState, Original
from server.models.people import Person

MOST_OFFERED = 200


def files_to_choose(session: Session, *, by: Person) -> Sequence[Original]:
    """Return the person's files that can be opened, newest first."""
    wanted = (
        select(Original)
        .join(Asset, Asset.id == Original.asset_id)
        .where(Original.owner_id == by.id, Asset.state != AssetState.FAILED)
        .options(joinedload(Original.asset))
        .order_by(Original.created_at.desc(), Original.id.desc())
        .limit(MOST_OFFERED)
    )
    with session.begin():
        return session.scalars(wanted).unique().all()
