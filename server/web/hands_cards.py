"""Questions shown large to a class, and how many hands were raised for each answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from markupsafe import Markup

from server.models.content import AnyQuestion, ChoiceQuestion, QuizItem, TrueFalseQuestion
from server.models.lessons import Lesson
from server.services.markdown import as_html
from server.services.quiz_marking import NO, YES
from server.web.origin import Origin
from server.web.quiz_media import MediaCard, media_of
from server.web.quiz_results import right_text
from server.web.translate import translate as _

Counted = Mapping[UUID, Mapping[str, int]]
Media = Mapping[UUID | None, MediaCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsChoice:
    """One answer, and the hands for it."""

    name: str  # of its field
    text: str
    media: MediaCard | None
    count: int | None  # None before any was counted
    percent: int
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsQuestion:
    """One question; what is right is told when hands were counted."""

    id: UUID
    label: str
    html: Markup
    media: MediaCard | None
    choices: Sequence[HandsChoice]
    right: str


def hands_cards(
    lesson: Lesson, item: QuizItem, counted: Counted, *, prefix: str
) -> list[HandsQuestion]:
    """Return the questions in the teacher's order."""
    of_questions = [question.original_id for question in item.questions]
    of_choices = [id_ for question in item.questions for id_ in _pictures(question).values()]
    media = media_of(lesson, Origin(), [*of_questions, *of_choices])
    return [
        HandsQuestion(
            id=question.id,
            label=_("Question %(number)s", number=number),
            html=Markup(as_html(question.text)),  # noqa: S704 (cleaned there)
            media=media.get(question.original_id),
            choices=_choices(question, counted.get(question.id), media, prefix),
            right=right_text(question) if counted else "",
        )
        for number, question in enumerate(item.questions, start=1)
    ]


def answer_values(question: AnyQuestion) -> list[str]:
    """Return the answers for which a hand can be raised; none where words or numbers are asked."""
    if isinstance(question, ChoiceQuestion):
        return [str(choice.id) for choice in question.choices]
    return [YES, NO] if isinstance(question, TrueFalseQuestion) else []


def field_name(prefix: str, question_id: UUID, value: str) -> str:
    """Return the name of the field that counts the hands for one answer."""
    return f"{prefix}{question_id}-{value}"


def _choices(
    question: AnyQuestion, hands: Mapping[str, int] | None, media: Media, prefix: str
) -> list[HandsChoice]:
    texts, pictures, right = _texts(question), _pictures(question), _right(question)
    most = max(1, sum((hands or {}).values()))
    return [
        HandsChoice(
            name=field_name(prefix, question.id, value),
            text=texts[value],
            media=media.get(pictures.get(value)),
            count=hands.get(value, 0) if hands is not None else None,
            percent=round(100 * (hands or {}).get(value, 0) / most),
            is_right=hands is not None and value in right,
        )
        for value in answer_values(question)
    ]


def _texts(question: AnyQuestion) -> dict[str, str]:
    if isinstance(question, ChoiceQuestion):
        return {str(choice.id): choice.text for choice in question.choices}
    return {YES: _("True"), NO: _("Not true")}


def _pictures(question: AnyQuestion) -> dict[str, UUID | None]:
    """Return the files of the answers to choose from."""
    if isinstance(question, ChoiceQuestion):
        return {str(choice.id): choice.original_id for choice in question.choices}
    return {}


def _right(question: AnyQuestion) -> set[str]:
    if isinstance(question, ChoiceQuestion):
        return {str(id_) for id_ in question.right_ids}
    return {YES if question.is_true else NO} if isinstance(question, TrueFalseQuestion) else set()
