"""Small documents and queries for the suites of SearchIndex."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from search.index import Changes, SearchDocument, SearchIndex, SearchQuery, SearchResult
from search.words import document_grams, document_terms, near_letters, query_words

PUBLIC = frozenset({"public"})


def a_document(
    lesson_id: str,
    title: str,
    *,
    description: str = "",
    audience: str = "public",
    facets: Mapping[str, list[str]] | None = None,
    view_count: int = 0,
) -> SearchDocument:
    return SearchDocument(
        id=lesson_id,
        kind="lesson",
        lesson_id=lesson_id,
        audience=audience,
        fields={"title": document_terms(title), "description": document_terms(description)},
        grams=document_grams(title),
        facets=facets or {},
        published_at=datetime(2026, 11, 2, tzinfo=UTC),
        view_count=view_count,
        title=title,
    )


def a_passage(
    lesson_id: str, number: int, text: str, *, audience: str = "public"
) -> SearchDocument:
    return SearchDocument(
        id=f"{lesson_id}:{number}",
        kind="passage",
        lesson_id=lesson_id,
        audience=audience,
        fields={"text": document_terms(text)},
        published_at=datetime(2026, 11, 2, tzinfo=UTC),
        snippet=text,
        at_s=30.0 * number,
    )


def put(index: SearchIndex, *documents: SearchDocument) -> None:
    index.apply(Changes(lesson_ids={d.lesson_id for d in documents}, documents=documents))


def find(
    index: SearchIndex,
    text: str,
    *,
    audiences: frozenset[str] = PUBLIC,
    filters: Mapping[str, frozenset[str]] | None = None,
    **wishes: Any,
) -> SearchResult:
    query = SearchQuery(
        words=query_words(text),
        near=near_letters(text),
        audiences=audiences,
        filters=filters or {},
        **wishes,
    )
    return index.search(query)


def ids(result: SearchResult) -> list[str]:
    return [hit.lesson_id for hit in result.hits]
