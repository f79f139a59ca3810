"""What the edit page of a lesson is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import url_for
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from server.models.jobs import JobState
from server.models.lessons import Lesson, ShareLink, TextAside, TextTrack, Visibility
from server.request_context import clock, wiring
from server.services.automatic_captions import is_without_captions, job_of
from server.services.chapters import proposed_starts
from server.services.play import asset_state
from server.services.texts_aside import texts_aside
from server.web.caption_texts import track_label
from server.web.cards import StateCard, area_number, poster_url, state_card


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """One share link."""

    id: UUID
    url: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackCard:
    """One text track, or one that is laid aside; `why` is empty for shown ones."""

    id: UUID
    label: str
    created_at: datetime
    language: str
    kind: str
    is_automatic: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCard:
    """A lesson with everything that its teacher may change."""

    id: UUID
    title: str
    description: str
    tags: str
    language: str
    learning_area: str
    indicators: str
    licence: str
    rights_holder: str
    visibility: str
    may_be_kept: bool
    is_published: bool
    restorable_until: datetime | None
    state: StateCard | None
    poster_url: str
    area_number: int
    kind: str
    file_name: str
    url: str
    share_links: Sequence[LinkCard]
    tracks: Sequence[TrackCard]
    asides: Sequence[TrackCard]
    hearing: str  # automatic captions: "", may_ask, waiting, failed
    has_chapters: bool
    proposal_count: int
    embed_code: str
    credit: str


def edit_card(session: Session, lesson: Lesson, *, undo: timedelta) -> EditCard:
    """Return the lesson for its edit page; `state` is exact."""
    original = lesson.original
    progress = asset_state(session, original.asset_id, clock()) if original else None
    links = [_link_card(link.id, link.token, link.created_at) for link in _open_links(lesson)]
    return EditCard(
        id=lesson.id,
        title=lesson.title,
        description=lesson.description,
        credit=lesson.credit,
        tags=", ".join(lesson.tags),
        language=lesson.language,
        learning_area=lesson.learning_area,
        indicators=", ".join(lesson.indicators),
        licence=lesson.licence,
        rights_holder=lesson.rights_holder,
        visibility=lesson.visibility,
        may_be_kept=lesson.may_be_kept,
        is_published=lesson.is_published,
        restorable_until=lesson.deleted_at + undo if lesson.deleted_at else None,
        state=state_card(original.asset, progress) if original else None,
        poster_url=poster_url(lesson),
        area_number=area_number(lesson.learning_area),
        kind=original.asset.kind if original else "unknown",
        file_name=original.file_name if original else "",
        url=url_for("lessons.show", lesson_id=lesson.id, _external=True),
        share_links=links,
        tracks=[_track_card(track) for track in lesson.text_tracks],
        asides=[
            _aside_card(aside)
            for aside in texts_aside(session, clock(), lesson_id=lesson.id, undo=undo)
        ],
        hearing=_hearing(session, lesson),
        has_chapters=bool(lesson.chapters),
        proposal_count=len(proposed_starts(lesson)),
        embed_code=_embed_code(lesson),
    )


def _track_card(track: TextTrack) -> TrackCard:
    return TrackCard(
        id=track.id,
        label=track_label(track),
        created_at=track.created_at,
        language=track.language,
        kind=track.kind,
        is_automatic=track.is_automatic,
    )


def _aside_card(aside: TextAside) -> TrackCard:
    return TrackCard(
        id=aside.id,
        label=track_label(aside),
        created_at=aside.at,
        language=aside.language,
        kind=aside.kind,
        why=aside.why,
    )


def _hearing(session: Session, lesson: Lesson) -> str:
    """Return how far automatic captions are; empty where there is nothing to ask for."""
    if not wiring().settings.speech_command:
        return ""
    with session.begin():
        if not is_without_captions(lesson):
            return ""
        job = job_of(session, lesson)
    if job is None:
        return "may_ask"
    return "failed" if job.state == JobState.DEAD else "waiting"


def _open_links(lesson: Lesson) -> list[ShareLink]:
    return [link for link in lesson.share_links if link.revoked_at is None]


def _link_card(link_id: UUID, token: str, created_at: datetime) -> LinkCard:
    url = url_for("lessons.show_shared", token=token, _external=True)
    return LinkCard(id=link_id, url=url, created_at=created_at)


def _embed_code(lesson: Lesson) -> str:
    """Return HTML for other sites: a frame without any power, and a link that is always there."""
    token = next((link.token for link in _open_links(lesson)), "")
    if lesson.shown_to == Visibility.PUBLIC:
        frame_url = url_for("embed.show", lesson_id=lesson.id, _external=True)
        page_url = url_for("lessons.show", lesson_id=lesson.id, _external=True)
    elif lesson.shown_to == Visibility.LINK and token:
        frame_url = url_for("embed.show", lesson_id=lesson.id, s=token, _external=True)
        page_url = url_for("lessons.show_shared", token=token, _external=True)
    else:
        return ""
    title = escape(lesson.title)
    return str(
        Markup(
            '<iframe src="{}" title="{}" width="640" height="360" sandbox="allow-scripts" '
            'allow="fullscreen; picture-in-picture" allowfullscreen loading="lazy"></iframe>\n'
            '<p><a href="{}">{}</a></p>'
        ).format(frame_url, title, page_url, title)
    )
