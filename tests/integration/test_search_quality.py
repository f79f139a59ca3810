"""The golden set: invented lessons of an area, and queries of all kinds that people type."""

from pathlib import Path

from benchmarks.rig.search_sets import answers, documents_for, quality_of, read_set
from search.whoosh_index import WhooshIndex

GOLDEN = Path(__file__).parents[1] / "data/search_golden/lessons.jsonl"


def test_lessons_are_found_by_queries_of_all_kinds_and_nonsense_finds_nothing(
    tmp_path: Path,
) -> None:
    golden = read_set(GOLDEN)
    index = WhooshIndex(tmp_path / "search")
    index.rebuild(documents_for(golden.documents))

    quality = quality_of(answers(index, golden))

    assert quality.mrr >= 0.97
    assert quality.recall >= 0.98
    assert quality.empty >= 0.95
    assert {kind: value for kind, value in quality.by_kind.items() if value < 0.88} == {}
    index.close()
