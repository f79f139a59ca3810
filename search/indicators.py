"""Codes of curriculum indicators, in any spelling: "ค 1.1 ป.1/1", "๖๐ค๑.๑ป.๑/๑", "ท1.1 ม4-6/1".

A code names learning area, strand and standard, grade or band of grades, and a number.
"""

import re
from collections.abc import Iterator

from search.thai import normalise

_AREA = r"(?<![\u0e01-\u0e4e])(?P<area>[ทควสพศงต])"
# Spaces are taken whole (`*+`): tried in every division, a page of them would hold a processor.
_STANDARD = r"\s*+\.?\s*+(?P<strand>\d)\s*+\.?\s*+(?P<standard>\d)(?![\d/])"
_YEARS = r"(?P<level>[ปม])\s*+\.?\s*+(?P<years>[1-6](?:\s*[-–]\s*[1-6])?)"
_NUMBERS = r"\s*/\s*(?P<number>\d{1,2})(?!\d)(?P<to>\s*[-–]\s*\d{1,2}(?![\d/]))?"
_NAMED = r"(?:(?:ตัวชี้วัด|มาตรฐาน|รหัส)(?:ที่)?\s*)?"
_BEGINS = "(?=[ตมร6ทควสพศง])"  # else every place of a text would be tried in many ways
_WHOLE = re.compile(
    rf"{_BEGINS}{_NAMED}(?:(?<!\d)60\s*)?{_AREA}{_STANDARD}\s*(?:{_YEARS}(?:{_NUMBERS})?)?"
)
# What may follow a code and means the same standard: ", ป.1/2" or ", 3".
_MORE = re.compile(
    rf"(?=[^\S ]*+[,และ ])[,และ\s]++(?:{_YEARS}{_NUMBERS}|(?P<next>\d{{1,2}})(?![\d./]))"
)
_DOTTED = re.compile(r"\d\s*\.\s*\d")
_STRAND = re.compile(r"([ทควสพศงต]) (\d)\.\d")
MOST_IN_RANGE = 20


def find_indicators(text: str) -> list[str]:
    """Return the codes in a text in their canonical form, such as "ค 1.1 ป.1/1", in order."""
    _, codes, _ = take_indicators(normalise(text).lower())
    return codes


def strand_of(indicator: str) -> str:
    """Return the strand of a canonical code, such as "ค 1"; empty if it is none."""
    match = _STRAND.match(indicator)
    return f"{match[1]} {match[2]}" if match else ""


def take_indicators(text: str) -> tuple[list[list[str]], list[str], str]:
    """Take the codes out of normalised lower-case text.

    Return the terms of each place where codes stand, the full codes, and the rest of the text.
    A standard alone ("ค 1.1", "ค 1.1 ป.4") has terms, too.
    """
    places: list[list[str]] = []
    codes: list[str] = []
    rest: list[str] = []
    at = 0
    while match := _WHOLE.search(text, at):
        found, end = _codes_from(match, text)
        if not match["level"] and not _DOTTED.search(match[0]):
            rest.append(text[at : match.end()])  # "ค 11" is a number
        else:
            rest += [text[at : match.start()], " "]
            places.append(_terms(match, found))
            codes += found
        at = end
    return places, list(dict.fromkeys(codes)), "".join([*rest, text[at:]])


def indicator_terms(indicator: str) -> Iterator[str]:
    """Yield the terms under which a lesson with this code is found: the code and what it is in."""
    places, _, _ = take_indicators(normalise(indicator).lower())
    for terms in places:
        yield from terms
        yield from wider_terms(terms)


def wider_terms(terms: list[str]) -> Iterator[str]:
    """Yield the grade and the standard that codes belong to."""
    wider = (part for term in terms for part in (term.partition("/")[0], term[:4]))
    yield from (term for term in dict.fromkeys(wider) if term not in terms)


def _codes_from(match: re.Match[str], text: str) -> tuple[list[str], int]:
    """Return the full codes of a place and where it ends."""
    if not match["number"]:
        return [], match.end()
    head = f"{match['area']} {match['strand']}.{match['standard']}"
    level, years, end = match["level"], _years(match), match.end()
    codes = [f"{head} {level}.{years}/{number}" for number in _numbers(match)]
    while more := _MORE.match(text, end):
        if more["next"]:
            codes.append(f"{head} {level}.{years}/{int(more['next'])}")
        else:
            level, years = more["level"], _years(more)
            codes += [f"{head} {level}.{years}/{number}" for number in _numbers(more)]
        end = more.end()
    return codes, end


def _terms(match: re.Match[str], codes: list[str]) -> list[str]:
    if codes:
        return [_term(code) for code in codes]
    head = f"#{match['area']}{match['strand']}{match['standard']}"
    return [head + (f"{match['level']}{_years(match)}" if match["level"] else "")]


def _term(code: str) -> str:
    return "#" + code.replace(" ", "").replace(".", "")


def _years(match: re.Match[str]) -> str:
    return re.sub(r"\s", "", match["years"]).replace("–", "-")


def _numbers(match: re.Match[str]) -> range:
    first = int(match["number"])
    last = int(re.sub(r"\D", "", match["to"])) if match["to"] else first
    return range(first, min(max(last, first), first + MOST_IN_RANGE) + 1)
