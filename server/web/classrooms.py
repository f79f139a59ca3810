"""A teacher's classrooms: made from pasted names, opened by a code, handed on to colleagues."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError, NotAllowed
from server.models.classrooms import Classroom, SecretKind
from server.models.people import Person, RoleName
from server.policy import may_lead_classroom, may_make_any_classroom, may_make_classroom
from server.request_context import clock, db, hat, signed_in
from server.services.assignments import list_given
from server.services.class_joining import confirm, refuse
from server.services.class_waiting import confirm_all, count_waiting, list_waiting
from server.services.classrooms import (
    ClassroomFacts,
    add_teacher,
    change_code,
    colleagues_of,
    create_classroom,
    edit_classroom,
    get_classroom,
    list_classrooms,
    remove_teacher,
    were_signed_out,
)
from server.services.enrolments import add_names, list_pupils, preview_names
from server.services.home_classes import asked_about
from server.services.names import NameList
from server.services.terms import academic_year_of, day_in_bangkok
from server.services.work_retention import due_work
from server.web.choices import grade_labels, grades_text
from server.web.classroom_cards import (
    classroom_card,
    code_card,
    listed_card,
    register_cards,
    room_card,
    waiting_card,
)
from server.web.classroom_words import passed_words, secret_labels
from server.web.dates import shown_year
from server.web.due_work_cards import due_card
from server.web.forms import Form, text, typed
from server.web.giving_cards import given_card
from server.web.translate import translate as _

bp = Blueprint("classrooms", __name__, url_prefix="/classrooms")


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show what the person teaches; administrators choose a school with `school`."""
    by = _teacher()
    school_id = request.args.get("school", type=UUID)
    listed = list_classrooms(db(), by=by, school_id=school_id)
    waiting = count_waiting(db(), clock(), [each.classroom.id for each in listed])
    cards = [listed_card(each, waiting.get(each.classroom.id, 0)) for each in listed]
    make_for = school_id or _school_of_hat()
    return render_template(
        "classrooms/home.html", classrooms=cards, school_id=school_id, make_for=make_for
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Ask for grades, name and pupils."""
    _may_make(_school_asked())
    return _new_page(Form())


@bp.post("/new")
def make() -> ResponseReturnValue:
    """Show what the pasted names are read as, `part=read` that alone; then make the classroom."""
    school_id = _school_asked()
    _may_make(school_id)
    if text("part") == "read":
        return _read_part()
    grades = request.form.getlist("grades")
    name = text("name").strip() or grades_text(grades)
    if text("action") == "look" and text("names").strip() and grades:
        return _new_page(typed(), preview=True)
    try:
        facts = ClassroomFacts(name=name, grades=grades, academic_year=_year())
        made = create_classroom(db(), clock(), school_id=school_id, facts=facts, by=signed_in())
    except FieldError as error:
        return _new_page(typed(error)), 422
    if text("names").strip():
        add_names(db(), clock(), classroom_id=made.id, text=text("names"), by=signed_in())
    flash(_("The classroom is ready. Show the code, and pupils come in."), "good")
    return _to(made.id)


@bp.get("/<uuid:classroom_id>")
def show(classroom_id: UUID) -> ResponseReturnValue:
    """Show who waits, the code, and the register; `part=waiting` is the first alone."""
    classroom = get_classroom(db(), classroom_id=classroom_id, by=signed_in())
    waiting = list_waiting(db(), clock(), classroom=classroom)
    facts = {
        "classroom": classroom_card(classroom),
        "room": room_card(classroom, clock()()),
        "waiting": [waiting_card(row) for row in waiting],
        "plain_count": sum(row.is_plain for row in waiting),
        "pupils": register_cards(list_pupils(db(), clock(), classroom=classroom)),
    }
    if request.args.get("part") == "waiting":
        return render_template("classrooms/_waiting.html", **facts)
    return render_template(
        "classrooms/show.html",
        **facts,
        code=code_card(classroom, clock()()),
        given=[given_card(row, clock()()) for row in list_given(db(), classroom_id=classroom_id)],
        has_secrets=classroom.secret_kind is not SecretKind.NONE,
        teachers=[(row.person_id, row.person.display_name) for row in classroom.teachers],
        leads=may_lead_classroom(signed_in(), classroom),
        due=due_card(due) if (due := due_work(db(), clock(), classroom_id=classroom_id)) else None,
        asked_about=[row.full_name for row in asked_about(db(), classroom_id=classroom_id)],
        were_signed_out=were_signed_out(db(), clock(), classroom=classroom),
    )


@bp.get("/<uuid:classroom_id>/code")
def show_code(classroom_id: UUID) -> ResponseReturnValue:
    """Show the code large, for a screen in front of the class; `part=picture` is that alone."""
    classroom = get_classroom(db(), classroom_id=classroom_id, by=signed_in())
    room = room_card(classroom, clock()())
    if request.args.get("part") == "picture":
        return render_template("classrooms/_picture.html", room=room)
    return render_template(
        "classrooms/code.html",
        classroom=classroom_card(classroom),
        code=code_card(classroom, clock()()),
        room=room,
    )


@bp.post("/<uuid:classroom_id>/code")
def save_code(classroom_id: UUID) -> ResponseReturnValue:
    """Open, close, or change the code."""
    action = text("action")
    change_code(db(), clock(), classroom_id=classroom_id, action=action, by=signed_in())
    said = {
        "rotate": _(
            "There is a new code. The old one and its QR code stopped; "
            "who was waiting comes again with the new one."
        ),
        "close": _("Nobody new comes in by the code now. Who is in stays in."),
        "open_room": _("The room is open for two hours. Show the code and the picture."),
    }
    other = _("Pupils can ask to come in by the code. It shows no names: they type theirs.")
    flash(said.get(action, other), "good")
    return _to(classroom_id)


@bp.get("/<uuid:classroom_id>/names")
def names(classroom_id: UUID) -> ResponseReturnValue:
    """Ask for more names."""
    return _names_page(get_classroom(db(), classroom_id=classroom_id, by=signed_in()), Form())


@bp.post("/<uuid:classroom_id>/names")
def save_names(classroom_id: UUID) -> ResponseReturnValue:
    """Show what the text is read as, then enrol the pupils."""
    by = signed_in()
    if text("action") != "save":
        classroom = get_classroom(db(), classroom_id=classroom_id, by=by)
        if text("part") == "read":
            return _read_part(classroom)
        return _names_page(classroom, typed())
    added = add_names(db(), clock(), classroom_id=classroom_id, text=text("names"), by=by)
    flash(_("%(count)s pupils were added.", count=len(added)), "good")
    return _to(classroom_id)


@bp.post("/<uuid:classroom_id>/confirm")
def confirm_everybody(classroom_id: UUID) -> ResponseReturnValue:
    """Let in all who wait and need no second look."""
    count = confirm_all(db(), clock(), classroom_id=classroom_id, by=signed_in())
    flash(_("%(count)s pupils are in.", count=count), "good")
    return _to(classroom_id)


@bp.post("/waiting/<uuid:request_id>/confirm")
def confirm_one(request_id: UUID) -> ResponseReturnValue:
    """Let one device in; `as` says as whom, when the name was typed."""
    as_id = request.form.get("as", type=UUID)
    row = confirm(db(), clock(), request_id=request_id, as_id=as_id, by=signed_in())
    flash(_("%(name)s is in.", name=row.person.display_name), "good")
    return _to(row.classroom_id)


@bp.post("/waiting/<uuid:request_id>/refuse")
def refuse_one(request_id: UUID) -> ResponseReturnValue:
    """Send one device away."""
    return _to(refuse(db(), clock(), request_id=request_id, by=signed_in()))


@bp.get("/<uuid:classroom_id>/edit")
def edit(classroom_id: UUID) -> ResponseReturnValue:
    """Show name, grades, how pupils come in, and who teaches."""
    return _edit_page(get_classroom(db(), classroom_id=classroom_id, by=signed_in()), Form())


@bp.post("/<uuid:classroom_id>/edit")
def save(classroom_id: UUID) -> ResponseReturnValue:
    """Keep the changes."""
    by = signed_in()
    facts = ClassroomFacts(
        name=text("name"),
        grades=request.form.getlist("grades"),
        academic_year=_year(),
        secret_kind=_secret_kind(),
    )
    try:
        edit_classroom(db(), clock(), classroom_id=classroom_id, facts=facts, by=by)
    except FieldError as error:
        classroom = get_classroom(db(), classroom_id=classroom_id, by=by)
        return _edit_page(classroom, typed(error)), 422
    flash(_("The changes are kept."), "good")
    return _to(classroom_id)


@bp.post("/<uuid:classroom_id>/teachers")
def let_teach(classroom_id: UUID) -> ResponseReturnValue:
    """Let a colleague teach the classroom, too."""
    person_id = request.form.get("person_id", type=UUID)
    if person_id is None:
        raise FieldError("person_id", "nobody was chosen", rule="empty")
    add_teacher(db(), clock(), classroom_id=classroom_id, person_id=person_id, by=signed_in())
    flash(_("This colleague teaches the classroom, too."), "good")
    return redirect(url_for("classrooms.edit", classroom_id=classroom_id), code=303)


@bp.post("/<uuid:classroom_id>/teachers/<uuid:person_id>/remove")
def stop_teaching(classroom_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Take a teacher, or oneself, from the classroom."""
    by = signed_in()
    remove_teacher(db(), clock(), classroom_id=classroom_id, person_id=person_id, by=by)
    if person_id == by.id:
        flash(_("The classroom is with your colleagues now."), "good")
        return redirect(url_for("classrooms.home"), code=303)
    return redirect(url_for("classrooms.edit", classroom_id=classroom_id), code=303)


def _new_page(form: Form, *, preview: bool = False) -> str:
    grades = request.form.getlist("grades")
    year = academic_year_of(day_in_bangkok(clock()()))
    return render_template(
        "classrooms/new.html",
        form=form,
        found=_found(form) if preview else None,
        passed_words=passed_words(),
        chosen_grades=grades,
        grade_labels=grade_labels(),
        years={str(each): shown_year(each) for each in (year, year + 1, year - 1)},
        school_id=_school_asked(),
    )


def _names_page(classroom: Classroom, form: Form) -> str:
    return render_template(
        "classrooms/names.html",
        classroom=classroom_card(classroom),
        form=form,
        found=_found(form, classroom),
        passed_words=passed_words(),
    )


def _read_part(classroom: Classroom | None = None) -> str:
    return render_template(
        "classrooms/_names_read.html",
        found=_found(typed(), classroom),
        passed_words=passed_words(),
        is_new=classroom is None,
    )


def _found(form: Form, classroom: Classroom | None = None) -> NameList | None:
    """Return what the names are read as; None where there is nothing to read."""
    pasted = form.value("names").strip()
    return preview_names(db(), text=pasted, classroom=classroom) if pasted else None


def _edit_page(classroom: Classroom, form: Form) -> str:
    by = signed_in()
    year = classroom.academic_year
    return render_template(
        "classrooms/edit.html",
        classroom=classroom_card(classroom),
        form=form,
        chosen_grades=classroom.grades,
        grade_labels=grade_labels(),
        years={str(each): shown_year(each) for each in (year, year + 1, year - 1)},
        secret_kind=str(classroom.secret_kind),
        secret_labels=secret_labels(),
        teachers=[(row.person_id, row.person.display_name) for row in classroom.teachers],
        by_id=by.id,
        colleagues={
            str(person.id): person.display_name
            for person in colleagues_of(db(), classroom=classroom, by=by)
        },
    )


def _teacher() -> Person:
    by = signed_in()
    if not may_make_any_classroom(by):
        raise NotAllowed("classrooms are for teachers and administrators")
    return by


def _school_of_hat() -> UUID | None:
    role = hat()
    return role.school_id if role and role.name != RoleName.STUDENT else None


def _school_asked() -> UUID | None:
    return request.values.get("school_id", type=UUID) or _school_of_hat()


def _may_make(school_id: UUID | None) -> None:
    if not may_make_classroom(signed_in(), school_id):
        raise NotAllowed("classrooms are made for one's own school")


def _year() -> int | None:
    return request.form.get("academic_year", type=int)


def _secret_kind() -> SecretKind:
    try:
        return SecretKind(text("secret_kind") or SecretKind.NONE)
    except ValueError as error:
        raise FieldError("secret_kind", "no such kind", rule="unknown") from error


def _to(classroom_id: UUID) -> Response:
    return redirect(url_for("classrooms.show", classroom_id=classroom_id), code=303)
