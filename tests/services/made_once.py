"""Data that takes long to make, made by one of the processes of a test run for all of them."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(
    name: str, make: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the folder that `make` has filled in this run; take a copy before changing anything.

    Who comes while another process makes it waits.
    """
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    whole, growing = run / f"once-{name}", run / f"once-{name}.growing"
    with (run / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(growing, ignore_errors=True)
            growing.mkdir()
            make(growing)
            growing.rename(whole)
    return whole
