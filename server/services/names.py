"""Names of persons as people write and paste them: titles, Thai order, and two spellings of one."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from search.folding import fold
from search.thai import normalise

LONGEST_NAME = 200
MOST_LINES = 400
LIKE_FROM = 0.86  # of two folded names, by difflib
LONGEST_FOLDED = 60
SHORT_FOLDED = 4  # letters, within which one other letter is another name
PLACE_DIGITS, LONGEST_NUMBER = 2, 8  # places in a register; more digits are a student number
_TITLES = {  # as written → as kept; longer ones first, so that นางสาว is not นาง
    "เด็กชาย": "ด.ช.",
    "เด็กหญิง": "ด.ญ.",
    "นางสาว": "น.ส.",
    "ว่าที่ ร.ต.": "ว่าที่ ร.ต.",
    "สามเณร": "สามเณร",
    "ม.ร.ว.": "ม.ร.ว.",
    "ม.ล.": "ม.ล.",
    "ด.ช.": "ด.ช.",
    "ด.ญ.": "ด.ญ.",
    "น.ส.": "น.ส.",
    "ด.ช": "ด.ช.",
    "ด.ญ": "ด.ญ.",
    "น.ส": "น.ส.",
    "ดช.": "ด.ช.",
    "ดญ.": "ด.ญ.",
    "นส.": "น.ส.",
    "ดร.": "ดร.",
    "นาย": "นาย",
}
_SPACED_TITLES = {  # names begin with these letters, too
    "ดช": "ด.ช.",
    "ดญ": "ด.ญ.",
    "นส": "น.ส.",
    "นาง": "นาง",
    "พระ": "พระ",
    "ครู": "ครู",
    "master": "Master",
    "miss": "Miss",
    "mr.": "Mr.",
    "mrs.": "Mrs.",
    "ms.": "Ms.",
    "mr": "Mr.",
    "mrs": "Mrs.",
    "ms": "Ms.",
}
_CALLED = re.compile(r"^(?:ครู|อาจารย์|ผู้อำนวยการ|รองผอ\.|ผอ\.|อ\.)\s*(?=\S)")
_NO_START = "[ะ-ฺ็-๎]"  # a vowel or sign that stands on another letter: "นายิกา" has no title
_LEAD = re.compile("([เ-ไ])([ก-ฮ])")
_SECONDARY = "็่้๊๋์"
_NATIONAL = re.compile(r"(?<!\d)\d(?:[ -]?\d){12}(?!\d)")
_DATE_OR_TIME = re.compile(r"(?<!\d)\d{1,4}(?:[/-]\d{1,4}){2}(?!\d)|(?<!\d)\d{1,2}:\d{2}(?!\d)")
_GRADE = re.compile(r"(?<!\S)[อปม]\.?\s?\d(?:\s?/\s?\d+)?(?!\S)")
_NUMBER = re.compile(r"^(?:เลขที่|ที่|no\.?)?\s*(\d{1,8})\s*[.):\-–]?(?=\s|\D|$)", re.IGNORECASE)
_HEADS = ("เลขที่", "ลำดับ", "ชื่อ", "สกุล", "รหัส", "รายชื่อ", "name", "no.")
_SEXES = {"ช", "ญ", "ชาย", "หญิง", "m", "f"}
_FOREIGN = re.compile(r"[^\w\sก-ฺเ-๎.'’()-]|[_\d]")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A title, if one was written, and the name: given first, then family (if any)."""

    title: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLine:
    """One pupil of a pasted list."""

    line: int
    title: str
    name: str
    list_number: int | None = None
    student_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedLine:
    """A line that is not taken, and why: head, signs, no_name, too_long, twice, here, too_many."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameList:
    """What a pasted text holds. `had_national` says that numbers were left out of it."""

    names: Sequence[NameLine]
    passed: Sequence[PassedLine]
    had_national: bool = False


def split_title(text: str) -> PersonName:
    """Return title and name apart; a name alone stays as it is."""
    text = " ".join(text.split())
    for written, kept in _TITLES.items():
        rest = text[len(written) :]
        if text.startswith(written) and rest.strip(" .") and not re.match(_NO_START, rest):
            return PersonName(kept, rest.strip(" ."))
    first, _, rest = text.partition(" ")
    if rest and first.casefold() in _SPACED_TITLES:
        return PersonName(_SPACED_TITLES[first.casefold()], rest)
    return PersonName("", text)


def plain_name(name: str) -> str:
    """Return the name of one of the staff without titles, nor what schools call them before it."""
    return _CALLED.sub("", split_title(name).name)


def short_name(name: str) -> str:
    """Return the given name and the family name's first letter: enough to find oneself."""
    given, _, family = name.partition(" ")
    initial = next((letter for letter in family if letter not in "เแโใไ"), "")
    return f"{given} {initial}." if initial else given


def match_key(name: str) -> str:
    """Return what is equal for the same name, however spaces, titles and marks were typed."""
    return re.sub(r"[\s.]+", "", normalise(split_title(name).name)).casefold()


def is_same_given_name(typed: str, name: str) -> bool:
    """Tell whether a typed given name is that of `name`; a typed family name must be like its."""
    given, _, family = typed.partition(" ")
    if match_key(given) != match_key(name.partition(" ")[0]):
        return False
    return not family or is_like(typed, name)


