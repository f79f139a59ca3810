"""Sets of documents and queries with their answers, through the product's index and query path.

A line is {"type": "meta" | "doc" | "query", …}. Documents have id, title and body, and may have
subject, grade, tags and kind; queries have id, text, kind and `rel`, the ids that answer them.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from search.codes import take_codes
from search.index import SearchDocument, SearchIndex
from search.indicators import find_indicators
from search.thai import normalise
from search.vocabulary import LEARNING_AREAS
from server.models.lessons import Lesson, Visibility
from server.models.library import Asset, AssetKind, Original, Page
from server.models.people import Person
from server.services.find import Question, ask
from server.services.index_lessons import documents_of

PUBLISHED_AT = datetime(2026, 11, 2, tzinfo=UTC)
DESCRIPTION_CHARACTERS = 600  # a longer body is the text of a document
BEST = 10
OWN_CODE = re.compile("[APM][1-6]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSet:
    """Documents and queries of one file."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How good the first ten are; `empty`: the part of queries without answers that found none."""

    mrr: float
    recall: float
    empty: float
    by_kind: dict[str, float]  # MRR; of queries without answers, the empty part


def read_set(path: Path) -> SearchSet:
    """Read a file of the format."""
    found = SearchSet()
    with path.open(encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            entry = json.loads(line)
            if entry["type"] == "doc":
                found.documents.append(entry)
            elif entry["type"] == "query":
                found.queries.append(entry)
    return found


def documents_for(entries: Iterable[dict[str, Any]]) -> Iterator[SearchDocument]:
    """Yield what the index is given: each document as a published lesson."""
    for entry in entries:
        yield from documents_of(_lesson_of(entry))


def answers(
    index: SearchIndex, found: SearchSet, *, most: int = BEST
) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Yield each query with the ids of documents that the product finds, best first."""
    ids = {str(_key(entry)): entry["id"] for entry in found.documents}
    for query in found.queries:
        result = ask(index, Question(text=query["text"])).result
        yield query, [ids[hit.lesson_id] for hit in result.hits][:most]


def quality_of(answered: Iterable[tuple[dict[str, Any], list[str]]]) -> Quality:
    """Measure answers: reciprocal rank of the first right one, and part of right ones found."""
    ranks, recalls, empties = [], [], []
    by_kind: dict[str, list[float]] = defaultdict(list)
    for query, ids in answered:
        right = set(query.get("rel") or ())
        if not right:
            empties.append(float(not ids))
            by_kind[query.get("kind", "")].append(empties[-1])
            continue
        places = [place for place, id_ in enumerate(ids[:BEST], 1) if id_ in right]
        ranks.append(1 / places[0] if places else 0.0)
        recalls.append(len(places) / min(len(right), BEST))
        by_kind[query.get("kind", "")].append(ranks[-1])
    return Quality(
        mrr=_mean(ranks),
        recall=_mean(recalls),
        empty=_mean(empties),
        by_kind={kind: _mean(values) for kind, values in sorted(by_kind.items())},
    )


def _lesson_of(entry: dict[str, Any]) -> Lesson:
    body, tags = entry.get("body") or "", _listed(entry.get("tags"))
    subject, kind = entry.get("subject") or "", str(entry.get("kind") or "")
    area = next(
        (letter for letter, name in LEARNING_AREAS.items() if subject in (letter, name)), ""
    )
    grades = [grade for text in _listed(entry.get("grade")) for grade in _grades_in(text)]
    is_known = kind in list(AssetKind)
    asset = Asset(kind=AssetKind(kind) if is_known else AssetKind.UNKNOWN, duration_s=0.0)
    is_long = len(body) > DESCRIPTION_CHARACTERS
    said = [text for text in (body if is_long else "", entry.get("passage") or "") if text]
    asset.pages = [Page(number=number, text=text) for number, text in enumerate(said, 1)]
    return Lesson(
        id=_key(entry),
        title=entry.get("title") or "",
        description="" if is_long else body,
        tags=[*tags, *([] if area else [subject]), *([] if is_known else [kind])],
        language="th",
        learning_area=area,
        grades=grades,
        indicators=find_indicators(" ".join(_listed(entry.get("indicators")))),
        licence="unknown",
        visibility=Visibility.PUBLIC,
        ceiling=Visibility.PUBLIC,
        view_count=0,
        kept_ranges=[],
        published_at=PUBLISHED_AT,
        owner=Person(display_name=""),
        original=Original(asset=asset),
    )


def _key(entry: dict[str, Any]) -> Any:  # noqa: ANN401 (a UUID)
    return uuid5(NAMESPACE_URL, str(entry["id"]))


def _listed(value: Any) -> list[str]:  # noqa: ANN401 (whatever the file holds)
    if not value:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _grades_in(text: str) -> list[str]:
    if OWN_CODE.fullmatch(text):
        return [text]
    places, _ = take_codes(normalise(text).lower())
    return [term[1:].upper() for place in places for term in place.terms if len(term) == 3]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
