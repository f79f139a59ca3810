"""What a line of the table of routes is made of: the columns, and usual rows of signs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.unit.rights_of_roles import PEOPLE

# Columns:  guest, student of A, student of B, its teacher, teacher of A, teacher of B,
#           administrator of A, administrator of B, the office, pupil of its classroom
EVERYONE = "+ + + + + + + + + +"
SIGNED_IN = "s + + + + + + + + +"
STAFF = "s - - + + + + + + -"
AUDIENCE = "s + - + + - + - + +"
EDITORS = "s - - + - - + - + -"
OWNER = "s - - + - - - - - -"
ADMINISTRATORS = "s - - - - - + + + -"
SCHOOL_A = "s - - - - - + - + -"
OFFICE = "s - - - - - - - + -"
OWNER_OR_OFFICE = "s - - + - - - - + -"
CLASS = "s - - + - - + - + -"
SCHOOL_STAFF = "s - - + + - + - + -"
WORK = "s - - + - - + - + +"  # of the pupil
OWN_WORK = "s - - - - - - - - +"
NOBODY = "- - - - - - - - - -"
ONLY_PUPILS = "s - - - - - - - - -"  # who have no password, on a phone of their own
Fields = Mapping[str, str]


@dataclass(frozen=True)
class Route:
    """One line of the table; {names} in path and fields are filled from the test's world."""

    method: str
    path: str
    cells: str
    fields: Fields = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    headers: Fields = field(default_factory=dict)

    def sign_for(self, who: str) -> str:
        return self.cells.split()[list(PEOPLE).index(who)]
