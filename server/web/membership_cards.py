"""What pages about coming to a school, and leaving it, are given."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.models.classrooms import SchoolRequest
from server.models.memberships import PersonNews, SwitchedOff
from server.services.invitations import ListedInvitation
from server.services.listed_links import ListedLink
from server.services.school_requests import AskedToTeach
from server.web.choices import role_labels
from server.web.dates import shown_date, shown_time
from server.web.membership_words import news_text
from server.web.translate import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsCard:
    """One thing that a person is told until they have read it."""

    id: UUID
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCard:
    """Somebody who asks to teach at the school."""

    id: UUID
    name: str
    user_name: str
    created_at: datetime
    came_by: str
    hints: Sequence[str]
    is_pupils: bool
    pupil_of: str
    is_plain: bool
    is_ticked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """A link of a school, with who asked by it: (name, what became of it)."""

    created_at: datetime
    made_by: str
    state: str
    is_open: bool
    used_count: int
    used_by: Sequence[tuple[str, str]]
    unnamed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitedCard:
    """An invitation of a list."""

    id: UUID
    invited_name: str
    role: str
    school: str
    created_at: datetime
    made_by: str
    state: str
    is_open: bool
    is_used_by_another: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedOffCard:
    """Somebody whom the school switched off."""

    person_id: UUID
    name: str
    user_name: str
    at: datetime


def news_card(row: PersonNews, office_name: str) -> NewsCard:
    """Return one piece of news in words."""
    school = row.school.name if row.school else office_name
    return NewsCard(id=row.id, text=news_text(row.kind, school, row.detail), at=row.at)


def asked_card(asked: AskedToTeach, *, ticks_plain: bool) -> AskedCard:
    """Return a request with what makes it worth a second look."""
    row = asked.row
    return AskedCard(
        id=row.id,
        name=row.person.display_name,
        user_name=row.person.user_name,
        created_at=row.created_at,
        came_by=_("by the link of %(date)s", date=shown_date(asked.link.created_at))
        if asked.link
        else _("from the sign-in page"),
        hints=_hints(asked),
        is_pupils=asked.is_pupils,
        pupil_of=", ".join(asked.pupil_of),
        is_plain=asked.is_plain,
        is_ticked=ticks_plain and asked.is_plain,
    )


def link_card(listed: ListedLink) -> LinkCard:
    """Return a link in words."""
    row = listed.row
    return LinkCard(
        created_at=row.created_at,
        made_by=listed.made_by.display_name if listed.made_by else "",
        state=_state(row.revoked_at, row.expires_at, is_open=listed.is_open),
        is_open=listed.is_open,
        used_count=row.used_count,
        used_by=[(each.person.display_name, _outcome(each)) for each in listed.requests],
        unnamed_count=listed.unnamed_count,
    )


def invited_card(listed: ListedInvitation, labels: Mapping[str, str]) -> InvitedCard:
    """Return an invitation in words."""
    row = listed.row
    state = _state(row.revoked_at, row.expires_at, is_open=listed.is_open)
    if row.used_at is not None:
        used_by = listed.used_by.display_name if listed.used_by else _("a person not noted")
        time = shown_time(row.used_at)
        state = _("Used by %(name)s, %(time)s", name=used_by, time=time)
    return InvitedCard(
        id=row.id,
        invited_name=row.invited_name,
        role=labels[row.role],
        school=listed.school.name if listed.school else "",
        created_at=row.created_at,
        made_by=listed.made_by.display_name if listed.made_by else "",
        state=state,
        is_open=listed.is_open,
        is_used_by_another=listed.was_used_by_another,
    )


def invited_cards(listed: Collection[ListedInvitation]) -> list[InvitedCard]:
    """Return them all."""
    labels = role_labels()
    return [invited_card(each, labels) for each in listed]


def switched_off_card(row: SwitchedOff) -> SwitchedOffCard:
    """Return whom the school switched off."""
    person = row.person
    return SwitchedOffCard(
        person_id=person.id, name=person.display_name, user_name=person.user_name, at=row.at
    )


def _hints(asked: AskedToTeach) -> list[str]:
    hints = []
    if asked.namesakes:
        names = ", ".join(asked.namesakes)
        hints.append(_("A teacher here has the same name: %(names)s", names=names))
    if asked.has_pupils_name:
        hints.append(_("A pupil of this school has the same name."))
    if asked.switched_off_at:
        at = shown_date(asked.switched_off_at)
        hints.append(_("This school ended their access on %(date)s.", date=at))
    if asked.pupil_of and not asked.is_pupils:
        hints.append(_("Also learns at %(schools)s", schools=", ".join(asked.pupil_of)))
    return hints


def _state(revoked_at: datetime | None, expires_at: datetime, *, is_open: bool) -> str:
    if is_open:
        return _("Works until %(time)s", time=shown_time(expires_at))
    if revoked_at is not None:
        return _("Ended %(time)s", time=shown_time(revoked_at))
    return _("Does not work any more (until %(time)s)", time=shown_time(expires_at))


def _outcome(row: SchoolRequest) -> str:
    if row.decided_at is None:
        return _("waits")
    if row.is_accepted is None:
        return _("decided")
    return _("confirmed") if row.is_accepted else _("declined")
