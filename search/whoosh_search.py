"""One state of a Whoosh index: its segments as one row of entries, and what is found in it.

Postings are added up by search.ranking and not by Whoosh's collectors: its nested Or returns a
wrong best ten and ignores `minmatch`.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search.index import FACETS, Hit, Passage, SearchQuery, SearchResult, Suggestion
from search.lexicon import Lexicon
from search.misspelt import add_near, prefer_titles
from search.ranking import Field, Ids, Ranked, rank, word_shares
from search.term_file import NONE, Postings
from search.whoosh_schema import Shown, facet_field
from search.whoosh_segment import Segment, SegmentWords

SHOWN_PASSAGES = 3
WHOLE = 0.95  # coverage from which nothing is taken for misspelt
Mask = NDArray[np.bool_]


class Snapshot:
    """The index as of one commit. For one thread at a time: Whoosh's files have one position."""

    def __init__(
        self, segments: Sequence[Segment], deleted: Sequence[Collection[int]], words: SegmentWords
    ) -> None:
        self.segments = segments
        self._words = words
        sizes = [segment.size for segment in segments]
        counts = [segment.lessons.size for segment in segments]
        self._entry_offsets = _offsets(sizes)
        self._lesson_offsets = _offsets(counts)
        self.lesson_count = sum(counts)
        self._passage_count = sum(sizes) - self.lesson_count
        self.owners: Ids = _joined(
            [s.owners + o for s, o in zip(segments, self._lesson_offsets, strict=True)]
        )
        self._entries: Ids = _joined(
            [s.lessons + o for s, o in zip(segments, self._entry_offsets, strict=True)]
        )
        self._published_at = _joined([segment.published_at for segment in segments])
        self._view_counts = _joined([segment.view_counts for segment in segments])
        self._alive = _joined(
            [_alive(s, gone) for s, gone in zip(segments, deleted, strict=True)]
        ).astype(bool)
        self._facets: dict[str, tuple[list[str], Ids, Ids]] = {}

    def postings(self, field: Field, text: str) -> Postings:
        """Return entries (of passages) or lessons that hold a term, ascending, and its weights."""
        return self._postings(field, text, is_of_lessons=field != "passage_terms")

    def frequency(self, field: Field, text: str) -> int:
        """Return how many entries hold a term, deleted ones too until they are merged away."""
        return sum(segment.frequency(field, text) for segment in self.segments)

    def size(self, field: Field) -> int:
        """Return how many entries have a field."""
        return self._passage_count if field == "passage_terms" else self.lesson_count

    def search(self, query: SearchQuery) -> SearchResult:
        """Return one page of lessons, best first."""
        allowed = self.allowed(query.audiences, query.filters)
        if not (query.words or query.near) or not allowed.any():
            return SearchResult()
        ranked = rank(self, query, allowed)
        read_as = ""
        if ranked.coverage < WHOLE and query.near:
            read_as = add_near(self, ranked, query, allowed)
        prefer_titles(self, ranked, query)
        found = np.flatnonzero(ranked.lessons).astype(np.int32)
        order = found[np.lexsort(self._keys(ranked, query, found))][::-1]
        page = order[query.offset : query.offset + query.limit]
        return SearchResult(
            hits=tuple(self._hit(int(lesson), ranked, query) for lesson in page),
            total=int(found.size),
            facets=self.count_facets(ranked.lessons != 0),
            is_incomplete=not ranked.is_complete,
            read_as=read_as,
        )

    def allowed(
        self, audiences: frozenset[str], filters: Mapping[str, frozenset[str]] | None = None
    ) -> Mask:
        """Return which lessons are for one of the audiences and pass all filters."""
        allowed: Mask = self._mask("audience", audiences) & self._alive
        for name, values in (filters or {}).items():
            allowed = allowed & self._mask(facet_field(name), values)
        return allowed

    def count_facets(self, among: Mask) -> dict[str, dict[str, int]]:
        """Return how many of some lessons have which value of each facet."""
        counts: dict[str, dict[str, int]] = {}
        for name in FACETS:
            values, lessons, codes = self._facet(name)
            numbers = np.bincount(codes[among[lessons]], minlength=len(values))
            counts[name] = {
                value: int(number) for value, number in zip(values, numbers, strict=True) if number
            }
        return counts

    def is_known(self, word: str, allowed: Mask) -> bool:
        """Tell whether an allowed lesson holds the word: nobody reads words of others."""
        if allowed[self.postings("lesson_terms", word)[0]].any():
            return True
        return bool(allowed[self.owners[self.postings("passage_terms", word)[0]]].any())

    def lexicon(self) -> Lexicon:
        """Return the words of the index."""
        return self._words.of(self.segments)

    def title_words(self) -> Collection[str]:
        """Return the words of all titles, deleted ones too."""
        return self._words.of_titles(self.segments)

    def folded_title(self, lesson: int) -> str:
        """Return the title of a lesson by its number, folded."""
        return self.shown(int(self._entries[lesson])).folded_title

    def suggestion(self, lesson: int) -> Suggestion:
        """Return the title of a lesson, with its id, by its number."""
        kept = self.shown(int(self._entries[lesson]))
        return Suggestion(text=kept.title, lesson_id=kept.lesson_id, kind=kept.whole)

    def most_viewed(self, lessons: Ids, most: int) -> Ids:
        """Return the most viewed, then the newest, of some lessons."""
        keys = (-self._published_at[lessons], -self._view_counts[lessons])
        return lessons[np.lexsort(keys)[:most]]

    def is_held(self, lesson_id: str) -> bool:
        """Tell whether the lesson has entries that are not deleted."""
        lessons, _ = self._postings("lesson_id", lesson_id, is_of_lessons=True)
        return bool(self._alive[lessons].any())

    def _mask(self, field: str, values: Collection[str]) -> Mask:
        mask = np.zeros(self.lesson_count, bool)
        for value in values:
            mask[self._postings(field, value, is_of_lessons=True)[0]] = True
        return mask

    def _postings(self, field: str, text: str, *, is_of_lessons: bool) -> Postings:
        found = []
        offsets = self._lesson_offsets if is_of_lessons else self._entry_offsets
        for segment, offset in zip(self.segments, offsets, strict=True):
            if segment.frequency(field, text):  # most segments are small and hold few terms
                read = segment.lesson_postings if is_of_lessons else segment.postings
                ids, weights = read(field, text)
                found.append((ids + np.int32(offset), weights))
        if len(found) == 1:
            return found[0]
        if not found:
            return NONE
        return np.concatenate([ids for ids, _ in found]), np.concatenate([w for _, w in found])

    def _keys(self, ranked: Ranked, query: SearchQuery, found: Ids) -> list[NDArray[np.generic]]:
        """Return what lessons are ordered by, the last key first."""
        score = np.round(ranked.lessons[found], 2)
        own_grade = self._mask(facet_field("grades"), query.prefer_grades)[found]
        newest, views = self._published_at[found], self._view_counts[found]
        match query.sort:
            case "newest":
                return [self._entries[found], score, newest]
            case "views":
                return [self._entries[found], newest, score, views]
        return [self._entries[found], newest, views, own_grade, score]

    def _hit(self, lesson: int, ranked: Ranked, query: SearchQuery) -> Hit:
        entry = int(self._entries[lesson])
        following = self._entries[lesson + 1] if lesson + 1 < self.lesson_count else None
        scores = ranked.passages[entry:following]
        best = entry + np.argsort(-scores, kind="stable")[:SHOWN_PASSAGES]
        kept = self.shown(entry)
        return Hit(
            lesson_id=kept.lesson_id,
            kind=kept.whole,
            score=float(ranked.lessons[lesson]),
            passages=tuple(self._passage(int(at)) for at in best if ranked.passages[at] > 0),
            word_scores=word_shares(self, query, lesson, int(best[0]))
            if query.is_explained
            else (),
        )

    def _passage(self, entry: int) -> Passage:
        kept = self.shown(entry)
        return Passage(
            snippet=kept.text,
            language=kept.language,
            at_s=kept.at_s,
            page=kept.page,
            item_id=kept.item_id,
            lines=kept.lines,
        )

    def shown(self, entry: int) -> Shown:
        """Return what is kept of an entry."""
        at = int(np.searchsorted(self._entry_offsets, entry, side="right")) - 1
        return self.segments[at].shown(entry - self._entry_offsets[at])

    def _facet(self, name: str) -> tuple[list[str], Ids, Ids]:
        """Return the values of a facet, and pairs of a lesson and a value's place among them."""
        if name not in self._facets:
            field = facet_field(name)
            values = sorted({v for s in self.segments for v in s.values(field)})
            lessons = [self._postings(field, value, is_of_lessons=True)[0] for value in values]
            codes = [np.full(ids.size, at, np.int32) for at, ids in enumerate(lessons)]
            self._facets[name] = values, _joined(lessons), _joined(codes)
        return self._facets[name]


def _offsets(sizes: Sequence[int]) -> list[int]:
    return [sum(sizes[:at]) for at in range(len(sizes))]


def _joined(arrays: Sequence[NDArray[np.generic]]) -> NDArray[np.int32]:
    return np.concatenate(arrays) if arrays else np.empty(0, np.int32)


def _alive(segment: Segment, gone: Collection[int]) -> Mask:
    alive = np.ones(segment.size, bool)
    alive[np.fromiter(gone, np.int64, len(gone))] = False
    return alive[segment.lessons]
