"""What the page of one lesson is given: the player's data, pages of a document, sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from server.models.lessons import Lesson, TextTrack
from server.policy import may_adapt_lesson, may_edit_lesson
from server.request_context import clock, db, viewer
from server.services.curriculum import texts_of
from server.services.shown_files import own_shown_file
from server.web.caption_texts import track_label
from server.web.cards import (
    ChoiceSize,
    LessonCard,
    StateCard,
    choice_sizes,
    lesson_card,
    poster_url,
)
from server.web.choices import label_of, licence_labels
from server.web.document_pages import DocumentView, KeptCard, kept_card
from server.web.file_stages import file_stage
from server.web.lesson_steps import StepList, is_own_file, lesson_place, steps_of
from server.web.origin import Origin, lesson_url
from server.web.saving_cards import SavePart, save_part
from server.web.watched_cards import watched_cards


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFiles:
    """One text track, and where its files are."""

    label: str
    vtt_url: str
    srt_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorCard:
    """A code with its text and framework, where one was imported."""

    code: str
    text: str
    framework: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    """Everything that the page of a lesson shows."""

    card: LessonCard
    address: str
    description: str
    tags: Sequence[str]
    licence: str
    rights_holder: str
    indicators: Sequence[IndicatorCard]
    captions: Sequence[TrackFiles]
    published_at: datetime | None
    state: StateCard | None
    sizes: Sequence[ChoiceSize]
    document: DocumentView | None
    kept: KeptCard | None
    player: dict[str, Any] | None
    package: dict[str, Any] | None
    entries: Sequence[str]  # scripts
    steps: StepList | None
    saving: SavePart | None
    og_image: str
    edit_url: str
    adapt_url: str
    credit: str
    is_unlisted: bool


def lesson_page(lesson: Lesson, origin: Origin) -> LessonPage:
    """Return the page for who is asking; their right to see it was checked before."""
    place = lesson_place(lesson, origin)
    # A frame of another site shows the lesson's own file alone.
    has_own = bool(origin.ticket) or any(is_own_file(item) for item in place.content.items)
    file = own_shown_file(lesson) if has_own else None
    stage = file_stage(file, origin) if file else None
    watched = {} if origin.ticket else watched_cards([lesson])
    return LessonPage(
        card=lesson_card(lesson, share_token=origin.share_token, watched=watched.get(lesson.id)),
        address=lesson_url(lesson, origin, _external=True),
        description=lesson.description,
        tags=lesson.tags,
        licence=label_of(licence_labels(), lesson.licence),
        rights_holder=lesson.rights_holder,
        indicators=indicator_cards(lesson.indicators),
        captions=[_track_files(lesson, origin, track) for track in lesson.text_tracks],
        published_at=lesson.published_at,
        state=stage.state if stage else None,
        sizes=choice_sizes(stage.progress) if stage else (),
        document=stage.document if stage else None,
        kept=kept_card(lesson, origin),
        player=stage.player if stage else None,
        package=stage.package if stage else None,
        entries=stage.entries if stage else (),
        steps=None if origin.ticket else steps_of(place),
        saving=save_part(lesson, stage.progress if stage else None, origin),
        og_image=poster_url(lesson, share_token=origin.share_token, is_absolute=True),
        edit_url=_edit_url(lesson),
        adapt_url=_adapt_url(lesson, origin),
        credit=lesson.credit,
        is_unlisted=bool(origin.share_token),
    )


def indicator_cards(codes: Sequence[str]) -> list[IndicatorCard]:
    """Return codes with what the frameworks in force say."""
    texts = texts_of(db(), clock(), codes)
    return [
        IndicatorCard(
            code=code,
            text=texts[code].text if code in texts else "",
            framework=texts[code].framework if code in texts else "",
            url=url_for("library.search", indicator=code),
        )
        for code in codes
    ]


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


def _adapt_url(lesson: Lesson, origin: Origin) -> str:
    """Return where a colleague makes a lesson of their own of it; links open nothing to copy."""
    by = viewer()
    if origin.share_token or origin.ticket or not may_adapt_lesson(by, lesson):
        return ""
    return url_for("studio_items.adapt", lesson_id=lesson.id)


def _edit_url(lesson: Lesson) -> str:
    if not may_edit_lesson(viewer(), lesson):
        return ""
    return url_for("studio_lessons.edit", lesson_id=lesson.id)
