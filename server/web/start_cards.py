"""What a pupil's start page is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from server.services.pupil_tasks import PupilTask, PupilTasks
from server.web.cards import LessonCard, lesson_card
from server.web.giving_cards import days_left
from server.web.translate import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCard:
    """One lesson that was given; `when` says kindly how long is left."""

    lesson: LessonCard
    classroom: str
    note: str
    due_at: datetime | None
    when: str
    is_late: bool
    is_soon: bool
    done_count: int
    item_count: int
    is_begun: bool
    is_done: bool

    @property
    def percent(self) -> int:
        """How much is done."""
        return 100 * self.done_count // self.item_count if self.item_count else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksCard:
    """All of them."""

    due: Sequence[TaskCard]
    going_on: Sequence[TaskCard]
    new: Sequence[TaskCard]
    done: Sequence[TaskCard]
    left_count: int
    gone: Sequence[tuple[str, str]]  # title and address of work whose lesson is not shown any more

    @property
    def has_any(self) -> bool:
        """Whether something was given."""
        return bool(self.left_count or self.done or self.gone)


def tasks_card(tasks: PupilTasks, now: datetime) -> TasksCard:
    """Return what the pupil has before them."""
    return TasksCard(
        due=[_task_card(task, now) for task in tasks.due],
        going_on=[_task_card(task, now) for task in tasks.going_on],
        new=[_task_card(task, now) for task in tasks.new],
        done=[_task_card(task, now) for task in tasks.done],
        left_count=tasks.count,
        gone=[
            (each.title, url_for("own_work.show", assignment_id=each.assignment.id))
            for each in tasks.gone
        ],
    )


def _task_card(task: PupilTask, now: datetime) -> TaskCard:
    row = task.assignment
    return TaskCard(
        lesson=lesson_card(task.lesson),
        classroom=row.classroom.name,
        note=row.note,
        due_at=row.due_at,
        when=_when(task, now),
        is_late=task.is_late,
        is_soon=task.is_soon,
        done_count=task.state.done_count,
        item_count=task.state.item_count,
        is_begun=task.state.is_begun,
        is_done=task.state.is_done,
    )


def _when(task: PupilTask, now: datetime) -> str:
    due_at = task.assignment.due_at
    if due_at is None or task.state.is_done:
        return ""
    if task.is_late:
        return _("Not handed in yet; it can still be done")
    days = days_left(due_at, now)
    if days == 0:
        return _("Today")
    return _("Tomorrow") if days == 1 else _("%(count)s days left", count=days)
