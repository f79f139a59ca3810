"""The token vectors that nginx is tested with too (tests/data/token_vectors.json)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from server.delivery.tokens import Opened, Opener, Refusal, sign

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "token_vectors.json").read_text()
)
NOW = datetime.fromtimestamp(VECTORS["now"], UTC)
KEYS = {key_id: SecretStr(secret) for key_id, secret in VECTORS["keys"].items()}
OUTCOMES = {
    "forged": {Refusal.FORGED},
    "expired": {Refusal.EXPIRED},
    "refused": {Refusal.UNKNOWN, Refusal.FORGED},
}


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["what"])
def test_a_token_opens_what_it_was_signed_for_and_nothing_else(vector: dict[str, str]) -> None:
    opener = Opener(KEYS)
    opened = opener.open(vector["path"], NOW)

    assert opener.open(vector["path"], NOW) == opened  # also when its token is remembered
    if vector["expect"] == "opened":
        assert isinstance(opened, Opened)
        assert opened.session_id == VECTORS["session"]
        assert opened.asset_id == UUID(VECTORS["asset"])
    else:
        assert opened in OUTCOMES[vector["expect"]]


def test_a_new_token_is_signed_with_the_first_key_and_ends_on_time() -> None:
    expires_at = NOW + timedelta(hours=12)
    base_url = sign(KEYS, VECTORS["session"], UUID(VECTORS["asset"]), expires_at)

    assert base_url.startswith("/v/k1.")
    assert base_url.endswith(f"/{VECTORS['asset']}/")
    opener = Opener(KEYS)
    assert isinstance(opener.open(base_url + "state.json", expires_at), Opened)
    late = expires_at + timedelta(seconds=1)
    assert opener.open(base_url + "state.json", late) is Refusal.EXPIRED


def test_a_remembered_token_opens_its_own_folder_only() -> None:
    base_url = sign(KEYS, VECTORS["session"], UUID(VECTORS["asset"]), NOW + timedelta(hours=12))
    opener = Opener(KEYS)
    opener.open(base_url + "state.json", NOW)

    assert opener.open(base_url + "../state.json", NOW) is Refusal.UNKNOWN
    assert opener.open(base_url + "a b", NOW) is Refusal.UNKNOWN
    assert opener.open(base_url, NOW) is Refusal.UNKNOWN
    changed = base_url.replace(VECTORS["asset"], str(UUID(int=1)))
    assert opener.open(changed + "state.json", NOW) is Refusal.FORGED


def test_a_rotated_key_opens_until_it_is_taken_away() -> None:
    expires_at = NOW + timedelta(hours=12)
    old = {"k0": KEYS["k0"]}
    url = sign(old, VECTORS["session"], UUID(VECTORS["asset"]), expires_at) + "state.json"

    assert isinstance(Opener(KEYS).open(url, NOW), Opened)
    assert Opener({"k1": KEYS["k1"]}).open(url, NOW) is Refusal.FORGED
