"""Quality and speed of the search at an area's size, beside naive Whoosh; times are CPU.

make bench NAME=search
python -m benchmarks.search --data FILE.jsonl --run OUT.jsonl
"""

import argparse
import json
import os
import random
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from benchmarks.rig.naive_whoosh import naive_answers
from benchmarks.rig.perturbing import PERTURBATIONS
from benchmarks.rig.search_area import LESSON_COUNT, Area
from benchmarks.rig.search_sets import (
    Quality,
    SearchSet,
    answers,
    documents_for,
    quality_of,
    read_set,
)
from benchmarks.rig.search_speed import Measured, rebuilt
from search.whoosh_index import WhooshIndex
from server.migrations import upgrade
from server.settings import Settings
from server.wiring import wire
from tests.indexer_kills import count_lost

Figure = dict[str, object]
ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests/data/search_golden/lessons.jsonl"
SHARED = ROOT.parent / "shared/data/search"
PERTURBED_EACH = 60
KILL_COUNT = 100


def run() -> Iterator[Figure]:
    """Measure everything; SEARCH_LESSONS makes the area smaller for a quick look."""
    golden = read_set(GOLDEN)
    yield from _golden(golden)
    yield from _wikipedia(SHARED / "iapp_wiki_train.jsonl")
    area = Area(golden, lesson_count=int(os.environ.get("SEARCH_LESSONS", LESSON_COUNT)))
    with rebuilt(area, has_passages=False) as (index, _):
        yield from _spread("query over lessons", Measured(index, golden).queries(), 10, 60)
    with rebuilt(area, has_passages=True) as (index, words_per_s):
        yield _figure("rebuild", words_per_s, "w/s", ">= 40000")
        measured = Measured(index, golden)
        changes = measured.changes(area, has_passages=True)  # first: then there are many segments
        yield from _spread("one changed lesson with commit", changes, 100, None)
        yield from _spread("query over lessons and passages", measured.queries(), 30, 150)
        yield from _spread("suggestions", measured.suggestions(), None, 30)
        yield _figure("longest of absurd queries", max(measured.long_queries()), "ms", 50)
    yield _figure(f"lost or doubled by {KILL_COUNT} kills", _lost_by_kills(), "", 0)


def _lost_by_kills() -> int:
    with tempfile.TemporaryDirectory() as folder:
        keys = {"secret_key": "k" * 32, "playback_keys": "k0:only-for-benchmarks"}
        settings = Settings.model_validate({"data_path": folder, **keys}).with_kept_secrets()
        wiring = wire(settings)
        upgrade(wiring.engine)
        with Session(wiring.engine, expire_on_commit=False) as session:
            lost = count_lost(settings, wiring, session, kills=KILL_COUNT)
        wiring.engine.dispose()
    return lost


def answer_file(data: Path, out: Path) -> None:
    """Index the documents of a file and write the ids that each of its queries finds."""
    answered = list(_answered(read_set(data)))
    with out.open("w", encoding="utf-8") as lines:
        for query, ids in answered:
            lines.write(json.dumps({"query": query["id"], "ids": ids}, ensure_ascii=False) + "\n")
    quality = quality_of(answered)
    print(f"MRR@10 {quality.mrr:.4f}  recall@10 {quality.recall:.4f}  empty {quality.empty:.3f}")
    for kind, value in quality.by_kind.items():
        print(f"  {value:.3f}  {kind}")


def _answered(found: SearchSet) -> Iterator[tuple[dict[str, Any], list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        index = WhooshIndex(Path(folder) / "search")
        index.rebuild(documents_for(found.documents))
        yield from answers(index, found)
        index.close()


def _golden(golden: SearchSet) -> list[Figure]:
    ours = quality_of(_answered(golden))
    worst = min(ours.by_kind, key=lambda kind: ours.by_kind[kind])
    return [
        *_compared("golden set", golden, ours, (">= 0.97", ">= 0.98")),
        _figure(f"golden set, worst kind ({worst})", ours.by_kind[worst], "", ">= 0.88"),
        _figure("golden set, nonsense that finds nothing", ours.empty, "", ">= 0.95"),
    ]


def _wikipedia(path: Path) -> list[Figure]:
    """Questions, and titles with mistakes; the set is not part of the project."""
    if not path.exists():
        print(f"left out: {path.name} is not there")
        return []
    found = read_set(path)
    perturbed = SearchSet(documents=found.documents, queries=list(_perturbed(found)))
    return [
        *_compared("iapp_wiki_train", found, quality_of(_answered(found)), (">= 0.93", ">= 0.965")),
        *_compared(
            "its titles with mistakes", perturbed, quality_of(_answered(perturbed)), ("", "")
        ),
    ]


def _perturbed(found: SearchSet) -> Iterator[dict[str, Any]]:
    chance = random.Random(3)  # noqa: S311 (no secret)
    documents = [entry for entry in found.documents if len(entry["title"]) >= 8]
    for kind, change in PERTURBATIONS.items():
        for entry in chance.sample(documents, PERTURBED_EACH):
            text = change(entry["title"], chance)
            yield {"id": entry["id"], "text": text, "kind": kind, "rel": [entry["id"]]}


def _compared(
    name: str, found: SearchSet, ours: Quality, bars: tuple[str, str]
) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        naive = quality_of(naive_answers(Path(folder), found))
    yield _figure(f"{name}, MRR@10", ours.mrr, "", bars[0])
    yield _figure(f"{name}, MRR@10 of naive Whoosh", naive.mrr, "", "")
    yield _figure(f"{name}, recall@10", ours.recall, "", bars[1])
    yield _figure(f"{name}, recall@10 of naive Whoosh", naive.recall, "", "")


def _spread(
    name: str, times_ms: list[float], p50_bar: float | None, p95_bar: float | None
) -> list[Figure]:
    p95_ms = statistics.quantiles(times_ms, n=20)[-1]
    return [
        _figure(f"{name}, p50", statistics.median(times_ms), "ms", p50_bar),
        _figure(f"{name}, p95", p95_ms, "ms", p95_bar),
    ]


def _figure(name: str, value: float, unit: str, bar: str | float | None) -> Figure:
    """Return a figure; a bar is a greatest value, or a text such as ">= 0.97"."""
    holds = True
    if isinstance(bar, str) and bar:
        holds = value >= float(bar.removeprefix(">= "))
    elif bar is not None and not isinstance(bar, str):
        holds = value <= bar
    return {"figure": name, "value": round(value, 4), "unit": unit, "bar": bar, "holds": holds}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search")
    parser.add_argument("--data", type=Path, required=True, help="documents and queries")
    parser.add_argument("--run", type=Path, required=True, help="where ranked ids are written")
    options = parser.parse_args()
    answer_file(options.data, options.run)
