"""Who of a classroom is how far, as a table and as files."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from server.errors import NotFound
from server.request_context import clock, db, signed_in
from server.services.class_grid import class_grid, helped_first
from server.services.terms import day_in_bangkok
from server.web.grid_cards import GridCard, grid_card, step_names
from server.web.grid_exports import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx
from server.web.typed_dates import typed_day

bp = Blueprint("class_grid", __name__)
FORMS = {"csv": (as_csv, CSV_TYPE), "xlsx": (as_xlsx, XLSX_TYPE)}


@bp.get("/classrooms/<uuid:classroom_id>/grid")
def show(classroom_id: UUID) -> ResponseReturnValue:
    """Show all given lessons, or with `assignment` one of them item by item.

    Who needs help stands first; with `order=register` all stand as in the register.
    """
    is_register = request.args.get("order") == "register"
    page = max(0, request.args.get("page", 0, type=int))
    card = _card(classroom_id, helps_first=not is_register, page=page)
    return render_template(
        "classrooms/grid.html", grid=card, step_names=step_names(), is_register=is_register
    )


@bp.get("/classrooms/<uuid:classroom_id>/grid.<form>")
def export(classroom_id: UUID, form: str) -> ResponseReturnValue:
    """Answer with the same as a file, .csv or .xlsx, in the order of the register."""
    if form not in FORMS:
        raise NotFound("no such form")
    write, content_type = FORMS[form]
    card = _card(classroom_id, helps_first=False)
    answer = Response(write(card), content_type=content_type)
    day = typed_day(day_in_bangkok(clock()()), "th").replace("/", "-")
    stem = " ".join(part for part in (card.classroom.name, card.title[:80], day) if part)
    name = quote(f"{stem}.{form}".replace("/", "-"), safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _card(classroom_id: UUID, *, helps_first: bool, page: int | None = None) -> GridCard:
    grid = class_grid(
        db(),
        clock(),
        classroom_id=classroom_id,
        by=signed_in(),
        assignment_id=request.args.get("assignment", type=UUID),
        page=page,
    )
    return grid_card(helped_first(grid) if helps_first else grid, page or 0)
