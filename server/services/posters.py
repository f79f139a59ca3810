"""The still image of a lesson: drawn of its file, chosen among candidates, or sent by a teacher."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy.orm import Session

from media_pipeline.errors import MediaRejected
from media_pipeline.images import read_image
from server.errors import FieldError, NotAllowed, NotFound
from server.messages import DrawCandidates
from server.models.lessons import Lesson, OwnPoster
from server.models.library import Asset, AssetKind, AssetState
from server.models.people import Person
from server.policy import may_edit_lesson
from server.queue import enqueue
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import hold_lesson
from storage.store import ObjectNotFound, ObjectStore


def want_candidates(session: Session, now: Clock, *, lesson: Lesson) -> bool:
    """Have candidates drawn if there are none yet; tell whether they are on their way."""
    asset = lesson.original.asset if lesson.original else None
    if asset is None or asset.candidates or not may_have_candidates(asset):
        return False
    with session.begin():
        enqueue(session, DrawCandidates(asset_id=asset.id), now())
    return True


def may_have_candidates(asset: Asset) -> bool:
    """Tell whether there are moving pictures to choose from."""
    is_whole = asset.state == AssetState.READY and bool(asset.storyboard)
    return asset.kind == AssetKind.VIDEO and is_whole


def candidate_keys(lesson: Lesson) -> Sequence[str]:
    """Return the candidates' objects; none while they are not drawn."""
    asset = lesson.original.asset if lesson.original else None
    keys: list[str] = asset.candidates.get("keys", []) if asset else []
    return keys


def read_candidate(store: ObjectStore, *, lesson: Lesson, number: int) -> bytes:
    """Return one candidate, a JPEG. Raises NotFound, StoreError."""
    keys = candidate_keys(lesson)
    if not 0 <= number < len(keys):
        raise NotFound("no such candidate")
    try:
        return store.read_range(keys[number], 0, store.stat(keys[number]).size_bytes)
    except ObjectNotFound as error:
        raise NotFound("the candidate is gone") from error


def set_poster(
    session: Session, now: Clock, *, lesson_id: UUID, image: bytes | None, by: Person
) -> Lesson:
    """Show this JPEG instead of the file's own still; None goes back to that.

    Raises NotFound or NotAllowed.
    """
    with session.begin():
        lesson = hold_lesson(session, lesson_id)
        if not may_edit_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
        own = session.get(OwnPoster, lesson_id, populate_existing=True)
        if image is None:
            lesson.poster_sha256 = ""
            if own is not None:
                session.delete(own)
        else:
            own = own or OwnPoster(lesson_id=lesson_id)
            own.image = base64.b64encode(image).decode()
            session.add(own)
            lesson.poster_sha256 = hashlib.sha256(image).hexdigest()
        lesson.changed_at = now()
        note_act(session, now, action="poster.set", by=by, thing_id=lesson_id)
    return lesson


def own_poster(session: Session, lesson_id: UUID) -> bytes:
    """Return the JPEG that a teacher chose. Raises NotFound."""
    with session.begin():
        own = session.get(OwnPoster, lesson_id)
    if own is None:
        raise NotFound(f"lesson {lesson_id} has no poster of its own")
    return base64.b64decode(own.image)


def as_poster(raw: bytes) -> bytes:
    """Return a sent picture as a poster: upright, 640 px, 20 KB, without what a camera notes.

    Read in a process of its own. Raises FieldError.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sent"
        path.write_bytes(raw)
        try:
            return read_image(path, Path(folder)).poster.read_bytes()
        except MediaRejected as error:
            raise FieldError("poster", str(error), rule=error.code) from error
