"""Who may play what, asked once per playback session; and how far an asset is."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from media_pipeline.timeline import WHOLE, Timeline
from server.errors import NotAllowed, NotFound
from server.models.jobs import JobRow
from server.models.lessons import Lesson, PlaybackSession, ShareLink
from server.models.library import (
    Asset,
    AssetKind,
    AssetState,
    Page,
    Part,
    Rendition,
    RenditionKind,
)
from server.models.people import EmbedSite, Person, SignIn
from server.policy import may_edit_lesson
from server.services.clock import Clock
from server.services.cut_parts import pieces_of
from server.services.given import may_see_lesson
from server.services.scopes import scope_of
from server.services.shown_files import ShownFile, own_shown_file, shows_asset
from server.services.turns import turn_to_write
from server.services.views import timeline_of
from server.services.waiting import TimeLeft, queue_place, time_left

PLAYBACK_EXPIRY = timedelta(hours=12)
PICTURES = (RenditionKind.VIDEO, RenditionKind.REMUX)
NEARLY = 99  # not 100 % before it is ready


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionCard:
    """One quality that a player may choose."""

    name: str
    kind: str
    height_px: int
    is_whole: bool
    average_bps: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Av1Card(RenditionCard):
    """One quality more, for players that decode AV1 of this size smoothly and sparingly."""

    width_px: int
    fps: float
    codecs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCard:
    """One page of a document; `name` is relative to the playback's base address."""

    number: int
    name: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetStateCard:
    """How far an asset is: the same for the teacher's page and, as state.json, for players."""

    state: str
    kind: str
    duration_s: float
    watchable_s: float
    missing_s: float
    is_whole: bool
    percent: int
    queue_place: int | None
    error_code: str
    watchable_in_s: float | None = None  # until all of it can be watched, where that is known
    ready_in_s: float | None = None  # until every quality is there
    renditions: Sequence[RenditionCard] = ()
    av1: Sequence[Av1Card] = ()  # all of them or none; in a multivariant playlist of their own
    storyboard: dict[str, Any] | None = None
    waveform: dict[str, Any] | None = None
    kept_ranges: Sequence[Sequence[float]] = ()  # of the original, where not all is shown
    pages: Sequence[PageCard] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def open_playback(  # noqa: PLR0913 (every way in which a right may come)
    session: Session,
    now: Clock,
    *,
    lesson: Lesson,
    person: Person | None,
    sign_in_id: UUID | None = None,
    share_link_id: UUID | None = None,
    ticket_id: str | None = None,
    embed_origin: str = "",
    wants_all: bool = False,
    file: ShownFile | None = None,
) -> PlaybackSession:
    """Begin a playback, for 12 hours or until the right to it ends.

    It shows what the lesson shows now, of its own file or of another one's; its editors may want
    all of its own. Raises NotFound when there is nothing to play, NotAllowed when not for them.
    """
    with session.begin():
        file = file or own_shown_file(lesson)
        if file is None:
            raise NotFound(f"lesson {lesson.id} has no file")
        playback = PlaybackSession(
            id=secrets.token_hex(16),
            lesson_id=lesson.id,
            asset_id=file.original.asset_id,
            person_id=person.id if person else None,
            sign_in_id=sign_in_id,
            share_link_id=share_link_id,
            ticket_id=ticket_id,
            embed_origin=embed_origin,
            kept_ranges=[] if wants_all else file.timeline.to_rows(),
            created_at=now(),
            expires_at=now() + PLAYBACK_EXPIRY,
        )
        if not _may_go_on(session, now, playback):
            raise NotAllowed(f"lesson {lesson.id} is not to be played")
    with turn_to_write(session):  # also on a GET: of documents, and of files to save
        session.add(playback)
    return playback


def is_playback_allowed(session: Session, now: Clock, *, session_id: str, asset_id: UUID) -> bool:
    """Ask again what was asked at the start: sign-in, link, site, lesson, person."""
    with session.begin():
        playback = session.get(PlaybackSession, session_id)
        if playback is None or playback.asset_id != asset_id:
            return False
        return _may_go_on(session, now, playback)


