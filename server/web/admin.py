"""Administration: schools, their people, invitations, and the sites that may show lessons."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import FieldError, NotAllowed
from server.models.people import RoleName
from server.policy import has_role, may_invite, may_manage_any_school, may_manage_office
from server.request_context import clock, db, signed_in
from server.services.browse import get_managed_school, school_identifiers
from server.services.embed import add_embed_site, list_embed_sites, remove_embed_site
from server.services.invitations import checked_name_of_invited, make_invitation
from server.services.joining import NewPerson
from server.services.memberships import list_switched_off
from server.services.people import create_person, set_active
from server.services.school_joining import open_school_link
from server.services.school_requests import list_waiting
from server.services.schools import (
    create_school,
    list_people,
    list_schools,
    remove_role,
    rename_school,
)
from server.web.admin_cards import (
    invitation_link,
    member_card,
    school_card,
    teacher_link,
)
from server.web.asked_again import asks_again
from server.web.choices import role_labels
from server.web.forms import Form, safe_next, text, typed
from server.web.membership_cards import asked_card, switched_off_card
from server.web.translate import translate as _

bp = Blueprint("admin", __name__, url_prefix="/admin")

SCHEMES = ("smis", "ministry")


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the schools that this person manages."""
    return _home_page(Form())


@bp.post("/schools")
@asks_again
def add_school() -> ResponseReturnValue:
    """Make a school with the codes that were typed, and invite who was named to lead it."""
    codes = [(scheme, text(scheme).strip()) for scheme in SCHEMES]
    try:
        invited_name = checked_name_of_invited(text("invited_name"))
        school = create_school(
            db(),
            clock(),
            name=text("name"),
            by=signed_in(),
            identifiers=[(scheme, code) for scheme, code in codes if code],
        )
    except FieldError as error:
        return _home_page(typed(error)), 422
    if invited_name:
        return _invitation_page(school.id, school.name, RoleName.SCHOOL_ADMIN, invited_name)
    flash(_("The school was added. Its first administrator comes in by a link."), "good")
    return redirect(url_for("admin.school", school_id=school.id), code=303)


@bp.get("/schools/<uuid:school_id>")
def school(school_id: UUID) -> ResponseReturnValue:
    """Show one school: people, invitations, sites; `part=asked` is who asks to teach, alone."""
    if request.args.get("part") == "asked":
        return render_template("admin/_asked.html", **_asked(school_id))
    return _school_page(school_id, Form())


@bp.post("/schools/<uuid:school_id>/rename")
@asks_again
def rename(school_id: UUID) -> ResponseReturnValue:
    """Change the name."""
    try:
        rename_school(db(), clock(), school_id=school_id, name=text("name"), by=signed_in())
    except FieldError as error:
        return _school_page(school_id, typed(error)), 422
    flash(_("The changes are kept."), "good")
    return _to_school(school_id)


@bp.get("/office")
def office() -> ResponseReturnValue:
    """Show the office's own people."""
    return _office_page(Form())


@bp.post("/schools/<uuid:school_id>/invitations")
@asks_again
def invite(school_id: UUID) -> ResponseReturnValue:
    """Make a link that invites to a school; it is shown once."""
    school = get_managed_school(db(), school_id=school_id, by=signed_in())
    return _invite(school_id, school.name)


@bp.post("/office/invitations")
@asks_again
def invite_to_office() -> ResponseReturnValue:
    """Make a link that invites one more office administrator."""
    return _invite(None, "")


@bp.post("/people")
@asks_again
def add_person() -> ResponseReturnValue:
    """Make a person with a first password."""
    by = signed_in()
    school_id = request.form.get("school_id", type=UUID)
    role = _role()
    new = NewPerson(
        user_name=text("user_name"), display_name=text("display_name"), password=text("password")
    )
    try:
        if not may_invite(by, role, school_id):
            raise NotAllowed("this role is not theirs to give")
        create_person(db(), clock(), new=new, roles=[(role, school_id)], by=by)
    except FieldError as error:
        page = _school_page(school_id, typed(error)) if school_id else _office_page(typed(error))
        return page, 422
    flash(_("The person was added. Tell them their user name and first password."), "good")
    return _to_school(school_id) if school_id else redirect(url_for("admin.office"), code=303)


@bp.post("/people/<uuid:person_id>/active")
@asks_again
def switch_person(person_id: UUID) -> ResponseReturnValue:
    """Switch a person off, or let them in again."""
    is_active = text("is_active") == "yes"
    set_active(db(), clock(), person_id=person_id, is_active=is_active, by=signed_in())
    flash(
        _("The person can sign in again.")
        if is_active
        else _("The person was switched off and signed out everywhere. Their lessons are kept."),
        "good",
    )
    return redirect(safe_next(url_for("admin.home")), code=303)


@bp.post("/roles/<uuid:role_id>/remove")
@asks_again
def take_role(role_id: UUID) -> ResponseReturnValue:
    """Take a role away."""
    remove_role(db(), clock(), role_id=role_id, by=signed_in())
    flash(_("The role was taken away. The person's lessons are kept."), "good")
    return redirect(safe_next(url_for("admin.home")), code=303)


