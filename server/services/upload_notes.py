"""What is noted beside a file that is being sent: whose it is, if its row should be lost.

It lies in the store before the first byte does, where no playback token opens it, and goes with
the file. It holds no name of a person.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from server.models.library import Upload
from storage.keys import note_key
from storage.store import ObjectNotFound, ObjectStore

MOST_BYTES = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadNote:
    """The facts of an upload that its row holds, too."""

    upload_id: UUID
    owner_id: UUID
    school_id: UUID | None
    file_name: str
    size_bytes: int
    fingerprint: str
    multipart_id: str
    sent_at: datetime


def write_note(store: ObjectStore, upload: Upload) -> None:
    """Note whose upload this is. Raises StoreError."""
    note = UploadNote(
        upload_id=upload.id,
        owner_id=upload.owner_id,
        school_id=upload.school_id,
        file_name=upload.file_name,
        size_bytes=upload.size_bytes,
        fingerprint=upload.fingerprint,
        multipart_id=upload.multipart_id,
        sent_at=upload.created_at,
    )
    content = json.dumps(asdict(note), default=str, ensure_ascii=False).encode()
    store.put_bytes(note_key(upload.object_key), content, content_type="application/json")


def read_note(store: ObjectStore, original_key: str) -> UploadNote | None:
    """Return what was noted; None of files of versions that noted nothing. Raises StoreError."""
    try:
        content = store.read_range(note_key(original_key), 0, MOST_BYTES)
        return _note_of(json.loads(content))
    except (ObjectNotFound, ValueError, KeyError, TypeError):
        return None


def _note_of(facts: dict[str, Any]) -> UploadNote:
    school_id = facts["school_id"]
    return UploadNote(
        upload_id=UUID(facts["upload_id"]),
        owner_id=UUID(facts["owner_id"]),
        school_id=UUID(school_id) if school_id else None,
        file_name=str(facts["file_name"]),
        size_bytes=int(facts["size_bytes"]),
        fingerprint=str(facts["fingerprint"]),
        multipart_id=str(facts["multipart_id"]),
        sent_at=datetime.fromisoformat(facts["sent_at"]),
    )
