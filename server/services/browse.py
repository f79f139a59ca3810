"""What pages read beside the use cases: posters, files without a lesson, who waits in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.errors import NotAllowed, NotFound
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import Person, School, SchoolIdentifier
from server.policy import may_manage_school
from server.services.find_row import find_row
from server.services.posters import own_poster
from storage.store import ObjectNotFound, ObjectStore

CONTENT_TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
SEEN_LATELY = timedelta(seconds=30)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Poster:
    """A still image, and a name that changes with its bytes."""

    content: bytes
    content_type: str
    etag: str


def read_poster(session: Session, store: ObjectStore, *, lesson: Lesson) -> Poster:
    """Return a lesson's poster. Raises NotFound while there is none, StoreError."""
    if lesson.poster_sha256:
        image = own_poster(session, lesson.id)
        return Poster(image, CONTENT_TYPES["jpg"], lesson.poster_sha256)
    key = lesson.original.asset.poster_key if lesson.original else ""
    if not key:
        raise NotFound(f"lesson {lesson.id} has no poster yet")
    return read_image(store, key)


def read_image(store: ObjectStore, key: str) -> Poster:
    """Return a picture that was made here. Raises NotFound when it is gone, StoreError."""
    name, _, suffix = key.rpartition("/")[2].partition(".")
    try:
        content = store.read_range(key, 0, store.stat(key).size_bytes)
    except ObjectNotFound as error:
        raise NotFound(f"{key} is gone") from error
    return Poster(content, CONTENT_TYPES.get(suffix, "application/octet-stream"), name)


def get_own_original(session: Session, *, original_id: UUID, by: Person) -> Original:
    """Return a file that this person sent. Raises NotFound."""
    with session.begin():
        found = session.get(Original, original_id, options=[joinedload(Original.asset)])
        if found is None or found.owner_id != by.id:
            raise NotFound(f"no original {original_id} of this person")
    return found


def lesson_of_original(session: Session, *, original_id: UUID, by: Person) -> Lesson | None:
    """Return the person's first lesson of this file that is not deleted."""
    wanted = select(Lesson).where(Lesson.original_id == original_id, Lesson.owner_id == by.id)
    with session.begin():
        return session.scalar(
            wanted.where(Lesson.deleted_at.is_(None)).order_by(Lesson.created_at).limit(1)
        )


def originals_without_lesson(session: Session, *, by: Person) -> Sequence[Original]:
    """Return files that the person sent and did not make a lesson of, newest first."""
    shown = select(Lesson.original_id).where(Lesson.original_id.is_not(None))
    used = shown.union(select(LessonItemFile.original_id))
    wanted = (
        select(Original)
        .where(Original.owner_id == by.id, Original.id.not_in(used))
        .options(joinedload(Original.asset))
        .order_by(Original.created_at.desc())
        .limit(MOST_SHOWN)
    )
    with session.begin():
        return session.scalars(wanted).all()


def school_identifiers(
    session: Session, *, schools: Sequence[School]
) -> dict[UUID, list[SchoolIdentifier]]:
    """Return the codes of these schools by school, in one query."""
    ids = [school.id for school in schools]
    wanted = select(SchoolIdentifier).where(SchoolIdentifier.school_id.in_(ids))
    found: dict[UUID, list[SchoolIdentifier]] = {}
    with session.begin():
        for row in session.scalars(wanted.order_by(SchoolIdentifier.scheme)):
            found.setdefault(row.school_id, []).append(row)
    return found


def get_managed_school(session: Session, *, school_id: UUID, by: Person) -> School:
    """Return a school that this person manages. Raises NotFound, NotAllowed."""
    with session.begin():
        school = find_row(session, School, school_id)
    if not may_manage_school(by, school_id):
        raise NotAllowed(f"school {school_id} is not this person's to manage")
    return school
