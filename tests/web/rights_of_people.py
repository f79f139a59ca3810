"""Routes by which people come to a school or the office, and leave it."""

from tests.web.rights_columns import OFFICE, SCHOOL_A, SIGNED_IN, Route

MEMBER = "/admin/schools/{school_id}/people/{person_id}"
PEOPLE_ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/admin/schools/{school_id}/invitations",
        SCHOOL_A,
        {"role": "teacher", "invited_name": "ครูมะลิ"},
    ),
    Route("GET", "/admin/schools/{school_id}/invited", SCHOOL_A),
    Route(
        "POST",
        "/admin/office/invitations",
        OFFICE,
        {"role": "office_admin", "invited_name": "นายวิชัย"},
    ),
    Route("GET", "/admin/office/invited", OFFICE),
    Route("POST", "/admin/invitations/{invitation_id}/end", SCHOOL_A),
    Route("POST", f"{MEMBER}/access", SCHOOL_A, {"access": "no"}),
    Route("POST", f"{MEMBER}/sign-out", SCHOOL_A),
    Route("POST", "/admin/office/people/{office_person_id}/sign-out", OFFICE),
    Route("POST", "/account/news/read", SIGNED_IN),
    Route(
        "POST",
        "/admin/schools/{school_id}/asked",
        SCHOOL_A,
        {"action": "accept", "request": "{school_request_id}"},
    ),
    Route("GET", "/account/asked", SIGNED_IN),
)
