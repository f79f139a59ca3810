"""What people reached in a package, in its teacher's hands."""

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from server.request_context import db, signed_in
from server.services.package_results import PackageResult, package_results
from server.web.translate import translate as _

bp = Blueprint("studio_results", __name__, url_prefix="/studio")


@bp.get("/lessons/<uuid:lesson_id>/results")
def show(lesson_id: UUID) -> ResponseReturnValue:
    """Show who completed the package, and with which score."""
    found = package_results(db(), lesson_id=lesson_id, by=signed_in())
    return render_template(
        "studio/results.html",
        lesson_id=lesson_id,
        title=found.lesson.title,
        people=[(person, score_text(person), state_text(person)) for person in found.people],
        completed_count=sum(person.is_completed for person in found.people),
        other_count=found.other_count,
    )


def score_text(person: PackageResult) -> str:
    """Return the score as teachers write it; empty where the package told none."""
    if person.score_raw is not None:
        return f"{person.score_raw:g}" + (f"/{person.score_max:g}" if person.score_max else "")
    return f"{person.score_share:.0%}" if person.score_share is not None else ""


def state_text(person: PackageResult) -> str:
    """Return how far somebody is."""
    if person.success == "passed":
        return _("Passed")
    if person.success == "failed":
        return _("Not passed yet")
    return _("All done") if person.is_completed else _("Not finished yet")
