"""What a page shows a file of a lesson with: player, pages, package, or how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_wtf.csrf import generate_csrf

from media_pipeline.timeline import shown_chapters
from server.models.lessons import Lesson, TextTrack
from server.request_context import db, learner, viewer
from server.services.play import AssetStateCard, asset_state
from server.services.progress import place_of
from server.services.shown_files import ShownFile
from server.services.views import caption_name, shown_duration_s, timeline_of
from server.web.caption_texts import track_label
from server.web.cards import StateCard, poster_url, state_card
from server.web.dates import language
from server.web.document_pages import DocumentView, document_view
from server.web.inside_questions import questions_inside
from server.web.origin import Origin, file_page_url
from server.web.package_pages import file_api_url, package_config
from server.web.words import player_words

PLAYED = frozenset({"video", "audio", "unknown"})
_OF_OTHERS: Mapping[str, Any] = {
    "tracks": [],
    "chapters": [],
    "keptRanges": [],
    "questions": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStage:
    """One of `document`, `player` and `package`, or none of them while there is nothing to show."""

    kind: str
    progress: AssetStateCard
    state: StateCard
    document: DocumentView | None
    player: dict[str, Any] | None
    package: dict[str, Any] | None

    @property
    def entries(self) -> tuple[str, ...]:
        """Return the scripts that it needs."""
        shown = {
            "src/document_viewer.ts": self.document,
            "src/player.ts": self.player,
            "src/package.ts": self.package,
        }
        return tuple(name for name, config in shown.items() if config)


def file_stage(file: ShownFile, origin: Origin) -> FileStage:
    """Return what the page of a file is given; the right to see it was checked before."""
    progress = asset_state(db(), file.asset.id, timeline=file.timeline)
    state = state_card(file.asset, progress)
    by = None if origin.ticket else learner(file.lesson.id)
    return FileStage(
        kind=file.asset.kind,
        progress=progress,
        state=state,
        document=document_view(file, origin),
        player=_player(file, origin, state),
        package=package_config(file, by=by, share_token=origin.share_token, ticket=origin.ticket),
    )


def _player(file: ShownFile, origin: Origin, state: StateCard) -> dict[str, Any] | None:
    """Return `data-player`; the keys are read by frontend/src/player.ts."""
    if state.name == "failed" or file.asset.kind not in PLAYED:
        return None
    lesson = file.lesson
    by = None if origin.ticket else viewer()
    known = None if origin.ticket else learner(lesson.id)
    return {
        "lessonId": file.name,
        "assetId": str(file.asset.id),
        "kind": file.asset.kind,
        "title": file.title,
        "maker": lesson.school.name if lesson.school else lesson.owner.display_name,
        "durationS": shown_duration_s(lesson) if file.is_own else file.asset.duration_s,
        "posterUrl": poster_url(lesson, share_token=origin.share_token) if file.is_own else "",
        "playUrl": f"{file_api_url(file)}/playback",
        "ticket": origin.ticket or None,
        "share": origin.share_token or None,
        "csrf": generate_csrf() if by else None,
        "isKnown": known is not None,
        "resumeS": place_of(db(), asset_id=file.asset.id, by=known),
        **(_of_own(lesson, origin) if file.is_own else _OF_OTHERS),
        "lessonUrl": file_page_url(file, origin, _external=True),
        "lang": language(),
        "words": player_words(),
    }


def _of_own(lesson: Lesson, origin: Origin) -> dict[str, Any]:
    """Return what belongs to a lesson's own file alone."""
    return {
        "tracks": [_track(lesson, track) for track in lesson.text_tracks],
        "chapters": _chapters(lesson),
        "keptRanges": lesson.kept_ranges,
        "questions": questions_inside(lesson, origin),
    }


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
