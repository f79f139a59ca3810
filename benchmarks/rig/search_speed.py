"""How long an area's index takes: CPU of this process, one request after the other."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from benchmarks.rig.search_area import Area
from benchmarks.rig.search_sets import SearchSet
from search.index import Changes, SearchDocument, SearchIndex, SearchQuery
from search.snippets import marked_snippet
from search.whoosh_index import WhooshIndex
from search.words import near_letters, query_words
from server.services.index_lessons import documents_of

AUDIENCES = frozenset({"public", "area", f"school:{UUID(int=1)}"})
WARM_COUNT, ASKED_COUNT, CHANGED_COUNT = 60, 400, 40
HITS = 24
Given = TypeVar("Given")
LONG_TEXTS = (
    *("ก" * 10_000, "*" * 10_000, "ก* " * 3_400, "การบวก" * 1_700, "เศศสวนน" * 1_500),
    *("a b c " * 1_700, "1 2 3 4 5 6 7 8 9 10 11 12 " * 400, "ป.1 ป.2 ป.3 ม.1 ม.2 " * 500),
)


class Measured:
    """Times of one index, in milliseconds of CPU."""

    def __init__(self, index: SearchIndex, golden: SearchSet) -> None:
        self._index = index
        chance = random.Random(5)  # noqa: S311 (no secret)
        self._texts = [query["text"] for query in golden.queries]
        self._titles = [entry["title"] for entry in golden.documents]
        chance.shuffle(self._texts)
        self._chance = chance

    def queries(self) -> list[float]:
        """Ask queries of all kinds, with rights, facets and snippets."""
        return [cpu_ms(self._ask, text) for text in self._texts][WARM_COUNT:ASKED_COUNT]

    def suggestions(self) -> list[float]:
        """Ask while titles are being typed."""
        typed = [title[:length] for title in self._titles for length in (2, 3, 4, 6, 9, 13)]
        self._chance.shuffle(typed)
        return [cpu_ms(self._suggest, text) for text in typed][WARM_COUNT:ASKED_COUNT]

    def changes(self, area: Area, *, has_passages: bool) -> list[float]:
        """Change one lesson after the other."""
        lessons = [
            area.lesson(7 * number, has_passages=has_passages, version=1)
            for number in range(CHANGED_COUNT)
        ]

        def change(number: int) -> None:
            lesson = lessons[number]
            changes = Changes(lesson_ids=[str(lesson.id)], documents=documents_of(lesson))
            self._index.apply(changes)

        return [cpu_ms(change, number) for number in range(CHANGED_COUNT)]

    def long_queries(self) -> list[float]:
        """Ask what nobody should; the titles are of words that stand nearly everywhere."""
        pasted = "".join(self._titles) * 10, " ".join(self._titles) * 10
        return [cpu_ms(self._ask, text[:10_000]) for text in (*LONG_TEXTS, *pasted)]

    def _ask(self, text: str) -> None:
        query = SearchQuery(
            words=query_words(text), near=near_letters(text), audiences=AUDIENCES, limit=HITS
        )
        for hit in self._index.search(query).hits:
            for passage in hit.passages:
                marked_snippet(passage, query.words)

    def _suggest(self, text: str) -> None:
        self._index.suggest(text, AUDIENCES, 8)


@contextmanager
def rebuilt(area: Area, *, has_passages: bool) -> Iterator[tuple[SearchIndex, float]]:
    """Give an index of the area and how many words a second it took to make."""
    with tempfile.TemporaryDirectory() as folder:
        index = WhooshIndex(Path(folder) / "search")
        words = area.word_count
        made = [0.0]

        def documents() -> Iterator[SearchDocument]:
            # what it takes to make the lessons is none of the index's
            began_s = time.process_time()
            for lesson in area.lessons(has_passages=has_passages):
                made[0] += time.process_time() - began_s
                yield from documents_of(lesson)
                began_s = time.process_time()

        total_s = cpu_ms(lambda _: index.rebuild(documents()), None) / 1000
        yield index, (area.word_count - words) / (total_s - made[0])
        index.close()


def cpu_ms(act: Callable[[Given], object], given: Given) -> float:
    """Return the CPU time that one call takes."""
    began_s = time.process_time()
    act(given)
    return (time.process_time() - began_s) * 1000
