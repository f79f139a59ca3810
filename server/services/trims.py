"""What a teacher leaves of a lesson's recording: kept with the lesson, the file stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from media_pipeline.cutting import Taken
from media_pipeline.timeline import Range, Timeline, cut_ranges, kept_ranges
from server.errors import FieldError, LessonNotReady, NotAllowed, TrimChanged
from server.messages import MakeCuts
from server.models.lessons import Lesson
from server.models.library import Asset, AssetKind, CutPart, Original, Rendition, RenditionKind
from server.models.people import Person
from server.policy import may_edit_lesson
from server.queue import enqueue
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.cut_parts import missing_pieces
from server.services.find_row import find_row
from server.services.index_lessons import note_change
from server.services.views import playable_timeline, timeline_of

MOST_CUTS = 100
LEAST_LEFT_S = 1.0
NEAR_END_S = 0.1  # pages show tenths of a second
KEPT_CUTS = timedelta(days=1)  # who plays what a lesson showed before plays on
TRIMMED = (AssetKind.VIDEO, AssetKind.AUDIO)
RAW = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimDraft:
    """Where a lesson begins and ends, and what is left out between; seconds of the original."""

    start_s: float = 0.0
    end_s: float | None = None
    cut_out: Sequence[Range] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim:
    """A lesson's trim as it is edited."""

    draft: TrimDraft
    duration_s: float
    shown_s: float
    version: int
    is_exact: bool


def trim_of(lesson: Lesson) -> Trim:
    """Return the trim as a teacher made it. Raises LessonNotReady where there is nothing to cut."""
    duration_s = _duration_s(lesson)
    cut_out = cut_ranges(duration_s, timeline_of(lesson).ranges)
    starts = [one for one in cut_out if one[0] <= 0]
    ends = [one for one in cut_out if one[1] >= duration_s]
    draft = TrimDraft(
        start_s=starts[0][1] if starts else 0.0,
        end_s=ends[0][0] if ends else duration_s,
        cut_out=[one for one in cut_out if one not in starts and one not in ends],
    )
    return Trim(
        draft=draft,
        duration_s=duration_s,
        shown_s=timeline_of(lesson).to_shown(duration_s),
        version=lesson.trim_version,
        is_exact=timeline_of(lesson) == playable_timeline(lesson),
    )


def save_trim(
    session: Session,
    now: Clock,
    *,
    lesson_id: UUID,
    draft: TrimDraft,
    version: int,
    by: Person,
) -> Lesson:
    """Show what the draft leaves, from now on; a draft that leaves all is the way back.

    Who watches what is cut out is given the new version within half a minute. Raises NotFound,
    NotAllowed, LessonNotReady, FieldError, or TrimChanged: somebody else trimmed since `version`.
    """
    with session.begin():
        lesson = find_row(session, Lesson, lesson_id)
        if not may_edit_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
        kept = _checked(draft, _duration_s(lesson))
        taken = (
            update(Lesson)
            .where(Lesson.id == lesson_id, Lesson.trim_version == version)
            .values(trim_version=version + 1)
            .returning(Lesson.id)
        )
        if session.scalar(taken, execution_options=RAW) is None:
            raise TrimChanged("somebody else trimmed this lesson meanwhile")
        session.refresh(lesson, ["trim_version"])
        lesson.kept_ranges = [list(one) for one in kept]
        lesson.is_trim_exact = not kept
        lesson.changed_at = now()
        note_act(session, now, action="lesson.trim", by=by, thing_id=lesson_id, kept=list(kept))
        note_change(session, now, lesson_id)
        if lesson.original is not None and kept:
            enqueue(session, MakeCuts(asset_id=lesson.original.asset_id), now())
    return lesson


def call_for_cuts(session: Session, now: datetime, asset: Asset) -> None:
    """Have cuts made in what has just been prepared, in the caller's transaction."""
    if any(lesson.kept_ranges for lesson in _lessons_of(session, asset.id)):
        enqueue(session, MakeCuts(asset_id=asset.id), now)


def cuts_to_make(
    session: Session, asset_id: UUID, *, can_av1: bool
) -> list[tuple[Rendition, Taken]]:
    """Return the pieces that trims of this file need and that can be made; lowest ones first."""
    timelines = _timelines(session, asset_id)
    found: dict[tuple[UUID, float, float], tuple[Rendition, Taken]] = {}
    for row in _offered(session, asset_id, with_av1=can_av1) if timelines else ():
        for timeline in timelines:
            for taken in missing_pieces(row, timeline):
                found.setdefault((row.id, taken.from_s, taken.to_s), (row, taken))
    return list(found.values())


