"""One pupil as the class teacher sees them: name, slip, pictures, and where they are signed in."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError
from server.models.classrooms import Classroom, Enrolment, SecretKind
from server.models.people import Person
from server.policy import may_set_home
from server.request_context import clock, db, signed_in
from server.services.classrooms import get_classroom, list_classrooms
from server.services.enrolments import (
    PupilChanges,
    edit_pupil,
    list_pupils,
    remove_pupil,
)
from server.services.merging_pupils import join_pupils
from server.services.names import is_like
from server.services.pupil_keys import (
    Slip,
    drop_pupil_keys,
    make_slips,
    unlock,
)
from server.services.pupil_sign_ins import end_pupil_sign_ins, pupil_at_class
from server.web.classroom_cards import (
    SlipCard,
    classroom_card,
    code_card,
    numbered,
    pupil_card,
    pupil_sign_in_card,
    qr_code,
)
from server.web.classroom_words import picture_labels
from server.web.forms import Form, text, typed
from server.web.translate import translate as _

bp = Blueprint("class_members", __name__)


@bp.get("/pupils/<uuid:enrolment_id>")
def show(enrolment_id: UUID) -> ResponseReturnValue:
    """Show one pupil."""
    return _pupil_page(enrolment_id, Form())


@bp.post("/pupils/<uuid:enrolment_id>")
def save(enrolment_id: UUID) -> ResponseReturnValue:
    """Correct name and numbers."""
    changes = PupilChanges(
        name=text("name"),
        list_number=request.form.get("list_number", type=int),
        student_number=text("student_number"),
    )
    try:
        edit_pupil(db(), clock(), enrolment_id=enrolment_id, changes=changes, by=signed_in())
    except FieldError as error:
        return _pupil_page(enrolment_id, typed(error)), 422
    flash(_("The changes are kept."), "good")
    return _to(enrolment_id)


@bp.post("/pupils/<uuid:enrolment_id>/remove")
def remove(enrolment_id: UUID) -> ResponseReturnValue:
    """Take a pupil out of the classroom."""
    by = signed_in()
    classroom = pupil_at_class(db(), clock(), enrolment_id=enrolment_id, by=by).classroom
    remove_pupil(db(), clock(), enrolment_id=enrolment_id, by=by)
    flash(_("The pupil was taken out of the classroom. What they did is kept."), "good")
    return redirect(url_for("classrooms.show", classroom_id=classroom.id), code=303)


@bp.post("/pupils/<uuid:enrolment_id>/join")
def join(enrolment_id: UUID) -> ResponseReturnValue:
    """Make one of two entries of the same pupil."""
    same_id = request.form.get("same", type=UUID)
    if same_id is None:
        raise FieldError("same", "nobody was chosen", rule="empty")
    join_pupils(db(), clock(), enrolment_id=enrolment_id, same_id=same_id, by=signed_in())
    flash(_("The two are one pupil now."), "good")
    return _to(enrolment_id)


@bp.post("/pupils/<uuid:enrolment_id>/unlock")
def let_try_again(enrolment_id: UUID) -> ResponseReturnValue:
    """Let a pupil try pictures or number again."""
    unlock(db(), clock(), enrolment_id=enrolment_id, by=signed_in())
    flash(_("The pupil can try again."), "good")
    return _to(enrolment_id)


@bp.post("/pupils/<uuid:enrolment_id>/keys/drop")
def drop(enrolment_id: UUID) -> ResponseReturnValue:
    """Stop slip, pictures and number."""
    drop_pupil_keys(db(), clock(), enrolment_id=enrolment_id, by=signed_in())
    flash(_("The slip stopped working. Print another one when it is needed."), "good")
    return _to(enrolment_id)


@bp.post("/pupils/<uuid:enrolment_id>/sign-ins/end")
def end_all(enrolment_id: UUID) -> ResponseReturnValue:
    """Sign a pupil out everywhere."""
    end_pupil_sign_ins(db(), clock(), enrolment_id=enrolment_id, by=signed_in())
    flash(_("The pupil is signed out everywhere."), "good")
    return _to(enrolment_id)


@bp.post("/pupils/<uuid:enrolment_id>/sign-ins/<uuid:sign_in_id>/end")
def end_one(enrolment_id: UUID, sign_in_id: UUID) -> ResponseReturnValue:
    """Sign a pupil out on one device."""
    by = signed_in()
    end_pupil_sign_ins(db(), clock(), enrolment_id=enrolment_id, sign_in_id=sign_in_id, by=by)
    flash(_("That device is signed out."), "good")
    return _to(enrolment_id)


@bp.post("/classrooms/<uuid:classroom_id>/slips")
def print_slips(classroom_id: UUID) -> ResponseReturnValue:
    """Make new slips and show them, once, to be printed."""
    by = signed_in()
    ids = request.form.getlist("pupil", type=UUID)
    slips = make_slips(db(), clock(), classroom_id=classroom_id, enrolment_ids=ids, by=by)
    classroom = get_classroom(db(), classroom_id=classroom_id, by=by)
    page = render_template(
        "classrooms/slips.html",
        classroom=classroom_card(classroom),
        code=code_card(classroom, clock()()),
        slips=[_slip_card(slip, classroom.secret_kind) for slip in slips],
        picture_labels=picture_labels(),
    )
    return page, 200, {"Cache-Control": "no-store"}


def _slip_card(slip: Slip, kind: SecretKind) -> SlipCard:
    url = url_for("joining.slip", token=slip.token, _external=True)
    is_picture = kind is SecretKind.PICTURE
    number = slip.enrolment.list_number
    return SlipCard(
        name=slip.enrolment.person.full_name,
        number="" if number is None else str(number),
        qr_svg=qr_code(url),
        pictures=[int(each) for each in slip.secret.split()] if is_picture else (),
        pin="" if is_picture else slip.secret,
    )


def _pupil_page(enrolment_id: UUID, form: Form) -> str:
    by = signed_in()
    seen = pupil_at_class(db(), clock(), enrolment_id=enrolment_id, by=by)
    row, classroom = seen.enrolment, seen.classroom
    pupils = list_pupils(db(), clock(), classroom=classroom)
    pupil = next(each for each in pupils if each.enrolment.id == row.id)
    others = [each.enrolment for each in pupils if each.enrolment.id != row.id]
    return render_template(
        "classrooms/pupil.html",
        classroom=classroom_card(classroom),
        pupil=pupil_card(pupil),
        may_change=seen.may_change,
        may_end=seen.may_end,
        is_home=seen.is_home,
        home_rooms=_home_rooms(classroom, by) if may_set_home(by, classroom.school_id) else {},
        sign_ins=[pupil_sign_in_card(each) for each in seen.sign_ins],
        has_secrets=_has_secrets(classroom),
        others=_others(others),
        alike=[str(each.id) for each in others if _is_like(each, row)],
        form=form,
    )


def _home_rooms(classroom: Classroom, by: Person) -> dict[str, str]:
    """Return the classrooms of the school and year that may become the home."""
    rooms = list_classrooms(db(), by=by, school_id=classroom.school_id)
    return {
        str(each.classroom.id): each.classroom.name
        for each in rooms
        if each.classroom.academic_year == classroom.academic_year
    }


def _others(rows: list[Enrolment]) -> dict[str, str]:
    return {str(row.id): numbered(row) for row in rows}


def _is_like(row: Enrolment, other: Enrolment) -> bool:
    return is_like(row.person.display_name, other.person.display_name)


def _has_secrets(classroom: Classroom) -> bool:
    return classroom.secret_kind is not SecretKind.NONE


def _to(enrolment_id: UUID) -> Response:
    return redirect(url_for("class_members.show", enrolment_id=enrolment_id), code=303)
