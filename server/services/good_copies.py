"""A good copy of a sent file takes the place of one that is lost or damaged."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.messages import ProbeOriginal
from server.models.base import uuid7
from server.models.library import Asset, AssetState, OriginalGone
from server.queue import cancel_jobs, enqueue, enqueue_all
from server.services.assets import orders_to_finish
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.originals import take_back_original
from server.services.remaking import begin_successor
from storage.keys import original_key
from storage.store import ObjectStore

HARMED = (OriginalGone.LOST, OriginalGone.DAMAGED)
OCTETS = "application/octet-stream"


def put_back(session: Session, now: Clock, asset: Asset, *, key: str) -> bool:
    """Let bytes that are those that were sent take an original's place, in the transaction.

    What could not be made without them is made. False if nothing was missing.
    """
    why, is_harmed = asset.original_gone_why, _is_made_of_damaged(asset)
    if not take_back_original(asset, key=key):
        return False
    if why in HARMED:
        _go_on(session, now, asset, is_harmed=is_harmed)
    return True


def put_back_copies(session: Session, now: Clock, store: ObjectStore, folder: Path) -> list[str]:
    """Look in a folder for what is lost or damaged; return the names of files that fitted.

    Of whatever name: a file fits by its hash. Raises StoreError, OSError.
    """
    wanted = select(Asset).where(Asset.original_gone_why.in_(HARMED), Asset.sha256 != "")
    with session.begin():
        lost = {(asset.size_bytes, asset.sha256): asset.id for asset in session.scalars(wanted)}
    found = []
    for path, facts in _fitting(folder, {size for size, _ in lost}):
        asset_id = lost.pop(facts, None)
        if asset_id is None:
            continue
        key = original_key(uuid7())
        store.put_file(key, path, content_type=OCTETS)
        with session.begin():
            put_back(session, now, session.get_one(Asset, asset_id), key=key)
            note_act(session, now, action="original.put_back", by=None, thing_id=asset_id)
        found.append(path.name)
    return found


def sha256_of(store: ObjectStore, key: str) -> str:
    """Return the hash of an object as it is now. Raises ObjectNotFound, StoreError."""
    digest, start = hashlib.sha256(), 0
    while piece := store.read_range(key, start, PIECE_BYTES):
        digest.update(piece)
        start += len(piece)
    return digest.hexdigest()


PIECE_BYTES = 8 * 2**20


def _fitting(folder: Path, sizes: set[int]) -> Iterator[tuple[Path, tuple[int, str]]]:
    """Yield files of these sizes with size and hash."""
    for path in sorted(folder.rglob("*")) if sizes else ():
        if path.is_file() and (size_bytes := path.stat().st_size) in sizes:
            with path.open("rb") as file:
                yield path, (size_bytes, hashlib.file_digest(file, "sha256").hexdigest())


def _is_made_of_damaged(asset: Asset) -> bool:
    """Tell whether something may be missing in what was made, also where nothing says so."""
    gone_at, ready_at = asset.original_gone_at, asset.ready_at
    is_damaged = asset.original_gone_why is OriginalGone.DAMAGED
    return is_damaged and gone_at is not None and (ready_at is None or ready_at >= gone_at)


def _go_on(session: Session, now: Clock, asset: Asset, *, is_harmed: bool) -> None:
    if asset.retired_at is not None:
        return
    if asset.state == AssetState.READY:
        if is_harmed:
            begin_successor(session, now, asset)  # it plays on until that is whole
        return
    cancel_jobs(session, asset.id)
    if is_harmed or asset.state == AssetState.FAILED:
        _start_over(asset)
    session.flush()
    if asset.state == AssetState.WAITING:
        enqueue(session, ProbeOriginal(asset_id=asset.id), now())
    else:
        enqueue_all(session, orders_to_finish(asset), now())


def _start_over(asset: Asset) -> None:
    """Forget what was made of damaged bytes; its objects go with the weekly check."""
    asset.renditions, asset.stretches, asset.pages = [], [], []
    asset.state, asset.error_code, asset.error_detail = AssetState.WAITING, "", ""
    asset.media_info, asset.missing_s, asset.watchable_at = {}, 0.0, None
