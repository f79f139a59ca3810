"""Files that outlive a power cut: what is kept once."""

import multiprocessing
from pathlib import Path

from storage.syncing import kept_text


def test_all_who_come_at_once_get_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    context = multiprocessing.get_context("forkserver")

    with context.Pool(4) as pool:
        texts = pool.starmap(kept_text, [(path, f"text {number}") for number in range(40)])

    assert len(set(texts)) == 1
    assert [file.name for file in path.parent.iterdir()] == ["key"]


def test_what_is_kept_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"

    kept_text(path, "secret")

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
