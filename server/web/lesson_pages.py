"""What the page of one lesson is given: the player's data, pages of a document, sizes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import current_app, url_for
from flask_wtf.csrf import generate_csrf

from server.models.lessons import Lesson
from server.policy import may_edit_lesson
from server.request_context import clock, current_sign_in_id, db, viewer
from server.services.play import AssetStateCard, PageCard, asset_state, open_playback
from server.services.resume import resume_point_of
from server.web.cards import (
    ChoiceSize,
    LessonCard,
    StateCard,
    choice_sizes,
    lesson_card,
    poster_url,
    state_card,
)
from server.web.choices import label_of, licence_labels, track_labels
from server.web.dates import language
from server.web.package_pages import package_config
from server.web.words import player_words

Sign = Callable[[str, UUID, datetime], str]  # (session, asset, until) → "/v/…/"
PLAYED = frozenset({"video", "audio", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """By which way somebody came to a lesson."""

    share_token: str = ""
    share_link_id: UUID | None = None
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImage:
    """One page of a document."""

    number: int
    url: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    """Everything that the page of a lesson shows."""

    card: LessonCard
    address: str
    description: str
    tags: Sequence[str]
    licence: str
    rights_holder: str
    captions: Sequence[str]
    published_at: datetime | None
    state: StateCard | None
    sizes: Sequence[ChoiceSize]
    pages: Sequence[PageImage]
    player: dict[str, Any] | None
    package: dict[str, Any] | None
    og_image: str
    edit_url: str
    is_unlisted: bool


def lesson_page(lesson: Lesson, origin: Origin) -> LessonPage:
    """Return the page for who is asking; their right to see it was checked before."""
    progress = asset_state(db(), lesson.original.asset_id) if lesson.original else None
    state = state_card(lesson.original.asset, progress) if lesson.original else None
    card = lesson_card(lesson, share_token=origin.share_token)
    return LessonPage(
        card=card,
        address=_address(lesson, origin),
        description=lesson.description,
        tags=lesson.tags,
        licence=label_of(licence_labels(), lesson.licence),
        rights_holder=lesson.rights_holder,
        captions=[label_of(track_labels(), track.language) for track in lesson.text_tracks],
        published_at=lesson.published_at,
        state=state,
        sizes=choice_sizes(progress) if progress else (),
        pages=_page_images(lesson, origin, progress),
        player=_player(lesson, origin, card, state) if card.kind in PLAYED else None,
        package=package_config(
            lesson,
            by=None if origin.ticket else viewer(),
            share_token=origin.share_token,
            ticket=origin.ticket,
        ),
        og_image=poster_url(lesson, share_token=origin.share_token, is_absolute=True),
        edit_url=_edit_url(lesson),
        is_unlisted=bool(origin.share_token),
    )


def _address(lesson: Lesson, origin: Origin) -> str:
    if origin.share_token:
        return url_for("lessons.show_shared", token=origin.share_token, _external=True)
    return url_for("lessons.show", lesson_id=lesson.id, _external=True)


def _edit_url(lesson: Lesson) -> str:
    if not may_edit_lesson(viewer(), lesson):
        return ""
    return url_for("studio_lessons.edit", lesson_id=lesson.id)


def _page_images(
    lesson: Lesson, origin: Origin, progress: AssetStateCard | None
) -> Sequence[PageImage]:
    if progress is None or not progress.pages:
        return ()
    playback = open_playback(
        db(),
        clock(),
        lesson=lesson,
        person=None if origin.ticket else viewer(),
        sign_in_id=None if origin.ticket else current_sign_in_id(),
        share_link_id=origin.share_link_id,
    )
    sign = cast(Sign, current_app.extensions["khlang.sign"])
    base_url = sign(playback.id, playback.asset_id, playback.expires_at)
    return [_page_image(base_url, page) for page in progress.pages]


def _page_image(base_url: str, page: PageCard) -> PageImage:
    return PageImage(
        number=page.number,
        url=f"{base_url}{page.name}",
        width_px=page.width_px,
        height_px=page.height_px,
    )


def _player(
    lesson: Lesson, origin: Origin, card: LessonCard, state: StateCard | None
) -> dict[str, Any] | None:
    """Return `data-player`; the keys are read by frontend/src/player.ts."""
    if lesson.original is None or state is None or state.name == "failed":
        return None
    by = None if origin.ticket else viewer()
    return {
        "lessonId": str(lesson.id),
        "assetId": str(lesson.original.asset_id),
        "kind": card.kind,
        "title": lesson.title,
        "maker": card.school or card.teacher,
        "durationS": card.duration_s,
        "posterUrl": card.poster_url,
        "playUrl": f"/api/v1/lessons/{lesson.id}/playback",
        "ticket": origin.ticket or None,
        "share": origin.share_token or None,
        "csrf": generate_csrf() if by else None,
        "resumeUrl": f"/api/v1/lessons/{lesson.id}/resume" if by else None,
        "resumeS": resume_point_of(db(), lesson_id=lesson.id, by=by),
        "tracks": [
            {
                "language": track.language,
                "label": label_of(track_labels(), track.language),
                "kind": track.kind,
                "url_name": track.key.rpartition("/")[2],
            }
            for track in lesson.text_tracks
        ],
        "chapters": [
            {"startS": chapter.start_s, "title": chapter.title} for chapter in lesson.chapters
        ],
        "lessonUrl": _address(lesson, origin),
        "lang": language(),
        "words": player_words(),
    }
