"""Encode one stretch of a finished recording once more, in AV1."""

from server.jobs.stretches import encode_work, find_stretch_work, store_parts
from server.jobs.workshop import Workshop
from server.messages import EncodeAv1
from server.models.library import Asset
from server.queue import Lease
from server.services.assets import add_part, settle
from server.services.av1 import give_up_av1


def encode_av1(job: EncodeAv1, shop: Workshop, lease: Lease) -> None:
    """Encode what is missing of one stretch in AV1. Twice, or again after a crash, does no harm.

    Where that cannot be done the recording stays without: its other renditions are whole.
    """
    with shop.reading() as session:
        work = find_stretch_work(session, job)
    if work is None:
        return
    can_be_made = shop.can_av1 and work.asset.original_gone_at is None
    parts = encode_work(work, shop, lease) if can_be_made else []
    store_parts(work.asset.id, parts, shop)
    with shop.writing(lease) as session:
        asset = session.get_one(Asset, work.asset.id)
        rows = {row.name: row for row in asset.renditions}
        for part in parts:
            if part.rendition_name in rows:  # else it was given up meanwhile
                add_part(session, rows[part.rendition_name], part)
        if parts:
            settle(session, shop.now(), asset)
        else:
            give_up_av1(session, shop.now(), asset)