def asset_state(
    session: Session, asset_id: UUID, now: Clock | None = None, *, timeline: Timeline = WHOLE
) -> AssetStateCard:
    """Return how far the asset is; with a clock also how long it will take.

    Lengths are of what `timeline` shows, where it is known. Raises NotFound.
    """
    with session.begin():
        asset = session.get(
            Asset,
            asset_id,
            options=[selectinload(Asset.renditions)],
            populate_existing=True,
        )
        if asset is None:
            raise NotFound(f"no asset {asset_id}")
        # Lengths only: a long lesson has hundreds of parts, and pages ask every few seconds.
        made_s = {row.id: _made_s(session, row) for row in asset.renditions if not _is_av1(row)}
        left = time_left(session, now, asset_id) if now and _is_moving(asset) else TimeLeft()
        whole = _whole_names(_shown(asset), timeline)
        return AssetStateCard(
            state=asset.state,
            kind=asset.kind,
            duration_s=round(timeline.to_shown(asset.duration_s), 3),
            watchable_s=round(timeline.to_shown(_watchable_s(asset, made_s)), 3),
            missing_s=asset.missing_s,
            is_whole=asset.state == AssetState.READY and _has_all(asset, whole),
            percent=_percent(session, asset, made_s),
            queue_place=queue_place(session, asset_id),
            watchable_in_s=left.watchable_s,
            ready_in_s=left.ready_s,
            error_code=asset.error_code,
            renditions=_rendition_cards(asset, whole, timeline),
            av1=_av1_cards(asset, timeline),
            storyboard=asset.storyboard or None,
            waveform=asset.waveform or None,
            kept_ranges=timeline.to_rows(),
            pages=_page_cards(session, asset_id),
        )


def _is_moving(asset: Asset) -> bool:
    return asset.state in (AssetState.WAITING, AssetState.PREPARING)


def _may_go_on(session: Session, now: Clock, playback: PlaybackSession) -> bool:
    lesson = session.get(Lesson, playback.lesson_id)
    if lesson is None or playback.expires_at <= now():
        return False
    if not shows_asset(session, lesson, playback.asset_id):
        return False
    person = session.get(Person, playback.person_id) if playback.person_id else None
    if playback.person_id and (person is None or not person.is_active):
        return False
    if playback.sign_in_id and not _goes_on_for(session, now, playback.sign_in_id, person):
        return False
    if playback.embed_origin and not _is_listed(session, lesson, playback.embed_origin):
        return False
    has_link = _has_open_link(session, playback)
    is_shown = _is_still_shown(lesson, playback, person)
    return is_shown and may_see_lesson(
        session, now, person=person, lesson=lesson, has_share_link=has_link
    )


def _is_still_shown(lesson: Lesson, playback: PlaybackSession, person: Person | None) -> bool:
    """Return whether nothing is shown that was cut out since: players then ask for a new address.

    Who edits the lesson may see it. A file that was replaced is watched to its end as it was.
    """
    if lesson.original is None or lesson.original.asset_id != playback.asset_id:
        return True
    shows_no_more = timeline_of(lesson).covers(timeline_of(playback))
    return shows_no_more or (person is not None and may_edit_lesson(person, lesson))


def _goes_on_for(session: Session, now: Clock, sign_in_id: UUID, person: Person | None) -> bool:
    """Return whether this device is still signed in; the rest is asked with the session's scope."""
    sign_in = session.get(SignIn, sign_in_id)
    if sign_in is None or sign_in.ended_at is not None or sign_in.expires_at <= now():
        return False
    if person is not None:
        person.scope = scope_of(session, now(), person, sign_in)
    return True


def _has_open_link(session: Session, playback: PlaybackSession) -> bool:
    """Return whether the playback came by a link that still opens this lesson."""
    if playback.share_link_id is None:
        return False
    link = session.get(ShareLink, playback.share_link_id)
    return link is not None and link.lesson_id == playback.lesson_id and link.revoked_at is None


def _is_listed(session: Session, lesson: Lesson, origin: str) -> bool:
    """Return whether the site still stands on the list of the lesson's school (the office: any)."""
    listed = select(EmbedSite.id).where(EmbedSite.origin == origin)
    if lesson.school_id is not None:
        listed = listed.where(EmbedSite.school_id == lesson.school_id)
    return session.scalar(listed.limit(1)) is not None


def _made_s(session: Session, rendition: Rendition) -> float:
    """Return how many seconds from the start are there without a gap."""
    lengths = select(Part.number, Part.duration_s).where(Part.rendition_id == rendition.id)
    return contiguous_s(session.execute(lengths.order_by(Part.number)))


def contiguous_s(numbered: Iterable[tuple[int, float]]) -> float:
    """Return the sum of the durations of parts 0, 1, 2, … up to the first that is missing."""
    total_s = 0.0
    for expected, (number, duration_s) in enumerate(numbered):
        if number != expected:
            break
        total_s += duration_s
    return total_s


