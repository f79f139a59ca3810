"""Whoosh as its manual shows it, to compare with: StandardAnalyzer, QueryParser, BM25F."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whoosh.analysis import StandardAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in
from whoosh.qparser import MultifieldParser, OrGroup

from benchmarks.rig.search_sets import BEST, SearchSet


def naive_answers(folder: Path, found: SearchSet) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Yield each query with the ids of documents that plain Whoosh finds, best first."""
    text = TEXT(analyzer=StandardAnalyzer())
    index = create_in(str(folder), Schema(id=ID(stored=True), title=text, body=text, tags=text))
    writer = index.writer()
    for entry in found.documents:
        tags = " ".join([*(entry.get("tags") or ()), *(entry.get("grade") or ())])
        writer.add_document(id=entry["id"], title=entry["title"], body=entry["body"], tags=tags)
    writer.commit()
    parser = MultifieldParser(["title", "body", "tags"], index.schema, group=OrGroup)
    with index.searcher() as searcher:
        for query in found.queries:
            hits = searcher.search(parser.parse(query["text"]), limit=BEST)
            yield query, [hit["id"] for hit in hits]
    index.close()
