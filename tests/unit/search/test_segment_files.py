"""What is written of a segment is read again: terms, postings, and what is kept of entries."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.entry_file import EntryFile, EntryFileWriter
from search.term_file import TermFile
from search.term_pool import TermPool

RUN_SIZE = 4  # so that runs go to disk
FIELDS = ("lesson_terms", "grams")
TEXTS = st.text("กขa9", min_size=1, max_size=3)
ENTRIES = st.lists(
    st.dictionaries(
        st.sampled_from(FIELDS), st.dictionaries(TEXTS, st.sampled_from([0.5, 1.0, 2.25]))
    ),
    max_size=8,
)
Entries = Sequence[dict[str, dict[str, float]]]
in_one_folder = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)


def written(path: Path, entries: Entries) -> TermFile:
    pool = pool_of(path.parent, entries)
    pool.write(path)
    return TermFile(path)


def pool_of(folder: Path, entries: Entries) -> TermPool:
    pool = TermPool(folder, run_size=RUN_SIZE)
    for number, entry in enumerate(entries):
        for field, weights in entry.items():
            pool.add(number, field, weights)
    return pool


def read(file: TermFile) -> dict[tuple[str, str], list[tuple[int, float]]]:
    found = {}
    for field in file.fields():
        texts = file.texts(field)
        assert texts == sorted(texts)
        for text in texts:
            ids, weights = file.postings(*file.place(field, text))
            found[field, text] = list(zip(ids.tolist(), weights.tolist(), strict=True))
    return found


def expected(entries: Entries) -> dict[tuple[str, str], list[tuple[int, float]]]:
    found: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for number, entry in enumerate(entries):
        for field, weights in entry.items():
            for text, weight in weights.items():
                found.setdefault((field, text), []).append((number, weight))
    return found


@in_one_folder
@given(ENTRIES)
def test_postings_are_read_as_they_came(tmp_path: Path, entries: Entries) -> None:
    file = written(tmp_path / "terms", entries)

    assert read(file) == expected(entries)
    assert file.place("grams", "not there") == (0, 0)
    assert file.place("no field", "ก") == (0, 0)


@in_one_folder
@given(ENTRIES, ENTRIES, st.data())
def test_merged_postings_leave_out_what_is_deleted(
    tmp_path: Path, fresh: Entries, old: Entries, data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(old), max_size=len(old)))
    file = written(tmp_path / "old", old)
    numbers = np.full(len(old), -1, np.int32)
    numbers[np.flatnonzero(kept)] = np.arange(sum(kept)) + len(fresh)
    pool = pool_of(tmp_path, fresh)

    pool.add_file(file, numbers)
    pool.write(tmp_path / "merged")

    left = [entry for entry, is_kept in zip(old, kept, strict=True) if is_kept]
    assert read(TermFile(tmp_path / "merged")) == expected([*fresh, *left])


def test_what_is_kept_of_entries_is_read_also_after_a_merge(tmp_path: Path) -> None:
    first = EntryFileWriter(tmp_path / "first")
    for number in range(5):
        first.add(b"x" * number, {"is_lesson": number % 2, "view_count": number})
    first.finish()
    file = EntryFile(tmp_path / "first")
    merged = EntryFileWriter(tmp_path / "merged")
    merged.add(b"new", {"published_at": -7})
    merged.add_file(file, np.array([1, 3, 4], np.int32))
    merged.finish()

    found = EntryFile(tmp_path / "merged")

    assert [found.shown(at) for at in range(found.count)] == [b"new", b"x", b"xxx", b"xxxx"]
    assert found.column("is_lesson").tolist() == [0, 1, 1, 0]
    assert found.column("view_count").tolist() == [0, 1, 3, 4]
    assert found.column("published_at").tolist() == [-7, 0, 0, 0]
