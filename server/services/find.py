"""Finding lessons and courses: by words through the index, or the newest in the database.

How many lessons have which value the index counts in both cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from search.explaining import Reason, explain
from search.index import (
    Hit,
    Passage,
    SearchIndex,
    SearchQuery,
    SearchResult,
    Sort,
    Suggestion,
)
from search.keyboard import on_other_layout
from search.snippets import Marks, marked_snippet, marks_in
from search.synonyms import Synonyms
from search.words import MAX_QUERY_CHARACTERS, are_words, near_letters, query_words
from server.models.courses import Course
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import audiences_of, may_view_lesson
from server.services.index_courses import course_fields, load_courses_for_index
from server.services.index_lessons import own_fields
from server.services.lesson_facets import Filters
from server.services.list_courses import COURSE, courses_by_id, list_found_courses
from server.services.list_lessons import count_lessons, list_lessons, with_cards

PAGE_SIZE = 24
MAX_PAGE = 500
NO_SYNONYMS = Synonyms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person asks for. Without text it is a list: the newest, or the most viewed.

    `prefer_grades` are the asker's own: of equally good lessons these go first.
    """

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    page: int = 1
    synonyms: Synonyms = NO_SYNONYMS
    prefer_grades: frozenset[str] = frozenset()
    is_explained: bool = False

    @property
    def offset(self) -> int:
        """Return how many lessons stand before this page."""
        return (min(max(self.page, 1), MAX_PAGE) - 1) * PAGE_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLesson:
    """One lesson of a list; `passages` say where in it the words are: second or page, a line.

    `title_marks` are the ranges of the title that hold words of the query. `reasons` explain the
    place in the list, if that was asked for.
    """

    lesson: Lesson
    passages: tuple[Passage, ...] = ()
    title_marks: Marks = ()
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCourse:
    """One course of a list; marks, score and reasons as of a lesson."""

    course: Course
    title_marks: Marks = ()
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a list. `facets` count by value of each of search.index.FACETS.

    `did_you_mean` is what the text was read as, where not all of its words are known. With
    `is_other_layout` the lessons are those for it: the same keys on the other keyboard layout.
    `is_incomplete`: the time was up. `is_cut`: only the beginning of a long text was sought.
    """

    shown: tuple[FoundLesson | FoundCourse, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    page: int = 1
    did_you_mean: str = ""
    is_other_layout: bool = False
    is_incomplete: bool = False
    is_cut: bool = False

    @property
    def lessons(self) -> tuple[FoundLesson, ...]:
        """Return the lessons among what is shown."""
        return tuple(one for one in self.shown if isinstance(one, FoundLesson))

    @property
    def courses(self) -> tuple[FoundCourse, ...]:
        """Return the courses among what is shown."""
        return tuple(one for one in self.shown if isinstance(one, FoundCourse))

    @property
    def page_count(self) -> int:
        """Return how many pages the list has."""
        return -(-self.total // PAGE_SIZE)


def find_lessons(
    session: Session, index: SearchIndex, question: Question, *, viewer: Person | None = None
) -> Found:
    """Return one page of the published lessons, and courses, that this person may see.

    Raises search.index.IndexFault when words are sought and the index cannot be read.
    """
    page = question.offset // PAGE_SIZE + 1
    if not question.text.strip():
        return _browse(session, index, question, viewer, page)
    answer = ask(index, question, viewer=viewer)
    query, result = answer.query, answer.result
    with session.begin():
        visible = _visible(session, viewer, result.hits)
        shown = tuple(
            _shown(session, visible[hit.lesson_id], hit, query)
            for hit in result.hits
            if hit.lesson_id in visible
        )
    return Found(
        shown=shown,
        total=result.total,
        facets=result.facets,
        page=page,
        did_you_mean=answer.did_you_mean,
        is_other_layout=answer.is_other_layout,
        is_incomplete=result.is_incomplete,
        is_cut=len(question.text) > MAX_QUERY_CHARACTERS,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the index says to a question, and to which query."""

    query: SearchQuery
    result: SearchResult
    did_you_mean: str = ""
    is_other_layout: bool = False


def ask(index: SearchIndex, question: Question, *, viewer: Person | None = None) -> Answer:
    """Ask the index; if it finds nothing, what the keys give on the other layout is answered."""
    query = _query_of(question, viewer)
    result = index.search(query)
    if result.total:
        return Answer(query=query, result=result, did_you_mean=result.read_as)
    other = on_other_layout(question.text)
    if not are_words(other):
        return Answer(query=query, result=result)
    again = replace(_query_of(replace(question, text=other), viewer), near="")
    found = index.search(again)
    if not found.total:
        return Answer(query=query, result=result)
    return Answer(query=again, result=found, did_you_mean=other, is_other_layout=True)


