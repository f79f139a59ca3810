"""What nginx asks, and what it passes on, when it serves the bytes itself."""

from typing import Final
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from server.delivery import http
from server.request_context import clock, db
from server.services.play import is_playback_allowed
from server.services.views import view_of

bp = Blueprint("check", __name__)

_REFUSED: Final = ("", http.FORBIDDEN)


@bp.get("/_/playback-check")
def playback_check() -> ResponseReturnValue:
    """Tell whether ?session= may go on playing ?asset=: asked once per session and 30 s."""
    try:
        asset_id = UUID(request.args.get("asset", ""))
    except ValueError:
        return _REFUSED
    session_id = request.args.get("session", "")
    if not is_playback_allowed(db(), clock(), session_id=session_id, asset_id=asset_id):
        return _REFUSED
    # nginx keeps playlists for all who see the same of the file: it names that by this.
    return "", http.NO_CONTENT, {"X-Khlang-View": view_of(db(), session_id).name}