@bp.post("/schools/<uuid:school_id>/embed-sites")
@asks_again
def allow_site(school_id: UUID) -> ResponseReturnValue:
    """Allow a site to show the school's lessons."""
    try:
        add_embed_site(db(), clock(), school_id=school_id, origin=text("origin"), by=signed_in())
    except FieldError as error:
        return _school_page(school_id, typed(error)), 422
    flash(_("Lessons of this school can be put into that site now."), "good")
    return _to_school(school_id)


@bp.post("/schools/<uuid:school_id>/embed-sites/<uuid:embed_site_id>/remove")
def forbid_site(school_id: UUID, embed_site_id: UUID) -> ResponseReturnValue:
    """Stop allowing a site."""
    remove_embed_site(db(), clock(), embed_site_id=embed_site_id, by=signed_in())
    flash(_("That site no longer shows this school's lessons."), "good")
    return _to_school(school_id)


def _home_page(form: Form) -> str:
    by = signed_in()
    if not may_manage_any_school(by):
        raise NotAllowed("administration is for administrators")
    schools = list_schools(db(), by=by)
    codes = school_identifiers(db(), schools=schools)
    return render_template(
        "admin/home.html",
        schools=[school_card(school, codes.get(school.id, [])) for school in schools],
        is_office=may_manage_office(by),
        form=form,
    )


def _school_page(school_id: UUID, form: Form) -> str:
    by = signed_in()
    school = get_managed_school(db(), school_id=school_id, by=by)
    codes = school_identifiers(db(), schools=[school])
    link = open_school_link(db(), clock(), school_id=school_id)
    people = list_people(db(), school_id=school_id, by=by)
    return render_template(
        "admin/school.html",
        link=teacher_link(link) if link else None,
        link_ends_at=link.expires_at if link else None,
        link_used_count=link.used_count if link else 0,
        **_asked(school_id),
        switched_off=[
            switched_off_card(row) for row in list_switched_off(db(), school_id=school_id, by=by)
        ],
        school=school_card(school, codes.get(school_id, [])),
        people=[member_card(person, school_id, by) for person in people],
        is_led=any(has_role(person, RoleName.SCHOOL_ADMIN, school_id) for person in people),
        sites=[
            (str(site.id), site.origin)
            for site in list_embed_sites(db(), school_id=school_id, by=by)
        ],
        roles=_roles_of(school_id),
        is_office=may_manage_office(by),
        form=form,
    )


def _asked(school_id: UUID) -> dict[str, object]:
    """Return who asks to teach; `tick=plain` ticks those that need no second look."""
    waiting = list_waiting(db(), school_id=school_id, by=signed_in())
    ticks_plain = request.args.get("tick") == "plain"
    return {
        "school_id": school_id,
        "asked": [asked_card(each, ticks_plain=ticks_plain) for each in waiting.shown],
        "asked_count": waiting.count,
    }


def _office_page(form: Form) -> str:
    by = signed_in()
    people = [member_card(each, None, by) for each in list_people(db(), school_id=None, by=by)]
    return render_template("admin/office.html", people=people, roles=_roles_of(None), form=form)


def _roles_of(school_id: UUID | None) -> dict[str, str]:
    labels = role_labels()
    if school_id is None:
        return {RoleName.OFFICE_ADMIN: labels[RoleName.OFFICE_ADMIN]}
    return {name: label for name, label in labels.items() if name != RoleName.OFFICE_ADMIN}


def _role() -> RoleName:
    try:
        return RoleName(text("role"))
    except ValueError as error:
        raise FieldError("role", "no such role", rule="unknown") from error


def _invited_name() -> str:
    name = text("invited_name").strip()
    if not name:
        raise FieldError("invited_name", "for whom it is", rule="empty")
    return name


def _invite(school_id: UUID | None, school_name: str) -> ResponseReturnValue:
    try:
        return _invitation_page(school_id, school_name, _role(), _invited_name())
    except FieldError as error:
        page = _school_page(school_id, typed(error)) if school_id else _office_page(typed(error))
        return page, 422


def _invitation_page(
    school_id: UUID | None, school_name: str, role: RoleName, invited_name: str
) -> ResponseReturnValue:
    """Make an invitation and show its link, which no other page shows again."""
    token = make_invitation(
        db(),
        clock(),
        role=role,
        school_id=school_id,
        by=signed_in(),
        invited_name=invited_name,
    )
    back = url_for("admin.school", school_id=school_id) if school_id else url_for("admin.office")
    page = render_template(
        "admin/invitation.html",
        link=invitation_link(token),
        invited_name=invited_name,
        role=role_labels()[role],
        school_name=school_name,
        back_url=back,
    )
    return page, 200, {"Cache-Control": "no-store"}


def _to_school(school_id: UUID) -> Response:
    return redirect(url_for("admin.school", school_id=school_id), code=303)
