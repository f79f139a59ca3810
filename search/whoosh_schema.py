"""How entries are laid down in a segment. A change here needs a new SCHEMA_VERSION.

A lesson's own entry (or a course's: it is a lesson here) comes first and its passages follow it in
the same segment: the lesson of a passage is the last one before it, and what narrows a search
stands in the lesson's entry alone.
"""

import pickle
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from search.folding import fold
from search.index import EntryKind, Lines, SearchDocument, Whole
from search.weighing import term_weights

SCHEMA_VERSION = 8
COMPRESSION = 1  # of zlib: fast


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it is written: the weights of its terms by field, and what is kept of it."""

    terms: Mapping[str, Mapping[str, float]]
    shown: bytes
    numbers: Mapping[str, int]


class Shown(NamedTuple):
    """What is kept of an entry to show it."""

    kind: EntryKind
    lesson_id: str
    title: str
    folded_title: str  # of lessons: near titles are compared by it
    text: str
    language: str
    at_s: float | None
    page: int | None
    item_id: str
    lines: Lines

    @property
    def whole(self) -> Whole:
        """Return what it is the own entry of."""
        return "course" if self.kind == "course" else "lesson"


def facet_field(name: str) -> str:
    """Return the field that holds the values of a facet."""
    return f"facet_{name}"


def entry_of(document: SearchDocument) -> Entry:
    """Return the document as it is written; terms of lessons and passages never mix."""
    field = "passage_terms" if document.kind == "passage" else "lesson_terms"
    own = {
        "lesson_id": {document.lesson_id: 1.0},
        field: term_weights(document.kind, document.fields),
    }
    if document.kind == "passage":
        return Entry(own, _packed(document), {})
    facets = {
        facet_field(name): dict.fromkeys(values, 1.0) for name, values in document.facets.items()
    }
    of_lesson = {
        "audience": {document.audience: 1.0},
        "title_terms": dict.fromkeys(document.fields.get("title", ()), 1.0),
        "grams": dict.fromkeys(document.grams, 1.0),
    }
    numbers = {
        "is_lesson": 1,
        "published_at": int(document.published_at.timestamp()),
        "view_count": document.view_count,
    }
    return Entry(own | of_lesson | facets, _packed(document), numbers)


def unpacked(value: bytes) -> Shown:
    """Return what is kept of an entry."""
    return Shown(*pickle.loads(zlib.decompress(value)))  # noqa: S301 (what our writer has written)


def _packed(document: SearchDocument) -> bytes:
    folded = "" if document.kind == "passage" else fold(document.title)
    shown = (
        *(document.kind, document.lesson_id, document.title, folded, document.snippet),
        *(document.language, document.at_s, document.page, document.item_id),
        tuple(document.lines),
    )
    return zlib.compress(pickle.dumps(shown, pickle.HIGHEST_PROTOCOL), COMPRESSION)
