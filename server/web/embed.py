"""The page that other sites put into a frame: no cookie, no storage, a ticket instead."""

from uuid import UUID

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from server.errors import LinkExpired, NotFound
from server.request_context import clock, db, wiring
from server.services.embed import open_embed
from server.services.share import find_shared_lesson
from server.web.lesson_pages import lesson_page
from server.web.lessons import count_opening
from server.web.origin import Origin

bp = Blueprint("embed", __name__)


@bp.get("/embed/<uuid:lesson_id>")
def show(lesson_id: UUID) -> ResponseReturnValue:
    """Show the player alone, or, where a frame may not show it, a link to the lesson."""
    share_token = request.args.get("s", "")[:100]
    try:
        embed = open_embed(
            db(),
            clock(),
            secret=wiring().settings.secret_key.get_secret_value(),
            lesson_id=lesson_id,
            share_token=share_token or None,
            referrer=request.referrer or "",
        )
    except (NotFound, LinkExpired):
        answer = make_response(render_template("embed/closed.html", lesson_id=lesson_id), 404)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    link_id = find_shared_lesson(db(), share_token).share_link_id if share_token else None
    origin = Origin(share_token=share_token, share_link_id=link_id, ticket=embed.ticket)
    count_opening(embed.lesson)
    page = lesson_page(embed.lesson, origin)
    answer = make_response(render_template("embed/show.html", page=page))
    answer.headers["Cache-Control"] = "no-store"  # the ticket works once
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
