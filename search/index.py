"""The port to the search engine: documents in, hits out.

Engines are given terms that search.words has made, the same way for documents and for queries, and
know nothing of Thai. An engine ranks by BM25 over the weighted fields and by how much of a query's
words an entry holds.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Whole = Literal["lesson", "course"]  # what is found; of a course `lesson_id` is its own id
EntryKind = Whole | Literal["passage"]
Lines = Sequence[tuple[int, float]]  # where in a text each line begins, and its second
Sort = Literal["relevance", "newest", "views"]
FACETS = (
    *("learning_area", "grades", "kind", "school"),
    *("length", "language", "licence", "captions"),
)
FILTERS = (*FACETS, "strand", "indicator", "whole")  # these three narrow, but are not counted
TIME_LIMIT_S = 0.3

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
    """One entry: a lesson, a course, or a passage (a page, half a minute, the text of an item).

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
    view_count: int = 0
    title: str = ""  # of the lesson, as suggestions show it
    snippet: str = ""  # what a hit in a passage shows
    language: str = ""  # of a passage
    at_s: float | None = None
    page: int | None = None
    item_id: str = ""  # of a lesson's item, where the passage is its text
    lines: Lines = ()  # of captions; their text is normalised, so that places in it hold


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
    """What is sought, by whom. No `audiences`, no hits. Filters of one facet are alternatives.

    Of equally good lessons those for `prefer_grades` go first, then the more used, then the newer.
    What is not done after `time_limit_s` is left out, and the result says so.
    """

    words: tuple[QueryWord, ...]
    near: str = ""  # folded letters that may be misspelt or unfinished words
    audiences: frozenset[str]
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: Sort = "relevance"
    prefer_grades: frozenset[str] = frozenset()
    offset: int = 0
    limit: int = 20
    time_limit_s: float = TIME_LIMIT_S
    is_explained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The place in a lesson that a query met: second, page or item, and its text.

    `marks` are the ranges of the snippet, from and to, where words of the query stand; `lines` are
    those of the whole text.
    """

    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    language: str = ""
    at_s: float | None = None
    page: int | None = None
    item_id: str = ""
    lines: Lines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found; `passages` best first, none if only title or description met the query.

    `word_scores` say what each word of an explained query gave, in their order.
    """

    lesson_id: str
    score: float
    passages: tuple[Passage, ...] = ()
    word_scores: tuple[float, ...] = ()
    kind: Whole = "lesson"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One page of hits. `total` and `facets` count all lessons that were found."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    is_incomplete: bool = False  # the time was up
    read_as: str = ""  # in words of the index, if what was typed is not in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A title, with its lesson or course, or words that are worth searching for."""

    text: str
    lesson_id: str = ""
    kind: Whole = "lesson"


class SearchIndex(Protocol):
    """Finds lessons. One process writes at a time, any number read. Methods raise IndexFault."""

    def apply(self, changes: Changes) -> None:
        """Make the whole batch findable at once; if it fails or the process dies, nothing of it."""

    def search(self, query: SearchQuery) -> SearchResult:
        """Return lessons for the query's audiences, best first; passages are grouped by lesson."""

    def count(
        self, audiences: frozenset[str], filters: Mapping[str, frozenset[str]]
    ) -> Mapping[str, Mapping[str, int]]:
        """Return how many lessons for these audiences have which value of each of FACETS."""

    def suggest(self, text: str, audiences: frozenset[str], limit: int) -> Sequence[Suggestion]:
        """Return what begins like the unfinished `text`, from lessons for these audiences alone."""

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
