"""Finding lessons and courses."""

from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, jsonify
from pydantic import BaseModel, Field
from spectree import Response as Answers

from search.index import IndexFault, Passage, Suggestion
from server.api.blueprint import bp, spec
from server.errors import SearchAway
from server.models.lessons import Lesson
from server.request_context import db, viewer, wiring
from server.services.classrooms import grades_of_pupil
from server.services.find import (
    Found,
    FoundCourse,
    FoundLesson,
    Question,
    find_lessons,
    suggest,
)
from server.services.lesson_facets import Filters
from server.services.places import path_to, path_to_course
from server.services.synonyms import office_synonyms
from server.services.views import shown_duration_s, timeline_of

LONGEST_QUERY = 10_000
SUGGESTIONS_AGE_S = 60


class SearchWish(BaseModel):
    """What is looked for."""

    q: str = Field(
        "",
        max_length=LONGEST_QUERY,
        description="Words, in any order; empty: all. The first 200 characters are sought.",
    )
    learning_area: str = Field("", max_length=10, description="A letter such as ค.")
    grade: str = Field("", max_length=10, description="A1…A3, P1…P6, M1…M6.")
    kind: Literal["", "video", "audio", "document", "image", "package", "course"] = ""
    school: UUID | None = None
    length: Literal["", "short", "medium", "long"] = Field(
        "", description="Up to 5 minutes, up to 20, longer."
    )
    language: str = Field("", max_length=20, description="BCP 47.")
    licence: Literal[
        "",
        "unknown",
        "all_rights_reserved",
        "cc_by",
        "cc_by_sa",
        "cc_by_nc",
        "cc_by_nc_sa",
        "thai_oer",
    ] = ""
    captions: Literal["", "yes", "no"] = ""
    strand: str = Field("", max_length=10, description="Such as ค 1.")
    indicator: str = Field("", max_length=40, description="Such as ค 1.1 ป.1/1.")
    sort: Literal["relevance", "newest", "views"] = Field(
        "relevance", description="Without words, relevance is newest."
    )
    page: int = Field(1, ge=1, le=500)

    def filters(self) -> Filters:
        """Return what the search is narrowed to."""
        others = self.model_dump(exclude={"q", "school", "sort", "page"})
        return Filters(**others, school_id=self.school)


class FoundPassage(BaseModel):
    """A place in a lesson where the words stand."""

    text: str
    marks: list[tuple[int, int]] = Field(description="Ranges of `text`, in characters.")
    at_s: float | None = Field(description="Seconds of the lesson as it is shown.")
    page: int | None
    language: str
    url: str = Field(description="Opens the lesson at that second or page.")


class LessonCard(BaseModel):
    """One lesson."""

    id: UUID
    title: str
    description: str
    language: str
    learning_area: str
    grades: list[str]
    indicators: list[str]
    tags: list[str]
    kind: str
    duration_s: float
    licence: str
    school: str | None
    school_id: UUID | None
    published_at: datetime | None
    view_count: int
    url: str
    poster_url: str
    title_marks: list[tuple[int, int]]
    passages: list[FoundPassage]


class FoundCourseCard(BaseModel):
    """One course."""

    id: UUID
    title: str
    description: str
    school: str | None
    school_id: UUID | None
    academic_year: int = Field(description="Of the common era, in which it begins.")
    term_number: int
    url: str
    title_marks: list[tuple[int, int]]
    place: int = Field(description="From 0, among all that is on this page.")


class FoundLessons(BaseModel):
    """One page of lessons and courses, best first."""

    total: int
    page: int
    page_count: int
    did_you_mean: str = Field(description="Another spelling that finds something, or empty.")
    is_other_layout: bool = Field(
        description="Nothing was found: these lessons are for `did_you_mean`, "
        "which the same keys give on the other keyboard layout."
    )
    is_incomplete: bool = Field(description="The time was up: there may be more.")
    is_cut: bool = Field(description="`q` was longer than what is sought.")
    facets: dict[str, dict[str, int]] = Field(description="How many by value.")
    lessons: list[LessonCard]
    courses: list[FoundCourseCard]


class TypedText(BaseModel):
    """What has been typed so far."""

    q: str = Field("", max_length=LONGEST_QUERY)
    limit: int = Field(8, ge=1, le=20)


class TextSuggestion(BaseModel):
    """A text to search for, a lesson, or a course."""

    text: str
    lesson_id: UUID | None
    course_id: UUID | None
    url: str


