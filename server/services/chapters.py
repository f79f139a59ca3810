"""Chapters of a lesson: those of its file, until its teacher writes others."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import FieldError, NotAllowed
from server.messages import FindSlides
from server.models.lessons import Chapter, Lesson
from server.models.library import Asset, AssetKind, AssetState, Original
from server.models.people import Person
from server.policy import may_edit_lesson
from server.queue import enqueue
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row, hold_lesson
from server.services.index_lessons import note_change

MOST_CHAPTERS = 200
LONGEST_TITLE = 300
NEAR_S = 5.0  # a proposal this near to a chapter is that chapter


@dataclass(frozen=True, slots=True)
class ChapterDraft:
    """One line of the list as a teacher wrote it."""

    start_s: float
    title: str


def take_chapters(lesson: Lesson, asset: Asset) -> None:
    """Give a lesson without chapters those that were found in its file."""
    if lesson.chapters:
        return
    found = asset.media_info.get("chapters", ())
    lesson.chapters = [Chapter(start_s=start_s, title=title) for start_s, title in found]


def spread_chapters(session: Session, asset: Asset) -> None:
    """Give the file's chapters to every lesson that was made before the file was probed."""
    of_asset = select(Lesson).join(Original).where(Original.asset_id == asset.id)
    for lesson in session.scalars(of_asset):
        take_chapters(lesson, asset)


def save_chapters(
    session: Session, now: Clock, *, lesson_id: UUID, drafts: Sequence[ChapterDraft], by: Person
) -> Lesson:
    """Replace the lesson's chapters by these, in order of their times; none is a choice too.

    Raises NotFound, NotAllowed, or FieldError, whose facts name the line.
    """
    with session.begin():
        lesson = hold_lesson(session, lesson_id)
        if not may_edit_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
        checked = _checked(drafts, _duration_s(lesson))
        session.refresh(lesson, ["chapters"])
        lesson.chapters = []
        session.flush()
        lesson.chapters = [Chapter(start_s=each.start_s, title=each.title) for each in checked]
        lesson.changed_at = now()
        note_act(
            session, now, action="chapters.save", by=by, thing_id=lesson_id, count=len(checked)
        )
        note_change(session, now, lesson_id)
    return lesson


def proposed_starts(lesson: Lesson) -> list[float]:
    """Return where slides change and no chapter begins yet."""
    asset = lesson.original.asset if lesson.original else None
    starts: list[float] = asset.slides.get("starts_s", []) if asset else []
    taken = [chapter.start_s for chapter in lesson.chapters]
    return [start for start in starts if all(abs(start - each) > NEAR_S for each in taken)]


def may_look_for_slides(lesson: Lesson) -> bool:
    """Tell whether slides were not looked for yet and could be."""
    asset = lesson.original.asset if lesson.original else None
    is_video = asset is not None and asset.kind == AssetKind.VIDEO
    return asset is not None and is_video and asset.state == AssetState.READY and not asset.slides


def look_for_slides(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Lesson:
    """Have slide changes looked for in a file that was prepared before this was done by itself.

    Raises NotFound or NotAllowed.
    """
    with session.begin():
        lesson = find_row(session, Lesson, lesson_id)
        if not may_edit_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
        if lesson.original is not None and may_look_for_slides(lesson):
            message = FindSlides(asset_id=lesson.original.asset_id)
            enqueue(session, message, now(), priority=message.when_asked)
    return lesson


def _duration_s(lesson: Lesson) -> float:
    asset = lesson.original.asset if lesson.original else None
    return asset.duration_s + asset.missing_s if asset else 0.0


def _checked(drafts: Sequence[ChapterDraft], duration_s: float) -> list[ChapterDraft]:
    if len(drafts) > MOST_CHAPTERS:
        raise FieldError("chapters", "too many", rule="too_many", most=MOST_CHAPTERS)
    made: dict[float, ChapterDraft] = {}
    for number, draft in enumerate(drafts, start=1):
        title = " ".join(draft.title.split())
        if not title or len(title) > LONGEST_TITLE:
            raise FieldError("chapters", "no title", rule="title", line=number)
        if not draft.start_s >= 0 or (duration_s and draft.start_s >= duration_s):
            raise FieldError("chapters", "outside the recording", rule="time", line=number)
        start_s = round(draft.start_s, 3)
        if start_s in made:
            raise FieldError("chapters", "two at one time", rule="same_time", line=number)
        made[start_s] = ChapterDraft(start_s, title)
    return [made[start_s] for start_s in sorted(made)]
