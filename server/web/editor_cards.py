"""What the editor of captions is given: the text, its faults, and the player beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import url_for
from flask_wtf.csrf import generate_csrf

from media_pipeline.caption_reading import CaptionFault, DraftCue, Mend
from server.models.lessons import Lesson, TextTrack
from server.services.captions import TrackName, duration_ms_of
from server.services.shown_files import own_shown_file
from server.web.caption_texts import fault_rows, kind_labels, language_label, mend_texts
from server.web.cards import LessonCard, lesson_card
from server.web.editor_words import caption_editor_words
from server.web.file_stages import file_stage
from server.web.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedText:
    """The text that the editor opens on."""

    name: TrackName
    drafts: Sequence[DraftCue]
    track: TextTrack | None
    aside_id: UUID | None = None
    faults: Sequence[CaptionFault] = ()
    has_more_faults: bool = False
    mends: Mapping[str, Mend] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorPage:
    """Everything that the page shows. `card` and `player` are what the player's place needs."""

    lesson_id: UUID
    title: str
    language: str
    kind: str
    is_automatic: bool
    faults: Sequence[dict[str, Any]]
    has_more_faults: bool
    mends: Sequence[str]
    card: LessonCard
    player: dict[str, Any] | None
    config: dict[str, Any]


def editor_page(lesson: Lesson, edited: EditedText) -> EditorPage:
    """Return the page for a person who may edit the lesson; that was checked before."""
    card, player = player_beside(lesson)
    track, name = edited.track, edited.name
    faults = fault_rows(edited.faults)
    return EditorPage(
        lesson_id=lesson.id,
        title=lesson.title,
        language=language_label(name.language),
        kind=kind_labels()[name.kind],
        is_automatic=bool(track and track.is_automatic),
        faults=faults,
        has_more_faults=edited.has_more_faults,
        mends=mend_texts(edited.mends),
        card=card,
        player=player,
        config=_config(lesson, edited, faults),
    )


def _config(lesson: Lesson, edited: EditedText, faults: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return `data-editor`; the keys are read by frontend/src/caption_config.ts."""
    track, name = edited.track, edited.name
    return {
        "saveUrl": url_for("studio_captions.save", lesson_id=lesson.id),
        "versionUrl": url_for(
            "studio_captions.version",
            lesson_id=lesson.id,
            language=name.language,
            kind=name.kind,
        ),
        "editUrl": url_for(
            "studio_captions.edit",
            lesson_id=lesson.id,
            language=name.language,
            kind=name.kind,
        ),
        "csrf": generate_csrf(),
        "draftName": f"captions:{lesson.id}:{name.language}:{name.kind}",
        "asideId": str(edited.aside_id) if edited.aside_id else None,
        "version": track.version if track else 0,
        "language": name.language,
        "kind": name.kind,
        "durationMs": duration_ms_of(lesson),
        "cues": [[draft.start_ms, draft.end_ms, draft.text] for draft in edited.drafts],
        "faults": faults,
        "words": caption_editor_words(),
    }


def player_beside(lesson: Lesson) -> tuple[LessonCard, dict[str, Any] | None]:
    """Return the player for work on a lesson: it keeps no place and shows no old captions.

    All of the recording, also what is cut out of the lesson: times are those of the original.
    """
    file = own_shown_file(lesson)
    player = file_stage(file, Origin()).player if file else None
    work = {
        "isKnown": False,
        "resumeS": 0,
        "tracks": [],
        "questions": None,
        "wantsAll": True,
        "keptRanges": [],
        "durationS": lesson.original.asset.duration_s if lesson.original else 0.0,
        "chapters": [{"startS": each.start_s, "title": each.title} for each in lesson.chapters],
    }
    return lesson_card(lesson), {**player, **work} if player else None
