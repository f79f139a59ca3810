"""How far a file is on its way to a lesson."""

from uuid import UUID

from flask.typing import ResponseReturnValue
from spectree import Response as Answers

from server.api.blueprint import bp, spec
from server.request_context import db, signed_in
from server.services.lessons import get_asset_for
from server.services.play import asset_state


@bp.get("/assets/<uuid:asset_id>/state")
@spec.validate(resp=Answers("HTTP_200"), tags=["uploads"])
def show_state(asset_id: UUID) -> ResponseReturnValue:
    """Return how far it is and what is watchable: for its owner and the lesson's editors."""
    get_asset_for(db(), asset_id=asset_id, by=signed_in())
    return asset_state(db(), asset_id).to_dict(), 200, {"Cache-Control": "no-store"}
