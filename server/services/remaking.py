"""Assets made anew of their original with today's ladder.

What was made stays as it is: a second asset of the same original is prepared beside it, after all
other work. When it is ready it takes the older one's place in one transaction, and the older one is
removed when nobody plays it any more. docs/decisions/0015 tells why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased, selectinload

from media_pipeline.ladder import LADDER_VERSION
from server.errors import Conflict, NotAllowed
from server.messages import Order, ProbeOriginal
from server.models.lessons import Lesson, LessonFile
from server.models.library import Asset, AssetKind, AssetState, Original, OriginalGone
from server.models.people import Person
from server.policy import may_manage_office
from server.queue import cancel_jobs, enqueue
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.index_lessons import note_change
from server.services.lesson_texts import give_texts, texts_of
from server.services.progress import move_progress
from server.services.trims import call_for_cuts

UNHURRIED = 300  # after everything that somebody waits for
LOST_S = 1.0  # a new version shorter by more than this does not take the place
ENCODED = (AssetKind.VIDEO, AssetKind.AUDIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemakeView:
    """How far the installation is behind today's ladder."""

    version: int
    older_count: int
    older_seconds: float
    making_count: int
    failed_count: int
    gone_count: int  # older, and the original is not kept any more


def unhurried(asset: Asset, orders: Sequence[Order]) -> Sequence[Order]:
    """Return the orders of an asset; those of a remake come after all others."""
    if asset.replaces_id is None:
        return orders
    return [replace(order, priority=UNHURRIED + order.priority) for order in orders]


def remake_asset(session: Session, now: Clock, *, asset_id: UUID, by: Person) -> Asset:
    """Have an asset made anew; its lessons play on as they are until it is whole.

    Raises NotAllowed, NotFound, or Conflict: not ready, original gone, or under way already.
    """
    if not may_manage_office(by):
        raise NotAllowed("making files anew is the office's")
    with session.begin():
        # An update first: it takes the row, so that two do not begin at the same time.
        session.execute(
            update(Asset).where(Asset.id == asset_id).values(state=Asset.state),
            execution_options=RAW,
        )
        asset = find_row(session, Asset, asset_id)
        if session.scalar(select(Asset.id).where(Asset.id == asset_id, _may_be_remade())) is None:
            raise Conflict(f"asset {asset_id} cannot be made anew now")
        successor = begin_successor(session, now, asset)
        note_act(session, now, action="asset.remake", by=by, thing_id=asset_id)
    return successor


def remake_older(session: Session, now: Clock, *, by: Person) -> int:
    """Have every asset of an older ladder made anew; return how many were begun."""
    if not may_manage_office(by):
        raise NotAllowed("making files anew is the office's")
    with session.begin():
        same = update(Asset).where(_is_older()).values(state=Asset.state)
        session.execute(same, execution_options=RAW)  # as above
        older = session.scalars(select(Asset).where(_is_older(), _may_be_remade())).all()
        for asset in older:
            begin_successor(session, now, asset)
        note_act(session, now, action="asset.remake_older", by=by, count=len(older))
    return len(older)


def stop_remaking(session: Session, now: Clock, *, by: Person) -> int:
    """Drop what is being made anew, and what failed; return how many. Nothing that plays changes.

    Their objects are removed by the daily tidying.
    """
    if not may_manage_office(by):
        raise NotAllowed("making files anew is the office's")
    with session.begin():
        dropped = session.scalars(
            update(Asset)
            .where(_is_successor_in_waiting(Asset))
            .values(retired_at=now())
            .returning(Asset.id),
            execution_options=RAW,
        ).all()
        for asset_id in dropped:
            cancel_jobs(session, asset_id)
        note_act(session, now, action="asset.stop_remaking", by=by, count=len(dropped))
    return len(dropped)


def remake_view(session: Session, *, by: Person) -> RemakeView:
    """Return counts for the office. Raises NotAllowed."""
    if not may_manage_office(by):
        raise NotAllowed("making files anew is the office's")
    successors = select(Asset.state, func.count()).where(_is_successor_in_waiting(Asset))
    behind = select(func.count(), func.coalesce(func.sum(Asset.duration_s), 0.0))
    has_gone = Asset.original_gone_at.is_not(None)
    with session.begin():
        states = {AssetState(s): n for s, n in session.execute(successors.group_by(Asset.state))}
        count, seconds = session.execute(behind.where(_is_older(), _may_be_remade())).one()
        gone = session.scalar(
            select(func.count()).where(_is_older(), Asset.retired_at.is_(None), has_gone)
        )
    return RemakeView(
        version=LADDER_VERSION,
        older_count=count,
        older_seconds=float(seconds),
        making_count=sum(n for state, n in states.items() if state != AssetState.FAILED),
        failed_count=states.get(AssetState.FAILED, 0),
        gone_count=gone or 0,
    )


