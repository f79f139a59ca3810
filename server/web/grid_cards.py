"""The class grid as pages and exports show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import url_for

from server.models.content import HandInItem
from server.services.class_grid import (
    LESSONS_AT_ONCE,
    ClassGrid,
    GridCell,
    GridColumn,
    GridRow,
    Step,
)
from server.web.classroom_cards import ClassroomCard, classroom_card
from server.web.dates import shown_date
from server.web.lesson_steps import item_title, kind_names
from server.web.translate import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCard:
    """One cell: `sign` is seen, `text` is read aloud and exported."""

    step: str
    sign: str
    text: str
    needs_help: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCard:
    """The head of a column; `url` leads to what is behind it."""

    title: str
    kind: str
    due_at: datetime | None
    is_gone: bool
    is_required: bool
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCard:
    """One pupil."""

    enrolment_id: UUID
    number: int | None
    name: str
    needs_help: bool
    done_count: int
    cells: Sequence[CellCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCard:
    """The table; `title` is empty when it is of all lessons."""

    classroom: ClassroomCard
    title: str
    assignment_id: UUID | None
    lesson_id: UUID | None
    due_at: datetime | None
    columns: Sequence[ColumnCard]
    rows: Sequence[RowCard]
    earlier_page: int | None  # of lessons given before these
    later_page: int | None

    @property
    def help_count(self) -> int:
        """How many pupils need help."""
        return sum(row.needs_help for row in self.rows)


def grid_card(grid: ClassGrid, page: int = 0) -> GridCard:
    """Return the grid for people to read; `page` is which of its pages it is of."""
    one = grid.assignment
    has_earlier = one is None and len(grid.given) > (page + 1) * LESSONS_AT_ONCE
    signs: dict[GridCell, CellCard] = {}
    return GridCard(
        classroom=classroom_card(grid.classroom),
        title=(one.learnt.title if one.learnt else one.title) if one else "",
        assignment_id=one.id if one else None,
        lesson_id=one.lesson_id if one and one.lesson else None,
        due_at=one.due_at if one else None,
        columns=[_column_card(column) for column in grid.columns],
        rows=[_row_card(row, signs, is_whole=one is None) for row in grid.rows],
        earlier_page=page + 1 if has_earlier else None,
        later_page=page - 1 if page > 0 else None,
    )


def step_names() -> dict[str, str]:
    """Return what the signs mean."""
    return {
        Step.DONE: _("Done"),
        Step.BEGUN: _("Begun"),
        Step.NONE: _("Not begun"),
        Step.NOT_GIVEN: _("Not for this pupil"),
    }


def column_label(column: ColumnCard) -> str:
    """Return the head of an exported column."""
    until = _("by %(date)s", date=shown_date(column.due_at)) if column.due_at else ""
    gone = _("not shown any more") if column.is_gone else ""
    facts = ", ".join(each for each in (until, gone) if each)
    return f"{column.title} ({facts})" if facts else column.title


def _column_card(column: GridColumn) -> ColumnCard:
    given, item = column.given, column.item
    kinds = kind_names()
    return ColumnCard(
        title=_title(column),
        kind=kinds[item.kind] if item else "",
        due_at=None if item else given.due_at,
        is_gone=column.is_gone,
        is_required=bool(item and item.is_required),
        url=_column_url(column),
    )


def _title(column: GridColumn) -> str:
    lesson = column.given.learnt
    if lesson is None:
        return column.given.title
    return item_title(column.item, lesson) if column.item else lesson.title


def _column_url(column: GridColumn) -> str:
    given, item = column.given, column.item
    if item is None:
        return url_for("class_grid.show", classroom_id=given.classroom_id, assignment=given.id)
    if isinstance(item, HandInItem):
        return url_for("hand_ins.list_all", assignment_id=given.id, item_id=item.id)
    return ""


def _row_card(row: GridRow, known: dict[GridCell, CellCard], *, is_whole: bool) -> RowCard:
    for cell in row.cells:
        if cell not in known:
            known[cell] = _cell_card(cell, is_whole=is_whole)
    return RowCard(
        enrolment_id=row.enrolment.id,
        number=row.enrolment.list_number,
        name=row.enrolment.person.full_name,
        needs_help=row.needs_help,
        done_count=row.done_count,
        cells=[known[cell] for cell in row.cells],
    )


def _cell_card(cell: GridCell, *, is_whole: bool) -> CellCard:
    name = step_names()[cell.step]
    score = "" if cell.score is None else f"{round(100 * cell.score)}%"
    share = ""
    if cell.step is Step.BEGUN and cell.share is not None:
        share = f"{int(100 * cell.share)}%"
    sign = {Step.DONE: "✓", Step.BEGUN: "◐", Step.NONE: "–", Step.NOT_GIVEN: ""}[cell.step]
    details = [_("score %(score)s", score=score)] if score else []
    if share and is_whole:
        details.append(_("%(share)s done", share=share))
    elif share:
        details.append(_("%(share)s seen", share=share))
    if cell.is_late:
        details.append(_("the day has passed"))
    return CellCard(
        step=str(cell.step),
        sign=f"{sign} {score or share}".strip(),
        text=", ".join([name, *details]),
        needs_help=cell.needs_help,
    )
