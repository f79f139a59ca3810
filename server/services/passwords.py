"""Passwords: argon2id, and the same time for unknown names."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.errors import FieldError

# 19 MiB and one lane: 32 threads that sign people in at once stay within a small server's memory.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST = 8
LONGEST = 200


def hash_password(password: str) -> str:
    """Return what to keep. Raises FieldError when it is too short, or too long to be one."""
    if len(password) < SHORTEST:
        raise FieldError("password", "too short", rule="too_short", least=SHORTEST)
    if len(password) > LONGEST:
        raise FieldError("password", "too long", rule="too_long", most=LONGEST)
    return HASHER.hash(password)


def is_right_password(password_hash: str | None, password: str) -> bool:
    """Compare; without a hash (an unknown name, a pupil) it takes as long and says no."""
    try:
        HASHER.verify(password_hash or _hash_of_nobody(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def needs_new_hash(password_hash: str) -> bool:
    """Return whether it was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash("nobody has this password")
