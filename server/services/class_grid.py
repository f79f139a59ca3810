"""Who is how far: the pupils of a classroom against the items of a lesson, or all given lessons.

A constant number of queries, however many pupils, lessons and items.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from server.errors import NotFound
from server.models.assignments import Assignment
from server.models.classrooms import Classroom, Enrolment
from server.models.content import AnyItem
from server.models.lessons import Lesson
from server.models.people import Person
from server.services.assignments import chosen_pupils, given_to_classroom
from server.services.classrooms import taught_classroom
from server.services.clock import Clock
from server.services.completion import ItemState, Standing, lesson_state, standing_of
from server.services.enrolments import present_enrolments
from server.services.lesson_content import content_for

LESSONS_AT_ONCE = 20


class Step(StrEnum):
    """How far somebody is."""

    NONE = "none"
    BEGUN = "begun"
    DONE = "done"
    NOT_GIVEN = "not_given"  # is for others of the class


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """One pupil and one item, or lesson; shares and scores are 0 to 1."""

    step: Step = Step.NONE
    share: float | None = None
    score: float | None = None
    is_late: bool = False  # its day is past, and it is not done
    is_stuck: bool = False  # tries of something did not reach what they should

    @property
    def needs_help(self) -> bool:
        """Whether the teacher looks here."""
        return self.is_late or self.is_stuck


@dataclass(frozen=True, slots=True)
class GridColumn:
    """An item of a given lesson, or without one the whole lesson."""

    given: Assignment
    item: AnyItem | None = None

    @property
    def is_gone(self) -> bool:
        """Whether pupils cannot see it any more."""
        return is_gone(self.given.lesson)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """A pupil."""

    enrolment: Enrolment
    cells: Sequence[GridCell]

    @property
    def done_count(self) -> int:
        """How many are done."""
        return sum(cell.step is Step.DONE for cell in self.cells)

    @property
    def needs_help(self) -> bool:
        """Whether the teacher looks here first."""
        return any(cell.needs_help for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassGrid:
    """The table; `assignment` is empty when it is of all lessons."""

    classroom: Classroom
    given: Sequence[Assignment]
    assignment: Assignment | None
    columns: Sequence[GridColumn]
    rows: Sequence[GridRow]


def class_grid(
    session: Session,
    now: Clock,
    *,
    classroom_id: UUID,
    by: Person,
    assignment_id: UUID | None = None,
    page: int | None = None,
) -> ClassGrid:
    """Return how far everybody is, in the order of the register.

    Of all lessons with `page` some, the newest on page 0. Raises NotFound, also for an assignment
    that was withdrawn.
    """
    with session.begin():
        classroom = taught_classroom(session, classroom_id, by)
        given = given_to_classroom(session, classroom_id=classroom_id)
        chosen = chosen_pupils(session, [row.id for row in given])
        pupils = present_enrolments(session, classroom_id)
    one = next((row for row in given if row.id == assignment_id), None)
    if assignment_id and one is None:
        raise NotFound(f"no assignment {assignment_id} of this classroom")
    board = _Board(now(), chosen)
    if one is not None:
        columns, rows = board.of_items(session, one, pupils)
    else:
        shown = given if page is None else _page_of(given, page)
        columns, rows = board.of_lessons(session, shown, pupils)
    return ClassGrid(classroom=classroom, given=given, assignment=one, columns=columns, rows=rows)


def helped_first(grid: ClassGrid) -> ClassGrid:
    """Return it with those first who need help, and of them those who have done least."""
    rows = sorted(grid.rows, key=lambda row: (not row.needs_help, row.done_count))
    return replace(grid, rows=rows)


@dataclass(frozen=True, slots=True)
class _Board:
    """What all cells are judged by."""

    now: datetime
    chosen: dict[UUID, frozenset[UUID]]

    def of_items(
        self, session: Session, given: Assignment, pupils: Sequence[Enrolment]
    ) -> tuple[list[GridColumn], list[GridRow]]:
        """Return one lesson, item by item."""
        if given.learnt is None:
            return [GridColumn(given)], [
                GridRow(enrolment=pupil, cells=[GridCell()]) for pupil in pupils
            ]
        with session.begin():
            content = content_for(session, given.learnt, person_id=None)
        standing = standing_of(session, [row.person_id for row in pupils], [given.learnt])
        columns = [GridColumn(given, item) for item in content.items]
        has_required = any(item.is_required for item in content.items)
        is_needed = [item.is_required or not has_required for item in content.items]
        rows = []
        for pupil in pupils:
            states = standing[pupil.person_id].states
            cells = [
                self._item_cell(given, pupil, states.get(item.id), is_needed=needed)
                for item, needed in zip(content.items, is_needed, strict=True)
            ]
            rows.append(GridRow(enrolment=pupil, cells=cells))
        return columns, rows

    def of_lessons(
        self, session: Session, given: Sequence[Assignment], pupils: Sequence[Enrolment]
    ) -> tuple[list[GridColumn], list[GridRow]]:
        """Return all lessons, each as a whole."""
        lessons = {row.learnt.id: row.learnt for row in given if row.learnt}
        person_ids = [row.person_id for row in pupils]
        standing = standing_of(session, person_ids, lessons.values())
        rows = []
        for pupil in pupils:
            own = standing[pupil.person_id]
            cells = [self._lesson_cell(each, pupil, own) for each in given]
            rows.append(GridRow(enrolment=pupil, cells=cells))
        return [GridColumn(each) for each in given], rows

    def _item_cell(
        self, given: Assignment, pupil: Enrolment, state: ItemState | None, *, is_needed: bool
    ) -> GridCell:
        if not self._is_for(given, pupil):
            return GridCell(step=Step.NOT_GIVEN)
        is_late = is_needed and self._is_past(given)
        if state is None:
            return GridCell(is_late=is_late)
        return GridCell(
            step=Step.DONE if state.is_done else Step.BEGUN,
            share=state.share,
            score=state.score,
            is_late=is_late and not state.is_done,
            is_stuck=state.is_stuck,
        )

    def _lesson_cell(self, given: Assignment, pupil: Enrolment, standing: Standing) -> GridCell:
        if not self._is_for(given, pupil):
            return GridCell(step=Step.NOT_GIVEN)
        if given.learnt is None:
            return GridCell()
        state = lesson_state(standing.contents[given.learnt.id], standing.states)
        step = Step.DONE if state.is_done else Step.BEGUN if state.is_begun else Step.NONE
        share = state.done_count / state.item_count if state.item_count else 0.0
        return GridCell(
            step=step,
            share=share,
            score=state.score,
            is_late=self._is_past(given) and not state.is_done,
            is_stuck=state.is_stuck,
        )

    def _is_for(self, given: Assignment, pupil: Enrolment) -> bool:
        return given.is_for_all or pupil.person_id in self.chosen.get(given.id, frozenset())

    def _is_past(self, given: Assignment) -> bool:
        return given.due_at is not None and given.due_at < self.now and not is_gone(given.lesson)


def _page_of(given: Sequence[Assignment], page: int) -> Sequence[Assignment]:
    end = max(0, len(given) - page * LESSONS_AT_ONCE)
    return given[max(0, end - LESSONS_AT_ONCE) : end]


def is_gone(lesson: Lesson | None) -> bool:
    """Return whether pupils cannot see it any more."""
    return lesson is None or not lesson.is_published
