"""What a lesson's editors work on. Nobody's work is lost: who was slower is told what is newer.

Pupils see nothing of it until it becomes a version (services/lesson_version_changes.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.errors import Conflict, FieldError, NotAllowed, NotFound
from server.models.base import insert_into
from server.models.content import CONTENT, Content
from server.models.lesson_versions import LessonDraft, LessonItemFile, LessonVersion
from server.models.lessons import Lesson
from server.models.library import Original
from server.models.people import Person
from server.policy import may_edit_lesson
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import hold_lesson
from server.services.index_lessons import note_change
from server.services.lesson_content import newest_version, own_file

LONGEST_PLAN = 20_000
Change = Callable[[Content], Content]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A lesson's items as its editors see them; `revision` 0: nobody has changed them yet."""

    lesson_id: UUID
    content: Content
    plan: str
    revision: int
    by_id: UUID | None
    changed_at: datetime | None
    is_given: bool  # pupils who come now get the same


class DraftChanged(Conflict):
    """Somebody else changed the lesson's items meanwhile; `newer` is what they are now."""

    code = "draft_changed"

    def __init__(self, newer: Draft) -> None:
        """Keep what is newer."""
        super().__init__(f"lesson {newer.lesson_id} is at revision {newer.revision}")
        self.newer = newer


def read_draft(session: Session, *, lesson_id: UUID, by: Person) -> Draft:
    """Return what the lesson's editors work on. Raises NotFound."""
    with session.begin():
        lesson = session.get(Lesson, lesson_id)
        if lesson is None or not may_edit_lesson(by, lesson):
            raise NotFound(f"no lesson {lesson_id} for this person to edit")
        return draft_of(session, lesson)


def change_draft(
    session: Session, now: Clock, *, lesson_id: UUID, revision: int, change: Change, by: Person
) -> Draft:
    """Change the items as they were at `revision`.

    Raises NotFound, NotAllowed, DraftChanged with what is newer, and FieldError for files that are
    not the person's. `change` may raise what it likes; then nothing is changed.
    """
    with session.begin():
        lesson, draft = _held(session, lesson_id, revision, by)
        content = CONTENT.validate_python(change(draft.content).model_dump())
        _check_files(session, draft.content, content, by)
        row = _row(session, draft, by, now())
        row.content = content.model_dump(mode="json")
        row.revision = revision + 1
        keep_item_files(session, lesson_id, content)
        note_act(session, now, action="lesson.items", by=by, thing_id=lesson_id)
        note_change(session, now, lesson_id)  # other files: perhaps others are in the picture
        session.flush()
        return draft_of(session, lesson)


def change_plan(
    session: Session, now: Clock, *, lesson_id: UUID, revision: int, plan: str, by: Person
) -> Draft:
    """Keep the teacher's plan, which no pupil sees. Raises as change_draft does."""
    if len(plan) > LONGEST_PLAN or "\x00" in plan:
        raise FieldError("plan", "too long", rule="too_long", most=LONGEST_PLAN)
    with session.begin():
        lesson, draft = _held(session, lesson_id, revision, by)
        row = _row(session, draft, by, now())
        row.plan = plan
        row.revision = revision + 1
        session.flush()
        return draft_of(session, lesson)


def draft_of(session: Session, lesson: Lesson) -> Draft:
    """Return the draft; without one what pupils get. Inside a transaction."""
    row = session.get(LessonDraft, lesson.id, populate_existing=True)
    version = newest_version(session, lesson.id)
    given = CONTENT.validate_python(version.content) if version else own_file(lesson)
    content = CONTENT.validate_python(row.content) if row else given
    return Draft(
        lesson_id=lesson.id,
        content=content,
        plan=row.plan if row else "",
        revision=row.revision if row else 0,
        by_id=row.by_id if row else None,
        changed_at=row.changed_at if row else None,
        is_given=content == given,
    )


def keep_item_files(session: Session, lesson_id: UUID, content: Content) -> None:
    """Have exactly those files kept that a draft with this content or a version uses."""
    used = set(content.original_ids)
    versions = select(LessonVersion.content).where(LessonVersion.lesson_id == lesson_id)
    for old in session.scalars(versions):
        used |= CONTENT.validate_python(old).original_ids
    for original_id in used:
        kept = insert_into(session, LessonItemFile)
        kept = kept.values(lesson_id=lesson_id, original_id=original_id)
        session.execute(kept.on_conflict_do_nothing())
    unused = delete(LessonItemFile).where(
        LessonItemFile.lesson_id == lesson_id, LessonItemFile.original_id.not_in(used)
    )
    session.execute(unused, execution_options={"synchronize_session": False})


def _held(session: Session, lesson_id: UUID, revision: int, by: Person) -> tuple[Lesson, Draft]:
    lesson = hold_lesson(session, lesson_id)
    if lesson.deleted_at is not None or not may_edit_lesson(by, lesson):
        raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
    draft = draft_of(session, lesson)
    if draft.revision != revision:
        raise DraftChanged(draft)
    return lesson, draft


def _row(session: Session, draft: Draft, by: Person, at: datetime) -> LessonDraft:
    row = session.get(LessonDraft, draft.lesson_id)
    if row is None:
        row = LessonDraft(
            lesson_id=draft.lesson_id, content=draft.content.model_dump(mode="json"), plan=""
        )
        session.add(row)
    row.by_id, row.changed_at = by.id, at
    return row


def _check_files(session: Session, old: Content, new: Content, by: Person) -> None:
    """Files that come in are the person's own: nobody shows a file by knowing its id."""
    added = new.original_ids - old.original_ids
    mine = select(Original.id).where(Original.id.in_(added), Original.owner_id == by.id)
    if added - set(session.scalars(mine)):
        raise FieldError("original_id", "not a file of this person", rule="unknown")
