"""What a pupil is told of a try: points, what was right, and what would have been, if it may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from server.models.content import (
    AnyQuestion,
    ChoiceQuestion,
    NumberQuestion,
    ShortTextQuestion,
    TrueFalseQuestion,
)
from server.services.markdown import as_html
from server.services.quiz_marking import YES, Mark
from server.services.quizzes import PupilsQuiz, Try
from server.web.translate import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """How one question was answered."""

    label: str
    html: Markup
    given: str
    is_right: bool
    points: str
    feedback: str
    right: str  # empty while it may not be told


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCard:
    """How a try was marked."""

    points: str
    percent: int
    is_done: bool
    needed_percent: int
    received_at: datetime
    rows: Sequence[ResultRow]


def result_card(quiz: PupilsQuiz, last: Try) -> ResultCard:
    """Return the result of a try."""
    attempt = last.attempt
    reached = number_text(attempt.points)
    return ResultCard(
        points=_(
            "%(points)s of %(most)s points", points=reached, most=number_text(attempt.most_points)
        ),
        percent=round(100 * attempt.points / attempt.most_points) if attempt.most_points else 100,
        is_done=quiz.is_done,
        needed_percent=round(100 * quiz.item.min_share),
        received_at=attempt.received_at,
        rows=[
            _row(number, question, last)
            for number, question in enumerate(quiz.item.questions, start=1)
        ],
    )


def points_text(points: float) -> str:
    """Return a number of points in words."""
    if points == 1:
        return _("1 point")
    return _("%(points)s points", points=number_text(points))


def number_text(value: float) -> str:
    """Return a number as people write it, without zeros that say nothing."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _row(number: int, question: AnyQuestion, last: Try) -> ResultRow:
    mark = last.marks.by_id[str(question.id)]
    return ResultRow(
        label=_("Question %(number)s", number=number),
        html=Markup(as_html(question.text)),  # noqa: S704 (cleaned there)
        given=given_text(question, last.attempt.answers.get(str(question.id), [])),
        is_right=mark.is_right,
        points=f"{number_text(mark.points)}/{number_text(mark.most_points)}",
        feedback=_feedback(question, mark),
        right=right_text(question) if last.shows_answers and not mark.is_right else "",
    )


def _feedback(question: AnyQuestion, mark: Mark) -> str:
    return question.when_right if mark.is_right else question.when_wrong


def given_text(question: AnyQuestion, answer: Sequence[str]) -> str:
    """Return what was answered, in words."""
    if not answer:
        return _("No answer")
    match question:
        case ChoiceQuestion():
            return ", ".join(one.text for one in question.choices if str(one.id) in answer)
        case TrueFalseQuestion():
            return _true_or_false(is_true=answer[0] == YES)
        case _:
            return answer[0]


def right_text(question: AnyQuestion) -> str:
    """Return what is right, in words."""
    match question:
        case ChoiceQuestion():
            right = question.right_ids
            return ", ".join(one.text for one in question.choices if one.id in right)
        case TrueFalseQuestion():
            return _true_or_false(is_true=question.is_true)
        case ShortTextQuestion():
            return question.accepted[0]
        case NumberQuestion():
            slack = f" ± {number_text(question.tolerance)}" if question.tolerance else ""
            return number_text(question.value) + slack


def _true_or_false(*, is_true: bool) -> str:
    return _("True") if is_true else _("Not true")
