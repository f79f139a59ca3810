"""The server dies between an object and its row, wherever an upload has both: nothing is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from server.delivery.spool_writer import Hashers, SpoolWriter, finish_if_complete
from server.models.library import Original, Upload
from server.models.people import Person
from server.services.upload import UploadLimits, create_upload, find_upload
from server.wiring import Wiring
from storage.store import PART_BYTES
from tests.builders import a_person

LIMITS = UploadLimits(max_bytes=2**30, expiry=timedelta(days=14))
CONTENT = bytes(range(256)) * (PART_BYTES // 256) + b"and a bit"


class Died(Exception):
    """The server is no more."""


def begun(session: Session, wiring: Wiring, owner: Person) -> Upload:
    return create_upload(
        session,
        wiring.clock,
        wiring.store,
        owner=owner,
        file_name="บทที่ 1.mp4",
        size_bytes=len(CONTENT),
        fingerprint="a",
        limits=LIMITS,
    )


def send_all(wiring: Wiring, upload: Upload) -> None:
    with SpoolWriter(wiring, upload, Hashers()) as writer:
        writer.write(CONTENT)
        writer.finish()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_death_at_any_commit_of_an_upload_loses_nothing(
    session: Session, wiring: Wiring, number: int
) -> None:
    owner = a_person(session)
    upload, commits = begun(session, wiring, owner), 0

    def die(_connection: object) -> None:
        nonlocal commits
        commits += 1
        if commits == number:  # the object is stored by then, its row is not
            raise Died

    event.listen(wiring.engine, "commit", die)
    with pytest.raises(Died):
        send_all(wiring, upload)
    event.remove(wiring.engine, "commit", die)

    again = find_upload(session, upload_id=upload.id, owner=owner)
    with SpoolWriter(wiring, again, Hashers()) as writer:
        writer.write(CONTENT[writer.offset_bytes :])
    finish_if_complete(wiring, find_upload(session, upload_id=upload.id, owner=owner), Hashers())

    [original] = session.scalars(select(Original)).all()
    assert wiring.store.read_range(original.asset.original_key, 0, 2**30) == CONTENT
