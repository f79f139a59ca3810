"""Bytes of a caption file → text: UTF-8, UTF-16 and CP874, which Thai Windows programs write."""

from dataclasses import dataclass
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "cp874"]
NOT_OURS = "\ufffd"
OTHER_UTF_16 = {0: "utf-16-be", 1: "utf-16-le"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Lines of text; where a byte means nothing stands U+FFFD."""

    lines: list[str]
    encoding: Encoding = "utf-8"
    has_mark: bool = False  # a byte order mark stood in front
    is_text: bool = True


def decode_captions(raw: bytes) -> Decoded:
    """Return the text of a file whose encoding nobody tells. Never fails."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Decoded(lines=_lines(raw, "utf-16"), encoding="utf-16", has_mark=True)
    if b"\x00" in raw:
        return _without_mark(raw)
    has_mark = raw.startswith(b"\xef\xbb\xbf")
    name: Encoding = "utf-8" if has_mark or _is_utf_8(raw) else "cp874"
    codec = "utf-8-sig" if name == "utf-8" else name
    return Decoded(lines=_lines(raw, codec), encoding=name, has_mark=has_mark)


def _without_mark(raw: bytes) -> Decoded:
    """Read UTF-16 without its mark: every other byte of digits and line ends is 0."""
    first = raw.index(b"\x00") % 2
    lines = _lines(raw, OTHER_UTF_16[first])
    is_text = any("-->" in line for line in lines)
    return Decoded(lines=lines, encoding="utf-16", is_text=is_text)


def _is_utf_8(raw: bytes) -> bool:
    """Tell whether it is UTF-8, perhaps with some damaged bytes; by chance CP874 hardly ever is."""
    text = raw.decode("utf-8", errors="replace")
    wrong = text.count(NOT_OURS)
    right = sum(character > "\x7f" for character in text) - wrong
    return wrong == 0 or right > wrong


def _lines(raw: bytes, codec: str) -> list[str]:
    text = raw.decode(codec, errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
