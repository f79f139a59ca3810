"""What the pages of administration are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from server.models.classrooms import SchoolLink
from server.models.people import Person, School, SchoolIdentifier
from server.policy import may_reset_password
from server.staff_policy import may_switch_off
from server.web.choices import role_labels
from server.web.classroom_cards import qr_code


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCard:
    """A school and its codes."""

    id: UUID
    name: str
    codes: Sequence[tuple[str, str]]
    takes_requests: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCard:
    """A person in a school or the office."""

    id: UUID
    name: str
    user_name: str
    is_active: bool
    is_self: bool
    may_reset_password: bool
    is_reset_by_office: bool
    is_ours: bool  # to sign out and switch off
    roles: Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLink:
    """A link, and its QR code as SVG made here."""

    url: str
    qr_svg: str


def school_card(school: School, codes: Sequence[SchoolIdentifier]) -> SchoolCard:
    """Return a school for lists."""
    return SchoolCard(
        id=school.id,
        name=school.name,
        codes=[(code.scheme, code.value) for code in codes],
        takes_requests=school.takes_requests,
    )


def member_card(person: Person, school_id: UUID | None, by: Person) -> MemberCard:
    """Return a person with the roles held in this school (or the office)."""
    labels = role_labels()
    held = [role for role in person.roles if role.school_id == school_id]
    return MemberCard(
        id=person.id,
        name=person.display_name,
        user_name=person.user_name if person.has_password else "",
        is_active=person.is_active,
        is_self=person.id == by.id,
        may_reset_password=may_reset_password(by, person),
        is_reset_by_office=person.has_password and not may_reset_password(by, person),
        is_ours=may_switch_off(by, person, school_id),
        roles=[(role.id, labels[role.name]) for role in held],
    )


def invitation_link(token: str) -> InvitationLink:
    """Return the address of an invitation and a picture of it for phones."""
    url = url_for("account.invitation", token=token, _external=True)
    return InvitationLink(url=url, qr_svg=qr_code(url))


def teacher_link(link: SchoolLink) -> InvitationLink:
    """Return the address by which many ask to teach, and a picture of it."""
    url = url_for("school_joining.teach", token=link.token, _external=True)
    return InvitationLink(url=url, qr_svg=qr_code(url))
