"""Finding lessons: by words through the index, or by browsing the newest in the database."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, or_, select
from sqlalchemy.orm import Session, joinedload

from search.index import FACETS, Passage, SearchIndex, SearchQuery
from search.snippets import cut_snippet
from search.words import query_grams, query_words
from server.models.lessons import Lesson, Visibility
from server.models.library import Asset, Original
from server.models.people import Person
from server.policy import audiences_of, may_view_lesson

PAGE_SIZE = 24
MAX_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; empty is any."""

    learning_area: str = ""
    grade: str = ""
    kind: str = ""
    school_id: UUID | None = None

    def facets(self) -> dict[str, frozenset[str]]:
        """Return the chosen value by facet."""
        chosen = {
            "learning_area": self.learning_area,
            "grades": self.grade,
            "kind": self.kind,
            "school": str(self.school_id) if self.school_id else "",
        }
        return {name: frozenset({value}) for name, value in chosen.items() if value}


@dataclass(frozen=True, slots=True)
class FoundLesson:
    """One lesson of a list; `passages` say where in it the words are: second or page, a line."""

    lesson: Lesson
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a list. `facets` count by value: learning_area, grades, kind, school (ids)."""

    lessons: tuple[FoundLesson, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    page: int = 1
    did_you_mean: str = ""

    @property
    def page_count(self) -> int:
        """Return how many pages the list has."""
        return -(-self.total // PAGE_SIZE)


def find_lessons(
    session: Session,
    index: SearchIndex,
    *,
    text: str = "",
    viewer: Person | None = None,
    filters: Filters | None = None,
    page: int = 1,
) -> Found:
    """Return one page of the published lessons that this person may see, best or newest first.

    Raises search.index.IndexFault when the index cannot be read.
    """
    page = min(max(page, 1), MAX_PAGE)
    filters = filters or Filters()
    if not text.strip():
        with session.begin():
            return _browse(session, viewer, filters, page)
    query = SearchQuery(
        words=query_words(text),
        grams=query_grams(text),
        audiences=audiences_of(viewer),
        filters=filters.facets(),
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    result = index.search(query)
    with session.begin():
        lessons = _visible(session, viewer, [UUID(hit.lesson_id) for hit in result.hits])
    found = [
        FoundLesson(lessons[hit.lesson_id], _with_snippets(hit.passages, query))
        for hit in result.hits
        if hit.lesson_id in lessons
    ]
    return Found(lessons=tuple(found), total=result.total, facets=result.facets, page=page)


def _visible(session: Session, viewer: Person | None, ids: Iterable[UUID]) -> dict[str, Lesson]:
    """Return the lessons by id, without those that were hidden since they were indexed."""
    rows = session.scalars(_with_cards(select(Lesson).where(Lesson.id.in_(ids))))
    return {
        str(lesson.id): lesson
        for lesson in rows
        if lesson.is_published and may_view_lesson(viewer, lesson)
    }


def _with_snippets(passages: tuple[Passage, ...], query: SearchQuery) -> tuple[Passage, ...]:
    return tuple(
        replace(passage, snippet=cut_snippet(passage.snippet, query.words)) for passage in passages
    )


def _browse(session: Session, viewer: Person | None, filters: Filters, page: int) -> Found:
    """Return the newest lessons; the caller has begun a transaction."""
    wanted = and_(_is_listed_for(viewer), *_wishes(filters))
    newest = (
        select(Lesson)
        .outerjoin(Lesson.original)
        .outerjoin(Original.asset)
        .where(wanted)
        .order_by(Lesson.published_at.desc(), Lesson.id.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    lessons = session.scalars(_with_cards(newest)).all()
    total, facets = _count(session, wanted)
    found = tuple(FoundLesson(lesson) for lesson in lessons)
    return Found(lessons=found, total=total, facets=facets, page=page)


def _with_cards(query: Select[Lesson]) -> Select[Lesson]:
    """Load what a card shows in the same query."""
    return query.options(
        joinedload(Lesson.original).joinedload(Original.asset),
        joinedload(Lesson.school),
        joinedload(Lesson.owner),
    )


def _is_listed_for(viewer: Person | None) -> ColumnElement[bool]:
    """Return policy.audiences_of as a condition on published lessons."""
    audiences = audiences_of(viewer)
    schools = [UUID(token.removeprefix("school:")) for token in audiences if token[:7] == "school:"]
    owners = [UUID(token.removeprefix("person:")) for token in audiences if token[:7] == "person:"]
    of_school = Lesson.visibility == Visibility.SCHOOL
    listed = [
        Lesson.visibility == Visibility.PUBLIC,
        and_(of_school, Lesson.school_id.in_(schools)),
        and_(Lesson.visibility.in_([Visibility.ME, Visibility.LINK]), Lesson.owner_id.in_(owners)),
    ]
    if "area" in audiences:
        listed.append(Lesson.visibility == Visibility.AREA)
    if "office" in audiences:
        listed.append(and_(of_school, Lesson.school_id.is_(None)))
    return and_(Lesson.published_at.is_not(None), Lesson.deleted_at.is_(None), or_(*listed))


def _wishes(filters: Filters) -> list[ColumnElement[bool]]:
    """Return the filters as conditions."""
    wishes: list[ColumnElement[bool]] = []
    if filters.learning_area:
        wishes.append(Lesson.learning_area == filters.learning_area)
    if filters.grade:
        grades = cast(Lesson.grades, String)  # a JSON list of codes such as ["P4", "P5"]
        wishes.append(grades.contains(f'"{filters.grade}"', autoescape=True))
    if filters.kind:
        wishes.append(Asset.kind == filters.kind)
    if filters.school_id:
        wishes.append(Lesson.school_id == filters.school_id)
    return wishes


def _count(session: Session, wanted: ColumnElement[bool]) -> tuple[int, dict[str, dict[str, int]]]:
    """Count narrow rows in one pass: grades are lists, which each database counts in its way."""
    columns = (Lesson.learning_area, Lesson.grades, Asset.kind, Lesson.school_id)
    rows = session.execute(
        select(*columns)
        .select_from(Lesson)
        .outerjoin(Lesson.original)
        .outerjoin(Original.asset)
        .where(wanted)
    ).all()
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for learning_area, grades, kind, school_id in rows:
        counts["learning_area"][learning_area] += 1
        counts["grades"].update(grades)
        counts["kind"][kind or ""] += 1
        counts["school"][str(school_id or "")] += 1
    facets = {
        name: {value: number for value, number in values.items() if value}
        for name, values in counts.items()
    }
    return len(rows), facets
