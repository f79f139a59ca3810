"""What the search index is told of a lesson, and the note that it is out of date."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from media_pipeline.caption_reading import Cue, read_captions
from media_pipeline.captions import plain_text
from media_pipeline.timeline import WHOLE, Timeline
from search.codes import grade_term
from search.index import Lines, SearchDocument
from search.indicators import indicator_terms
from search.thai import normalise
from search.vocabulary import KINDS, LEARNING_AREAS, LEVELS, SHORT_NAMES
from search.words import document_grams, document_terms
from server.messages import IndexChanges
from server.models.jobs import OutboxEntry
from server.models.lessons import Lesson, TextTrack, TrackKind
from server.models.library import Asset, Original, Page
from server.policy import audience_of
from server.queue import enqueue
from server.services.ceilings import set_ceilings
from server.services.clock import Clock
from server.services.lesson_facets import length_of, strands_of
from server.services.views import shown_duration_s

PASSAGE_S = 30
PASSAGE_CHARACTERS = 1_500  # a longer page becomes several passages: a hit shows one line of it


@dataclass(frozen=True, slots=True)
class Place:
    """Text at one place of a lesson."""

    text: str
    at_s: float | None = None
    page: int | None = None
    language: str = ""
    field: str = "text"
    lines: Lines = ()


class _Shared(TypedDict):
    """What all entries of a lesson have in common."""

    lesson_id: str
    audience: str
    facets: dict[str, list[str]]
    published_at: datetime
    view_count: int
    title: str


def note_change(session: Session, now: Clock, lesson_id: UUID) -> None:
    """Have a lesson indexed again, in the caller's transaction: no change without its note.

    How wide it may be shown is computed anew: it may show another file now.
    """
    set_ceilings(session, [lesson_id])
    note_for_index(session, now, lesson_id)


def note_for_index(session: Session, now: Clock, lesson_id: UUID) -> None:
    """Have a lesson indexed again whose ceiling is right already; in the caller's transaction."""
    session.add(OutboxEntry(lesson_id=lesson_id, at=now()))
    enqueue(session, IndexChanges(), now())


def load_for_index(session: Session, lesson_ids: Iterable[UUID]) -> list[Lesson]:
    """Return those of the lessons that still are, with all that documents_of reads."""
    file = joinedload(Lesson.original).joinedload(Original.asset)
    query = (
        select(Lesson)
        .where(Lesson.id.in_(lesson_ids))
        .options(
            file.selectinload(Asset.pages),
            selectinload(Lesson.text_tracks),
            joinedload(Lesson.owner),
            joinedload(Lesson.school),
        )
    )
    return list(session.scalars(query))


def documents_of(lesson: Lesson) -> list[SearchDocument]:
    """Return the entries of a lesson, itself first; none while it is not published or deleted.

    A lesson that is open to its owner or by a link only is found by its owner alone.
    """
    if lesson.published_at is None or not lesson.is_published:
        return []
    asset = lesson.original.asset if lesson.original else None
    shared = _Shared(
        lesson_id=str(lesson.id),
        audience=audience_of(lesson),
        facets=_facets(lesson, asset),
        published_at=lesson.published_at,
        view_count=lesson.view_count,
        title=lesson.title,
    )
    own = SearchDocument(
        id=str(lesson.id),
        kind="lesson",
        fields=own_fields(lesson),
        grams=document_grams(" ".join([lesson.title, *lesson.tags])),
        **shared,
    )
    shown_captions = caption_places(lesson.text_tracks, Timeline.of(lesson.kept_ranges))
    places = [*page_places(asset.pages if asset else ()), *shown_captions]
    return [own, *(_passage(shared, number, place) for number, place in enumerate(places))]


def page_places(pages: Iterable[Page]) -> Iterator[Place]:
    """Yield the text of pages, long ones in several pieces."""
    for page in pages:
        for start in range(0, len(page.text), PASSAGE_CHARACTERS):
            text = page.text[start : start + PASSAGE_CHARACTERS]
            if text.strip():
                yield Place(text, page=page.number)


def caption_places(tracks: Iterable[TextTrack], timeline: Timeline = WHOLE) -> Iterator[Place]:
    """Yield half minutes of captions; `at_s` is where the first line of each begins.

    In seconds of the original; what is cut out is not found.
    """
    for track in tracks:
        cues = [
            cue
            for cue in read_captions(track.text.encode()).cues
            if timeline.shown_spans(cue.start_ms / 1000, cue.end_ms / 1000)
        ]
        for _, group in groupby(cues, key=_half_minute_of):
            text, lines = _joined(group)
            if not lines:
                continue
            yield Place(
                text,
                at_s=lines[0][1],
                language=track.language,
                field="unread" if track.is_automatic else "text",
                lines=lines,
            )


def _joined(cues: Iterable[Cue]) -> tuple[str, list[tuple[int, float]]]:
    """Return the text of captions, and where in it each begins, with its second."""
    text, lines = "", []
    for cue in cues:
        words = " ".join(normalise(plain_text(cue)).split())
        if words:
            text += " " if text else ""
            lines.append((len(text), cue.start_ms / 1000))
            text += words
    return text, lines


def _half_minute_of(cue: Cue) -> int:
    return cue.start_ms // 1000 // PASSAGE_S


def _passage(shared: _Shared, number: int, place: Place) -> SearchDocument:
    return SearchDocument(
        id=f"{shared['lesson_id']}:{number}",
        kind="passage",
        fields={place.field: document_terms(place.text)},
        snippet=place.text,
        at_s=place.at_s,
        page=place.page,
        language=place.language,
        lines=place.lines,
        **shared,
    )


def own_fields(lesson: Lesson) -> dict[str, list[str]]:
    """Return the terms of what a teacher wrote and of how people call its subject and grade."""
    asset = lesson.original.asset if lesson.original else None
    facts = [
        LEARNING_AREAS.get(lesson.learning_area, ""),
        SHORT_NAMES.get(lesson.learning_area, ""),
        KINDS.get(asset.kind, "") if asset else "",
        *(LEVELS.get(level, "") for level in sorted({grade[:1] for grade in lesson.grades})),
    ]
    people = [lesson.owner.display_name, lesson.school.name if lesson.school else ""]
    return {
        "title": document_terms(lesson.title),
        "codes": [
            *map(grade_term, lesson.grades),
            *(term for code in lesson.indicators for term in indicator_terms(code)),
            *document_terms(" ".join(facts)),
        ],
        "tags": document_terms(" ".join(lesson.tags)),
        "description": document_terms(" ".join([lesson.description, *people])),
    }


def _facets(lesson: Lesson, asset: Asset | None) -> dict[str, list[str]]:
    has_captions = any(track.kind == TrackKind.CAPTIONS for track in lesson.text_tracks)
    return {
        "learning_area": [lesson.learning_area] if lesson.learning_area else [],
        "grades": lesson.grades,
        "kind": [str(asset.kind)] if asset else [],
        "school": [str(lesson.school_id)] if lesson.school_id else [],
        "length": length_of(asset.kind, shown_duration_s(lesson)) if asset else [],
        "language": [lesson.language],
        "licence": [str(lesson.licence)],
        "captions": ["yes" if has_captions else "no"],
        "strand": strands_of(lesson.indicators),
        "indicator": lesson.indicators,
    }
