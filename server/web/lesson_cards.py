"""What the edit page of a lesson is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import url_for
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from server.models.lessons import Lesson, ShareLink, Visibility
from server.request_context import clock
from server.services.play import asset_state
from server.web.cards import StateCard, area_number, poster_url, state_card
from server.web.choices import label_of, track_labels


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """One share link."""

    id: UUID
    url: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackCard:
    """One text track."""

    id: UUID
    label: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCard:
    """A lesson with everything that its teacher may change."""

    id: UUID
    title: str
    description: str
    tags: str
    language: str
    learning_area: str
    licence: str
    rights_holder: str
    visibility: str
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
    embed_code: str


def edit_card(session: Session, lesson: Lesson, *, undo: timedelta) -> EditCard:
    """Return the lesson for its edit page; `state` is exact."""
    original = lesson.original
    progress = asset_state(session, original.asset_id, clock()) if original else None
    links = [_link_card(link.id, link.token, link.created_at) for link in _open_links(lesson)]
    return EditCard(
        id=lesson.id,
        title=lesson.title,
        description=lesson.description,
        tags=", ".join(lesson.tags),
        language=lesson.language,
        learning_area=lesson.learning_area,
        licence=lesson.licence,
        rights_holder=lesson.rights_holder,
        visibility=lesson.visibility,
        is_published=lesson.is_published,
        restorable_until=lesson.deleted_at + undo if lesson.deleted_at else None,
        state=state_card(original.asset, progress) if original else None,
        poster_url=poster_url(lesson),
        area_number=area_number(lesson.learning_area),
        kind=original.asset.kind if original else "unknown",
        file_name=original.file_name if original else "",
        url=url_for("lessons.show", lesson_id=lesson.id, _external=True),
        share_links=links,
        tracks=[
            TrackCard(
                id=track.id,
                label=label_of(track_labels(), track.language),
                created_at=track.created_at,
            )
            for track in lesson.text_tracks
        ],
        embed_code=_embed_code(lesson),
    )


def _open_links(lesson: Lesson) -> list[ShareLink]:
    return [link for link in lesson.share_links if link.revoked_at is None]


def _link_card(link_id: UUID, token: str, created_at: datetime) -> LinkCard:
    url = url_for("lessons.show_shared", token=token, _external=True)
    return LinkCard(id=link_id, url=url, created_at=created_at)


def _embed_code(lesson: Lesson) -> str:
    """Return HTML for other sites: a frame without any power, and a link that is always there."""
    token = next((link.token for link in _open_links(lesson)), "")
    if lesson.visibility == Visibility.PUBLIC:
        frame_url = url_for("embed.show", lesson_id=lesson.id, _external=True)
        page_url = url_for("lessons.show", lesson_id=lesson.id, _external=True)
    elif lesson.visibility == Visibility.LINK and token:
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
