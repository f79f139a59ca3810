"""What the ways in without typing are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for

from server.services.catalogue import AreaShelf, Begun, Shelves
from server.services.curriculum import CurriculumText
from server.web.cards import LessonCard, area_number, lesson_card
from server.web.choices import grade_labels, learning_area_labels
from server.web.watched_cards import WatchedCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One way on: a name, how many lessons stand there, and where."""

    label: str
    count: int
    url: str
    letter: str = ""
    number: int = 0
    text: str = ""  # what the curriculum says under this code
    shelves: Sequence["Shelf"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfCards:
    """The first choices."""

    areas: Sequence[Shelf]
    grades: Sequence[Shelf]
    schools: Sequence[Shelf]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to choose."""
        return not (self.areas or self.grades or self.schools)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaPage:
    """One learning area with its strands; `url` leads to all of its lessons."""

    letter: str
    label: str
    number: int
    total: int
    without_code: int
    url: str
    strands: Sequence[Shelf]
    grades: Sequence[Shelf]


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunCard:
    """A lesson to go on with."""

    card: LessonCard
    at_s: float | None
    page: int | None
    percent: int


def shelf_cards(shelves: Shelves) -> ShelfCards:
    """Return the first choices with their names."""
    return ShelfCards(
        areas=[
            Shelf(
                label=label,
                count=shelves.learning_areas[letter],
                url=url_for("library.browse_area", letter=letter),
                letter=letter,
                number=area_number(letter),
            )
            for letter, label in learning_area_labels().items()
            if letter in shelves.learning_areas
        ],
        grades=_grades(shelves.grades),
        schools=[
            Shelf(label=name, count=count, url=_search(school=str(id_)))
            for id_, name, count in shelves.schools
        ],
    )


def codes_of(shelf: AreaShelf) -> list[str]:
    """Return the strands and indicators whose texts the page shows."""
    return [*shelf.strands, *(code for codes in shelf.indicators.values() for code in codes)]


def area_page(letter: str, shelf: AreaShelf, texts: Mapping[str, CurriculumText]) -> AreaPage:
    """Return one learning area, with the texts of its codes where there are some."""
    return AreaPage(
        letter=letter,
        label=learning_area_labels()[letter],
        number=area_number(letter),
        total=shelf.total,
        without_code=shelf.without_code,
        url=_search(learning_area=letter),
        strands=[
            Shelf(
                label=strand,
                count=count,
                url=_search(learning_area=letter, strand=strand),
                text=texts[strand].text if strand in texts else "",
                shelves=_indicators(letter, shelf.indicators[strand], texts),
            )
            for strand, count in shelf.strands.items()
        ],
        grades=_grades(shelf.grades, learning_area=letter),
    )


def begun_card(begun: Begun, *, watched: WatchedCard | None) -> BegunCard:
    """Return a lesson with how far somebody is in it."""
    return BegunCard(
        card=lesson_card(begun.lesson, watched=watched),
        at_s=None if begun.is_document else begun.at,
        page=int(begun.at) if begun.is_document else None,
        percent=round(100 * begun.at / begun.end),
    )


def _grades(counts: Mapping[str, int], **also: str) -> list[Shelf]:
    return [
        Shelf(label=label, count=counts[grade], url=_search(**also, grade=grade))
        for grade, label in grade_labels().items()
        if grade in counts
    ]


def _indicators(
    letter: str, counts: Mapping[str, int], texts: Mapping[str, CurriculumText]
) -> list[Shelf]:
    return [
        Shelf(
            label=code,
            count=count,
            url=_search(learning_area=letter, indicator=code),
            text=texts[code].text if code in texts else "",
        )
        for code, count in counts.items()
    ]


def _search(**values: str) -> str:
    return f"{url_for('library.search')}?{urlencode(values)}"
