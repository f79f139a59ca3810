"""A colleague's lesson made one's own: a copy to work on, with the credit kept for good.

Files are not copied: the adapter gets an original of the same asset, as if they had sent the same
file. What is known about who is in the picture goes along with it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from server.errors import NotAllowed, NotFound
from server.models.base import uuid7
from server.models.consents import MediaClassroom, MediaPeople, MediaPupil
from server.models.content import CONTENT, Content
from server.models.lesson_versions import LessonDraft
from server.models.lessons import Chapter, Lesson, TextTrack, Visibility
from server.models.library import Original
from server.models.people import Person
from server.policy import may_adapt_lesson, may_edit_lesson, school_acted_for
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.given import may_see_lesson
from server.services.index_lessons import note_change
from server.services.lesson_content import content_for
from server.services.lesson_drafts import draft_of, keep_item_files
from server.services.quota import check_room

LONGEST_CREDIT = 300
COPIED = (
    *("title", "description", "language", "learning_area", "licence", "rights_holder"),
    *("kept_ranges", "trim_version", "is_trim_exact", "may_be_kept"),
)
LISTS = ("tags", "grades", "indicators")


def adapt_lesson(
    session: Session, now: Clock, *, lesson_id: UUID, by: Person, hat_id: UUID | None = None
) -> Lesson:
    """Make a lesson, not published, of another one. Raises NotFound, NotAllowed, QuotaFull."""
    with session.begin():
        source = session.get(Lesson, lesson_id, options=[selectinload(Lesson.text_tracks)])
        if source is None or not may_see_lesson(session, now, person=by, lesson=source):
            raise NotFound(f"no lesson {lesson_id} for this person")
        if not may_adapt_lesson(by, source):
            raise NotAllowed(f"lesson {lesson_id} may not be adapted by its licence")
        content = _content(session, source, by)
        school_id = school_acted_for(by, hat_id)
        files = _own_files(session, source, content, by=by, school_id=school_id)
        lesson = _copy(now, source, files, by=by, school_id=school_id)
        session.add(lesson)
        session.flush()
        _write_draft(session, now, lesson, _moved(content, lesson, source, files), by)
        note_act(session, now, action="lesson.adapt", by=by, thing_id=lesson.id, of=str(source.id))
        note_change(session, now, lesson.id)
    return lesson


def credit_of(source: Lesson) -> str:
    """Return whose lesson it was, in one line; of an adapted lesson also what that was made from.

    Where it would be too long, titles are cut, never names.
    """
    whose = [source.owner.display_name, *([source.school.name] if source.school else [])]
    names = " · ".join(whose)
    before = f" ← {source.credit}" if source.credit else ""
    room = max(20, LONGEST_CREDIT - len(names) - len(before) - 3)
    title = source.title if len(source.title) <= room else f"{source.title[: room - 1]}…"
    return f"{title} · {names}{before}"[:LONGEST_CREDIT]


def _content(session: Session, source: Lesson, by: Person) -> Content:
    """Return what is copied: of one's own lessons the draft, of others what pupils get."""
    if may_edit_lesson(by, source):
        return draft_of(session, source).content
    return content_for(session, source, person_id=None)


def _own_files(
    session: Session,
    source: Lesson,
    content: Content,
    *,
    by: Person,
    school_id: UUID | None,
) -> Mapping[UUID, Original]:
    """Return for each file of the source one of this person's, of the same asset."""
    ids = content.original_ids | ({source.original_id} if source.original_id else set())
    found: dict[UUID, Original] = {}
    for original in session.scalars(select(Original).where(Original.id.in_(ids))).all():
        mine = select(Original).where(
            Original.owner_id == by.id, Original.asset_id == original.asset_id
        )
        found[original.id] = session.scalar(mine.limit(1)) or _share(
            session, original, by=by, school_id=school_id
        )
    return found


def _share(session: Session, original: Original, *, by: Person, school_id: UUID | None) -> Original:
    asset = original.asset
    size_bytes = asset.made_bytes + (0 if asset.original_gone_at else asset.size_bytes)
    check_room(session, person=by, school_id=school_id, size_bytes=size_bytes)
    shared = Original(
        owner_id=by.id,
        school_id=school_id,
        asset_id=original.asset_id,
        file_name=original.file_name,
        created_at=original.created_at,  # who learned in a classroom then may be in the picture
    )
    session.add(shared)
    session.flush()
    _keep_people(session, original.id, shared.id)
    return shared


def _keep_people(session: Session, from_id: UUID, to_id: UUID) -> None:
    """Have the same answer stand for who is in the picture: consents reach the copy, too."""
    said = session.get(
        MediaPeople,
        from_id,
        options=[selectinload(MediaPeople.classrooms), selectinload(MediaPeople.pupils)],
    )
    if said is None:
        return
    copy = MediaPeople(
        original_id=to_id,
        answer=said.answer,
        academic_year=said.academic_year,
        by_id=said.by_id,
        at=said.at,
        classrooms=[MediaClassroom(classroom_id=row.classroom_id) for row in said.classrooms],
        pupils=[MediaPupil(person_id=row.person_id) for row in said.pupils],
    )
    session.add(copy)


def _copy(
    now: Clock,
    source: Lesson,
    files: Mapping[UUID, Original],
    *,
    by: Person,
    school_id: UUID | None,
) -> Lesson:
    at = now()
    return Lesson(
        **{name: getattr(source, name) for name in COPIED},
        **{name: list(getattr(source, name)) for name in LISTS},
        owner_id=by.id,
        school_id=school_id,
        original_id=files[source.original_id].id if source.original_id else None,
        visibility=Visibility.SCHOOL if school_id else Visibility.ME,
        adapted_from_id=source.id,
        credit=credit_of(source),
        created_at=at,
        changed_at=at,
        chapters=[Chapter(start_s=row.start_s, title=row.title) for row in source.chapters],
        text_tracks=[_track(row, now) for row in source.text_tracks],
    )


def _track(row: TextTrack, now: Clock) -> TextTrack:
    """Return captions that share their object: it is named by its text and goes with the asset."""
    return TextTrack(
        language=row.language,
        kind=row.kind,
        key=row.key,
        text=row.text,
        size_bytes=row.size_bytes,
        is_automatic=row.is_automatic,
        by_id=row.by_id,
        created_at=now(),
    )


def _moved(
    content: Content, lesson: Lesson, source: Lesson, files: Mapping[UUID, Original]
) -> Content:
    """Return the content with the adapter's files, under ids of its own: progress is by these."""
    document = _with_files(content.model_dump(mode="json"), files)
    for item in document["items"]:
        is_own = item["kind"] == "file" and item["original_id"] is None
        item["id"] = str(lesson.id if is_own and item["id"] == str(source.id) else uuid7())
    return CONTENT.validate_python(document)


def _with_files(node: Any, files: Mapping[UUID, Original]) -> Any:  # noqa: ANN401 (JSON)
    """Return JSON in which every `original_id` is the adapter's."""
    if isinstance(node, list):
        return [_with_files(each, files) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {name: _with_files(value, files) for name, value in node.items()}
    if changed.get("original_id"):
        changed["original_id"] = str(files[UUID(changed["original_id"])].id)
    return changed


def _write_draft(
    session: Session, now: Clock, lesson: Lesson, content: Content, by: Person
) -> None:
    draft = LessonDraft(
        lesson_id=lesson.id,
        content=content.model_dump(mode="json"),
        plan="",
        revision=1,
        by_id=by.id,
        changed_at=now(),
    )
    session.add(draft)
    keep_item_files(session, lesson.id, content)
