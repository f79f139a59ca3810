"""The port to the search engine: documents in, hits out.

Engines are given terms that search.words has made, the same way for documents and for queries, and
know nothing of Thai. An engine ranks by BM25 over the weighted fields and by how much of a query's
words an entry holds.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

EntryKind = Literal["lesson", "passage"]
FACETS = ("learning_area", "grades", "kind", "school")
MAX_COUNTED = 1_000  # facet counts and totals are exact up to this many hits

# How much a term counts by where it stands. Names of SearchDocument.fields.
FIELD_WEIGHTS: Mapping[str, float] = {
    "title": 4.0,
    "codes": 3.0,
    "tags": 2.5,
    "description": 1.0,
    "text": 1.0,
    "unread": 0.5,  # text that no person has read yet, such as automatic captions
}


class IndexFault(Exception):
    """The index cannot be read or written; `khlang reindex` makes it anew from the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """One entry: a lesson, or one passage of it (a page, or half a minute of captions).

    `fields` hold terms by field; `grams` the folded pieces by which misspelt words are found.
    `audience` is the one token of those who may find it; `facets` values by facet name.
    """

    id: str
    kind: EntryKind
    lesson_id: str
    audience: str
    fields: Mapping[str, Sequence[str]]
    grams: Sequence[str] = ()
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    published_at: datetime
    snippet: str = ""  # what a hit in a passage shows
    at_s: float | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """One batch: every entry of the lessons in `lesson_ids` is replaced by `documents`.

    A lesson without documents leaves the index.
    """

    lesson_ids: Collection[str]
    documents: Iterable[SearchDocument] = ()  # read once, when no other writer can come between


@dataclass(frozen=True, slots=True)
class Term:
    """One way to fulfil a word of the query: an entry that holds all of `texts`.

    `weight` is 1 for the word itself, less for its pieces or a synonym.
    """

    texts: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word as typed: any of its terms fulfils it."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What is sought, by whom. No `audiences`, no hits. Filters of one facet are alternatives."""

    words: tuple[QueryWord, ...]
    grams: tuple[str, ...] = ()
    audiences: frozenset[str]
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The place in a lesson that a query met: second or page, and its text."""

    snippet: str
    at_s: float | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One lesson found; `passages` best first, none if only title or description met the query."""

    lesson_id: str
    score: float
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One page of hits. `total` and `facets` count lessons, up to MAX_COUNTED of the best."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class SearchIndex(Protocol):
    """Finds lessons. One process writes at a time, any number read. Methods raise IndexFault."""

    def apply(self, changes: Changes) -> None:
        """Make the whole batch findable at once; if it fails or the process dies, nothing of it."""

    def search(self, query: SearchQuery) -> SearchResult:
        """Return lessons for the query's audiences, best first; passages are grouped by lesson."""

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Build a new index beside the one in use, swap it in, return how many documents it holds.

        `documents` is read only after `is_rebuilding` has become true. A failure leaves the old
        index in use.
        """

    def needs_rebuild(self) -> bool:
        """Tell whether there is no index, or one made with other rules for terms than today's."""

    def is_rebuilding(self) -> bool:
        """Tell whether some process rebuilds: what is applied now must be applied again then."""

    def lesson_ids(self) -> Collection[str]:
        """Return the ids of all lessons that have entries."""

    def generation(self) -> str:
        """Return a text that changes whenever what can be found changes."""

    def check(self) -> list[str]:
        """Return what is wrong, in words for an administrator; empty if all is well."""

    def close(self) -> None:
        """Let go of files; the next call opens them again."""
