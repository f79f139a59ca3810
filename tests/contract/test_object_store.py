"""What every object store promises, asked of the folder and of a real S3 server."""

import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from storage.folder_store import FolderStore
from storage.keys import check_key
from storage.s3_store import S3Store
from storage.store import (
    PART_BYTES,
    BadKey,
    HasPaths,
    ObjectExists,
    ObjectNotFound,
    ObjectStore,
    StoreError,
)

KEY = "assets/0190/part.m4s"
BAD_KEYS = [
    "",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/..",
    "a\\b",
    "a\0",
    "ก",
    ".hidden",
    "a" * 201,
]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "objects")
    return S3Store(request.getfixturevalue("s3_url"))


def a_file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "source"
    path.write_bytes(content)
    return path


def test_what_was_put_comes_back_whole_and_in_ranges(store: ObjectStore, tmp_path: Path) -> None:
    store.put_file(KEY, a_file(tmp_path, b"0123456789"), content_type="video/mp4")

    store.get_file(KEY, tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == b"0123456789"
    assert store.read_range(KEY, 2, 3) == b"234"
    assert store.read_range(KEY, 8, 100) == b"89"
    assert store.read_range(KEY, 10, 5) == b""
    assert store.read_range(KEY, 3, 0) == b""
    assert store.stat(KEY).size_bytes == 10
    assert store.stat(KEY).modified_at.tzinfo is not None


def test_the_same_bytes_may_be_put_again_but_no_others(store: ObjectStore, tmp_path: Path) -> None:
    store.put_bytes(KEY, b"one", content_type="text/plain")

    store.put_bytes(KEY, b"one", content_type="text/plain")
    store.put_file(KEY, a_file(tmp_path, b"one"), content_type="text/plain")
    with pytest.raises(ObjectExists):
        store.put_bytes(KEY, b"two", content_type="text/plain")
    with pytest.raises(ObjectExists):
        store.put_file(KEY, a_file(tmp_path, b"longer"), content_type="text/plain")

    assert store.read_range(KEY, 0, 10) == b"one"


def test_an_object_that_is_not_there_is_named_so(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFound):
        store.get_file("none", tmp_path / "copy")
    with pytest.raises(ObjectNotFound):
        store.read_range("none", 0, 1)
    with pytest.raises(ObjectNotFound):
        store.stat("none")
    with pytest.raises(ObjectNotFound):
        store.copy("none", "other")

    store.delete("none")
    store.delete_prefix("none/")


def test_all_keys_below_a_folder_are_listed(store: ObjectStore) -> None:
    for key in ("a/2", "a/1/z", "a/1-x", "ab/1", "b/1"):
        store.put_bytes(key, b"12", content_type="text/plain")

    assert {info.key for info in store.list_keys("a/")} == {"a/1-x", "a/1/z", "a/2"}
    assert {info.key for info in store.list_keys("")} == {"a/1-x", "a/1/z", "a/2", "ab/1", "b/1"}
    assert next(iter(store.list_keys("b/"))).size_bytes == 2
    assert list(store.list_keys("nothing/")) == []


def test_a_folder_is_removed_without_its_neighbours(store: ObjectStore) -> None:
    for key in ("a/1", "a/b/2", "ab/1"):
        store.put_bytes(key, b"1", content_type="text/plain")

    store.delete("a/1")
    store.delete_prefix("a/")

    assert [info.key for info in store.list_keys("")] == ["ab/1"]


def test_a_copy_is_of_its_own(store: ObjectStore) -> None:
    store.put_bytes(KEY, b"content", content_type="text/plain")

    store.copy(KEY, "other")
    store.copy(KEY, "other")
    store.delete(KEY)

    assert store.read_range("other", 0, 10) == b"content"


def test_a_copy_replaces_nothing(store: ObjectStore) -> None:
    store.put_bytes(KEY, b"content", content_type="text/plain")
    store.put_bytes("other", b"another", content_type="text/plain")

    with pytest.raises(ObjectExists):
        store.copy(KEY, "other")


def test_an_object_in_pieces_appears_when_it_is_finished(
    store: ObjectStore, tmp_path: Path
) -> None:
    multipart_id = store.start_multipart(KEY, content_type="video/mp4")
    first = a_file(tmp_path, b"a" * PART_BYTES)
    parts = [store.put_part(KEY, multipart_id, 1, first)]
    store.put_part(KEY, multipart_id, 2, a_file(tmp_path, b"wrong, and longer"))
    parts.append(store.put_part(KEY, multipart_id, 2, a_file(tmp_path, b"end")))
    assert list(store.list_keys("")) == []

    store.finish_multipart(KEY, multipart_id, parts)
    store.finish_multipart(KEY, multipart_id, parts)

    assert [(part.number, part.size_bytes) for part in parts] == [(1, PART_BYTES), (2, 3)]
    assert store.stat(KEY).size_bytes == PART_BYTES + 3
    assert store.read_range(KEY, PART_BYTES - 1, 10) == b"aend"


def test_pieces_that_are_given_up_leave_nothing(store: ObjectStore, tmp_path: Path) -> None:
    multipart_id = store.start_multipart(KEY, content_type="video/mp4")
    part = store.put_part(KEY, multipart_id, 1, a_file(tmp_path, b"abc"))

    store.abort_multipart(KEY, multipart_id)
    store.abort_multipart(KEY, multipart_id)

    with pytest.raises(ObjectNotFound):
        store.put_part(KEY, multipart_id, 1, a_file(tmp_path, b"abc"))
    with pytest.raises(ObjectNotFound):
        store.finish_multipart(KEY, multipart_id, [part])


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_could_lead_elsewhere_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(BadKey):
        store.put_bytes(key, b"1", content_type="text/plain")
    with pytest.raises(BadKey):
        store.read_range(key, 0, 1)
    with pytest.raises(BadKey):
        store.start_multipart(key, content_type="text/plain")


def test_readers_see_the_whole_object_or_none(store: ObjectStore, tmp_path: Path) -> None:
    content = b"x" * 3_000_000
    source, is_done = a_file(tmp_path, content), threading.Event()
    sizes: set[int] = set()

    def look() -> None:
        while not is_done.is_set():
            sizes.update(info.size_bytes for info in store.list_keys("assets/"))

    reader = threading.Thread(target=look)
    reader.start()
    store.put_file(KEY, source, content_type="video/mp4")
    is_done.set()
    reader.join()

    assert sizes <= {len(content)}


def test_a_store_that_works_passes_its_own_check(store: ObjectStore) -> None:
    store.check()

    assert list(store.list_keys("")) == []


def test_a_missing_bucket_is_made_by_the_check(s3_url: str) -> None:
    store = S3Store(s3_url.replace("/test-", "/test-new-"))

    store.check()
    store.put_bytes("a", b"1", content_type="text/plain")

    assert store.read_range("a", 0, 1) == b"1"


def test_a_server_that_is_away_is_a_store_error() -> None:
    store = S3Store("s3://key:secret@127.0.0.1:9/bucket?secure=0")

    with pytest.raises(StoreError):
        store.stat(KEY)


def test_a_wrong_password_is_a_store_error(s3_url: str) -> None:
    server = s3_url.rpartition("@")[2]
    store = S3Store(f"s3://nobody:wrong@{server}")

    with pytest.raises(StoreError):
        store.check()


def test_only_the_folder_has_paths(tmp_path: Path, s3_url: str) -> None:
    folder = FolderStore(tmp_path)
    folder.put_bytes(KEY, b"1", content_type="text/plain")

    assert isinstance(folder, HasPaths)
    assert folder.path_of(KEY).read_bytes() == b"1"
    assert not isinstance(S3Store(s3_url), HasPaths)


def test_a_full_disk_is_told_and_leaves_nothing_half(tmp_path: Path) -> None:
    # A limit on file sizes stands for the full disk: the same call fails at the same place.
    program = f"""
from pathlib import Path
from storage.folder_store import FolderStore
from storage.store import StoreFull
store = FolderStore(Path({str(tmp_path / "objects")!r}))
try:
    store.put_bytes("a/b", bytes(100_000), content_type="")
except StoreFull:
    print("full", [info.key for info in store.list_keys("")])
"""

    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )

    assert answer.stdout.strip() == "full []"
    assert not any((tmp_path / "objects" / ".incoming").iterdir())


def test_what_the_pipeline_names_its_objects_is_a_key() -> None:
    assert check_key(f"assets/0190-a/{'0' * 64}.m4s")


def test_what_a_crash_left_half_stored_is_listed_and_dropped(
    store: ObjectStore, tmp_path: Path
) -> None:
    multipart_id = store.start_multipart(KEY, content_type="video/mp4")
    store.put_part(KEY, multipart_id, 1, a_file(tmp_path, b"abc"))

    left = list(store.list_unfinished())

    assert [each.multipart_id for each in left] == [multipart_id]
    assert left[0].key in {"", KEY}
    store.abort_multipart(left[0].key or KEY, left[0].multipart_id)
    assert list(store.list_unfinished()) == []
