"""Who becomes one of a school's staff, and who ends it? Pure functions over roles, as in policy."""

from uuid import UUID

from server.models.people import Person, RoleName
from server.policy import STAFF, may_manage_office, may_manage_school


def may_switch_off(by: Person | None, person: Person, school_id: UUID | None) -> bool:
    """Administrators of a school take its people's roles there and sign them out, never their own.

    People of the office are switched off and signed out by the office alone.
    """
    if by is None or by.id == person.id or not may_manage_school(by, school_id):
        return False
    is_of_office = any(role.name == RoleName.OFFICE_ADMIN for role in person.roles)
    return may_manage_office(by) or not is_of_office


def may_take_on_staff_role(person: Person) -> bool:
    """By an invitation alone: not a pupil's account, which somebody of the school confirms as such.

    Who is on the staff somewhere is none, though they learn in a colleague's classroom.
    """
    is_pupil = any(role.name == RoleName.STUDENT for role in person.roles)
    is_staff = any(role.name in STAFF for role in person.roles)
    return person.has_password and (is_staff or not is_pupil)
