"""Schools switch people off and sign them out; links and invitations are listed and ended."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.request_context import clock, db, owner_of_account, signed_in
from server.services.browse import get_managed_school
from server.services.invitations import end_invitation, list_invitations
from server.services.listed_links import list_school_links
from server.services.memberships import let_in_again, sign_out_everywhere, switch_off
from server.services.news import note_read
from server.web.asked_again import asks_again
from server.web.forms import safe_next, text
from server.web.membership_cards import invited_cards, link_card
from server.web.translate import translate as _

bp = Blueprint("memberships", __name__)


@bp.get("/admin/schools/<uuid:school_id>/invited")
def invited(school_id: UUID) -> ResponseReturnValue:
    """List a school's links and invitations, and who used them."""
    by = signed_in()
    school = get_managed_school(db(), school_id=school_id, by=by)
    links = list_school_links(db(), clock(), school_id=school_id, by=by)
    listed = list_invitations(db(), clock(), school_id=school_id, by=by)
    return render_template(
        "admin/invited.html",
        school_id=school_id,
        school_name=school.name,
        links=[link_card(each) for each in links],
        invitations=invited_cards(listed),
    )


@bp.get("/admin/office/invited")
def invited_by_office() -> ResponseReturnValue:
    """List invitations to the office, and those of the schools' administrators."""
    listed = list_invitations(db(), clock(), school_id=None, by=signed_in())
    return render_template(
        "admin/invited.html",
        school_id=None,
        school_name="",
        links=[],
        invitations=invited_cards(listed),
    )


@bp.post("/admin/invitations/<uuid:invitation_id>/end")
def end(invitation_id: UUID) -> ResponseReturnValue:
    """End an invitation."""
    row = end_invitation(db(), clock(), invitation_id=invitation_id, by=signed_in())
    flash(_("The invitation does not work any more."), "good")
    there = url_for("memberships.invited_by_office")
    if row.school_id is not None:
        there = url_for("memberships.invited", school_id=row.school_id)
    return redirect(safe_next(there), code=303)


@bp.post("/admin/schools/<uuid:school_id>/people/<uuid:person_id>/access")
@asks_again
def switch_access(school_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Switch one of a school's people off there, or let them in again."""
    is_let_in = text("access") == "yes"
    change = let_in_again if is_let_in else switch_off
    person = change(db(), clock(), school_id=school_id, person_id=person_id, by=signed_in())
    if is_let_in:
        flash(_("%(name)s is at the school again.", name=person.display_name), "good")
    else:
        said = _(
            "%(name)s has no access to this school any more and was signed out everywhere. "
            "The lessons are kept; the person can be let in again.",
            name=person.display_name,
        )
        flash(said, "good")
    return redirect(url_for("admin.school", school_id=school_id), code=303)


@bp.post("/admin/schools/<uuid:school_id>/people/<uuid:person_id>/sign-out")
def sign_out(school_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Sign one of a school's people out on all devices."""
    _sign_out(school_id, person_id)
    return redirect(url_for("admin.school", school_id=school_id), code=303)


@bp.post("/admin/office/people/<uuid:person_id>/sign-out")
def sign_out_of_office(person_id: UUID) -> ResponseReturnValue:
    """Sign one of the office's people out on all devices."""
    _sign_out(None, person_id)
    return redirect(url_for("admin.office"), code=303)


@bp.post("/account/news/read")
def read_news() -> ResponseReturnValue:
    """Tell the person no longer what they have read."""
    news_ids = request.form.getlist("news", type=UUID)
    note_read(db(), clock(), news_ids=news_ids, by=owner_of_account())
    return redirect(safe_next(url_for("start.home")), code=303)


def _sign_out(school_id: UUID | None, person_id: UUID) -> None:
    person = sign_out_everywhere(
        db(), clock(), school_id=school_id, person_id=person_id, by=signed_in()
    )
    flash(_("%(name)s was signed out on all devices.", name=person.display_name), "good")
