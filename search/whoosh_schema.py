"""How entries are laid down in Whoosh. A change here needs a new SCHEMA_VERSION.

A lesson's own entry comes first and its passages follow it in the same segment: the lesson of a
passage is the last one before it, and what narrows a search stands in the lesson's entry alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, STORED, FieldType, Schema
from whoosh.formats import Existence

from search.index import FILTERS, Lines, SearchDocument
from search.weighing import term_weights

SCHEMA_VERSION = 5


class WeighedTerms(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """Terms with their weights, as they come: Whoosh's own analyzers cut Thai at vowel marks.

    Whoosh pickles fields into the index, so this stays at module level.
    """

    indexed, scorable, stored = True, False, False
    column_type, vector, analyzer, spelling, multitoken_query = None, None, None, False, "default"

    def __init__(self) -> None:
        self.format = Existence()

    def index(
        self, value: Mapping[str, float], **_options: object
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield what Whoosh writes of each term: its bytes, frequency, weight and no more."""
        return ((text.encode(), 1, weight, b"") for text, weight in value.items())


def make_schema() -> Schema:
    """Return the fields of both kinds of entries; postings of lessons and passages never mix."""
    names = ("lesson_id", "audience", "lesson_terms", "passage_terms", "title_terms", "grams")
    terms = {name: WeighedTerms() for name in (*names, *map(facet_field, FILTERS))}
    return Schema(
        is_lesson=COLUMN(NumericColumn("B")),
        published_at=COLUMN(NumericColumn("q")),
        view_count=COLUMN(NumericColumn("q")),
        shown=STORED(),
        **terms,
    )


def facet_field(name: str) -> str:
    """Return the field that holds the values of a facet."""
    return f"facet_{name}"


def entry_of(document: SearchDocument) -> dict[str, Any]:
    """Return the document as Whoosh's field values."""
    shown = (document.lesson_id, document.title, *_place(document))
    entry: dict[str, Any] = {
        "lesson_id": {document.lesson_id: 1.0},
        f"{document.kind}_terms": term_weights(document.kind, document.fields),
        "shown": shown,
    }
    if document.kind == "lesson":
        entry |= {
            "is_lesson": 1,
            "audience": {document.audience: 1.0},
            "title_terms": dict.fromkeys(document.fields.get("title", ()), 1.0),
            "grams": dict.fromkeys(document.grams, 1.0),
            "published_at": int(document.published_at.timestamp()),
            "view_count": document.view_count,
        }
        for name, values in document.facets.items():
            entry[facet_field(name)] = dict.fromkeys(values, 1.0)
    return entry


def _place(document: SearchDocument) -> tuple[str, str, float | None, int | None, Lines]:
    place = document.snippet, document.language, document.at_s, document.page
    return *place, tuple(document.lines)
