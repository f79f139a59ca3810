"""Curriculum frameworks in the office's hands: look at a file, import it, remove a framework."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import FieldError
from server.models.curriculum import NodeKind
from server.request_context import clock, db, signed_in
from server.services.curriculum import (
    ListedFramework,
    import_curriculum,
    list_frameworks,
    read_upload,
    remove_framework,
)
from server.services.curriculum_csv import CurriculumFile, FrameworkLines, LineFault
from server.web.choices import grades_text
from server.web.dates import shown_day
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("curriculum", __name__, url_prefix="/admin/curriculum")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkCard:
    """A framework that was imported, or would be; `id` is empty for the latter."""

    id: UUID | None
    title: str
    code: str
    version: str
    grades: str
    valid: str
    indicator_count: int


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show what was imported, and take a file."""
    return _page(Form())


@bp.post("/")
def upload() -> ResponseReturnValue:
    """Say what a file holds and what is wrong in it; import it when that was asked."""
    sent = request.files.get("curriculum")
    raw = sent.read() if sent else b""
    try:
        if text("action") != "import":
            return _page(typed(), looked=read_upload(raw, by=signed_in()))
        file = import_curriculum(db(), clock(), raw=raw, by=signed_in())
    except FieldError as error:
        return _page(typed(error)), 422
    if file.faults:
        return _page(typed(), looked=file), 422
    for each in file.frameworks:
        facts = {"title": each.title, "count": each.count(NodeKind.INDICATOR)}
        flash(_("“%(title)s” is imported: %(count)s indicators.", **facts), "good")
    return redirect(url_for("curriculum.home"), code=303)


@bp.post("/<uuid:framework_id>/remove")
def remove(framework_id: UUID) -> ResponseReturnValue:
    """Remove a framework."""
    remove_framework(db(), clock(), framework_id=framework_id, by=signed_in())
    flash(_("The framework is removed. Lessons keep their codes."), "good")
    return redirect(url_for("curriculum.home"), code=303)


def _page(form: Form, *, looked: CurriculumFile | None = None) -> str:
    listed = [_listed_card(each) for each in list_frameworks(db(), by=signed_in())]
    return render_template(
        "admin/curriculum.html",
        form=form,
        frameworks=listed,
        is_looked=looked is not None,
        found=[_file_card(each) for each in looked.frameworks] if looked else (),
        faults=fault_lines(looked.faults) if looked else (),
    )


def fault_lines(faults: Sequence[LineFault]) -> list[tuple[int, str]]:
    """Return what is wrong, by line."""
    words = _fault_words()
    return [(each.line, words[each.rule] % {"value": each.value}) for each in faults]


def _fault_words() -> Mapping[str, str]:
    return {
        "header": _("The first line does not name these columns: %(value)s"),
        "encoding": _("There are letters that are neither UTF-8 nor Thai of Windows (CP874)."),
        "csv": _("A quotation mark is not closed."),
        "no_framework": _("Before this there must be a line of the kind framework."),
        "kind": _("“%(value)s” is no kind: framework, learning_area, strand, standard, indicator."),
        "code": _("The code is missing, or longer than 60 characters: %(value)s"),
        "text": _("The text of %(value)s is missing, or very long."),
        "grades": _("These are no grades: %(value)s. Write them as ป.1-3 or ม.4-6"),
        "date": _("This is no time from and until when it is in force: %(value)s"),
        "version": _("The version of the framework is missing."),
        "twice": _("%(value)s stands twice in the framework."),
        "parent": _("What %(value)s belongs to is not in the file."),
    }


def _listed_card(listed: ListedFramework) -> FrameworkCard:
    row = listed.framework
    return FrameworkCard(
        id=row.id,
        title=row.title,
        code=row.code,
        version=row.version,
        grades=grades_text(row.grades),
        valid=_valid(row.valid_from, row.valid_until),
        indicator_count=listed.indicator_count,
    )


def _file_card(lines: FrameworkLines) -> FrameworkCard:
    return FrameworkCard(
        id=None,
        title=lines.title,
        code=lines.code,
        version=lines.version,
        grades=grades_text(list(lines.grades)),
        valid=_valid(lines.valid_from, lines.valid_until),
        indicator_count=lines.count(NodeKind.INDICATOR),
    )


def _valid(since: date, until: date | None) -> str:
    if until is None:
        return _("in force from %(date)s", date=shown_day(since))
    return _("in force %(start)s – %(end)s", start=shown_day(since), end=shown_day(until))
