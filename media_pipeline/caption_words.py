"""What stands in a cue: plain words with bold, italics and underlining, everything else gone."""

import html
import re

# Possessive, and lines are cut: a hostile line must not keep the expression busy for hours.
_TAG = re.compile(r"</?([a-z]++)[^<>]*+>", re.IGNORECASE)
_PLACE = re.compile(r"\{\\[^{}]{0,60}\}")  # {\an8}: where subtitle programs put a line
_KEPT = re.compile(r"&lt;(/?[biu])&gt;", re.IGNORECASE)
_LOOSE_AND = re.compile(r"&(?!amp;|lt;|gt;|nbsp;|lrm;|rlm;)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
LONGEST_LINE = 1_000
SIGNS = {
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": "\u00a0",
    "&lrm;": "\u200e",
    "&rlm;": "\u200f",
    "&amp;": "&",  # last: what it gives is no name any more
}
KEPT_TAGS = ("b", "i", "u")


def clean_line(line: str) -> str:
    """Return a line as WebVTT: b, i and u stay, other tags go, what is none becomes text."""
    line = _CONTROL.sub("", _PLACE.sub("", line[:LONGEST_LINE]))
    line = _TAG.sub(lambda tag: tag[0] if tag[1].lower() in KEPT_TAGS else "", line)
    line = _LOOSE_AND.sub("&amp;", line.strip())
    line = line.replace("<", "&lt;").replace(">", "&gt;")
    return _KEPT.sub(lambda tag: f"<{tag[1].lower()}>", line)


def has_other_tags(line: str) -> bool:
    """Tell whether something is dropped that looks like a tag."""
    line = line[:LONGEST_LINE]
    is_other = any(tag[1].lower() not in KEPT_TAGS for tag in _TAG.finditer(line))
    return is_other or bool(_PLACE.search(line))


def shown_text(text: str) -> str:
    """Return WebVTT text as a person edits it: signs instead of their names, b, i, u as tags."""
    for name, sign in SIGNS.items():
        text = text.replace(name, sign)
    return text


def plain(text: str) -> str:
    """Return the words in one line, without tags, for searching."""
    return " ".join(html.unescape(_TAG.sub("", text)).split())
