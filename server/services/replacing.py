"""Another file for a lesson whose address stays.

The new file is *coming* until it can be watched; meanwhile the lesson shows its old one. Then both
change places in one transaction, and the old one is *former*: it can be put back while there is
undo. docs/decisions/0015 tells why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from server.errors import Conflict, NotAllowed, NotFound
from server.messages import PutInPlace
from server.models.lessons import FileRole, Lesson, LessonFile
from server.models.library import Original
from server.models.people import Person
from server.policy import may_edit_lesson
from server.queue import enqueue
from server.services.audit import note_act
from server.services.chapters import take_chapters
from server.services.clock import Clock
from server.services.index_lessons import note_change
from server.services.lesson_texts import give_texts, store_captions, texts_of
from server.services.trims import call_for_cuts
from storage.store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesBeside:
    """What stands beside the file that a lesson shows."""

    coming: LessonFile | None
    former: Sequence[LessonFile]


def choose_file(
    session: Session,
    now: Clock,
    *,
    lesson_id: UUID,
    original_id: UUID,
    keeps_captions: bool,
    by: Person,
) -> LessonFile | None:
    """Have one of the person's files take the lesson's place as soon as it can be watched.

    An earlier choice that has not come yet is dropped. A lesson without a file gets it at once;
    then, and for the file that it shows already, there is nothing coming: None. Raises NotFound or
    NotAllowed.
    """
    with session.begin():
        lesson = _lesson_to_edit(session, lesson_id, by)
        original = session.get(Original, original_id)
        if original is None or original.owner_id != by.id:
            raise NotFound("no such original of this person")
        _drop_coming(session, lesson_id)
        lesson.changed_at = now()
        chosen = {"original_id": str(original_id), "keeps_captions": keeps_captions}
        note_act(session, now, action="lesson.choose_file", by=by, thing_id=lesson_id, **chosen)
        if lesson.original_id in {None, original_id}:
            lesson.original_id = original_id
            note_change(session, now, lesson_id)
            return None
        coming = LessonFile(
            lesson_id=lesson_id,
            original_id=original_id,
            role=FileRole.COMING,
            keeps_captions=keeps_captions,
            by_id=by.id,
            at=now(),
        )
        session.add(coming)
        session.flush()
        enqueue(session, PutInPlace(asset_id=original.asset_id), now())
    return coming


def withdraw_file(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Lesson:
    """Forget the coming file: the lesson stays as it is. Raises NotFound or NotAllowed."""
    with session.begin():
        lesson = _lesson_to_edit(session, lesson_id, by)
        _drop_coming(session, lesson_id)
        note_act(session, now, action="lesson.withdraw_file", by=by, thing_id=lesson_id)
    return lesson


def put_back_file(
    session: Session,
    now: Clock,
    store: ObjectStore,
    *,
    lesson_file_id: UUID,
    by: Person,
) -> Lesson:
    """Show a former file again, with its captions and chapters; the present one becomes former.

    Raises NotFound, NotAllowed; StoreError.
    """
    with session.begin():
        former = _former(session, lesson_file_id)
        _lesson_to_edit(session, former.lesson_id, by)
        asset_id = former.original.asset_id
    store_captions(store, asset_id, [track["text"] for track in former.texts.get("tracks", ())])
    with session.begin():
        former = _former(session, lesson_file_id)
        lesson = _lesson_to_edit(session, former.lesson_id, by)
        if former.original.asset_id != asset_id:
            raise Conflict("the file was made anew meanwhile")
        _drop_coming(session, lesson.id)
        texts = former.texts
        put_in_place(session, now, lesson, former, texts=texts, by_id=by.id)
        note_act(session, now, action="lesson.put_back_file", by=by, thing_id=lesson.id)
    return lesson


def drop_former_file(session: Session, now: Clock, *, lesson_file_id: UUID, by: Person) -> Lesson:
    """Give up the undo: what still plays the former file ends. Raises NotFound or NotAllowed."""
    with session.begin():
        former = _former(session, lesson_file_id)
        lesson = _lesson_to_edit(session, former.lesson_id, by)
        session.delete(former)
        note_act(session, now, action="lesson.drop_former_file", by=by, thing_id=lesson.id)
    return lesson


def files_beside(session: Session, now: Clock, *, lesson_id: UUID, undo: timedelta) -> FilesBeside:
    """Return the coming file and the former ones that can be put back, newest first."""
    wanted = (
        select(LessonFile)
        .where(LessonFile.lesson_id == lesson_id)
        .options(joinedload(LessonFile.original).joinedload(Original.asset))
        .order_by(LessonFile.at.desc(), LessonFile.id.desc())
        .execution_options(populate_existing=True)
    )
    with session.begin():
        rows = session.scalars(wanted).all()
    coming = next((row for row in rows if row.role == FileRole.COMING), None)
    return FilesBeside(
        coming=coming,
        former=[row for row in rows if row.role == FileRole.FORMER and row.at > now() - undo],
    )


def put_in_place(
    session: Session,
    now: Clock,
    lesson: Lesson,
    file: LessonFile,
    *,
    texts: dict[str, Any],
    by_id: UUID | None,
) -> None:
    """Show `file` and lay the present one aside, in the caller's transaction.

    Captions in `texts` are stored beside the new asset already.
    """
    original, laid_aside = file.original, texts_of(lesson) | {"kept_ranges": lesson.kept_ranges}
    former = LessonFile(
        lesson_id=lesson.id,
        original_id=lesson.original_id,
        role=FileRole.FORMER,
        texts=laid_aside,
        texts_bytes=sum(track["size_bytes"] for track in laid_aside["tracks"]),
        by_id=by_id,
        at=now(),
    )
    if lesson.original_id is not None:
        session.add(former)
    session.delete(file)
    lesson.text_tracks, lesson.chapters = [], []
    session.flush()
    lesson.original = original
    give_texts(lesson, texts, original.asset_id)
    take_chapters(lesson, original.asset)
    # A trim belongs to its recording: it goes with the file, and comes back with it.
    lesson.kept_ranges = texts.get("kept_ranges", [])
    lesson.is_trim_exact, lesson.trim_version = False, lesson.trim_version + 1
    call_for_cuts(session, now(), original.asset)
    lesson.changed_at = now()
    note_change(session, now, lesson.id)


def _lesson_to_edit(session: Session, lesson_id: UUID, by: Person) -> Lesson:
    lesson = session.get(Lesson, lesson_id, populate_existing=True)  # a worker may have changed it
    if lesson is None:
        raise NotFound(f"no lesson {lesson_id}")
    if not may_edit_lesson(by, lesson):
        raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
    return lesson


def _former(session: Session, lesson_file_id: UUID) -> LessonFile:
    row = session.get(LessonFile, lesson_file_id, populate_existing=True)
    if row is None or row.role != FileRole.FORMER:
        raise NotFound(f"no former file {lesson_file_id}")
    return row


def _drop_coming(session: Session, lesson_id: UUID) -> None:
    coming = (LessonFile.lesson_id == lesson_id, LessonFile.role == FileRole.COMING)
    session.execute(delete(LessonFile).where(*coming))
