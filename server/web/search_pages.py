"""What a page of results is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from search.explaining import Reason
from search.index import Passage
from search.thai import cut
from search.words import MAX_QUERY_CHARACTERS
from server.models.lessons import Lesson
from server.services.find import Found, FoundCourse, FoundLesson
from server.services.places import path_to
from server.services.views import timeline_of
from server.web.cards import LessonCard, lesson_card
from server.web.course_cards import CourseCard, course_result
from server.web.search_facets import (
    Chip,
    Facet,
    SortChoice,
    Wishes,
    chips_of,
    facets_of,
    sorts_of,
)
from server.web.translate import translate as _
from server.web.watched_cards import WatchedCard, watched_cards

MOST_PASSAGES = 3
MOST_FEWER = 4
LEAST_LETTERS = 3  # a word that is worth searching for alone
Piece = tuple[str, bool]  # a piece of text, and whether it is a word of the query


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageCard:
    """A line in a lesson where the words stand, and the way to that second or page."""

    pieces: Sequence[Piece]
    url: str
    at_s: float | None
    page: int | None
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCard:
    """What one word gave, and where in the lesson it stands."""

    word: str
    place: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCard:
    """One lesson that was found."""

    card: LessonCard
    title: Sequence[Piece]
    passages: Sequence[PassageCard]
    score: float
    reasons: Sequence[ReasonCard]
    is_course: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseResultCard:
    """One course that was found."""

    card: CourseCard
    title: Sequence[Piece]
    score: float
    reasons: Sequence[ReasonCard]
    is_course: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """One page of results, how to narrow and sort them, and ways on where there are none."""

    text: str = ""
    chosen: Mapping[str, str]
    results: Sequence[ResultCard | CourseResultCard] = ()
    facets: Sequence[Facet] = ()
    chips: Sequence[Chip] = ()
    sorts: Sequence[SortChoice] = ()
    clear_url: str = ""
    total: int = 0
    page: int = 1
    page_count: int = 1
    newer_url: str = ""
    older_url: str = ""
    did_you_mean: str = ""
    did_you_mean_url: str = ""
    is_other_layout: bool = False
    is_incomplete: bool = False
    is_away: bool = False
    is_cut: bool = False
    fewer: Sequence[Chip] = ()
    explain_url: str = ""
    is_explained: bool = False
    is_counted: bool = False


def result_page(
    wishes: Wishes,
    found: Found,
    schools: Mapping[str, str],
    *,
    explain_url: str = "",
    is_counted: bool = False,
) -> ResultPage:
    """Return what was found for these wishes."""
    watched = watched_cards([one.lesson for one in found.lessons])
    return ResultPage(
        text=wishes.text[:MAX_QUERY_CHARACTERS],
        chosen=wishes.chosen,
        results=[
            course_result_card(one)
            if isinstance(one, FoundCourse)
            else result_card(one, watched.get(one.lesson.id))
            for one in found.shown
        ],
        facets=facets_of(wishes, found.facets, schools),
        chips=chips_of(wishes, schools),
        sorts=sorts_of(wishes),
        clear_url=wishes.url(**dict.fromkeys(wishes.chosen, "")),
        total=found.total,
        page=found.page,
        page_count=found.page_count,
        newer_url=wishes.url(page=found.page - 1) if found.page > 1 else "",
        older_url=wishes.url(page=found.page + 1) if found.page < found.page_count else "",
        did_you_mean=found.did_you_mean,
        did_you_mean_url=wishes.url(q=found.did_you_mean) if found.did_you_mean else "",
        is_other_layout=found.is_other_layout,
        is_incomplete=found.is_incomplete,
        is_cut=found.is_cut,
        fewer=[] if found.total else fewer_words(wishes),
        explain_url=explain_url,
        is_explained=wishes.is_explained,
        is_counted=is_counted,
    )


def result_card(one: FoundLesson, watched: WatchedCard | None = None) -> ResultCard:
    """Return a lesson with the places where the words are."""
    return ResultCard(
        card=lesson_card(one.lesson, watched=watched),
        title=marked_pieces(one.lesson.title, one.title_marks),
        passages=[_passage_card(one.lesson, each) for each in one.passages[:MOST_PASSAGES]],
        score=one.score,
        reasons=[_reason_card(reason) for reason in one.reasons],
    )


def course_result_card(one: FoundCourse) -> CourseResultCard:
    """Return a course that was found."""
    return CourseResultCard(
        card=course_result(one.course),
        title=marked_pieces(one.course.title, one.title_marks),
        score=one.score,
        reasons=[_reason_card(reason) for reason in one.reasons],
    )


def marked_pieces(text: str, marks: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return the text in pieces, in and between the marked ranges."""
    edges = sorted({0, len(text), *(edge for mark in marks for edge in mark)})
    return [
        (text[start:end], any(from_ <= start and end <= to for from_, to in marks))
        for start, end in pairwise(edges)
    ]


def fewer_words(wishes: Wishes) -> list[Chip]:
    """Return searches for single words of the text, the longest ones; none for a single word."""
    words = [word for run in wishes.text.split() for word in cut(run)]
    telling = [word for word in dict.fromkeys(words) if len(word) >= LEAST_LETTERS]
    if len(words) < 2:  # noqa: PLR2004 (one word alone was searched for already)
        return []
    kept = sorted(sorted(telling, key=len, reverse=True)[:MOST_FEWER], key=words.index)
    return [Chip(word, wishes.url(q=word)) for word in kept]


def _reason_card(reason: Reason) -> ReasonCard:
    places = {
        "title": _("the title"),
        "codes": _("learning area, grade, kind or indicator"),
        "tags": _("the tags"),
        "description": _("the description, teacher or school"),
        "text": _("pages, captions or steps"),
        "passage": _("pages, captions or steps"),
        "unread": _("automatic captions"),
        "near": _("the title, misspelt"),
    }
    place = places.get(reason.field, reason.field)
    return ReasonCard(word=reason.word, place=place, score=reason.score)


def _passage_card(lesson: Lesson, passage: Passage) -> PassageCard:
    at_s = passage.at_s
    return PassageCard(
        pieces=marked_pieces(passage.snippet, passage.marks),
        url=path_to(lesson.id, passage),
        at_s=None if at_s is None else timeline_of(lesson).to_shown(at_s),
        page=passage.page,
        language=passage.language,
    )