def note_exact(session: Session, asset_id: UUID) -> None:
    """Let the lessons whose cuts are all made show them, in the caller's transaction."""
    rows = _offered(session, asset_id, with_av1=False)  # nobody waits for those
    for lesson in _lessons_of(session, asset_id):
        timeline = timeline_of(lesson)
        if not any(True for row in rows for _ in missing_pieces(row, timeline)):
            lesson.is_trim_exact = True


def forget_unused_cuts(session: Session, now: Clock) -> None:
    """Drop pieces at which no lesson is cut any more; their objects are swept up by the check."""
    old = (
        select(CutPart, Rendition.asset_id)
        .join(Rendition, Rendition.id == CutPart.rendition_id)
        .where(CutPart.created_at < now() - KEPT_CUTS)
    )
    with session.begin():
        rows = session.execute(old).all()
        borders = {asset_id: _borders(session, asset_id) for _, asset_id in rows}
        unused = [
            part.id for part, asset_id in rows if not borders[asset_id] & {part.from_ms, part.to_ms}
        ]
        session.execute(delete(CutPart).where(CutPart.id.in_(unused)), execution_options=RAW)


def _duration_s(lesson: Lesson) -> float:
    asset = lesson.original.asset if lesson.original else None
    if asset is None or asset.kind not in TRIMMED or asset.duration_s <= 0:
        raise LessonNotReady("there is no recording to trim yet")
    return asset.duration_s


def _checked(draft: TrimDraft, duration_s: float) -> tuple[Range, ...]:
    """Return what is left; nothing when all of it is. Raises FieldError."""
    end_s = duration_s if draft.end_s is None else draft.end_s
    if len(draft.cut_out) > MOST_CUTS:
        raise FieldError("cuts", "too many cuts", rule="too_many", most=MOST_CUTS)
    for field, from_s, to_s in [
        ("end", draft.start_s, end_s),
        *(("cuts", *one) for one in draft.cut_out),
    ]:
        if not 0 <= from_s < to_s:
            raise FieldError(field, "ends before it begins", rule="order")
        if to_s > duration_s + NEAR_END_S:
            raise FieldError(field, "after the end of the recording", rule="beyond")
    edges = [one for one in ((0.0, draft.start_s), (end_s, duration_s)) if _is_long(one)]
    kept = kept_ranges(duration_s, [*edges, *draft.cut_out])
    if sum(to_s - from_s for from_s, to_s in kept) < LEAST_LEFT_S:
        raise FieldError("cuts", "nothing is left", rule="all_cut")
    return () if kept == ((0.0, round(duration_s, 3)),) else kept


def _is_long(one: Range) -> bool:
    return one[1] - one[0] > NEAR_END_S


def _lessons_of(session: Session, asset_id: UUID) -> list[Lesson]:
    of_asset = (
        select(Lesson)
        .join(Original, Original.id == Lesson.original_id)
        .where(Original.asset_id == asset_id)
    )
    return [lesson for lesson in session.scalars(of_asset) if lesson.kept_ranges]


def _timelines(session: Session, asset_id: UUID) -> set[Timeline]:
    return {timeline_of(lesson) for lesson in _lessons_of(session, asset_id)}


def _borders(session: Session, asset_id: UUID) -> set[int]:
    return {
        round(border_s * 1000)
        for timeline in _timelines(session, asset_id)
        for one in timeline.ranges
        for border_s in one
    }


def _offered(session: Session, asset_id: UUID, *, with_av1: bool) -> Sequence[Rendition]:
    """Return what players are offered, from the lowest up, AV1 last."""
    is_av1 = Rendition.kind == RenditionKind.AV1
    offered = (
        select(Rendition)
        .where(Rendition.asset_id == asset_id, Rendition.is_retired.is_(False))
        .options(selectinload(Rendition.parts), selectinload(Rendition.cut_parts))
        .order_by(is_av1, Rendition.height_px)
        .execution_options(populate_existing=True)
    )
    return session.scalars(offered if with_av1 else offered.where(~is_av1)).all()
