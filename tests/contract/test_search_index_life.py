"""What every SearchIndex promises about rebuilds, other processes and sudden deaths."""

import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.index import Changes, IndexFault, SearchDocument, SearchIndex
from search.whoosh_index import WhooshIndex
from tests.contract.search_documents import a_document, a_passage, find, ids, put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(root: Path) -> Iterator[SearchIndex]:
    index = WhooshIndex(root)
    yield index
    index.close()


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


def test_many_small_changes_lose_and_double_nothing(root: Path, index: SearchIndex) -> None:
    reader = WhooshIndex(root)
    for number in range(90):
        lesson = f"{number % 30}"
        passage = a_passage(lesson, 0, f"เสียง รอบ {100 + number}")
        put(index, a_document(lesson, f"แสง รอบ {100 + number}"), passage)
        if number % 11 == 0:
            assert ids(find(reader, f"เสียง {100 + number}"))[:1] == [lesson]

    assert find(reader, "แสง").total == 30
    assert sorted(reader.lesson_ids(), key=int) == [f"{number}" for number in range(30)]
    for number in range(60, 90):
        assert ids(find(reader, f"แสง {100 + number}"))[:1] == [f"{number % 30}"]
    index.apply(Changes(lesson_ids={f"{number}" for number in range(29)}))
    assert ids(find(reader, "แสง")) == ["29"]
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