def follow(session: Session, now: Clock, *, successor: Asset) -> bool:
    """Let `successor` take the place of the asset it was made of, in the caller's transaction.

    Captions are stored beside it already. False if there is nothing to follow any more, or if it
    came out shorter.
    """
    older = session.get(Asset, successor.replaces_id) if successor.replaces_id else None
    if older is None or older.retired_at is not None or successor.retired_at is not None:
        return False
    if successor.missing_s > older.missing_s + LOST_S:
        successor.state, successor.error_code = AssetState.FAILED, "shorter_than_before"
        return False
    for lesson in lessons_of(session, older.id):
        texts = texts_of(lesson)
        lesson.text_tracks, lesson.chapters = [], []
        session.flush()
        give_texts(lesson, texts, successor.id)
        lesson.is_trim_exact = False  # its cuts are made anew, too
        note_change(session, now, lesson.id)
    _forget_captions_aside(session, older.id)
    moved = update(Original).where(Original.asset_id == older.id).values(asset_id=successor.id)
    session.execute(moved, execution_options={"synchronize_session": "fetch"})
    call_for_cuts(session, now(), successor)
    older.retired_at = now()
    session.flush()  # from here on, reports of the older one wait, and then go to its successor
    move_progress(session, from_id=older.id, to_id=successor.id)
    cancel_jobs(session, older.id)
    return True


def lessons_of(session: Session, asset_id: UUID) -> Sequence[Lesson]:
    """Return the lessons that show an asset, also deleted ones, with captions and chapters."""
    wanted = (
        select(Lesson)
        .join(Original, Original.id == Lesson.original_id)
        .where(Original.asset_id == asset_id)
        .options(selectinload(Lesson.text_tracks), selectinload(Lesson.chapters))
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).all()


def is_succeeded(session: Session, older_id: UUID, newer: Asset) -> bool:
    """Tell whether `newer` was made anew of what `older_id` was made of, and is in its place."""
    older = session.get(Asset, older_id)
    is_retired = older is not None and older.retired_at is not None
    return is_retired and older is not None and older.original_key == newer.original_key


def _forget_captions_aside(session: Session, asset_id: UUID) -> None:
    """Captions of former files go with the older asset; their text stays, to be stored again."""
    of_asset = select(Original.id).where(Original.asset_id == asset_id)
    aside = update(LessonFile).where(LessonFile.original_id.in_(of_asset)).values(texts_bytes=0)
    session.execute(aside, execution_options=RAW)


def begin_successor(session: Session, now: Clock, asset: Asset) -> Asset:
    """Have an asset made anew beside the one that plays, in the caller's transaction."""
    failed = (Asset.replaces_id == asset.id, Asset.state == AssetState.FAILED)
    session.execute(update(Asset).where(*failed).values(retired_at=now()), execution_options=RAW)
    successor = Asset(
        original_key=asset.original_key,
        size_bytes=asset.size_bytes,
        sha256=asset.sha256,
        replaces_id=asset.id,
        created_at=now(),
    )
    session.add(successor)
    session.flush()
    enqueue(session, ProbeOriginal(asset_id=successor.id), now(), priority=UNHURRIED)
    return successor


def _is_older() -> ColumnElement[bool]:
    return and_(Asset.ladder_version < LADDER_VERSION, Asset.kind.in_(ENCODED))


def _may_be_remade() -> ColumnElement[bool]:
    newer = aliased(Asset)
    under_way = exists().where(
        newer.replaces_id == Asset.id,
        newer.state != AssetState.FAILED,
        newer.retired_at.is_(None),
    )
    return and_(
        Asset.state == AssetState.READY,
        Asset.retired_at.is_(None),
        Asset.original_gone_why == OriginalGone.NOT,
        exists().where(Original.asset_id == Asset.id),
        ~under_way.correlate(Asset),
    )


def _is_successor_in_waiting(kind: type[Asset]) -> ColumnElement[bool]:
    """Return the condition that an asset is being made beside the one that still plays."""
    older = aliased(Asset)
    plays = exists().where(older.id == kind.replaces_id, older.retired_at.is_(None))
    # Of few assets, which are looked for first.
    return and_(kind.replaces_id.is_not(None), kind.retired_at.is_(None), plays.correlate(kind))


RAW = {"synchronize_session": False}
