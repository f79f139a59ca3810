"""Giving a lesson to learn: to whom, until when; then what to post, and changes."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError, LessonNotReady, NotAllowed
from server.models.classrooms import Classroom
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import may_give_lesson, may_make_any_classroom
from server.request_context import clock, db, signed_in
from server.services.assignments import (
    Recipients,
    Task,
    change_task,
    give_course,
    give_lesson,
    given_of_lesson,
    withdraw_assignment,
)
from server.services.classrooms import get_classroom, list_classrooms
from server.services.courses import ShownCourse, get_course_for
from server.services.enrolments import members_of
from server.services.lessons import get_lesson_for
from server.services.pupil_groups import list_groups
from server.services.terms import day_in_bangkok
from server.web.choices import grades_text, visibility_labels
from server.web.forms import Form, text, typed
from server.web.giving_cards import (
    BY_WEEKS,
    ONLY_GIVEN,
    GivenThing,
    audience_now,
    due_choices,
    example_day,
    given_card,
    is_new,
    room_choice,
    shown_to,
)
from server.web.translate import translate as _
from server.web.typed_dates import read_day

bp = Blueprint("giving", __name__)


@bp.get("/lessons/<uuid:lesson_id>/give")
def ask(lesson_id: UUID) -> ResponseReturnValue:
    """Ask to which classrooms, and until when."""
    return _ask_for_lesson(_lesson(lesson_id), Form())


@bp.post("/lessons/<uuid:lesson_id>/give")
def give(lesson_id: UUID) -> ResponseReturnValue:
    """Give it, and show what to post."""
    by = signed_in()
    lesson = _lesson(lesson_id)
    try:
        to = _recipients()
        give_lesson(
            db(),
            clock(),
            lesson_id=lesson_id,
            to=to,
            task=_task(),
            by=by,
            only_given=text("audience") == ONLY_GIVEN,
        )
    except FieldError as error:
        return _ask_for_lesson(lesson, typed(error)), 422
    except LessonNotReady:
        _say_not_ready()
        return _ask_for_lesson(lesson, typed()), 409
    flash(_("It is given. The pupils find it on their start page; post the link, too."), "good")
    return _to(lesson_id)


@bp.get("/courses/<uuid:course_id>/give")
def ask_for_course(course_id: UUID) -> ResponseReturnValue:
    """Ask the same for all lessons of a course."""
    return _ask_course_page(_course(course_id), Form())


@bp.post("/courses/<uuid:course_id>/give")
def give_all(course_id: UUID) -> ResponseReturnValue:
    """Give all lessons of a course, and show how far the classroom is."""
    by = signed_in()
    course = _course(course_id)
    try:
        to = _recipients()
        given = give_course(db(), clock(), course_id=course_id, to=to, task=_task(), by=by)
    except FieldError as error:
        return _ask_course_page(course, typed(error)), 422
    except LessonNotReady:
        _say_not_ready()
        return _ask_course_page(course, typed()), 409
    count = len({row.lesson_id for row in given})
    flash(
        _("%(count)s lessons are given. The pupils find them in this order.", count=count), "good"
    )
    return _to_grid(given[0].classroom_id)


@bp.get("/lessons/<uuid:lesson_id>/given")
def show(lesson_id: UUID) -> ResponseReturnValue:
    """Show where the lesson is given, with what to post."""
    return _given_page(_lesson(lesson_id), Form())


@bp.post("/assignments/<uuid:assignment_id>")
def change(assignment_id: UUID) -> ResponseReturnValue:
    """Change date and words."""
    by = signed_in()
    try:
        row = change_task(db(), clock(), assignment_id=assignment_id, task=_task(), by=by)
    except FieldError as error:
        lesson_id = request.form.get("lesson_id", type=UUID)
        if lesson_id is None:
            raise
        return _given_page(_lesson(lesson_id), typed(error), wrong_id=assignment_id), 422
    flash(_("The changes are kept. What was posted before still shows the old date."), "good")
    return _to(row.lesson.id) if row.lesson else _to_grid(row.classroom_id)


@bp.post("/assignments/<uuid:assignment_id>/withdraw")
def withdraw(assignment_id: UUID) -> ResponseReturnValue:
    """Take it back."""
    row = withdraw_assignment(db(), clock(), assignment_id=assignment_id, by=signed_in())
    flash(_("It is taken back. What the pupils did is kept."), "good")
    return _to_grid(row.classroom_id)


def _say_not_ready() -> None:
    flash(
        _("There is nothing to watch yet. Give it as soon as its beginning can be watched."),
        "warning",
    )


def _ask_for_lesson(lesson: Lesson, form: Form) -> str:
    by = signed_in()
    rooms = [room for room in _rooms(by) if may_give_lesson(by, lesson, room)]
    about = GivenThing(
        title=lesson.title,
        url=url_for("lessons.show", lesson_id=lesson.id),
        give_url=url_for("giving.give", lesson_id=lesson.id),
        shown_to=shown_to(lesson),
        audience=visibility_labels()[lesson.visibility],
        audience_now=audience_now(lesson),
    )
    return _ask_page(about, rooms, form)


def _ask_course_page(shown: ShownCourse, form: Form) -> str:
    course = shown.course
    about = GivenThing(
        title=course.title,
        url=url_for("courses.show", course_id=course.id),
        give_url=url_for("giving.give_all", course_id=course.id),
        has_weeks=bool(shown.last_days()),
        shown_to="some_new" if any(is_new(one) for one in shown.lessons.values()) else "",
    )
    return _ask_page(about, _rooms(signed_in()), form)


def _ask_page(about: GivenThing, rooms: Sequence[Classroom], form: Form) -> str:
    ids = [room.id for room in rooms]
    groups = list_groups(db(), classroom_ids=ids)
    members = members_of(db(), classroom_ids=ids)
    asked = request.args.get("room", type=UUID)
    chosen = request.form.getlist("room", type=UUID) or ([asked] if asked else [])
    return render_template(
        "giving/give.html",
        form=form,
        about=about,
        rooms=[
            room_choice(room, grades_text(room.grades), members.get(room.id, ()), groups)
            for room in rooms
        ],
        chosen_rooms=chosen or (ids if len(ids) == 1 else []),
        chosen_pupils=request.form.getlist("pupil", type=UUID),
        chosen_groups=request.form.getlist("group", type=UUID),
        due_choices=due_choices(clock()(), by_weeks=about.has_weeks),
        due=BY_WEEKS if about.has_weeks else "",
        example_day=example_day(clock()()),
    )


def _given_page(lesson: Lesson, form: Form, *, wrong_id: UUID | None = None) -> str:
    rows = given_of_lesson(db(), lesson_id=lesson.id, by=signed_in())
    return render_template(
        "giving/given.html",
        lesson_id=lesson.id,
        title=lesson.title,
        given=[given_card(row, clock()()) for row in rows],
        example_day=example_day(clock()()),
        form=form,
        no_form=Form(),
        wrong_id=wrong_id,
    )


def _lesson(lesson_id: UUID) -> Lesson:
    by = signed_in()
    if not may_make_any_classroom(by):
        raise NotAllowed("lessons are given by teachers")
    return get_lesson_for(db(), clock(), lesson_id=lesson_id, by=by)


def _course(course_id: UUID) -> ShownCourse:
    by = signed_in()
    if not may_make_any_classroom(by):
        raise NotAllowed("courses are given by teachers")
    return get_course_for(db(), clock(), course_id=course_id, by=by)


def _rooms(by: Person) -> list[Classroom]:
    """Return the person's classrooms of the newest year."""
    taught = [listed.classroom for listed in list_classrooms(db(), by=by)]
    newest = max((room.academic_year for room in taught), default=0)
    return [room for room in taught if room.academic_year == newest]


