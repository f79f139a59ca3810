"""By what results are narrowed: facets with counts, chips of what is chosen, ways to sort."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import request

from search.index import Sort
from server.models.lessons import Licence
from server.models.library import AssetKind
from server.services.lesson_changes import GRADES, LEARNING_AREAS
from server.services.lesson_facets import LENGTHS, Filters
from server.services.list_courses import COURSE
from server.web.choices import (
    grade_labels,
    kind_labels,
    label_of,
    learning_area_labels,
    licence_labels,
    track_labels,
)
from server.web.translate import translate as _

FACET_OF = {  # what counts call it, by what the address calls it
    "learning_area": "learning_area",
    "grade": "grades",
    "kind": "kind",
    "length": "length",
    "captions": "captions",
    "language": "language",
    "school": "school",
    "licence": "licence",
}
NARROWED = (*FACET_OF, "strand", "indicator")
FIRST_OPEN = frozenset({"learning_area", "grade", "kind"})
SORTS: tuple[Sort, ...] = ("relevance", "newest", "views")
MOST_CHOICES = 20
LONGEST_VALUE = 40
LONGEST_TEXT = 300  # more than is sought, so that the answer says what was left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a facet; its address adds it, or takes it away if it is chosen."""

    label: str
    count: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One way to narrow."""

    name: str
    label: str
    choices: Sequence[Choice]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that is chosen, and the address without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class SortChoice:
    """One order of the results."""

    label: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the address of a page of results says."""

    text: str
    chosen: Mapping[str, str]
    sort: Sort
    page: int
    is_explained: bool = False

    @property
    def is_bare(self) -> bool:
        """Tell whether it is words alone: the first page of a new search."""
        return bool(self.text) and not self.chosen and self.page == 1

    def filters(self) -> Filters:
        """Return what the search is narrowed to."""
        values = {name: value for name, value in self.chosen.items() if name != "school"}
        return Filters(**values, school_id=_school_id(self.chosen.get("school", "")))

    def url(self, **changes: str | int) -> str:
        """Return the address with these changed and on the first page; empty takes one away."""
        values: dict[str, str | int] = {"q": self.text, **self.chosen, "sort": self._named_sort}
        if self.is_explained:
            values["explain"] = "1"
        values |= changes
        kept = [(name, value) for name, value in values.items() if value]
        return f"/search?{urlencode(kept)}" if kept else "/search"

    @property
    def _named_sort(self) -> str:
        return "" if self.sort == default_sort(self.text) else self.sort


def wishes_in_address(*, last_page: int) -> Wishes:
    """Read the address of this request; values that mean nothing are as if they were not there."""
    args = request.args
    text = " ".join(args.get("q", "").replace("\x00", "").split())[:LONGEST_TEXT]
    given = {name: args.get(name, "").replace("\x00", "")[:LONGEST_VALUE] for name in NARROWED}
    chosen = {name: value for name, value in given.items() if value and _may_be(name, value)}
    sort = next((sort for sort in SORTS if sort == args.get("sort")), default_sort(text))
    page = min(max(args.get("page", 1, type=int), 1), last_page)
    return Wishes(
        text=text,
        chosen=chosen,
        sort=sort,
        page=page,
        is_explained="explain" in args,
    )


def _may_be(name: str, value: str) -> bool:
    """Tell whether this could be a value of the facet; of the others there is no list."""
    if name == "school":
        return _school_id(value) is not None
    known: dict[str, Iterable[str]] = {
        "learning_area": LEARNING_AREAS,
        "grade": GRADES,
        "kind": (*AssetKind, COURSE),
        "length": LENGTHS,
        "captions": ("yes", "no"),
        "licence": Licence,
    }
    return name not in known or value in list(known[name])


def default_sort(text: str) -> Sort:
    """Return the order that needs no word in the address."""
    return "relevance" if text else "newest"


def facets_of(
    wishes: Wishes, counts: Mapping[str, Mapping[str, int]], schools: Mapping[str, str]
) -> list[Facet]:
    """Return the ways to narrow; of the less important ones those that would change something."""
    labels = _labels(schools)
    found = []
    for name, (label, texts) in labels.items():
        chosen = wishes.chosen.get(name, "")
        counted = counts.get(FACET_OF[name], {})
        choices = [
            Choice(
                label=label_of(texts, value),
                count=counted.get(value, 0),
                url=wishes.url(**{name: "" if value == chosen else value}),
                is_chosen=value == chosen,
            )
            for value in _in_order(counted, texts, chosen)
        ]
        is_open = name in FIRST_OPEN or bool(chosen)
        if len(choices) > 1 or (choices and is_open):
            found.append(Facet(name=name, label=label, choices=choices, is_open=is_open))
    return found


def chips_of(wishes: Wishes, schools: Mapping[str, str]) -> list[Chip]:
    """Return what is chosen, in the order of the facets."""
    texts = {name: texts for name, (_label, texts) in _labels(schools).items()}
    texts["strand"] = {}
    texts["indicator"] = {}
    return [
        Chip(_chip_label(name, label_of(texts[name], value)), wishes.url(**{name: ""}))
        for name, value in wishes.chosen.items()
    ]


def sorts_of(wishes: Wishes) -> list[SortChoice]:
    """Return the orders; there is no best answer where nothing is asked."""
    labels = {
        "relevance": _("Best first"),
        "newest": _("Newest first"),
        "views": _("Most opened first"),
    }
    return [
        SortChoice(
            labels[sort],
            wishes.url(sort="" if sort == default_sort(wishes.text) else sort),
            sort == wishes.sort,
        )
        for sort in SORTS
        if wishes.text or sort != "relevance"
    ]


def _labels(schools: Mapping[str, str]) -> dict[str, tuple[str, Mapping[str, str]]]:
    return {
        "learning_area": (_("Learning area"), learning_area_labels()),
        "grade": (_("Grade"), grade_labels()),
        "kind": (_("Kind"), kind_labels()),
        "length": (_("Length"), length_labels()),
        "captions": (_("Captions"), {"yes": _("With captions"), "no": _("Without captions")}),
        "language": (_("Language of the lesson"), track_labels()),
        "school": (_("School"), schools),
        "licence": (_("Licence"), licence_labels()),
    }


def length_labels() -> dict[str, str]:
    """Return the lengths that can be told apart."""
    words = (_("Up to 5 minutes"), _("5 to 20 minutes"), _("Over 20 minutes"))
    return dict(zip(LENGTHS, words, strict=True))


def _in_order(counts: Mapping[str, int], texts: Mapping[str, str], chosen: str) -> list[str]:
    """Return the values in the order of their labels, or the most frequent where many are."""
    there = {value for value, count in counts.items() if count and value in texts}
    if chosen:
        there.add(chosen)
    if len(there) > MOST_CHOICES:
        often = sorted(there, key=lambda value: (value != chosen, -counts.get(value, 0)))
        there = set(often[:MOST_CHOICES])
    return [value for value in texts if value in there] + sorted(there - texts.keys())


def _chip_label(name: str, label: str) -> str:
    if name == "strand":
        return _("Strand %(code)s", code=label)
    return label


def _school_id(value: str) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
