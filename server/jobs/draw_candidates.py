"""Draw stills to choose a poster from, out of what was encoded: the original is not needed."""

from io import BytesIO
from uuid import UUID

from PIL import Image

from media_pipeline.candidates import choose_tiles, draw_candidate
from server.jobs.rendition_file import write_rendition
from server.jobs.stored_files import store_named_by_content
from server.jobs.workshop import Workshop, asset_of
from server.messages import DrawCandidates
from server.models.library import Asset, Part
from server.queue import Lease


def draw_candidates(job: DrawCandidates, shop: Workshop, lease: Lease) -> None:
    """Choose moments by the storyboard and draw them from the tallest picture."""
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
        parts = _tallest(asset) if asset else []
    if asset is None or asset.candidates or not asset.storyboard or not parts:
        return
    keys, total_bytes = [], 0
    for number, at_s in enumerate(_moments(asset, shop)):
        lease.renew(number / 10)
        part = next((each for each in reversed(parts) if each.start_s <= at_s), parts[0])
        key, size_bytes = _drawn(shop, lease, asset.id, part, max(0.0, at_s - part.start_s))
        total_bytes += 0 if key in keys else size_bytes
        keys.append(key)
    with shop.writing(lease) as session:
        row = session.get_one(Asset, asset.id)
        row.candidates = {"keys": list(dict.fromkeys(keys))}
        row.stills_bytes += total_bytes
        row.made_bytes += total_bytes


def _tallest(asset: Asset) -> list[Part]:
    whole = [row for row in asset.renditions if row.is_whole and row.parts and row.height_px]
    tallest = max(whole, key=lambda row: row.height_px, default=None)
    return list(tallest.parts) if tallest else []


def _moments(asset: Asset, shop: Workshop) -> list[float]:
    board = asset.storyboard
    raw = shop.store.read_range(board["key"], 0, shop.store.stat(board["key"]).size_bytes)
    with Image.open(BytesIO(raw)) as sheet:
        # The sheet may have been made smaller to stay within its bytes.
        size = (sheet.width // board["columns"], sheet.height // board["rows"])
        numbers = choose_tiles(sheet, board["columns"], size, board["tile_count"])
    latest_s = max(0.0, asset.duration_s - 0.5)
    return [min(number * board["interval_s"], latest_s) for number in numbers]


def _drawn(
    shop: Workshop, lease: Lease, asset_id: UUID, part: Part, at_s: float
) -> tuple[str, int]:
    path = shop.work_path / "part.mp4"
    write_rendition(shop, asset_id, [part], path, lambda: lease.renew(0.0))
    within_s = min(at_s, max(0.0, part.duration_s - 0.2))
    still = draw_candidate(
        path, shop.work_path / "candidate.jpg", shop.tools, at_s=within_s, nice=shop.nice
    )
    return store_named_by_content(shop.store, asset_id, still), still.stat().st_size
