"""Find where slides change, so that chapters can be proposed."""

from media_pipeline.slides import find_slides as look_for_slides
from server.jobs.rendition_file import smallest_picture, write_rendition
from server.jobs.workshop import Workshop, asset_of
from server.messages import FindSlides
from server.models.library import Asset
from server.queue import Lease


def find_slides(job: FindSlides, shop: Workshop, lease: Lease) -> None:
    """Look through the smallest rendition and note where slides change."""
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
        rendition = smallest_picture(asset) if asset else None
        parts = list(rendition.parts) if rendition else []
    if asset is None or asset.slides or not parts:
        return
    path = write_rendition(
        shop, asset.id, parts, shop.work_path / "small.mp4", lambda: lease.renew(0.0)
    )
    starts_s = look_for_slides(path, shop.work_path, shop.tools, asset.duration_s, nice=shop.nice)
    with shop.writing(lease) as session:
        session.get_one(Asset, asset.id).slides = {"starts_s": starts_s}
