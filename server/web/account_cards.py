"""What the pages of accounts are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.models.people import Invitation, School, SignIn
from server.services.kept_facts import KeptFacts
from server.web.dates import length_text, shown_time, shown_year
from server.web.people_cards import reach_labels
from server.web.translate import translate as _

SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "CrOS", "Linux")
BROWSERS = (
    ("Line/", "LINE"),
    ("FBAN", "Facebook"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCard:
    """One device that is signed in."""

    id: UUID
    device: str
    created_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationCard:
    """What an invitation makes of somebody."""

    invited_name: str
    role: str
    school: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCard:
    """What is kept of a person: lines of (what, how much)."""

    lines: Sequence[tuple[str, str]]


def kept_card(facts: KeptFacts) -> KeptCard:
    """Return what is kept in words; what there is none of is left out."""
    reaches = reach_labels()
    rooms = [
        (_("Classroom"), f"{each.name} · {shown_year(each.academic_year)}")
        for each in facts.classrooms
    ]
    consents = [
        (
            _("Pictures and voice, academic year %(year)s", year=shown_year(each.academic_year)),
            _("Withdrawn %(time)s", time=shown_time(each.withdrawn_at))
            if each.withdrawn_at
            else _("may be shown to: %(reach)s", reach=reaches[each.allowed]),
        )
        for each in facts.consents
    ]
    watched = _(
        "%(count)s, together %(time)s", count=facts.watched_count, time=length_text(facts.watched_s)
    )
    counts = (
        (_("Lessons watched or read"), watched, facts.watched_count),
        (_("Steps of lessons done"), str(facts.done_count), facts.done_count),
        (_("Answers to quizzes"), str(facts.quiz_count), facts.quiz_count),
        (_("Work handed in"), str(facts.hand_in_count), facts.hand_in_count),
        (
            _("Recordings in which a teacher named me"),
            str(facts.picture_count),
            facts.picture_count,
        ),
        (_("Files sent"), str(facts.file_count), facts.file_count),
        (_("Lessons made"), str(facts.lesson_count), facts.lesson_count),
    )
    return KeptCard(
        lines=[*rooms, *consents, *((what, how) for what, how, count in counts if count)]
    )


def sign_in_card(row: SignIn, this_id: UUID | None) -> SignInCard:
    """Return a device under a name that people recognise."""
    return SignInCard(
        id=row.id,
        device=device_name(row.device),
        created_at=row.created_at,
        is_this=row.id == this_id,
    )


def invitation_card(
    row: Invitation, school: School | None, labels: Mapping[str, str]
) -> InvitationCard:
    """Return the invitation in words."""
    return InvitationCard(
        invited_name=row.invited_name,
        role=labels[row.role],
        school=school.name if school else "",
        expires_at=row.expires_at,
    )


def device_name(user_agent: str) -> str:
    """Return such as "Chrome · Android"; empty when nothing is known."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for name in SYSTEMS if name in user_agent), "")
    return " · ".join(word for word in (browser, system) if word)
