"""Small documents and queries for the suites of SearchIndex."""

from collections.abc import Mapping
from datetime import UTC, datetime

from search.index import Changes, SearchDocument, SearchIndex, SearchQuery, SearchResult
from search.words import document_grams, document_terms, query_grams, query_words

PUBLIC = frozenset({"public"})


def a_document(
    lesson_id: str,
    title: str,
    *,
    description: str = "",
    audience: str = "public",
    facets: Mapping[str, list[str]] | None = None,
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
) -> SearchResult:
    query = SearchQuery(
        words=query_words(text),
        grams=query_grams(text),
        audiences=audiences,
        filters=filters or {},
    )
    return index.search(query)


def ids(result: SearchResult) -> list[str]:
    return [hit.lesson_id for hit in result.hits]
