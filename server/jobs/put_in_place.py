"""Let what waits for an asset show it: lessons whose file was replaced, or its own remake."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from server.jobs.workshop import Workshop, asset_of
from server.messages import PutInPlace
from server.models.lessons import FileRole, Lesson, LessonFile, TextTrack
from server.models.library import Asset, Original
from server.queue import Lease
from server.services.audit import note_act
from server.services.handing_over import may_take_over
from server.services.lesson_texts import store_captions, texts_of
from server.services.remaking import follow, lessons_of
from server.services.replacing import put_in_place as show_instead


def put_in_place(job: PutInPlace, shop: Workshop, lease: Lease) -> None:
    """Change places in one transaction; captions are stored beside the new asset before."""
    stored: set[str] = set()
    while (missing := _try(job, shop, lease, stored)) and job.asset_id is not None:
        store_captions(shop.store, job.asset_id, missing)
        stored |= missing


def _try(job: PutInPlace, shop: Workshop, lease: Lease, stored: set[str]) -> set[str]:
    """Change places if all captions are in `stored`; else return those that are not."""
    with shop.writing(lease) as session:
        asset = asset_of(session, job.asset_id)
        if asset is None or not may_take_over(asset):
            return set()
        waiting = _waiting(session, asset.id)
        if missing := _captions(session, asset, waiting) - stored:
            return missing
        if asset.replaces_id and follow(session, shop.now, successor=asset):
            note_act(session, shop.now, action="asset.follow", by=None, thing_id=asset.id)
        for file in waiting:
            _show(session, shop, file)
    return set()


def _waiting(session: Session, asset_id: UUID) -> list[LessonFile]:
    """Return the lessons' coming files of this asset; deleted lessons too may come back."""
    coming = (
        select(LessonFile)
        .join(Original, Original.id == LessonFile.original_id)
        .where(Original.asset_id == asset_id, LessonFile.role == FileRole.COMING)
        .options(selectinload(LessonFile.original).selectinload(Original.asset))
    )
    return list(session.scalars(coming))


def _captions(session: Session, asset: Asset, waiting: list[LessonFile]) -> set[str]:
    """Return the texts of all captions that will belong to the asset."""
    kept = [file.lesson_id for file in waiting if file.keeps_captions]
    older = lessons_of(session, asset.replaces_id) if asset.replaces_id else ()
    its = select(TextTrack.text).where(
        TextTrack.lesson_id.in_([*kept, *(lesson.id for lesson in older)])
    )
    return set(session.scalars(its))


def _show(session: Session, shop: Workshop, file: LessonFile) -> None:
    lesson = session.get_one(Lesson, file.lesson_id)
    texts = texts_of(lesson) if file.keeps_captions else {}
    facts = {"original_id": str(file.original_id), "former_id": str(lesson.original_id)}
    show_instead(session, shop.now, lesson, file, texts=texts, by_id=file.by_id)
    note_act(session, shop.now, action="lesson.replace_file", by=None, thing_id=lesson.id, **facts)
