"""Finding lessons."""

from datetime import datetime
from uuid import UUID

from flask import Response, jsonify
from pydantic import BaseModel, Field
from spectree import Response as Answers

from server.api.blueprint import bp, spec
from server.models.lessons import Lesson
from server.request_context import db, viewer, wiring
from server.services.find import Filters, find_lessons


class Question(BaseModel):
    """What is looked for."""

    q: str = Field("", max_length=200, description="Words, in any order; empty: the newest.")
    learning_area: str = Field("", max_length=10)
    grade: str = Field("", max_length=10)
    kind: str = Field("", max_length=20)
    school: UUID | None = None
    page: int = Field(1, ge=1, le=500)


class LessonCard(BaseModel):
    """One lesson."""

    id: UUID
    title: str
    description: str
    language: str
    learning_area: str
    grades: list[str]
    licence: str
    school: str | None
    published_at: datetime | None
    url: str
    poster_url: str


class FoundLessons(BaseModel):
    """One page of lessons, best first."""

    total: int
    page: int
    did_you_mean: str = Field(description="Another spelling that finds more, or empty.")
    lessons: list[LessonCard]


@bp.get("/lessons")
@spec.validate(query=Question, resp=Answers(HTTP_200=FoundLessons), tags=["library"])
def find(query: Question) -> Response:
    """Find lessons that are shown to this person, or to everyone."""
    filters = Filters(
        learning_area=query.learning_area,
        grade=query.grade,
        kind=query.kind,
        school_id=query.school,
    )
    found = find_lessons(
        db(), wiring().index, text=query.q, viewer=viewer(), filters=filters, page=query.page
    )
    answer = FoundLessons(
        total=found.total,
        page=found.page,
        did_you_mean=found.did_you_mean,
        lessons=[_card(hit.lesson) for hit in found.lessons],
    )
    return jsonify(answer.model_dump(mode="json"))


def _card(lesson: Lesson) -> LessonCard:
    url = f"{wiring().settings.public_url}/lessons/{lesson.id}"
    return LessonCard(
        id=lesson.id,
        title=lesson.title,
        description=lesson.description,
        language=lesson.language,
        learning_area=lesson.learning_area,
        grades=lesson.grades,
        licence=lesson.licence,
        school=lesson.school.name if lesson.school else None,
        published_at=lesson.published_at,
        url=url,
        poster_url=f"{url}/poster",
    )