def alike_among(names: Sequence[str]) -> set[str]:
    """Return those of the names that are most likely of one person: the same when folded."""
    keys = [fold(split_title(name).name) for name in names]
    return {name for name, key in zip(names, keys, strict=True) if key and keys.count(key) > 1}


def is_like(name: str, other: str) -> bool:
    """Tell whether two names may be two spellings of one person."""
    one, two = _folded(name), _folded(other)
    if not one or not two:
        return False
    if one == two:
        return True
    if min(len(one), len(two)) <= SHORT_FOLDED:
        return False
    likeness = SequenceMatcher(None, one, two)
    bounds = (likeness.real_quick_ratio, likeness.quick_ratio, likeness.ratio)  # dearer ones last
    return all(bound() >= LIKE_FROM for bound in bounds)


@lru_cache(maxsize=5_000)
def _folded(name: str) -> str:
    """Return what is compared of a name; each stands against a whole class, again and again."""
    return fold(split_title(name).name)[:LONGEST_FOLDED]


def sort_key_of(name: str) -> str:
    """Return a key whose plain order is that of Thai dictionaries: กฤษณา กา เกาะ แกะ ไก่ ขา.

    Letters and digits only, lower case: every database sorts it alike. Consonants before the vowels
    written ahead of them; tone marks count only between names that are otherwise equal.
    """
    plain = _LEAD.sub(r"\2\1", normalise(split_title(name).name).casefold())
    letters = "".join(each for each in plain if each not in _SECONDARY)
    marks = "".join(each if each in _SECONDARY else " " for each in plain).rstrip()
    return f"{_ordered(letters)}00{_ordered(marks)}"[:400]


def read_names(text: str, *, here: Iterable[str] = ()) -> NameList:
    """Return the pupils of a pasted list: from a sheet (tabs) or a chat (numbers, blank lines).

    `here` are names that the classroom has: they are passed over. National identity numbers are
    thrown away.
    """
    known = {match_key(name) for name in here}
    names: list[NameLine] = []
    passed: list[PassedLine] = []
    seen: set[str] = set()
    for number, line in _lines(text):
        read = _read_line(number, line)
        if isinstance(read, NameLine):
            key = match_key(read.name)
            why = "here" if key in known else "twice" if key in seen else ""
            why = why or ("too_many" if len(names) >= MOST_LINES else "")
            if why:
                read = PassedLine(line=number, text=line, why=why)
            seen.add(key)
        if isinstance(read, NameLine):
            names.append(read)
        else:
            passed.append(read)
    return NameList(names=names, passed=passed, had_national=holds_national_number(text))


def holds_national_number(text: str) -> bool:
    """Tell whether a national identity number stands there: it is kept nowhere."""
    return bool(_NATIONAL.search(_plain(text)))


def checked_name(text: str) -> PersonName | None:
    """Return a typed name with its title; None for what is none (empty, signs, too long)."""
    read = _read_line(1, _plain(text).strip())
    return PersonName(read.title, read.name) if isinstance(read, NameLine) else None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(_plain(text).splitlines(), 1):
        if line.strip():
            yield number, line.strip()


def _plain(text: str) -> str:
    return normalise(text).replace("\u00a0", " ").replace("\u00ad", "")


def _read_line(number: int, line: str) -> NameLine | PassedLine:
    cells = [cell.strip() for cell in re.split(r"\t|;|,", _stripped(line))]
    cells = [cell for cell in cells if cell and cell.casefold() not in _SEXES]
    numbers, words = _numbers_apart(cells)
    name = split_title(" ".join(words))
    why = _fault_of(name.name)
    if why:
        return PassedLine(line=number, text=line[:LONGEST_NAME], why=why)
    places = [each for each in numbers if len(each) <= PLACE_DIGITS]
    long = [each for each in numbers if len(each) > PLACE_DIGITS]
    return NameLine(
        line=number,
        title=name.title,
        name=name.name,
        list_number=int(places[0]) if places else None,
        student_number=long[0] if long else "",
    )


def _stripped(line: str) -> str:
    for pattern in (_NATIONAL, _DATE_OR_TIME, _GRADE):
        line = pattern.sub(" ", line)
    return line


def _numbers_apart(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return leading and single numbers, and the words after them."""
    numbers: list[str] = []
    words: list[str] = []
    for cell in cells:
        rest = cell
        while found := _NUMBER.match(rest):
            numbers.append(found[1])
            rest = rest[found.end() :].lstrip(" .)-–")
        for word in rest.split():
            (numbers if word.isdecimal() and len(word) <= LONGEST_NUMBER else words).append(word)
    return numbers, words


def _fault_of(name: str) -> str:
    folded = name.casefold()
    if not name or not any(letter.isalpha() for letter in name):
        return "no_name"
    if any(folded.startswith(head) for head in _HEADS):
        return "head"
    if _FOREIGN.search(name):
        return "signs"
    return "too_long" if len(name) > LONGEST_NAME else ""


def _ordered(text: str) -> str:
    return text.encode("cp874", "replace").hex()
