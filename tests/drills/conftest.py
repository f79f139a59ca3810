"""How often a drill is repeated."""

import os

import pytest


@pytest.fixture
def rounds() -> int:
    """Three in every run of the tests; `make drills` asks for thirty."""
    return int(os.environ.get("ROUNDS", "3"))
