"""The text of a page, with its Thai as it was meant.

PDFs draw Thai marks as signs of their own: old fonts keep them at private codes, programs write
them after the next letter, and readers then see a new line or word at each mark that stands high.
"""

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

MOST_CHARACTERS = 20_000  # a page; more is no reading matter
LEAST_OF_OLD_FONT = 12  # letters
MOSTLY = 0.6

TONES = "\u0e48-\u0e4c"
ABOVE_OR_BELOW = "\u0e31\u0e34-\u0e3a\u0e47\u0e4d\u0e4e"
_MARK = re.compile(f"[{TONES}{ABOVE_OR_BELOW}]")
_CONSONANT = re.compile("[\u0e01-\u0e2e]")
# Shapes of Thai letters for places left, low and high, as Windows fonts keep them.
_PRIVATE = str.maketrans(
    {
        0xF700: "\u0e10",
        **{0xF701 + n: chr(0x0E34 + n) for n in range(4)},
        **{0xF705 + n: chr(0x0E48 + n) for n in range(5)},
        **{0xF70A + n: chr(0x0E48 + n) for n in range(5)},
        0xF70F: "\u0e0d",
        0xF710: "\u0e31",
        0xF711: "\u0e4d",
        0xF712: "\u0e47",
        **{0xF713 + n: chr(0x0E48 + n) for n in range(5)},
        **{0xF718 + n: chr(0x0E38 + n) for n in range(3)},
    }
)
_BREAK_BEFORE_MARK = re.compile(f"\\s+(?=[{TONES}{ABOVE_OR_BELOW}])")
_AM_IN_TWO = re.compile(
    "\u0e4d\\s*([\u0e48-\u0e4b]?)\\s*\u0e32|([\u0e48-\u0e4b])\\s*\u0e4d\\s*\u0e32"
)
_AM_APART = re.compile("(?<=[\u0e01-\u0e2e\u0e48-\u0e4b])[ \t]+\u0e33")
_AM_BEFORE_TONE = re.compile("\u0e33\\s*([\u0e48-\u0e4b])")
_TONE_FIRST = re.compile(f"([{TONES}])([{ABOVE_OR_BELOW}]+)")
_OF_OLD_FONT = re.compile("[\u00a1-\u00fb]")
_LETTER = re.compile(r"[^\W\d_]|[\u00a1-\u00fb]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Sign:
    """One character of a page and where its ink is, in points."""

    text: str
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    is_made_up: bool = False  # by the reader: a space or line end between signs far apart


def text_of_page(text_page: pypdfium2.PdfTextPage) -> str:
    """Return the text of a page, at most 20,000 characters."""
    count = min(text_page.count_chars(), MOST_CHARACTERS)
    text = text_page.get_text_range(0, count)
    if _MARK.search(text.translate(_PRIVATE)):
        text = "".join(sign.text for sign in marks_on_their_letters(_signs(text_page, count)))
    return tidy(text)


def tidy(text: str) -> str:
    """Return text that any database takes, its Thai in the order in which it is typed."""
    text = text.encode("utf-8", "ignore").decode("utf-8")
    text = _CONTROL.sub("", _from_old_font(text).translate(_PRIVATE))
    text = _BREAK_BEFORE_MARK.sub("", text)
    text = _AM_IN_TWO.sub(lambda found: f"{found[1] or found[2] or ''}\u0e33", text)
    text = _AM_BEFORE_TONE.sub("\\1\u0e33", _AM_APART.sub("\u0e33", text))
    text = _TONE_FIRST.sub("\\2\\1", text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)[:MOST_CHARACTERS]


def marks_on_their_letters(signs: Sequence[Sign]) -> list[Sign]:
    """Return the signs with each Thai mark behind the consonant over or under which it stands.

    Only marks that do not touch the consonant before them are moved: order that is right stays.
    """
    ordered: list[Sign] = []
    moved = False
    for sign in signs:
        if moved and sign.is_made_up:
            continue  # the reader saw a gap where the mark went back
        moved = False
        if _MARK.fullmatch(sign.text):
            place = _place_of(sign, ordered)
            moved = place < len(ordered)
            ordered.insert(place, sign)
        else:
            ordered.append(sign)
    return ordered


def _place_of(mark: Sign, before: Sequence[Sign]) -> int:
    """Return behind which of the last few signs the mark belongs; the end if in doubt."""
    nearest: int | None = None
    for at in range(len(before) - 1, max(-1, len(before) - 6), -1):
        letter = before[at]
        if not _CONSONANT.fullmatch(letter.text) or not _is_of_one_line(mark, letter):
            continue
        if _touches(mark, letter):
            return len(before) if nearest is None else _behind_marks(before, at)
        nearest = at if nearest is None else nearest
    return len(before)


def _behind_marks(signs: Sequence[Sign], at: int) -> int:
    at += 1
    while at < len(signs) and _MARK.fullmatch(signs[at].text):
        at += 1
    return at


def _touches(mark: Sign, letter: Sign) -> bool:
    return min(mark.right, letter.right) > max(mark.left, letter.left)


def _is_of_one_line(mark: Sign, letter: Sign) -> bool:
    height = letter.top - letter.bottom
    return mark.bottom < letter.top + 1.5 * height and mark.top > letter.bottom - height


def _signs(text_page: pypdfium2.PdfTextPage, count: int) -> list[Sign]:
    """Return the signs; only where it matters is looked up where they stand."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    signs = []
    for index in range(count):
        text = chr(raw.FPDFText_GetUnicode(text_page, index)).translate(_PRIVATE)
        if _CONSONANT.fullmatch(text) or _MARK.fullmatch(text):
            raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
            signs.append(Sign(text, left.value, right.value, top.value, bottom.value))
        else:
            is_made_up = text.isspace() and raw.FPDFText_IsGenerated(text_page, index) == 1
            signs.append(Sign(text, is_made_up=is_made_up))
    return signs


def _from_old_font(text: str) -> str:
    """Return Thai that a font without a table of its signs shows as Western letters with accents.

    Such text is nearly all accents, which no Western language is.
    """
    letters = len(_LETTER.findall(text))
    accents = len(_OF_OLD_FONT.findall(text))
    if accents < LEAST_OF_OLD_FONT or accents < MOSTLY * letters:
        return text
    return _OF_OLD_FONT.sub(lambda found: bytes([ord(found[0])]).decode("cp874", "replace"), text)
