"""Help inside the product: one screen for teachers, one for pupils."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("guides", __name__, url_prefix="/help")


@bp.get("/teacher")
def teacher() -> ResponseReturnValue:
    """Show a teacher the way to a class that learns."""
    return render_template("help/teacher.html")


@bp.get("/pupil")
def pupil() -> ResponseReturnValue:
    """Show a pupil how to come in, learn and ask for help."""
    return render_template("help/pupil.html")
