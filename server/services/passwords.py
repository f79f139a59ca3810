"""Passwords as they are kept: argon2id, and the same time for unknown names.

Which ones are good enough: password_rules.py, asked when a person chooses one.
"""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.services.password_rules import LONGEST

# 19 MiB and one lane: 32 threads that sign people in at once stay within a small server's memory.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Return what to keep."""
    return HASHER.hash(_one_spelling(password))


def is_right_password(password_hash: str | None, password: str) -> bool:
    """Compare; without a hash (an unknown name, a pupil) it takes as long and says no."""
    typed = password[: LONGEST + 1]
    # As typed, too: so it was hashed before there was one spelling.
    is_right = any(_is_of(password_hash, each) for each in {_one_spelling(typed), typed})
    return is_right and bool(password_hash)


def needs_new_hash(password_hash: str) -> bool:
    """Return whether it was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


def _one_spelling(password: str) -> str:
    """Return what looks the same as the same signs, whatever keyboard typed it.

    NFC, as RFC 8265 has it: it stays as it is for ever. How we normalise for search may change.
    """
    return unicodedata.normalize("NFC", password)


def _is_of(password_hash: str | None, password: str) -> bool:
    try:
        return HASHER.verify(password_hash or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash("nobody has this password")
