"""Learning together before one screen: who is there, what to show, and hands that are raised."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.errors import FieldError, NotFound
from server.models.class_sessions import ClassSession
from server.models.content import QuizItem
from server.models.lessons import Lesson
from server.request_context import class_before_screen, clock, db, show_to_class, signed_in
from server.services.assignments import given_to_classroom
from server.services.class_sessions import end_class, hands_of, note_hands, start_class
from server.services.classrooms import get_classroom
from server.services.enrolments import list_pupils
from server.services.lesson_content import content_for, find_item
from server.web.classroom_cards import classroom_card, register_cards
from server.web.forms import Form, typed
from server.web.hands_cards import answer_values, field_name, hands_cards
from server.web.lesson_steps import item_title
from server.web.lessons import lesson_or_sign_in
from server.web.origin import Origin, item_url
from server.web.translate import translate as _

bp = Blueprint("together", __name__)

HANDS = "hands-"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLink:
    """A lesson that the classroom was given."""

    title: str
    url: str


@bp.get("/classrooms/<uuid:classroom_id>/together")
def show(classroom_id: UUID) -> ResponseReturnValue:
    """Ask who is there; while they learn together, offer what to show."""
    return _page(classroom_id, Form())


@bp.post("/classrooms/<uuid:classroom_id>/together")
def start(classroom_id: UUID) -> ResponseReturnValue:
    """Begin, with who was ticked."""
    there = request.form.getlist("present", type=UUID)
    try:
        begun = start_class(
            db(), clock(), classroom_id=classroom_id, enrolment_ids=there, by=signed_in()
        )
    except FieldError as error:
        return _page(classroom_id, typed(error)), 422
    show_to_class(begun.id)
    flash(
        _("What is watched and answered here now counts for %(count)s pupils.", count=len(there)),
        "good",
    )
    return redirect(url_for("together.show", classroom_id=classroom_id), code=303)


@bp.post("/classrooms/together/end")
def end() -> ResponseReturnValue:
    """End it."""
    together = class_before_screen()
    end_class(db(), clock(), by=signed_in())
    show_to_class(None)
    flash(_("The class has ended. What is watched here now is your own again."), "good")
    if together is None:
        return redirect(url_for("classrooms.home"), code=303)
    return redirect(url_for("classrooms.show", classroom_id=together.classroom_id), code=303)


@bp.get("/lessons/<uuid:lesson_id>/items/<uuid:item_id>/hands")
def hands(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Show the questions large, to be answered by raised hands."""
    return _hands_page(lesson_id, item_id, Form())


@bp.post("/lessons/<uuid:lesson_id>/items/<uuid:item_id>/hands")
def save_hands(lesson_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Keep how many hands were raised, then show what is right."""
    lesson, item, together = _asked(lesson_id, item_id)
    try:
        note_hands(db(), clock(), together=together, lesson=lesson, item=item, counts=_counts(item))
    except FieldError as error:
        return _hands_page(lesson_id, item_id, typed(error)), 422
    return redirect(url_for("together.hands", lesson_id=lesson_id, item_id=item_id), code=303)


def _page(classroom_id: UUID, form: Form) -> str:
    by = signed_in()
    classroom = get_classroom(db(), classroom_id=classroom_id, by=by)
    together = class_before_screen()
    runs = together is not None and together.classroom_id == classroom.id
    pupils = list_pupils(db(), clock(), classroom=classroom)
    there = together.present_ids if together and runs else ()
    with db().begin():
        given = given_to_classroom(db(), classroom_id=classroom.id)
    lessons = {row.lesson.id: row.lesson for row in given if row.lesson and row.lesson.is_published}
    return render_template(
        "classrooms/together.html",
        classroom=classroom_card(classroom),
        pupils=register_cards(pupils),
        runs=runs,
        there_ids={row.enrolment.id for row in pupils if row.enrolment.person_id in there},
        there_count=len(there),
        given=[
            GivenLink(title=lesson.title, url=url_for("lessons.show", lesson_id=lesson.id))
            for lesson in reversed(lessons.values())
        ],
        form=form,
    )


def _hands_page(lesson_id: UUID, item_id: UUID, form: Form) -> str:
    lesson, item, together = _asked(lesson_id, item_id)
    questions = hands_cards(lesson, item, hands_of(db(), together, item.id), prefix=HANDS)
    return render_template(
        "classrooms/hands.html",
        title=item_title(item, lesson),
        language_of_lesson=lesson.language,
        lesson_title=lesson.title,
        lesson_url=url_for("lessons.show", lesson_id=lesson.id),
        item_url=item_url(lesson, Origin(), item.id),
        questions=questions,
        has_sound=any(one.media and one.media.player for one in questions),
        there_count=len(together.present_ids),
        form=form,
    )


def _asked(lesson_id: UUID, item_id: UUID) -> tuple[Lesson, QuizItem, ClassSession]:
    by, together = signed_in(), class_before_screen()
    if together is None:
        raise NotFound("no class is before this screen")
    lesson = lesson_or_sign_in(lesson_id)
    item = find_item(content_for(db(), lesson, person_id=by.id), item_id)
    if not isinstance(item, QuizItem):
        raise NotFound(f"no quiz {item_id}")
    return lesson, item, together


def _counts(item: QuizItem) -> Mapping[UUID, Mapping[str, int]]:
    """Return the hands of the form; what is no number counts as none."""
    return {
        question.id: {
            value: request.form.get(field_name(HANDS, question.id, value), 0, type=int)
            for value in answer_values(question)
        }
        for question in item.questions
        if answer_values(question)
    }
