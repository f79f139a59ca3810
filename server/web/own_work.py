"""A pupil's own work of one lesson that was given, also when the lesson is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from server.models.assignments import HandIn
from server.models.content import AnyItem, HandInItem
from server.request_context import db, signed_in
from server.services.completion import ItemState
from server.services.markdown import as_html
from server.services.own_work import OwnWork, own_work
from server.services.quizzes import PupilsQuiz
from server.web.hand_in_cards import HandInFileCard, file_card, number_text
from server.web.lesson_steps import item_title, kind_names
from server.web.quiz_results import ResultCard, result_card

bp = Blueprint("own_work", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedInCard:
    """What was handed in, and what the teacher said."""

    text: str
    files: Sequence[HandInFileCard]
    at: datetime | None
    comment: str
    mark: str
    most_points: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceCard:
    """One item: what was asked, what was done, what the teacher said."""

    title: str
    kind_name: str
    html: Markup
    is_begun: bool
    is_done: bool
    percent: int | None  # of a file: how much was watched
    work: HandedInCard | None
    result: ResultCard | None


@bp.get("/assignments/<uuid:assignment_id>/work")
def show(assignment_id: UUID) -> ResponseReturnValue:
    """Show what the pupil did, with what was asked and the marks."""
    work = own_work(db(), assignment_id=assignment_id, by=signed_in())
    quizzes = {quiz.item.id: quiz for quiz in work.quizzes}
    page = render_template(
        "start/work.html",
        title=work.lesson.title,
        lesson_language=work.lesson.language,
        classroom=work.assignment.classroom.name,
        note=work.assignment.note,
        pieces=[_piece(work, item, quizzes.get(item.id)) for item in work.items],
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _piece(work: OwnWork, item: AnyItem, quiz: PupilsQuiz | None) -> PieceCard:
    state = work.states.get(item.id)
    last = quiz.last_try if quiz else None
    asked = item.markdown if isinstance(item, HandInItem) else ""
    return PieceCard(
        title=item_title(item, work.lesson),
        kind_name=kind_names()[item.kind],
        html=Markup(as_html(asked)),  # noqa: S704 (cleaned there)
        is_begun=state is not None,
        is_done=state is not None and state.is_done,
        percent=_percent(state),
        result=result_card(quiz, last) if quiz and last else None,
        work=_handed_in(item, work.hand_ins.get(item.id)),
    )


def _percent(state: ItemState | None) -> int | None:
    return None if state is None or state.share is None else int(100 * state.share)


def _handed_in(item: AnyItem, row: HandIn | None) -> HandedInCard | None:
    if row is None or not isinstance(item, HandInItem):
        return None
    return HandedInCard(
        text=row.text,
        files=[file_card(row, file) for file in row.files],
        at=row.handed_in_at,
        comment=row.comment if row.marked_at else "",
        mark=number_text(row.mark) if row.returned_at else "",
        most_points=number_text(item.most_points),
    )