def _watchable_s(asset: Asset, made_s: dict[UUID, float]) -> float:
    """Return what both the picture offered while it grows (or a whole one) and the sound have."""
    shown = [row for row in asset.renditions if not row.is_retired]
    pictures = [made_s[row.id] for row in shown if row.kind in PICTURES and is_offered(row)]
    sounds = [made_s[row.id] for row in shown if row.kind == RenditionKind.AUDIO]
    if asset.kind == AssetKind.VIDEO:
        needed = [max(pictures, default=0.0), *sounds]
    else:
        needed = sounds or [0.0]
    return round(min(*needed, asset.duration_s), 3)


def is_offered(rendition: Rendition) -> bool:
    """Return whether players may choose it: whole, or first and growing; not retired."""
    return not rendition.is_retired and (rendition.is_whole or rendition.is_first)


def _percent(session: Session, asset: Asset, made_s: dict[UUID, float]) -> int:
    """Return the share of what is to be made that is there."""
    if asset.state == AssetState.READY:
        return 100
    if made_s and asset.duration_s > 0:
        all_s = sum(
            asset.duration_s if row.is_whole else min(_all_made_s(session, row), asset.duration_s)
            for row in asset.renditions
            if row.id in made_s
        )
        return min(NEARLY, round(100 * all_s / (asset.duration_s * len(made_s))))
    progress = select(func.max(JobRow.progress)).where(JobRow.asset_id == asset.id)
    return min(NEARLY, round(100 * (session.scalar(progress) or 0.0)))


def _all_made_s(session: Session, rendition: Rendition) -> float:
    made = select(func.sum(Part.duration_s)).where(Part.rendition_id == rendition.id)
    return session.scalar(made) or 0.0


def _is_av1(rendition: Rendition) -> bool:
    return rendition.kind == RenditionKind.AV1


def _shown(asset: Asset) -> list[Rendition]:
    return [row for row in asset.renditions if not row.is_retired and not _is_av1(row)]


def _whole_names(rows: Sequence[Rendition], timeline: Timeline) -> set[str]:
    """Return the names of renditions of which all that `timeline` shows is there."""
    whole = [row for row in rows if row.is_whole]
    if not timeline.ranges:
        return {row.name for row in whole}
    return {row.name for row in whole if pieces_of(row, timeline).is_whole}


def _has_all(asset: Asset, whole: set[str]) -> bool:
    return all(row.name in whole for row in _shown(asset) if row.is_whole)


def _rendition_cards(asset: Asset, whole: set[str], timeline: Timeline) -> list[RenditionCard]:
    """Return sound first, then pictures from the lowest up."""
    share = _shown_share(asset, timeline)
    ordered = sorted(_shown(asset), key=lambda row: (row.height_px, row.name))
    return [
        RenditionCard(
            name=row.name,
            kind=row.kind,
            height_px=row.height_px,
            is_whole=row.name in whole,
            average_bps=row.average_bps or row.peak_bps,
            size_bytes=round(row.size_bytes * share),
        )
        for row in ordered
    ]


def _av1_cards(asset: Asset, timeline: Timeline) -> list[Av1Card]:
    """Return the AV1 renditions from the lowest up, when all that is shown is there in all."""
    rows = [row for row in asset.renditions if _is_av1(row) and not row.is_retired]
    if len(_whole_names(rows, timeline)) < len(rows):
        return []
    share = _shown_share(asset, timeline)
    return [
        Av1Card(
            name=row.name,
            kind=row.kind,
            height_px=row.height_px,
            is_whole=True,
            average_bps=row.average_bps,
            size_bytes=round(row.size_bytes * share),
            width_px=row.width_px,
            fps=row.fps,
            codecs=row.codecs,
        )
        for row in sorted(rows, key=lambda row: row.height_px)
    ]


def _shown_share(asset: Asset, timeline: Timeline) -> float:
    return timeline.to_shown(asset.duration_s) / asset.duration_s if asset.duration_s else 1.0


def _page_cards(session: Session, asset_id: UUID) -> list[PageCard]:
    """Return the pages that have an image, without their texts, which are long."""
    columns = (Page.number, Page.image_key, Page.width_px, Page.height_px)
    drawn = select(*columns).where(Page.asset_id == asset_id, Page.image_key != "")
    return [
        PageCard(number=number, name=key.rpartition("/")[2], width_px=width_px, height_px=height_px)
        for number, key, width_px, height_px in session.execute(drawn.order_by(Page.number))
    ]
