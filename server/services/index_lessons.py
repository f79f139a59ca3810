"""What the search index is told of a lesson, and the note that it is out of date."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from media_pipeline.timeline import Timeline
from search.codes import grade_term
from search.index import SearchDocument
from search.indicators import indicator_terms
from search.vocabulary import KINDS, LEARNING_AREAS, LEVELS, SHORT_NAMES
from search.words import document_grams, document_terms
from server.messages import IndexChanges
from server.models.content import Content
from server.models.jobs import OutboxEntry
from server.models.lessons import Lesson, TrackKind
from server.models.library import Asset, Original
from server.policy import audience_of
from server.queue import enqueue
from server.services.ceilings import set_ceilings
from server.services.clock import Clock
from server.services.index_passages import Place, caption_places, item_places, page_places
from server.services.lesson_facets import length_of, strands_of
from server.services.views import shown_duration_s

NO_ITEMS = Content()


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

    How wide it may be shown is computed anew, and so for what was adapted from it: it may show
    another file now.
    """
    for changed_id in {lesson_id, *set_ceilings(session, [lesson_id])}:
        note_for_index(session, now, changed_id)


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


def documents_of(lesson: Lesson, content: Content = NO_ITEMS) -> list[SearchDocument]:
    """Return the entries of a lesson, itself first; none while it is not published or deleted.

    `content` is what pupils get who come now: never a draft, never the teacher's plan.

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
    in_pages = page_places(asset.pages if asset else ())
    places = [*in_pages, *shown_captions, *item_places(content)]
    return [own, *(_passage(shared, number, place) for number, place in enumerate(places))]


def _passage(shared: _Shared, number: int, place: Place) -> SearchDocument:
    return SearchDocument(
        id=f"{shared['lesson_id']}:{number}",
        kind="passage",
        fields={place.field: document_terms(place.text)},
        snippet=place.text,
        at_s=place.at_s,
        page=place.page,
        item_id=place.item_id,
        language=place.language,
        lines=place.lines,
        **shared,
    )


def own_fields(lesson: Lesson) -> dict[str, list[str]]:
    """Return the terms of what a teacher wrote and of how people call its subject and grade."""
    asset = lesson.original.asset if lesson.original else None
    facts = [
        *area_and_level_names([lesson.learning_area], lesson.grades),
        KINDS.get(asset.kind, "") if asset else "",
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


def area_and_level_names(areas: Iterable[str], grades: Iterable[str]) -> list[str]:
    """Return how people call learning areas and the levels of grades."""
    names = [each.get(area, "") for area in areas for each in (LEARNING_AREAS, SHORT_NAMES)]
    return [*names, *(LEVELS.get(level, "") for level in sorted({one[:1] for one in grades}))]


def _facets(lesson: Lesson, asset: Asset | None) -> dict[str, list[str]]:
    has_captions = any(track.kind == TrackKind.CAPTIONS for track in lesson.text_tracks)
    return {
        "learning_area": [lesson.learning_area] if lesson.learning_area else [],
        "grades": lesson.grades,
        "whole": ["lesson"],
        "kind": [str(asset.kind)] if asset else [],
        "school": [str(lesson.school_id)] if lesson.school_id else [],
        "length": length_of(asset.kind, shown_duration_s(lesson)) if asset else [],
        "language": [lesson.language],
        "licence": [str(lesson.licence)],
        "captions": ["yes" if has_captions else "no"],
        "strand": strands_of(lesson.indicators),
        "indicator": lesson.indicators,
    }
