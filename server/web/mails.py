"""The office's outbox: what waits to be sent, what was, and what could not be, and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from server.models.mails import Mail, MailState
from server.request_context import clock, db, signed_in, wiring
from server.services.mails import is_mail_on, outbox, send_again
from server.services.post import MailFault
from server.web.translate import translate as _

bp = Blueprint("mails", __name__, url_prefix="/admin/mail")

SHOWN_LETTERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class MailCard:
    """One mail; its address is hidden but for its beginning, its text is not shown."""

    id: UUID
    to: str
    subject: str
    state: str
    made_at: datetime
    next_at: datetime
    sent_at: datetime | None
    try_count: int
    reason: str
    detail: str


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the outbox."""
    found = outbox(db(), by=signed_in())
    return render_template(
        "admin/mail.html",
        is_on=is_mail_on(wiring().settings),
        counts={state.value: found.counts.get(state, 0) for state in MailState},
        mails=[_card(mail) for mail in found.mails],
    )


@bp.post("/<uuid:mail_id>/again")
def again(mail_id: UUID) -> ResponseReturnValue:
    """Try a mail again at once."""
    send_again(db(), clock(), mail_id=mail_id, by=signed_in())
    flash(_("It is sent again now. Look here in a minute."), "good")
    return redirect(url_for("mails.home"), code=303)


def _card(mail: Mail) -> MailCard:
    hidden = hidden_address(mail.to_address)
    return MailCard(
        id=mail.id,
        to=hidden,
        subject=mail.subject,
        state=mail.state,
        made_at=mail.made_at,
        next_at=mail.next_at,
        sent_at=mail.sent_at,
        try_count=mail.try_count,
        reason=_reason(mail.fault),
        detail=mail.detail.replace(mail.to_address, hidden),
    )


def hidden_address(address: str) -> str:
    """Return enough of an address to recognise it: so…@example.go.th."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:SHOWN_LETTERS]}…@{domain}"


def _reason(fault: str) -> str:
    """Return in words what stood in the way at the last try."""
    reasons = {
        MailFault.ADDRESS: _("The mail server says that there is no such address. Is it spelt so?"),
        MailFault.REFUSED: _("The mail server refuses it. Its own words say why."),
        MailFault.BUSY: _("The mail server does not take it now; it is tried again by itself."),
        MailFault.LOGIN: _("User or password in SMTP_URL are not right."),
        MailFault.TLS: _("The protected line to the mail server cannot be made."),
        MailFault.AWAY: _("The mail server cannot be reached."),
        MailFault.SLOW: _("The mail server does not answer."),
    }
    return reasons[MailFault(fault)] if fault else ""
