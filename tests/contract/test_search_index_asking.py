"""What every SearchIndex promises about orders, suggestions, spellings, and rights in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.index import SearchIndex, SearchResult
from search.whoosh_index import WhooshIndex
from tests.contract.search_documents import PUBLIC, a_document, a_passage, find, ids, put


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    index = WhooshIndex(tmp_path / "index")
    yield index
    index.close()


def test_views_and_the_own_grade_decide_between_equally_good_lessons_only(
    index: SearchIndex,
) -> None:
    put(
        index,
        a_document("a", "แสง", facets={"grades": ["P4"]}),
        a_document("b", "แสง", facets={"grades": ["P5"]}, view_count=9),
        a_document("c", "เสียง แสง ความร้อน และพลังงานอื่น", view_count=99),
    )

    assert ids(find(index, "แสง")) == ["b", "a", "c"]
    assert ids(find(index, "แสง", prefer_grades=frozenset({"P4"}))) == ["a", "b", "c"]
    assert ids(find(index, "แสง", sort="views")) == ["c", "b", "a"]


def test_every_facet_counts_and_filters(index: SearchIndex) -> None:
    facets = {
        "length": ["short"],
        "language": ["th"],
        "licence": ["cc_by"],
        "captions": ["yes"],
        "strand": ["ค 1"],
        "indicator": ["ค 1.1 ป.4/1"],
    }
    put(index, a_document("a", "แสง", facets=facets), a_document("b", "แสง"))

    counted = find(index, "แสง").facets

    assert {name: counted[name] for name in ("length", "captions")} == {
        "length": {"short": 1},
        "captions": {"yes": 1},
    }
    for name, [value] in facets.items():
        assert ids(find(index, "แสง", filters={name: frozenset({value})})) == ["a"], name


def test_what_is_not_done_in_time_is_left_out_and_said(index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"))

    assert find(index, "แสง", time_limit_s=-1.0).is_incomplete
    assert not find(index, "แสง").is_incomplete


def test_an_explained_hit_says_what_each_word_gave(index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"), a_passage("a", 0, "ดาวเสาร์"), a_document("b", "เสียง"))

    [hit] = find(index, "แสง ดาวเสาร์", is_explained=True).hits

    assert len(hit.word_scores) == 2
    assert min(hit.word_scores) > 0


@pytest.mark.parametrize("typed", ["สุริยุ", "สุริยปราคา", "eclips", "eclpise"])
def test_unfinished_and_misspelt_words_are_read_in_words_of_the_index(
    index: SearchIndex, typed: str
) -> None:
    put(index, a_document("a", "สุริยุปราคาเต็มดวง eclipse"), a_document("b", "ดนตรีไทย"))

    assert ids(find(index, typed)) == ["a"]


def test_suggestions_are_words_and_titles_that_begin_so(index: SearchIndex) -> None:
    put(index, a_document("a", "เศษส่วนอย่างต่ำ"), a_document("b", "ดนตรีไทย"))

    found = index.suggest("เศษส", PUBLIC, 8)

    assert [(one.text, one.lesson_id) for one in found] == [("เศษส่วน", ""), ("เศษส่วนอย่างต่ำ", "a")]
    assert index.suggest("ก", PUBLIC, 8) == ()
    assert index.suggest("ฟหกด", PUBLIC, 8) == ()


SECRETS = ("เพนกวินจักรพรรดิ", "เพนกวินจักรพรร", "เพนกวินจักพัด", "penguin", "pengiun")


@pytest.mark.parametrize("typed", SECRETS)
def test_nobody_is_offered_words_or_titles_of_what_is_not_for_them(
    index: SearchIndex, typed: str
) -> None:
    put(
        index,
        a_document("hidden", "เพนกวินจักรพรรดิ penguin", audience="school:1"),
        a_passage("hidden", 0, "เพนกวินจักรพรรดิ penguin"),
        a_document("shown", "ดนตรีไทย"),
    )

    guest = find(index, typed)

    assert (ids(guest), guest.total, guest.read_as) == ([], 0, "")
    assert all(not counts for counts in guest.facets.values())
    assert index.suggest(typed, PUBLIC, 8) == ()
    assert index.suggest(typed, frozenset({"school:2"}), 8) == ()
    assert ids(find(index, typed, audiences=frozenset({"school:1"}))) == ["hidden"]


@pytest.mark.parametrize("typed", ["ก" * 10_000, "*" * 10_000, "", "?" * 10_000])
def test_absurd_queries_find_nothing(index: SearchIndex, typed: str) -> None:
    put(index, a_document("a", "แสง"))

    assert find(index, typed).hits == SearchResult().hits
