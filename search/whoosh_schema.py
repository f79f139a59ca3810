"""How entries are laid down in Whoosh. A change here needs a new SCHEMA_VERSION."""

from collections.abc import Iterator
from typing import Any

from whoosh.analysis import Analyzer, Token
from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, ID, STORED, Schema
from whoosh.fields import TEXT as WORDS

from search.index import FACETS, FIELD_WEIGHTS, SearchDocument

SCHEMA_VERSION = 1


class WeightedTerms(Analyzer):  # type: ignore[misc]  # Whoosh has no types
    """Split lines of "WEIGHT term term …" at spaces.

    Whoosh pickles analyzers into the index, so this stays at module level; its own ones cut Thai
    at vowel marks.
    """

    def __call__(self, value: str, **_options: object) -> Iterator[Token]:
        """Yield one token per term; `boost` carries the line's weight."""
        token = Token(positions=False, chars=False, removestops=False)
        token.stopped = False
        for line in value.splitlines():
            weight, *terms = line.split(" ")
            token.boost = float(weight)
            for term in terms:
                token.text = term
                yield token

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


def make_schema() -> Schema:
    """Return the fields of both kinds of entries; postings of lessons and passages never mix."""

    def terms() -> WORDS:
        return WORDS(analyzer=WeightedTerms(), phrase=False)

    facets = {facet_field(name): terms() for name in FACETS}
    return Schema(
        id=ID(unique=True),
        lesson_id=ID(
            sortable=True
        ),  # a column too: the lesson of an entry, without reading what is stored
        audience=ID(),
        lesson_terms=terms(),
        passage_terms=terms(),
        grams=terms(),
        published_at=COLUMN(NumericColumn("q")),  # orders equally good lessons
        shown=STORED(),
        **facets,
    )


def facet_field(name: str) -> str:
    """Return the field that holds the values of a facet."""
    return f"facet_{name}"


def entry_of(document: SearchDocument) -> dict[str, Any]:
    """Return the document as Whoosh's field values."""
    entry: dict[str, Any] = {
        "id": document.id,
        "lesson_id": document.lesson_id,
        "audience": document.audience,
        f"{document.kind}_terms": _lines(document),
        "published_at": int(document.published_at.timestamp()),
        "shown": (document.snippet, document.at_s, document.page),
    }
    if document.grams:
        entry["grams"] = " ".join(["1", *document.grams])
    for name, values in document.facets.items():
        if values:
            entry[facet_field(name)] = " ".join(["1", *values])
    return entry


def _lines(document: SearchDocument) -> str:
    return "\n".join(
        " ".join([str(FIELD_WEIGHTS[name]), *terms])
        for name, terms in document.fields.items()
        if terms
    )
