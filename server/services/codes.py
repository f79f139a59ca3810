"""Codes that people read to each other and type: six characters, none mistaken for another."""

import secrets

from search.keyboard import on_other_layout

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: 148 million codes.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH = 6


def new_code() -> str:
    """Return a code that nobody foresees."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def new_token() -> str:
    """Return 128 random bits for addresses and QR codes."""
    return secrets.token_urlsafe(16)


def fold_code(typed: str) -> str:
    """Return the code that was meant: any case, with spaces or signs, on a Thai keyboard too."""
    plain = typed if typed.isascii() else on_other_layout(typed)
    return "".join(each for each in plain.upper() if each in ALPHABET)[: CODE_LENGTH + 1]
