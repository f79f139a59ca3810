"""What pages tell of links for a new password."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import session as cookie
from flask import url_for

from server.models.people import Person
from server.policy import owns_account
from server.request_context import class_before_screen, clock, db
from server.services.password_links import PasswordNews, password_news
from server.web.admin_cards import InvitationLink
from server.web.classroom_cards import qr_code
from server.web.dates import shown_time
from server.web.translate import translate as _

SEEN = "password_news_seen"  # in the cookie: of this device, so a thief's tap hides nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordNewsCard:
    """What happened to the account's password, newest first; `state` names how much it is."""

    lines: Sequence[str]
    state: str
    may_refuse: bool


def password_link(token: str) -> InvitationLink:
    """Return the address at which a new password is set, and a picture of it for phones."""
    url = url_for("new_passwords.show", token=token, _external=True)
    return InvitationLink(url=url, qr_svg=qr_code(url))


def news_for_frame(person: Person | None) -> PasswordNewsCard | None:
    """Return what every page tells until this device was told; None mostly, without a question.

    Not before a class: it is nobody else's business.
    """
    until = person.password_news_until if person else None
    if person is None or until is None or until <= clock()():
        return None
    if not owns_account(person) or class_before_screen() is not None:
        return None
    card = _card(row for row in _news(person) if row.used_at or row.is_open)
    return card if card and card.state != cookie.get(SEEN) else None


def news_card(person: Person) -> PasswordNewsCard | None:
    """Return what the account's own page tells in any case; None when there is nothing."""
    return _card(_news(person))


def _news(person: Person) -> Sequence[PasswordNews]:
    return password_news(db(), clock(), person=person)


def _card(news: Iterable[PasswordNews]) -> PasswordNewsCard | None:
    rows = list(news)
    if not rows:
        return None
    return PasswordNewsCard(
        lines=[_line(row) for row in rows],
        state=_state(rows[0]),
        may_refuse=any(row.is_open for row in rows),
    )


def _state(row: PasswordNews) -> str:
    what = "used" if row.used_at else "open" if row.is_open else "ended"
    return f"{row.link_id} {what}"


def _line(row: PasswordNews) -> str:
    by = _("on the server itself") if row.made_by is None else row.made_by
    by = by or _("somebody who is gone")
    if row.used_at:
        return _(
            "%(used)s: a new password was set by a link that was made by: %(name)s.",
            used=shown_time(row.used_at),
            name=by,
        )
    made = {"made": shown_time(row.made_at), "name": by}
    if row.is_open:
        return _("%(made)s: a link for a new password was made by: %(name)s. Not used yet.", **made)
    return _("%(made)s: a link for a new password was made by: %(name)s. It ended unused.", **made)