def _recipients() -> list[Recipients]:
    """Return whom the form names: of each classroom all, or the chosen groups and pupils."""
    by, asked = signed_in(), dict.fromkeys(request.form.getlist("room", type=UUID))
    chosen = [get_classroom(db(), classroom_id=id_, by=by).id for id_ in asked]
    groups = set(request.form.getlist("group", type=UUID))
    pupils = set(request.form.getlist("pupil", type=UUID))
    offered = {*chosen, *(room.id for room in _rooms(by))}
    members = members_of(db(), classroom_ids=offered)
    people: dict[UUID, set[UUID]] = {
        room_id: {row.person_id for row in rows if row.id in pupils}
        for room_id, rows in members.items()
    }
    for group in list_groups(db(), classroom_ids=offered):
        if group.id in groups:
            groups.remove(group.id)
            in_group = {row.person_id for row in group.members}
            people.setdefault(group.classroom_id, set()).update(in_group)
    if groups or pupils - {row.id for rows in members.values() for row in rows}:
        # Meant for some: it does not go to all because these are gone meanwhile.
        raise FieldError("pupil", "not there any more", rule="empty")
    return [
        Recipients(classroom_id=id_, person_ids=frozenset(people.get(id_, ()))) for id_ in chosen
    ]


def _task() -> Task:
    due, typed_day = text("due"), text("due_on").strip()
    day = typed_day if due in {"", "other", BY_WEEKS} else due
    return Task(
        due_on=_day("due_on", day),
        opens_on=_day("opens_on"),
        note=text("note"),
        by_weeks=due == BY_WEEKS and not typed_day,
    )


def _day(field: str, value: str | None = None) -> date | None:
    value = (text(field) if value is None else value).strip()
    day = read_day(value, day_in_bangkok(clock()()))
    if value and day is None:
        raise FieldError(field, "no day", rule="date")
    return day


def _to(lesson_id: UUID) -> Response:
    return redirect(url_for("giving.show", lesson_id=lesson_id), code=303)


def _to_grid(classroom_id: UUID) -> Response:
    return redirect(url_for("class_grid.show", classroom_id=classroom_id), code=303)
