"""How long a classroom's work is kept: what is due to be removed, prolonged, downloaded before."""

from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.request_context import clock, db, signed_in, wiring
from server.services.class_grid import class_grid
from server.services.classrooms import get_classroom
from server.services.work_export import exported_classroom
from server.services.work_retention import due_work, prolong_work
from server.web.classroom_cards import classroom_card
from server.web.due_work_cards import due_card
from server.web.grid_cards import grid_card
from server.web.grid_exports import as_xlsx
from server.web.translate import translate as _
from server.web.work_export import Entry, entries_of, zipped

bp = Blueprint("kept_work", __name__)


@bp.get("/classrooms/<uuid:classroom_id>/work")
def show(classroom_id: UUID) -> ResponseReturnValue:
    """Say until when the work is kept, and offer it to keep."""
    classroom = get_classroom(db(), classroom_id=classroom_id, by=signed_in())
    due = due_work(db(), clock(), classroom_id=classroom_id)
    return render_template(
        "classrooms/kept_work.html",
        classroom=classroom_card(classroom),
        due=due_card(due) if due else None,
    )


@bp.post("/classrooms/<uuid:classroom_id>/work/prolong")
def prolong(classroom_id: UUID) -> ResponseReturnValue:
    """Keep it a year longer."""
    prolong_work(db(), clock(), classroom_id=classroom_id, by=signed_in())
    flash(_("The work is kept a year longer."), "good")
    return redirect(url_for("kept_work.show", classroom_id=classroom_id), code=303)


@bp.get("/classrooms/<uuid:classroom_id>/work.zip")
def export(classroom_id: UUID) -> ResponseReturnValue:
    """Answer with all work of the classroom, made while it is sent."""
    by = signed_in()
    name = exported_classroom(db(), classroom_id=classroom_id, by=by)
    grid = grid_card(class_grid(db(), clock(), classroom_id=classroom_id, by=by))
    marks: Entry = (f"{_('Marks')}.xlsx", [as_xlsx(grid)])
    outside = wiring()

    def whole() -> Iterator[bytes]:
        with Session(outside.engine, expire_on_commit=False) as session:
            work = entries_of(session, outside.store, classroom_id)
            yield from zipped(chain([marks], work))

    answer = Response(stream_with_context(whole()), content_type="application/zip")
    file_name = quote(f"{name}.zip".replace("/", "-"), safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{file_name}"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
