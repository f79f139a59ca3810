"""Thai text: one spelling for what looks the same, and cutting into words."""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from nlpo3 import load_dict, segment

WORDS = "words_th.txt"
LONG_WORD = 5  # characters from which a word may be made of others
MIN_PIECE = 2

_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_TONES = "\u0e48-\u0e4b"
_VOWELS = "\u0e31\u0e34-\u0e39\u0e47"  # above and below the consonant
_SIGNS = "\u0e4c\u0e4d\u0e4e\u0e3a"
_SARA_AM = re.compile(f"\u0e4d([{_TONES}]?)\u0e32|([{_TONES}])\u0e4d\u0e32")
_MARKS = re.compile(f"[{_TONES}{_VOWELS}{_SIGNS}]{{2,}}")
# Marks over one letter are put in order in time that grows with the square of their number.
_NON_STARTERS = "".join(
    letter for letter in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(letter)
)
_MANY_MARKS = re.compile(f"([{_NON_STARTERS}]{{30}})[{_NON_STARTERS}]+")  # as in UAX #15
_AM_BEFORE_TONE = re.compile(f"\u0e33([{_TONES}])")


def normalise(text: str) -> str:
    """Return `text` as it is compared everywhere: one code sequence for what looks the same.

    NFC and never NFKC, which takes sara am apart. Thai digits become Arabic ones.
    """
    text = _MANY_MARKS.sub("\\1", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", text).translate(_DIGITS)
    text = text.replace("\u0e40\u0e40", "\u0e41")  # two sara e typed for one sara ae
    text = _SARA_AM.sub(lambda match: f"{match[1] or match[2] or ''}\u0e33", text)
    text = _AM_BEFORE_TONE.sub("\\1\u0e33", text)
    return _MARKS.sub(lambda match: _in_order(match[0]), text)


@lru_cache(maxsize=2_000)
def _in_order(marks: str) -> str:
    """Return marks over one consonant without repetition: below, above, tone, sign."""
    return "".join(sorted(dict.fromkeys(marks), key=_rank))


def _rank(mark: str) -> int:
    if mark in "\u0e38\u0e39\u0e3a":
        return 0
    if "\u0e48" <= mark <= "\u0e4b":
        return 2
    return 3 if mark in "\u0e4c\u0e4d\u0e4e" else 1


def cut(text: str) -> list[str]:
    """Return the words of normalised Thai text, spaces dropped. Unknown runs stay whole."""
    return [word for word in segment(text, _loaded(), safe=True) if not word.isspace()]


@lru_cache(maxsize=50_000)
def finer_cut(word: str) -> tuple[str, ...]:
    """Return the fewest shorter words that make up `word`; empty if there are none.

    "การบวก" holds "การ" and "บวก": who looks for the part finds the whole.
    """
    if len(word) < LONG_WORD:
        return ()
    known = known_words()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(MIN_PIECE, len(word) + 1):
        for start in range(end - MIN_PIECE + 1):
            before, piece = best[start], word[start:end]
            if before is None or len(piece) == len(word) or piece not in known:
                continue
            held = best[end]
            if held is None or len(before) + 1 < len(held):
                best[end] = (*before, piece)
    return best[-1] or ()


@lru_cache(maxsize=1)
def dictionary_version() -> str:
    """Return a text that changes with the word list: terms of another list do not match ours."""
    return sha256(word_list(WORDS).read_bytes()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _loaded() -> str:
    """Load the dictionary once per process and only when needed (60 MB); return its name."""
    name = "khlang"
    message, is_loaded = load_dict(str(word_list(WORDS)), name)
    if not is_loaded and "exist" not in message:
        raise RuntimeError(message)
    return name


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Return the words of the dictionary."""
    return frozenset(word_list(WORDS).read_text("utf-8").splitlines())


def word_list(name: str) -> Path:
    """Find a list of PyThaiNLP without importing the package, which would load much more."""
    spec = find_spec("pythainlp")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package pythainlp is not installed")
    return Path(spec.origin).parent / "corpus" / name
