"""What the page of one lesson is given: the player's data, pages of a document, sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_wtf.csrf import generate_csrf

from media_pipeline.timeline import shown_chapters
from server.models.lessons import Lesson, TextTrack
from server.policy import may_edit_lesson
from server.request_context import db, viewer
from server.services.play import AssetStateCard, asset_state
from server.services.progress import place_of
from server.services.views import caption_name, playable_timeline, timeline_of
from server.web.caption_texts import track_label
from server.web.cards import (
    ChoiceSize,
    LessonCard,
    StateCard,
    choice_sizes,
    lesson_card,
    poster_url,
    state_card,
)
from server.web.choices import label_of, licence_labels
from server.web.dates import language
from server.web.document_pages import DocumentView, KeptCard, document_view, kept_card
from server.web.origin import Origin
from server.web.package_pages import package_config
from server.web.saving_cards import SavePart, save_part
from server.web.watched_cards import watched_cards
from server.web.words import player_words

PLAYED = frozenset({"video", "audio", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFiles:
    """One text track, and where its files are."""

    label: str
    vtt_url: str
    srt_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    """Everything that the page of a lesson shows."""

    card: LessonCard
    address: str
    description: str
    tags: Sequence[str]
    licence: str
    rights_holder: str
    captions: Sequence[TrackFiles]
    published_at: datetime | None
    state: StateCard | None
    sizes: Sequence[ChoiceSize]
    document: DocumentView | None
    kept: KeptCard | None
    player: dict[str, Any] | None
    package: dict[str, Any] | None
    saving: SavePart | None
    og_image: str
    edit_url: str
    is_unlisted: bool


def lesson_page(lesson: Lesson, origin: Origin) -> LessonPage:
    """Return the page for who is asking; their right to see it was checked before."""
    progress = _progress(lesson)
    state = state_card(lesson.original.asset, progress) if lesson.original else None
    watched = {} if origin.ticket else watched_cards([lesson])
    card = lesson_card(lesson, share_token=origin.share_token, watched=watched.get(lesson.id))
    return LessonPage(
        card=card,
        address=_address(lesson, origin),
        description=lesson.description,
        tags=lesson.tags,
        licence=label_of(licence_labels(), lesson.licence),
        rights_holder=lesson.rights_holder,
        captions=[_track_files(lesson, origin, track) for track in lesson.text_tracks],
        published_at=lesson.published_at,
        state=state,
        sizes=choice_sizes(progress) if progress else (),
        document=document_view(lesson, origin),
        kept=kept_card(lesson, origin),
        player=_player(lesson, origin, card, state) if card.kind in PLAYED else None,
        package=package_config(
            lesson,
            by=None if origin.ticket else viewer(),
            share_token=origin.share_token,
            ticket=origin.ticket,
        ),
        saving=save_part(lesson, progress, origin),
        og_image=poster_url(lesson, share_token=origin.share_token, is_absolute=True),
        edit_url=_edit_url(lesson),
        is_unlisted=bool(origin.share_token),
    )


def _progress(lesson: Lesson) -> AssetStateCard | None:
    if lesson.original is None:
        return None
    return asset_state(db(), lesson.original.asset_id, timeline=playable_timeline(lesson))


def _address(lesson: Lesson, origin: Origin) -> str:
    if origin.share_token:
        return url_for("lessons.show_shared", token=origin.share_token, _external=True)
    return url_for("lessons.show", lesson_id=lesson.id, _external=True)


def _track_files(lesson: Lesson, origin: Origin, track: TextTrack) -> TrackFiles:
    def url(form: str) -> str:
        if origin.share_token:
            return url_for(
                "lessons.shared_captions",
                token=origin.share_token,
                text_track_id=track.id,
                form=form,
            )
        return url_for("lessons.captions", lesson_id=lesson.id, text_track_id=track.id, form=form)

    return TrackFiles(label=track_label(track), vtt_url=url("vtt"), srt_url=url("srt"))


def _edit_url(lesson: Lesson) -> str:
    if not may_edit_lesson(viewer(), lesson):
        return ""
    return url_for("studio_lessons.edit", lesson_id=lesson.id)


def _track(lesson: Lesson, track: TextTrack) -> dict[str, str]:
    return {
        "language": track.language,
        "label": track_label(track),
        "kind": track.kind,
        "url_name": caption_name(lesson, track.key),
    }


def _chapters(lesson: Lesson) -> list[dict[str, object]]:
    own = ((chapter.start_s, chapter.title) for chapter in lesson.chapters)
    shown = shown_chapters(own, timeline_of(lesson))
    return [{"startS": start_s, "title": title} for start_s, title in shown]


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
        "isKnown": by is not None,
        "resumeS": place_of(db(), asset_id=lesson.original.asset_id, by=by),
        "tracks": [_track(lesson, track) for track in lesson.text_tracks],
        "chapters": _chapters(lesson),
        "keptRanges": lesson.kept_ranges,
        "lessonUrl": _address(lesson, origin),
        "lang": language(),
        "words": player_words(),
    }
