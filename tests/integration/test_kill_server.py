"""`khlang serve`: one command starts, restarts and stops all of it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.services.product import Product, running_product

pytestmark = pytest.mark.slow


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path) as product:
        yield product


@pytest.fixture(scope="module")
def calm_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One for all tests that break nothing."""
    with running_product(tmp_path_factory.mktemp("calm")) as product:
        yield product


def khlang(product: Product, *arguments: str, **options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        env=product.environment | options,
        capture_output=True,
        text=True,
        check=False,
    )


def child(product: Product, word: str) -> psutil.Process | None:
    for process in product.processes():
        with suppress(psutil.NoSuchProcess):  # also one that has just ended
            if process.cmdline()[-1:] == [word]:
                return process
    return None


def wait_for_another(product: Product, word: str, old: psutil.Process) -> None:
    deadline = time.monotonic() + 30
    while (new := child(product, word)) is None or new.pid == old.pid:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("word", ["web", "worker"])
def test_a_killed_child_is_started_again(product: Product, word: str) -> None:
    old = child(product, word)
    assert old is not None

    old.kill()

    wait_for_another(product, word, old)


def test_kill_9_of_the_supervisor_leaves_no_process(product: Product) -> None:
    supervisor, *others = product.processes()
    assert len(others) >= 2

    supervisor.kill()

    assert psutil.wait_procs(others, timeout=10)[1] == []


def test_a_polite_stop_ends_all(product: Product) -> None:
    processes = product.processes()

    product.stop()

    assert psutil.wait_procs(processes, timeout=10)[1] == []


def test_the_whole_tree_fits_in_400_mb(calm_product: Product) -> None:
    processes = calm_product.processes()

    total_bytes = sum(each.memory_full_info().pss for each in processes)

    assert total_bytes < 400e6


def test_check_finds_nothing_wrong_and_says_so(calm_product: Product) -> None:
    deadline = time.monotonic() + 20
    while (done := khlang(calm_product, "check")).returncode and time.monotonic() < deadline:
        time.sleep(0.5)

    assert (done.returncode, done.stdout) == (0, "All is well.\n")


def test_every_fault_in_the_settings_is_told_at_once(tmp_path: Path) -> None:
    nowhere = Product(tmp_path / "data", port=1)

    done = khlang(nowhere, "serve", PORT="zero", DATABASE_URL="mysql:x", UNDO_DAYS="-1")

    assert done.returncode == 2
    assert {line.partition(":")[0] for line in done.stderr.splitlines()} == {
        "PORT",
        "DATABASE_URL",
        "UNDO_DAYS",
    }
    assert not (tmp_path / "data" / "khlang.sqlite3").exists()


def test_an_invitation_is_a_link_and_a_code_to_scan(calm_product: Product) -> None:
    khlang(calm_product, "school", "add", "โรงเรียนบ้านหนองปลาไหล", "--code", "smis:12345678")

    done = khlang(calm_product, "invite", "--role", "teacher", "--school", "12345678")

    link, *code = done.stdout.splitlines()
    assert link.startswith(f"{calm_product.url}/invitations/")
    assert len(code) > 10


def test_an_unknown_school_is_named(calm_product: Product) -> None:
    done = khlang(calm_product, "invite", "--role", "teacher", "--school", "ไม่มี")

    assert done.returncode == 1
    assert "ไม่มี" in done.stderr