class TextSuggestions(BaseModel):
    """What begins like what is being typed."""

    suggestions: list[TextSuggestion]


@bp.get("/lessons")
@spec.validate(query=SearchWish, resp=Answers(HTTP_200=FoundLessons), tags=["library"])
def find(query: SearchWish) -> Response:
    """Find lessons that are shown to this person, or to everyone."""
    question = Question(
        text=query.q.replace("\x00", ""),
        filters=query.filters(),
        sort=query.sort,
        page=query.page,
        synonyms=office_synonyms(db()),
        prefer_grades=grades_of_pupil(db(), person=viewer()),
    )
    try:
        found = find_lessons(db(), wiring().index, question, viewer=viewer())
    except IndexFault as error:
        raise SearchAway("the search index cannot be read") from error
    return jsonify(_answer(found).model_dump(mode="json"))


@bp.get("/suggestions")
@spec.validate(query=TypedText, resp=Answers(HTTP_200=TextSuggestions), tags=["library"])
def suggest_texts(query: TypedText) -> Response:
    """Return lessons and words that begin like what is typed, of what this person may see."""
    text = query.q.replace("\x00", "").strip()
    try:
        found = suggest(db(), wiring().index, text, viewer=viewer(), limit=query.limit)
    except IndexFault as error:
        raise SearchAway("the search index cannot be read") from error
    answer = jsonify(suggestions=[_suggestion(one) for one in found])
    answer.headers["Cache-Control"] = f"private, max-age={SUGGESTIONS_AGE_S}"
    answer.headers["Vary"] = "Cookie"
    return answer


def _suggestion(one: Suggestion) -> dict[str, Any]:
    is_course = one.kind == "course"
    if not one.lesson_id:
        path = f"/search?{urlencode({'q': one.text})}"
    else:
        path = path_to_course(one.lesson_id) if is_course else path_to(UUID(one.lesson_id))
    return {
        "text": one.text,
        "lesson_id": None if is_course else one.lesson_id or None,
        "course_id": one.lesson_id if is_course else None,
        "url": f"{wiring().settings.public_url}{path}",
    }


def _answer(found: Found) -> FoundLessons:
    return FoundLessons(
        total=found.total,
        page=found.page,
        page_count=found.page_count,
        did_you_mean=found.did_you_mean,
        is_other_layout=found.is_other_layout,
        is_incomplete=found.is_incomplete,
        is_cut=found.is_cut,
        facets={name: dict(counts) for name, counts in found.facets.items()},
        lessons=[_card(one) for one in found.lessons],
        courses=[
            _course_card(one, place)
            for place, one in enumerate(found.shown)
            if isinstance(one, FoundCourse)
        ],
    )


def _course_card(one: FoundCourse, place: int) -> FoundCourseCard:
    course = one.course
    return FoundCourseCard(
        id=course.id,
        title=course.title,
        description=course.description,
        school=course.school.name if course.school else None,
        school_id=course.school_id,
        academic_year=course.academic_year,
        term_number=course.term_number,
        url=wiring().settings.public_url + path_to_course(course.id),
        title_marks=list(one.title_marks),
        place=place,
    )


def _card(one: FoundLesson) -> LessonCard:
    lesson = one.lesson
    site = wiring().settings.public_url
    url = site + path_to(lesson.id)
    return LessonCard(
        id=lesson.id,
        title=lesson.title,
        description=lesson.description,
        language=lesson.language,
        learning_area=lesson.learning_area,
        grades=lesson.grades,
        indicators=lesson.indicators,
        tags=lesson.tags,
        kind=lesson.original.asset.kind if lesson.original else "unknown",
        duration_s=shown_duration_s(lesson),
        licence=lesson.licence,
        school=lesson.school.name if lesson.school else None,
        school_id=lesson.school_id,
        published_at=lesson.published_at,
        view_count=lesson.view_count,
        url=url,
        poster_url=f"{url}/poster",
        title_marks=list(one.title_marks),
        passages=[_passage(lesson, passage, site) for passage in one.passages],
    )


def _passage(lesson: Lesson, passage: Passage, site: str) -> FoundPassage:
    at_s = passage.at_s
    return FoundPassage(
        text=passage.snippet,
        marks=list(passage.marks),
        at_s=None if at_s is None else timeline_of(lesson).to_shown(at_s),
        page=passage.page,
        language=passage.language,
        url=site + path_to(lesson.id, passage),
    )
