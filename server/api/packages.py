"""How far people are in packages (H5P, SCORM)."""

from typing import Literal
from uuid import UUID

from flask import Response, jsonify
from pydantic import BaseModel, Field
from spectree import Response as Answers

from server.api.blueprint import bp, spec
from server.request_context import clock, db, signed_in
from server.services.packages import (
    MOST_LAUNCHES,
    MOST_REVISION,
    MOST_SCORE,
    MOST_SECONDS,
    Progress,
    save_attempt,
)

Points = Field(None, ge=-MOST_SCORE, le=MOST_SCORE, allow_inf_nan=False)


class AttemptProgress(BaseModel):
    """How far a person is; everything in it comes from a package, which nobody trusts."""

    revision: int = Field(ge=1, le=MOST_REVISION, description="Counts up on the device.")
    state: dict[str, str] = Field(
        default_factory=dict,
        max_length=MOST_LAUNCHES,
        description="By launch: what the package keeps for the next time. 256 KiB in all.",
    )
    score_raw: float | None = Points
    score_min: float | None = Points
    score_max: float | None = Points
    score_scaled: float | None = Field(None, ge=-1, le=1, allow_inf_nan=False)
    completion: Literal["unknown", "not attempted", "incomplete", "completed"] = "unknown"
    success: Literal["unknown", "passed", "failed"] = "unknown"
    duration_s: float = Field(0, ge=0, le=MOST_SECONDS, allow_inf_nan=False)
    share: str | None = Field(None, max_length=100, description="Token of a share link.")


class KeptAttempt(BaseModel):
    """What is kept now: an older revision than that changes nothing."""

    id: UUID
    revision: int


@bp.put("/lessons/<uuid:lesson_id>/attempts/<uuid:attempt_id>")
@spec.validate(json=AttemptProgress, resp=Answers(HTTP_200=KeptAttempt), tags=["packages"])
def save_package_attempt(lesson_id: UUID, attempt_id: UUID, json: AttemptProgress) -> Response:
    """Keep how far this person is in the lesson's package; the id is made on the device."""
    return _save(lesson_id, attempt_id, json)


@bp.put("/lessons/<uuid:lesson_id>/files/<uuid:original_id>/attempts/<uuid:attempt_id>")
@spec.validate(json=AttemptProgress, resp=Answers(HTTP_200=KeptAttempt), tags=["packages"])
def save_attempt_of_file(
    lesson_id: UUID, original_id: UUID, attempt_id: UUID, json: AttemptProgress
) -> Response:
    """Keep how far this person is in a package that is one of the lesson's items."""
    return _save(lesson_id, attempt_id, json, original_id)


def _save(
    lesson_id: UUID, attempt_id: UUID, json: AttemptProgress, original_id: UUID | None = None
) -> Response:
    told = json.model_dump(exclude={"share"})
    attempt = save_attempt(
        db(),
        clock(),
        lesson_id=lesson_id,
        attempt_id=attempt_id,
        progress=Progress(**told),
        by=signed_in(),
        share_token=json.share,
        original_id=original_id,
    )
    return jsonify(id=str(attempt.id), revision=attempt.revision)
