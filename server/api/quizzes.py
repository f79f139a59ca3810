"""Answers to quizzes, from devices that may have been without a connection."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Response, jsonify
from pydantic import AwareDatetime, BaseModel, Field
from spectree import Response as Answers

from server.api.blueprint import bp, spec
from server.request_context import clock, db, wiring
from server.services.quiz_marking import LONGEST_ANSWER, MOST_PARTS
from server.services.quiz_passes import LONGEST, read_quiz_pass
from server.services.quizzes import MOST_QUESTIONS, SentAnswers, take_attempt

MOST_S = 10 * 365 * 24 * 3600.0


class QuizAnswers(BaseModel):
    """One try. The pass says whose it is and when the questions were given."""

    quiz_pass: str = Field(max_length=LONGEST, description="As the page with the questions has it.")
    answers: dict[UUID, list[str]] = Field(
        max_length=MOST_QUESTIONS,
        description="By question: ids of choices, `yes` or `no`, or one text; "
        f"at most {MOST_PARTS}, of {LONGEST_ANSWER} characters each.",
    )
    elapsed_s: float | None = Field(
        None,
        ge=0,
        le=MOST_S,
        allow_inf_nan=False,
        description="From the questions to the answer, by a clock that nobody sets.",
    )
    device_at: AwareDatetime | None = Field(None, description="Kept to be read, never judged by.")


class MarkedTry(BaseModel):
    """How the try was marked; sent again, it answers the same."""

    number: int = Field(description="1 is the first try.")
    points: float
    most_points: float
    tries_left: int | None = Field(description="Null: as many as one likes.")
    answered_at: datetime


@bp.put("/quiz-attempts/<uuid:attempt_id>")
@spec.validate(json=QuizAnswers, resp=Answers(HTTP_200=MarkedTry), tags=["quizzes"])
def send_quiz_answers(attempt_id: UUID, json: QuizAnswers) -> Response:
    """Mark one try of a quiz and keep it; the id is made on the device. Needs no cookie."""
    asked = read_quiz_pass(
        wiring().settings.secret_key.get_secret_value(), json.quiz_pass, clock()()
    )
    sent = SentAnswers(
        attempt_id=attempt_id,
        answers={str(question_id): parts for question_id, parts in json.answers.items()},
        elapsed_s=json.elapsed_s,
        device_at=_in_utc(json.device_at),
    )
    done = take_attempt(db(), clock(), asked=asked, sent=sent)
    marked = MarkedTry(
        number=done.attempt.number,
        points=done.attempt.points,
        most_points=done.attempt.most_points,
        tries_left=done.tries_left,
        answered_at=done.attempt.answered_at,
    )
    return jsonify(marked.model_dump(mode="json"))


def _in_utc(at: datetime | None) -> datetime | None:
    """Return the same moment; None for one that no calendar of ours has, of a clock gone wrong."""
    try:
        return at and at.astimezone(UTC)
    except OverflowError:
        return None
