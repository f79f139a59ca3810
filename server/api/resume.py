"""Where people go on."""

from uuid import UUID

from flask import Response, jsonify
from pydantic import BaseModel, Field
from spectree import Response as Answers

from server.api.blueprint import bp, spec
from server.request_context import clock, db, signed_in
from server.services.resume import resume_point_of, save_resume_point


class Position(BaseModel):
    """A place in a lesson."""

    position_s: float = Field(ge=0, description="Seconds of the original.")
    share: str | None = Field(None, max_length=100, description="Token of a share link.")


@bp.put("/lessons/<uuid:lesson_id>/resume")
@spec.validate(json=Position, resp=Answers("HTTP_204"), tags=["playback"])
def save(lesson_id: UUID, json: Position) -> Response:
    """Keep where this person is in the lesson."""
    save_resume_point(
        db(),
        clock(),
        lesson_id=lesson_id,
        position_s=json.position_s,
        by=signed_in(),
        share_token=json.share,
    )
    return Response(status=204)


@bp.get("/lessons/<uuid:lesson_id>/resume")
@spec.validate(resp=Answers(HTTP_200=Position), tags=["playback"])
def show(lesson_id: UUID) -> Response:
    """Return where this person goes on; 0 when they have not begun."""
    return jsonify(position_s=resume_point_of(db(), lesson_id=lesson_id, by=signed_in()))
