"""What every SearchIndex promises. One adapter so far."""

import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from search.index import Changes, IndexFault, SearchDocument, SearchIndex, SearchQuery, SearchResult
from search.whoosh_index import WhooshIndex
from search.words import document_grams, document_terms, query_grams, query_words

PUBLIC = frozenset({"public"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(root: Path) -> Iterator[SearchIndex]:
    index = WhooshIndex(root)
    yield index
    index.close()


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


def test_an_index_that_was_never_made_finds_nothing_and_says_so(index: SearchIndex) -> None:
    assert ids(find(index, "แสง")) == []
    assert index.needs_rebuild()
    assert index.check() != []


def test_a_word_in_the_middle_of_a_sentence_is_found(index: SearchIndex) -> None:
    put(index, a_document("a", "ทดลองการสังเคราะห์ด้วยแสงของพืชน้ำ"), a_document("b", "การบวกเลข"))

    assert ids(find(index, "สังเคราะห์")) == ["a"]
    assert ids(find(index, "พืช")) == ["a"]


@pytest.mark.parametrize(
    "typed",
    [
        "น\u0e4d\u0e49าแข็ง",  # sara am in two pieces
        "น\u0e33\u0e49แข็ง",  # the tone last
        "นำ้แข็ง ๔",
        "น้ำ แข็ง",
        "น้ำแขง",  # a mark is missing
        "นำแข็ง",  # the tone is missing
    ],
)
def test_marks_in_any_order_and_missing_ones_are_forgiven(index: SearchIndex, typed: str) -> None:
    put(index, a_document("a", "น้ำแข็ง 4 ก้อน"), a_document("b", "การหารยาว"))

    assert ids(find(index, typed))[:1] == ["a"]


@pytest.mark.parametrize("typed", ["คณิตศาตร์", "คนิตสาสตร์", "คณิตศาสตร", "คณิตศาส"])
def test_misspelt_words_are_found(index: SearchIndex, typed: str) -> None:
    put(index, a_document("a", "คณิตศาสตร์พื้นฐาน"), a_document("b", "ดนตรีไทย"))

    assert ids(find(index, typed)) == ["a"]


@pytest.mark.parametrize("typed", ["ป4", "ประถมศึกษาปีที่ ๔", "P4 เศษส่วน"])
def test_grades_are_found_in_any_form(index: SearchIndex, typed: str) -> None:
    put(index, a_document("a", "เศษส่วน ป.4"), a_document("b", "ดนตรี ป.5"))

    assert ids(find(index, typed)) == ["a"]


@pytest.mark.parametrize("typed", ["ฟหกดาสวง", "xqzwv", "ฃฅฆฌฎฏ", "****", "๏๚๛", "ก" * 10_000])
def test_nonsense_finds_nothing(index: SearchIndex, typed: str) -> None:
    put(index, a_document("a", "คณิตศาสตร์พื้นฐาน"), a_document("b", "การงานอาชีพ งานบ้าน"))

    assert find(index, typed) == SearchResult() or ids(find(index, typed)) == []


def test_the_title_goes_before_the_description_and_before_what_is_said(index: SearchIndex) -> None:
    put(
        index,
        a_document("said", "บทที่ 3"),
        a_passage("said", 1, "ต่อไปเป็นเรื่องแสงสว่าง"),
        a_document("described", "บทที่ 2", description="เรื่องแสง"),
        a_document("titled", "เรื่องแสง"),
    )

    assert ids(find(index, "แสง")) == ["titled", "described", "said"]


def test_a_hit_in_a_passage_says_where(index: SearchIndex) -> None:
    put(
        index,
        a_document("a", "ระบบสุริยะ"),
        a_passage("a", 0, "สวัสดีครับนักเรียน"),
        a_passage("a", 4, "ดาวพฤหัสบดีใหญ่ที่สุด"),
    )

    [hit] = find(index, "ดาวพฤหัสบดี").hits

    assert hit.lesson_id == "a"
    assert [(place.at_s, place.snippet) for place in hit.passages] == [(120.0, "ดาวพฤหัสบดีใหญ่ที่สุด")]


def test_words_may_stand_in_the_title_and_in_a_passage(index: SearchIndex) -> None:
    put(index, a_document("a", "วิชาดาราศาสตร์"), a_passage("a", 0, "กล่าวถึงดาวพฤหัสบดี"))
    put(index, a_document("b", "วิชาดาราศาสตร์"))

    assert ids(find(index, "ดาราศาสตร์ ดาวพฤหัสบดี"))[0] == "a"


def test_nobody_finds_or_counts_what_is_not_for_them(index: SearchIndex) -> None:
    kinds = {"kind": ["video"]}
    put(
        index,
        a_document("public", "แสง", facets=kinds),
        a_document("area", "แสง", audience="area", facets=kinds),
        a_document("school", "แสง", audience="school:1", facets=kinds),
        a_passage("school", 0, "แสง", audience="school:1"),
    )

    guest = find(index, "แสง")
    pupil = find(index, "แสง", audiences=frozenset({"public", "area", "school:1"}))
    stranger = find(index, "แสง", audiences=frozenset())

    assert ids(guest) == ["public"]
    assert (guest.total, guest.facets["kind"]) == (1, {"video": 1})
    assert set(ids(pupil)) == {"public", "area", "school"}
    assert stranger == SearchResult()


def test_facets_count_lessons_once_and_narrow(index: SearchIndex) -> None:
    put(
        index,
        a_document("a", "แสง", facets={"grades": ["P4", "P5"], "kind": ["video"]}),
        a_passage("a", 0, "แสง"),
        a_document("b", "แสง", facets={"grades": ["P5"], "kind": ["document"]}),
    )

    assert find(index, "แสง").facets["grades"] == {"P4": 1, "P5": 2}
    assert ids(find(index, "แสง", filters={"grades": frozenset({"P4"})})) == ["a"]
    assert ids(find(index, "แสง", filters={"kind": frozenset({"audio"})})) == []


def test_of_equally_good_lessons_the_newer_goes_first(index: SearchIndex) -> None:
    old = a_document("b", "แสง")

    put(index, replace(old, id="a", lesson_id="a", published_at=datetime(2026, 11, 3, tzinfo=UTC)))
    put(index, old, a_document("c", "การบวก"))

    assert ids(find(index, "แสง")) == ["a", "b"]


def test_pages_of_hits_do_not_overlap(index: SearchIndex) -> None:
    put(index, *(a_document(f"{number:02}", "แสง") for number in range(30)))
    words = query_words("แสง")

    pages = [
        index.search(SearchQuery(words=words, audiences=PUBLIC, offset=offset, limit=20))
        for offset in (0, 20)
    ]

    assert [page.total for page in pages] == [30, 30]
    assert len({*ids(pages[0]), *ids(pages[1])}) == 30


def test_a_changed_lesson_replaces_all_its_entries(index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"), a_passage("a", 0, "ดาวพฤหัสบดี"))
    before = index.generation()

    put(index, a_document("a", "เสียง"))

    assert ids(find(index, "แสง")) == []
    assert ids(find(index, "ดาวพฤหัสบดี")) == []
    assert ids(find(index, "เสียง")) == ["a"]
    assert index.generation() != before


def test_a_lesson_without_documents_leaves(index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"), a_document("b", "แสง"))

    index.apply(Changes(lesson_ids={"a", "unknown"}))

    assert ids(find(index, "แสง")) == ["b"]


def test_the_same_changes_again_change_nothing(index: SearchIndex) -> None:
    for _ in range(2):
        put(index, a_document("a", "แสง"), a_passage("a", 0, "แสง"))

    result = find(index, "แสง")

    assert (ids(result), result.total, len(result.hits[0].passages)) == (["a"], 1, 1)


def test_a_batch_that_fails_leaves_nothing_behind(index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"))

    def broken() -> Iterator[SearchDocument]:
        yield a_document("b", "แสง")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        index.apply(Changes(lesson_ids={"a", "b"}, documents=broken()))

    assert ids(find(index, "แสง")) == ["a"]
    put(index, a_document("c", "แสง"))
    assert set(ids(find(index, "แสง"))) == {"a", "c"}


def test_readers_in_other_processes_see_changes_and_rebuilds(
    root: Path, index: SearchIndex
) -> None:
    reader = WhooshIndex(root)
    put(index, a_document("a", "แสง"))
    assert ids(find(reader, "แสง")) == ["a"]

    put(index, a_document("b", "แสง"))
    assert set(ids(find(reader, "แสง"))) == {"a", "b"}

    assert index.rebuild([a_document("c", "แสง")]) == 1
    assert ids(find(reader, "แสง")) == ["c"]
    assert not index.needs_rebuild()
    assert index.check() == []
    reader.close()


def test_searching_never_fails_while_it_is_rebuilt_and_changed(
    root: Path, index: SearchIndex
) -> None:
    put(index, a_document("a", "แสง"))
    reader = WhooshIndex(root)
    done = threading.Event()

    def change() -> None:
        for number in range(4):
            index.rebuild([a_document("a", "แสง")])
            put(index, a_document(f"other{number}", "เสียง"))
        done.set()

    writer = threading.Thread(target=change)
    writer.start()
    searches = 0
    while not done.is_set() or searches < 5:
        assert ids(find(reader, "แสง")) == ["a"]
        searches += 1
    writer.join()
    reader.close()


def test_a_rebuild_that_fails_leaves_the_old_index(root: Path, index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"))

    def broken() -> Iterator[SearchDocument]:
        assert index.is_rebuilding()
        yield a_document("b", "แสง")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        index.rebuild(broken())

    assert ids(find(index, "แสง")) == ["a"]
    assert not index.is_rebuilding()


def test_two_do_not_rebuild_at_once(root: Path, index: SearchIndex) -> None:
    def nosy() -> Iterator[SearchDocument]:
        with pytest.raises(IndexFault, match="another process"):
            WhooshIndex(root).rebuild([])
        yield a_document("a", "แสง")

    index.rebuild(nosy())

    assert ids(find(index, "แสง")) == ["a"]


def test_an_index_of_other_rules_asks_to_be_rebuilt(root: Path, index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"))
    marker = root / "current"

    marker.write_text(marker.read_text().replace('"rules": ', '"rules": 99'))

    assert index.needs_rebuild()
    assert ids(find(index, "แสง")) == ["a"]  # old words are better than none
    assert index.check() != []


def test_a_damaged_marker_is_a_fault_that_a_rebuild_mends(root: Path, index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"))
    (root / "current").write_text("{")

    with pytest.raises(IndexFault):
        find(index, "แสง")
    assert index.check() != []

    index.rebuild([a_document("a", "แสง")])
    assert ids(find(index, "แสง")) == ["a"]


def test_an_index_without_its_files_asks_to_be_rebuilt(root: Path, index: SearchIndex) -> None:
    put(index, a_document("a", "แสง"))
    index.close()

    shutil.rmtree(root / "1")

    assert index.needs_rebuild()
    with pytest.raises(IndexFault):
        find(index, "แสง")
    with pytest.raises(IndexFault):
        put(index, a_document("a", "แสง"))


def dies_in_a_batch(root: Path) -> None:
    def documents() -> Iterator[SearchDocument]:
        yield a_document("b", "แสง")
        os.kill(os.getpid(), signal.SIGKILL)

    WhooshIndex(root).apply(Changes(lesson_ids={"a", "b"}, documents=documents()))


def dies_in_a_rebuild(root: Path) -> None:
    def documents() -> Iterator[SearchDocument]:
        yield a_document("b", "แสง")
        os.kill(os.getpid(), signal.SIGKILL)

    WhooshIndex(root).rebuild(documents())


@pytest.mark.parametrize("act", [dies_in_a_batch, dies_in_a_rebuild])
def test_a_killed_writer_leaves_the_old_state_and_no_lock(
    root: Path, index: SearchIndex, act: Callable[[Path], None]
) -> None:
    put(index, a_document("a", "แสง"))
    process = multiprocessing.get_context("spawn").Process(target=act, args=(root,))

    process.start()
    process.join()

    assert process.exitcode == -signal.SIGKILL
    assert ids(find(index, "แสง")) == ["a"]
    assert not index.is_rebuilding()
    put(index, a_document("c", "แสง"))
    index.rebuild([a_document("d", "แสง")])
    assert ids(find(index, "แสง")) == ["d"]
