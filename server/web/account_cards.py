"""What the pages of accounts are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.models.people import Invitation, School, SignIn

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

    role: str
    school: str
    expires_at: datetime


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
        role=labels[row.role], school=school.name if school else "", expires_at=row.expires_at
    )


def device_name(user_agent: str) -> str:
    """Return such as "Chrome · Android"; empty when nothing is known."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for name in SYSTEMS if name in user_agent), "")
    return " · ".join(word for word in (browser, system) if word)
