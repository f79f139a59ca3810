"""The office's disk: what is used, quotas, how long originals are kept, making anew, checks."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from server.errors import FieldError, NotAllowed
from server.models.people import Person
from server.policy import may_manage_office
from server.request_context import clock, db, signed_in, wiring
from server.services.browse import get_managed_school
from server.services.check_runs import last_check
from server.services.originals import freed_by
from server.services.quota import Usage, disk_use, usage_of_people, usage_of_schools
from server.services.remaking import remake_older, remake_view, stop_remaking
from server.services.repair import Done
from server.services.schools import list_people, list_schools
from server.services.set_aside import all_set_aside
from server.services.storage_rules import (
    OfficeRules,
    SchoolRules,
    office_rules,
    set_office_rules,
    set_person_quota,
    set_school_rules,
)
from server.services.work_retention import list_due_work
from server.web.asked_again import asks_again
from server.web.due_work_cards import due_card
from server.web.file_cards import UsageCard, usage_card
from server.web.forms import Form, safe_next, text, typed
from server.web.set_aside import set_aside_cards
from server.web.translate import translate as _

bp = Blueprint("storage", __name__, url_prefix="/admin/storage")

GB = 1_000_000_000
CHOICES_DAYS = (30, 90, 365)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the whole disk and the rules."""
    return _home_page(Form())


@bp.post("/rules")
@asks_again
def keep_rules() -> ResponseReturnValue:
    """Change what holds for all schools."""
    try:
        rules = OfficeRules(
            originals_kept_days=_number("kept_days") or 0,
            school_quota_bytes=_bytes("school_quota_gb") or 0,
            person_quota_bytes=_bytes("person_quota_gb") or 0,
            work_kept_years=_number("work_kept_years") or 0,
        )
        set_office_rules(db(), clock(), rules=rules, by=signed_in())
    except FieldError as error:
        return _home_page(typed(error)), 422
    flash(_("The changes are kept."), "good")
    return redirect(url_for("storage.home"), code=303)


@bp.get("/schools")
def schools() -> ResponseReturnValue:
    """Show what each school uses, the greatest first."""
    by = _of_the_office()
    listed = list_schools(db(), by=by)
    usages = usage_of_schools(db(), schools=listed, by=by)
    greatest_first = sorted(listed, key=lambda school: -usages[school.id].used_bytes)
    return render_template(
        "admin/schools_storage.html",
        schools=[
            (str(school.id), school.name, usage_card("school", usages[school.id]))
            for school in greatest_first
        ],
    )


@bp.get("/schools/<uuid:school_id>")
def school(school_id: UUID) -> ResponseReturnValue:
    """Show what a school and its people use."""
    return _school_page(school_id, Form())


@bp.post("/schools/<uuid:school_id>")
@asks_again
def keep_school_rules(school_id: UUID) -> ResponseReturnValue:
    """Change what holds for one school."""
    try:
        rules = SchoolRules(
            originals_kept_days=_number("kept_days"), quota_bytes=_bytes("quota_gb")
        )
        set_school_rules(db(), clock(), school_id=school_id, rules=rules, by=signed_in())
    except FieldError as error:
        return _school_page(school_id, typed(error)), 422
    flash(_("The changes are kept."), "good")
    return redirect(url_for("storage.school", school_id=school_id), code=303)


@bp.post("/people/<uuid:person_id>")
@asks_again
def keep_person_quota(person_id: UUID) -> ResponseReturnValue:
    """Change what one person may use."""
    quota_bytes = _bytes("quota_gb")
    set_person_quota(db(), clock(), person_id=person_id, quota_bytes=quota_bytes, by=signed_in())
    flash(_("The changes are kept."), "good")
    return redirect(safe_next(url_for("storage.home")), code=303)


@bp.post("/remake")
def remake() -> ResponseReturnValue:
    """Make everything of an older ladder anew."""
    count = remake_older(db(), clock(), by=signed_in())
    words = ngettext(
        "%(num)s file is being made anew, after all other work.",
        "%(num)s files are being made anew, after all other work.",
        count,
    )
    flash(words, "good")
    return redirect(url_for("storage.home", _anchor="remake"), code=303)


@bp.post("/remake/stop")
def stop() -> ResponseReturnValue:
    """Stop making anew; what plays stays."""
    count = stop_remaking(db(), clock(), by=signed_in())
    words = ngettext(
        "Stopped for %(num)s file. It plays as before.",
        "Stopped for %(num)s files. All of them play as before.",
        count,
    )
    flash(words, "good")
    return redirect(url_for("storage.home", _anchor="remake"), code=303)


def _home_page(form: Form) -> str:
    by = _of_the_office()
    return render_template(
        "admin/storage.html",
        disk=disk_use(db()),
        freed=freed_by(db(), clock(), choices=CHOICES_DAYS, by=by),
        rules=office_rules(db()),
        due=[due_card(due) for due in list_due_work(db(), clock())],
        remake=remake_view(db(), by=by),
        check=last_check(db(), by=by),
        done_texts=done_texts(),
        set_aside=set_aside_cards(all_set_aside(db(), by=by), by),
        undo_days=wiring().settings.undo_days,
        gb=GB,
        form=form,
    )


def done_texts() -> dict[str, str]:
    """Return what the weekly check did about a fault, in words."""
    return {
        Done.REPAIRED: _("repaired"),
        Done.REMOVED: _("removed, as it can be made again"),
        Done.SET_ASIDE: _("kept, and used as far as it can be read"),
        Done.GIVEN_BACK: _("kept, and offered to the person who sent it"),
        Done.TO_OFFICE: _("kept, for the office to decide"),
        Done.LOST: _("cannot be repaired"),
    }


def _of_the_office() -> Person:
    """Return who is signed in. Raises NotAllowed for all but the office."""
    by = signed_in()
    if not may_manage_office(by):
        raise NotAllowed("the disk is the office's")
    return by


def _school_page(school_id: UUID, form: Form) -> str:
    by = signed_in()
    school = get_managed_school(db(), school_id=school_id, by=by)
    people = list_people(db(), school_id=school_id, by=by)
    usages = usage_of_people(db(), people=people, school_id=school_id, by=by)
    return render_template(
        "admin/school_storage.html",
        school_id=school.id,
        name=school.name,
        kept_days=school.originals_kept_days,
        quota_bytes=school.quota_bytes,
        rules=office_rules(db()),
        usage=usage_card("school", usage_of_schools(db(), schools=[school], by=by)[school.id]),
        people=[_person_line(person, usages[person.id]) for person in people],
        is_office=may_manage_office(by),
        gb=GB,
        form=form,
    )


def _person_line(person: Person, usage: Usage) -> tuple[str, str, int | None, UsageCard]:
    """Return id, name, own limit and usage."""
    card = usage_card("person", usage)
    return str(person.id), person.display_name, person.quota_bytes, card


def _number(name: str) -> int | None:
    """Return a whole number; None for an empty line. Raises FieldError."""
    typed_text = text(name).strip()
    if not typed_text:
        return None
    if not typed_text.isascii() or not typed_text.isdecimal():
        raise FieldError(name, "not a number", rule="number")
    return int(typed_text[:12])


def _bytes(name: str) -> int | None:
    gigabytes = _number(name)
    return None if gigabytes is None else gigabytes * GB
