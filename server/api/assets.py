"""How far a file is on its way to a lesson."""

from uuid import UUID

from flask import Response, jsonify
from spectree import Response as Answers

from server.api.blueprint import bp, spec
from server.request_context import clock, db, signed_in
from server.services.lessons import get_asset_for
from server.services.play import asset_state


@bp.get("/assets/<uuid:asset_id>/state")
@spec.validate(resp=Answers("HTTP_200"), tags=["uploads"])
def show_state(asset_id: UUID) -> Response:
    """Return how far it is and what is watchable: for its owner and the lesson's editors."""
    get_asset_for(db(), asset_id=asset_id, by=signed_in())
    answer = jsonify(asset_state(db(), asset_id, clock()).to_dict())
    answer.headers["Cache-Control"] = "no-store"
    return answer