def suggest(
    session: Session, index: SearchIndex, text: str, *, viewer: Person | None, limit: int = 8
) -> tuple[Suggestion, ...]:
    """Return titles and words that begin like what is being typed, of what this person may see.

    Where nothing does, what the text is read as goes first. Raises search.index.IndexFault when
    the index cannot be read.
    """
    audiences = audiences_of(viewer)
    found: Sequence[Suggestion] = (
        index.suggest(text, audiences, limit)
        or index.suggest(on_other_layout(text), audiences, limit)  # also of unfinished words
        or _read_as(index, text, viewer, limit)
    )
    titles = [one for one in found if one.lesson_id]
    with session.begin():
        visible = _visible(session, viewer, titles) if titles else {}
    return tuple(one for one in found if not one.lesson_id or one.lesson_id in visible)


def _read_as(
    index: SearchIndex, text: str, viewer: Person | None, limit: int
) -> Sequence[Suggestion]:
    """Return a misspelt text put right, or of the other layout, and what begins like that."""
    meant = ask(index, Question(text=text), viewer=viewer).did_you_mean
    if not meant:
        return ()
    begun = index.suggest(meant, audiences_of(viewer), limit)
    return [Suggestion(text=meant), *(one for one in begun if one.text != meant)][:limit]


def _query_of(question: Question, viewer: Person | None) -> SearchQuery:
    return SearchQuery(
        words=query_words(question.text, question.synonyms),
        near=near_letters(question.text),
        audiences=audiences_of(viewer),
        filters=question.filters.facets(),
        sort=question.sort,
        prefer_grades=question.prefer_grades,
        offset=question.offset,
        limit=PAGE_SIZE,
        is_explained=question.is_explained,
    )


def _visible(
    session: Session, viewer: Person | None, found: Sequence[Hit | Suggestion]
) -> dict[str, Lesson | Course]:
    """Return lessons and courses by id, without what was hidden since it was indexed."""
    course_ids = [UUID(one.lesson_id) for one in found if one.kind == "course"]
    ids = [UUID(one.lesson_id) for one in found if one.kind == "lesson"]
    rows = session.scalars(with_cards(select(Lesson).where(Lesson.id.in_(ids))))
    lessons = {
        str(lesson.id): lesson
        for lesson in rows
        if lesson.is_published and may_view_lesson(viewer, lesson)
    }
    return {**lessons, **courses_by_id(session, viewer, course_ids)}


def _shown(
    session: Session, thing: Lesson | Course, hit: Hit, query: SearchQuery
) -> FoundLesson | FoundCourse:
    marks = marks_in(thing.title, query.words)
    if isinstance(thing, Course):
        return FoundCourse(
            course=thing,
            title_marks=marks,
            score=hit.score,
            reasons=_course_reasons(session, thing, hit, query) if query.is_explained else (),
        )
    return FoundLesson(
        lesson=thing,
        passages=tuple(marked_snippet(passage, query.words) for passage in hit.passages),
        title_marks=marks,
        score=hit.score,
        reasons=explain(hit, query, own_fields(thing)) if query.is_explained else (),
    )


def _course_reasons(
    session: Session, course: Course, hit: Hit, query: SearchQuery
) -> tuple[Reason, ...]:
    indexed = load_courses_for_index(session, [course.id])
    return explain(hit, query, course_fields(course, indexed[0].lessons) if indexed else {})


def _browse(
    session: Session, index: SearchIndex, question: Question, viewer: Person | None, page: int
) -> Found:
    if question.filters.kind == COURSE:
        return _browse_courses(session, question, viewer, page)
    window = slice(question.offset, question.offset + PAGE_SIZE)
    with session.begin():
        lessons, total = list_lessons(session, viewer, question.filters, question.sort, window)
    return Found(
        shown=tuple(FoundLesson(lesson=lesson) for lesson in lessons),
        total=total,
        facets=count_lessons(index, viewer, question.filters),
        page=page,
    )


def _browse_courses(
    session: Session, question: Question, viewer: Person | None, page: int
) -> Found:
    window = slice(question.offset, question.offset + PAGE_SIZE)
    with session.begin():
        courses, total = list_found_courses(session, viewer, question.filters, window)
    return Found(
        shown=tuple(FoundCourse(course=course) for course in courses),
        total=total,
        facets={"kind": {COURSE: total}} if total else {},
        page=page,
    )
