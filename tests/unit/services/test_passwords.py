"""Passwords as they are kept."""

import pytest

from server.services.passwords import HASHER, hash_password, is_right_password

AS_KEPT = "ปู่ย่าตายาย อยู่เย็น"  # sara uu, then the tone
AS_TYPED = AS_KEPT.replace("\u0e39\u0e48", "\u0e48\u0e39")  # the tone first: it looks the same


@pytest.mark.parametrize(("chosen", "typed"), [(AS_KEPT, AS_TYPED), (AS_TYPED, AS_KEPT)])
def test_what_looks_the_same_is_the_same_whatever_was_typed_first(chosen: str, typed: str) -> None:
    assert chosen != typed

    assert is_right_password(hash_password(chosen), typed)


def test_a_password_that_was_hashed_as_it_was_typed_goes_on_working() -> None:
    assert is_right_password(HASHER.hash(AS_TYPED), AS_TYPED)
    assert not is_right_password(HASHER.hash(AS_TYPED), f"{AS_TYPED} ")


@pytest.mark.parametrize("password_hash", [None, "", "no hash"])
def test_who_has_no_password_comes_in_by_none(password_hash: str | None) -> None:
    assert not is_right_password(password_hash, "")
    assert not is_right_password(password_hash, "nobody has this password")
