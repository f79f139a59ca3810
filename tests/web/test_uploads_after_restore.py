"""An upload that was half sent when the backup was made: it goes on, and is never stuck."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.app import connect
from server.services.restore import RestoreWishes
from server.settings import Settings
from server.wiring import Wiring, open_database, wire
from storage.folder_store import FolderStore
from storage.store import PART_BYTES, ObjectStore
from tests.asgi_client import AsgiClient
from tests.backups import bring_back, save
from tests.uploader import LARGE, Uploader, stored_bytes


def restored(wiring: Wiring, folder: Path, store: ObjectStore) -> Wiring:
    """Bring back what is in `folder` on a new machine: nothing of the old disk is there."""
    settings = Settings.model_validate(wiring.settings.model_dump() | {"data_path": folder / "new"})
    engine = open_database(f"sqlite:///{folder / 'new.sqlite3'}")
    bring_back(engine, store, folder / "backup", RestoreWishes(keeps_sign_ins=True))
    return replace(wire(settings, clock=wiring.clock, engine=engine), store=store)


@pytest.mark.parametrize("lost", ["everything", "the database alone"])
def test_a_half_sent_upload_goes_on_from_what_is_there(
    uploader: Uploader, app: Flask, wiring: Wiring, tmp_path: Path, lost: str
) -> None:
    url = uploader.begin(len(LARGE))
    uploader.patch(url, 0, LARGE[: PART_BYTES + 100], is_cut=True)
    save(wiring, tmp_path / "backup")
    store = FolderStore(tmp_path / "new-objects") if lost == "everything" else wiring.store
    elsewhere = restored(wiring, tmp_path, store)
    connect(app, elsewhere)
    again = Uploader(uploader.visitor, AsgiClient(app, elsewhere, uploader.visitor))

    told = int(again.head(url).headers["Upload-Offset"])
    refused = again.patch(url, PART_BYTES + 100, LARGE[PART_BYTES + 100 :])
    answer = again.patch(url, told, LARGE[told:])

    assert told == (0 if lost == "everything" else PART_BYTES)
    assert (refused.status, answer.status) == (409, 204)
    with Session(elsewhere.engine) as session:
        original_id = answer.headers["upload-original"]
        assert stored_bytes(session, elsewhere, UUID(original_id)) == LARGE
    elsewhere.engine.dispose()
