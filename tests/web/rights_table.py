"""Every route and who may use it: the second table of docs/rights.md, called cell by cell.

The lesson is of a teacher of school A and shown to that school. Signs: "+" works, "-" refused
(403, or 404 where even its being there is nobody's business), "s" asked to sign in first.
"""

from tests.unit.rights_of_roles import ACTS, PEOPLE, table_in_markdown
from tests.web.rights_columns import (
    ADMINISTRATORS,
    AUDIENCE,
    CLASS,
    EDITORS,
    EVERYONE,
    NOBODY,
    OFFICE,
    ONLY_PUPILS,
    OWN_WORK,
    OWNER,
    OWNER_OR_OFFICE,
    SCHOOL_A,
    SCHOOL_STAFF,
    SIGNED_IN,
    STAFF,
    WORK,
    Route,
)
from tests.web.rights_of_lessons import LESSON_ROUTES
from tests.web.rights_of_people import PEOPLE_ROUTES

NEW_PERSON = {"user_name": "{new_name}", "display_name": "ใหม่", "password": "{password}"}
WORDS = {"text": "งาน"}
WHO_IS_IN = {"people": "nobody", "original_id": "{original_id}"}
TUS = {"Tus-Resumable": "1.0.0"}
BEGIN = {**TUS, "Upload-Length": "5", "Upload-Metadata": "filename YS5tcDQ="}
CAPTIONS = {"language": "th", "kind": "captions", "version": 0, "cues": [[0, 1000, "ก"]]}

ROUTES: tuple[Route, ...] = (
    Route("GET", "/", EVERYONE),
    Route("GET", "/search", EVERYONE),
    Route("GET", "/browse", EVERYONE),
    Route("GET", "/browse/{learning_area}", EVERYONE),
    Route("GET", "/lessons/{lesson_id}", AUDIENCE),
    Route("GET", "/lessons/{lesson_id}/poster", AUDIENCE),
    Route("GET", "/lessons/{lesson_id}/file", AUDIENCE),
    Route("GET", "/lessons/{lesson_id}/captions/{text_track_id}.{caption_form}", AUDIENCE),
    Route("GET", "/lessons/{lesson_id}/save/{saved_name}", AUDIENCE),
    Route("GET", "/s/{token}", EVERYONE),
    Route("GET", "/s/{token}/save/{saved_name}", EVERYONE),
    Route("GET", "/kept", EVERYONE),
    Route("GET", "/service_worker.js", EVERYONE),
    Route("GET", "/s/{token}/captions/{shared_track_id}.{caption_form}", EVERYONE),
    Route("GET", "/s/{token}/poster", EVERYONE),
    Route("GET", "/s/{token}/file", EVERYONE),
    Route("GET", "/embed/{public_lesson_id}", EVERYONE),
    Route("GET", "/sign-in", EVERYONE),
    Route("POST", "/sign-in", EVERYONE, {"user_name": "{own_name}", "password": "{password}"}),
    Route("POST", "/sign-out", EVERYONE),
    Route("POST", "/language", EVERYONE, {"lang": "en"}),
    Route("GET", "/first-run", NOBODY),
    Route("POST", "/first-run", NOBODY, NEW_PERSON),
    Route("GET", "/invitations/{invitation}", EVERYONE),
    Route("POST", "/invitations/{invitation}", EVERYONE, NEW_PERSON),
    Route("GET", "/account", SIGNED_IN),
    Route("GET", "/account/kept.json", SIGNED_IN),
    Route(
        "POST",
        "/account/password",
        SIGNED_IN,
        {"password_old": "{password}", "password": "{password}"},
    ),
    Route("GET", "/new-password/{password_token}", EVERYONE),
    Route("POST", "/new-password/{password_token}", EVERYONE, {"password": "{password}"}),
    Route("GET", "/account/new-password", SIGNED_IN),
    # Only after a first password; tests/web/test_first_passwords.py has one.
    Route("POST", "/account/new-password", "s - - - - - - - - -", {"password": "{password}"}),
    Route("POST", "/account/password-links/end", SIGNED_IN),
    Route("POST", "/account/password-news", SIGNED_IN),
    Route("POST", "/account/sign-ins/{sign_in_id}/end", OWNER),
    Route("POST", "/account/sign-ins/end-others", SIGNED_IN),
    Route("GET", "/studio/", STAFF),
    Route("GET", "/studio/upload", STAFF),
    Route("GET", "/studio/originals/{original_id}/lesson", OWNER),
    Route("POST", "/studio/originals/{original_id}/lesson", OWNER, {"title": "ใหม่"}),
    Route("POST", "/studio/originals/{original_id}/remove", OWNER),
    Route("POST", "/studio/found-files/{set_aside_id}/take", OWNER),
    Route("POST", "/studio/found-files/{set_aside_id}/remove", OWNER_OR_OFFICE),
    Route("GET", "/studio/lessons/{lesson_id}", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}", EDITORS, {"title": "ใหม่"}),
    Route("GET", "/studio/lessons/{lesson_id}/people", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/people", EDITORS, WHO_IS_IN),
    Route("POST", "/studio/lessons/{lesson_id}/publish", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/unpublish", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/delete", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/restore", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/share", EDITORS),
    Route("POST", "/studio/lessons/{shared_lesson_id}/share/{share_link_id}/revoke", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/captions", EDITORS, {"language": "th"}),
    Route("POST", "/studio/lessons/{lesson_id}/captions/{text_track_id}/remove", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/captions/{text_track_id}/confirm", EDITORS),
    Route("GET", "/studio/lessons/{lesson_id}/captions/edit", EDITORS),
    Route("GET", "/studio/lessons/{lesson_id}/captions/version", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/captions/automatic", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/captions/save", EDITORS, json=CAPTIONS),
    Route("GET", "/studio/captions-aside/{text_aside_id}", EDITORS),
    Route("POST", "/studio/captions-aside/{text_aside_id}/bring-back", EDITORS),
    Route("POST", "/studio/captions-aside/{text_aside_id}/drop", EDITORS),
    Route("GET", "/studio/lessons/{lesson_id}/chapters", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/chapters", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/chapters/find", EDITORS),
    Route("GET", "/studio/lessons/{lesson_id}/poster", EDITORS),
    Route("GET", "/studio/lessons/{lesson_id}/results", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/poster", EDITORS, {"choice": "own"}),
    Route("GET", "/studio/lessons/{lesson_id}/poster/{candidate}", EDITORS),
    Route("GET", "/studio/lessons/{lesson_id}/delete", EDITORS),
    Route("GET", "/studio/lessons/{deleted_lesson_id}/erase", EDITORS),
    Route("POST", "/studio/lessons/{deleted_lesson_id}/erase", EDITORS, {"seen": "{erase_mark}"}),
    Route("GET", "/studio/lessons/{lesson_id}/file", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/file", OWNER, {"original_id": "{original_id}"}),
    Route("POST", "/studio/lessons/{lesson_id}/file/withdraw", EDITORS),
    Route("POST", "/studio/former-files/{lesson_file_id}/put-back", EDITORS),
    Route("POST", "/studio/former-files/{lesson_file_id}/drop", EDITORS),
    Route("GET", "/studio/originals/{original_id}/fetch", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/remake", OFFICE),
    Route("GET", "/studio/queue", STAFF),
    Route("GET", "/admin/", ADMINISTRATORS),
    Route("POST", "/admin/schools", OFFICE, {"name": "โรงเรียนใหม่"}),
    Route("GET", "/admin/schools/{school_id}", SCHOOL_A),
    Route("POST", "/admin/schools/{school_id}/rename", OFFICE, {"name": "ชื่อใหม่"}),
    Route(
        "POST",
        "/admin/schools/{school_id}/embed-sites",
        SCHOOL_A,
        {"origin": "https://new.example.ac.th"},
    ),
    Route("POST", "/admin/schools/{school_id}/embed-sites/{embed_site_id}/remove", SCHOOL_A),
    Route(
        "POST",
        "/admin/people",
        SCHOOL_A,
        {**NEW_PERSON, "school_id": "{school_id}", "role": "student"},
    ),
    Route("POST", "/admin/people/{person_id}/active", OFFICE, {"is_active": "no"}),
    Route("POST", "/admin/people/{person_id}/new-password", SCHOOL_A),
    Route("POST", "/admin/roles/{role_id}/remove", SCHOOL_A),
    Route("GET", "/admin/office", OFFICE),
    Route("GET", "/admin/queue", OFFICE),
    Route("POST", "/admin/queue/{job_id}/retry", OFFICE),
    Route("GET", "/admin/queue/assets/{asset_id}", OFFICE),
    Route("POST", "/admin/queue/assets/{asset_id}/cancel", OFFICE),
    Route("POST", "/admin/queue/assets/{unready_asset_id}/again", OFFICE),
    Route("POST", "/admin/queue/assets/{asset_id}/rank", OFFICE, {"rank": "first"}),
    Route("GET", "/admin/curriculum/", OFFICE),
    Route("POST", "/admin/curriculum/", OFFICE, {"action": "look"}),
    Route("POST", "/admin/curriculum/{framework_id}/remove", OFFICE),
    Route("GET", "/admin/search/", OFFICE),
    Route("POST", "/admin/search/synonyms", OFFICE, {"words": "ตะกร้อ, sepak takraw"}),
    Route("POST", "/admin/search/synonyms/{group_id}", OFFICE, {"words": "ตะกร้อ, sepak takraw"}),
    Route("POST", "/admin/search/synonyms/{group_id}/remove", OFFICE),
    Route("GET", "/admin/storage/", OFFICE),
    Route("POST", "/admin/storage/rules", OFFICE, {"kept_days": "0"}),
    Route("GET", "/admin/storage/schools", OFFICE),
    Route("GET", "/admin/storage/schools/{school_id}", SCHOOL_A),
    Route("POST", "/admin/storage/schools/{school_id}", OFFICE, {"quota_gb": "5"}),
    Route("POST", "/admin/storage/people/{person_id}", OFFICE, {"quota_gb": "5"}),
    Route("POST", "/admin/storage/remake", OFFICE),
    Route("POST", "/admin/storage/remake/stop", OFFICE),
    Route("GET", "/admin/mail/", OFFICE),
    Route("POST", "/admin/mail/{mail_id}/again", OFFICE),
    Route("GET", "/api/v1/", EVERYONE),
    Route("GET", "/api/v1/openapi.json", EVERYONE),
    Route("GET", "/api/v1/lessons", EVERYONE),
    Route("GET", "/api/v1/suggestions", EVERYONE),
    Route("POST", "/api/v1/lessons/{lesson_id}/playback", "- + - + + - + - + +", json={}),
    Route(
        "PUT",
        "/api/v1/lessons/{lesson_id}/attempts/{attempt_id}",
        AUDIENCE,
        json={"revision": 1},
    ),
    Route("GET", "/studio/lessons/{lesson_id}/trim", EDITORS),
    Route("POST", "/studio/lessons/{lesson_id}/trim", EDITORS, {"start": "0:01", "version": "0"}),
    Route("GET", "/api/v1/assets/{asset_id}/state", EDITORS),
    Route("GET", "/api/v1/uploads", SIGNED_IN),
    Route("POST", "/files/", STAFF, headers=BEGIN),
    Route("HEAD", "/files/{upload_id}", OWNER, headers=TUS),
    Route("DELETE", "/files/{upload_id}", OWNER, headers=TUS),
    Route("GET", "/_/playback-check", NOBODY),
)

TERM = {"year": "2026", "number": "2", "starts_on": "2026-10-26", "ends_on": "2027-03-20"}
CLASSROOM = "/classrooms/{classroom_id}"
PUPIL = "/pupils/{enrolment_id}"
ROUTES += (
    Route("GET", "/help/teacher", EVERYONE),
    Route("GET", "/help/pupil", EVERYONE),
    Route("GET", "/home", SIGNED_IN),
    Route("POST", "/hat", SIGNED_IN, {"hat": "{own_role_id}"}),
    Route("GET", "/join", EVERYONE),
    Route("POST", "/join", EVERYONE, {"code": "{class_code}"}),
    Route("GET", "/join/{class_token}", EVERYONE),
    Route("POST", "/join/{class_token}", EVERYONE, {"pupil": "{enrolment_id}"}),
    Route("GET", "/waiting", "- + + + + + + + + +"),
    Route("POST", "/waiting", NOBODY, {"picture": "1"}),
    Route("GET", "/join/{class_token}/pupils/{enrolment_id}", EVERYONE),
    Route("POST", "/join/{class_token}/pupils/{enrolment_id}", EVERYONE, {"secret": "{pin}"}),
    Route("GET", "/change", EVERYONE),
    Route("POST", "/change/aside", ONLY_PUPILS),
    Route("GET", "/change/pictures", ONLY_PUPILS),
    Route("POST", "/change/pictures", ONLY_PUPILS, {"picture": "1"}),
    Route("GET", "/change/{person_id}", NOBODY),
    Route("POST", "/change/{person_id}", NOBODY, {"secret": "1 2"}),
    Route("POST", "/change/sign-out-all", EVERYONE),
    Route("GET", "/in/{slip_token}", EVERYONE),
    Route("POST", "/in/{slip_token}", EVERYONE),
    Route("GET", "/teach/{teach_token}", EVERYONE),
    Route("POST", "/teach/{teach_token}", EVERYONE, NEW_PERSON),
    Route("GET", "/ask-to-join", EVERYONE),
    Route("POST", "/ask-to-join", EVERYONE, {**NEW_PERSON, "school_id": "{asked_school_id}"}),
    Route("POST", "/admin/schools/{school_id}/teacher-link", SCHOOL_A),
    Route("POST", "/admin/schools/{school_id}/teacher-link/end", SCHOOL_A),
    Route("POST", "/admin/schools/{school_id}/requests", SCHOOL_A, {"takes_requests": "yes"}),
    Route("POST", "/admin/first-administrators", OFFICE),
    Route("GET", "/admin/terms?school={school_id}", SCHOOL_A),
    Route(
        "POST",
        "/admin/terms",
        SCHOOL_A,
        {"school": "{school_id}", **TERM},
    ),
    Route("GET", "/classrooms/", STAFF),
    Route("GET", "/classrooms/new?school_id={school_id}", SCHOOL_STAFF),
    Route(
        "POST",
        "/classrooms/new",
        SCHOOL_STAFF,
        {"school_id": "{school_id}", "name": "ป.4/1", "grades": "P4"},
    ),
    Route("GET", CLASSROOM, CLASS),
    Route("GET", f"{CLASSROOM}/consents", CLASS),
    Route("POST", f"{CLASSROOM}/consents", CLASS),
    Route("GET", f"{CLASSROOM}/consents/form", CLASS),
    Route("POST", f"{PUPIL}/consent/withdraw", CLASS),
    Route("GET", f"{CLASSROOM}/code", CLASS),
    Route("POST", f"{CLASSROOM}/code", CLASS, {"action": "rotate"}),
    Route("GET", f"{CLASSROOM}/names", CLASS),
    Route("POST", f"{CLASSROOM}/names", CLASS, {"names": "ด.ช. ใหม่ มาก", "action": "save"}),
    Route("POST", f"{CLASSROOM}/confirm", CLASS),
    Route("POST", "/classrooms/waiting/{join_request_id}/confirm", CLASS),
    Route("POST", "/classrooms/waiting/{join_request_id}/refuse", CLASS),
    Route("GET", f"{CLASSROOM}/edit", CLASS),
    Route("POST", f"{CLASSROOM}/edit", CLASS, {"name": "ป.4/2", "grades": "P4"}),
    Route("POST", f"{CLASSROOM}/teachers", CLASS, {"person_id": "{free_colleague_id}"}),
    Route("POST", f"{CLASSROOM}/teachers/{{colleague_id}}/remove", CLASS),
    Route("POST", f"{CLASSROOM}/slips", CLASS),
    Route("GET", f"{CLASSROOM}/together", CLASS),
    Route("POST", f"{CLASSROOM}/together", CLASS, {"present": "{enrolment_id}"}),
    Route("POST", "/classrooms/together/end", SIGNED_IN),
    # Only before a class; tests/web/test_together.py has one.
    Route("GET", "/lessons/{lesson_id}/items/{lesson_id}/hands", "s - - - - - - - - -"),
    Route("POST", "/lessons/{lesson_id}/items/{lesson_id}/hands", "s - - - - - - - - -"),
    Route("GET", "/lessons/{lesson_id}/give", SCHOOL_STAFF),
    Route("POST", "/lessons/{work_lesson_id}/give", CLASS, {"room": "{classroom_id}"}),
    Route("GET", "/lessons/{lesson_id}/given", SCHOOL_STAFF),
    Route("GET", "/courses/{work_course_id}/give", SCHOOL_STAFF),
    Route("POST", "/courses/{work_course_id}/give", CLASS, {"room": "{classroom_id}"}),
    Route("POST", "/assignments/{assignment_id}", CLASS, {"note": "ดูให้จบ"}),
    Route("POST", "/assignments/{assignment_id}/withdraw", CLASS),
    Route("GET", f"{CLASSROOM}/grid", CLASS),
    Route("GET", f"{CLASSROOM}/grid.{{grid_form}}", CLASS),
    Route("GET", "/admin/schools/{school_id}/home-classes", SCHOOL_A),
    Route("POST", "/admin/schools/{school_id}/home-classes", SCHOOL_A),
    Route("POST", "/pupils/{enrolment_id}/home", SCHOOL_A, {"classroom_id": "{classroom_id}"}),
    Route("GET", f"{CLASSROOM}/home-classes", CLASS),
    Route("POST", f"{CLASSROOM}/home-classes", CLASS, {"home": "{classroom_id}"}),
    Route("GET", f"{CLASSROOM}/loans", CLASS),
    Route("POST", f"{CLASSROOM}/loans", CLASS, {"person_id": "{colleague_id}"}),
    Route("POST", "/classrooms/loans/{loan_id}/end", CLASS),
    Route("GET", f"{CLASSROOM}/work", CLASS),
    Route("GET", f"{CLASSROOM}/work.zip", CLASS),
    Route("POST", f"{CLASSROOM}/work/prolong", CLASS),
    Route("GET", f"{CLASSROOM}/groups", CLASS),
    Route("POST", f"{CLASSROOM}/groups", CLASS, {"name": "ก", "pupil": "{enrolment_id}"}),
    Route("POST", f"{CLASSROOM}/groups/{{pupil_group_id}}/remove", CLASS),
    Route("GET", f"{CLASSROOM}/announcements", CLASS),
    Route("POST", f"{CLASSROOM}/announcements", CLASS, {"announcement": "พรุ่งนี้สอบ"}),
    Route("POST", "/announcements/{announcement_id}/remove", CLASS),
    Route(
        "POST",
        "/lessons/{work_lesson_id}/items/{work_item_id}/hand-in",
        OWN_WORK,
        WORDS,
    ),
    Route("GET", "/assignments/{assignment_id}/items/{work_item_id}/hand-ins", CLASS),
    Route("POST", "/hand-ins/{hand_in_id}/mark", CLASS, {"comment": "ดี", "mark": "8"}),
    Route("GET", "/hand-ins/{hand_in_id}/files/{work_file_id}", WORK),
    Route("GET", "/hand-ins/{hand_in_id}/files/{work_file_id}/pages/{page_number}", WORK),
    Route("GET", "/assignments/{assignment_id}/work", OWN_WORK),
    # The same of a lesson that is erased:
    Route("POST", "/lessons/{gone_lesson_id}/items/{gone_item_id}/hand-in", OWN_WORK, WORDS),
    Route("GET", "/assignments/{gone_assignment_id}/items/{gone_item_id}/hand-ins", CLASS),
    Route("POST", "/hand-ins/{gone_hand_in_id}/mark", CLASS, {"comment": "ดี", "mark": "8"}),
    Route("GET", "/hand-ins/{gone_hand_in_id}/files/{gone_file_id}", WORK),
    Route("GET", "/hand-ins/{gone_hand_in_id}/files/{gone_file_id}/pages/{page_number}", WORK),
    Route("GET", "/assignments/{gone_assignment_id}/work", OWN_WORK),
    Route("GET", PUPIL, CLASS),
    Route("POST", PUPIL, CLASS, {"name": "ด.ช. สมชาย ใจงาม"}),
    Route("POST", f"{PUPIL}/remove", CLASS),
    Route("POST", f"{PUPIL}/join", CLASS, {"same": "{other_enrolment_id}"}),
    Route("POST", f"{PUPIL}/unlock", CLASS),
    Route("POST", f"{PUPIL}/keys/drop", CLASS),
    Route("POST", f"{PUPIL}/sign-ins/end", CLASS),
    Route("POST", f"{PUPIL}/sign-ins/{{pupil_sign_in_id}}/end", CLASS),
)

QUIZ = "/lessons/{quiz_lesson_id}/items/{quiz_id}"
QUESTIONS = f"/studio{QUIZ}/questions"
TRUE = {"question_text": "จริงหรือไม่", "points": "1", "is_true": "yes"}
ROUTES += (
    Route("POST", f"{QUIZ}/answers", AUDIENCE, {"attempt_id": "{try_id}"}),
    Route("GET", "/lessons/{lesson_id}/questions", AUDIENCE),
    Route("GET", "/s/{token}/questions", EVERYONE),
    Route(
        "PUT",
        "/api/v1/quiz-attempts/{try_id}",
        EVERYONE,  # whoever holds a pass: it says whose answers these are
        json={"quiz_pass": "{quiz_pass}", "answers": {}},
    ),
    Route("GET", QUESTIONS, EDITORS),
    Route("POST", QUESTIONS, EDITORS, {"tries": "1"}),
    Route("GET", f"{QUESTIONS}/new?kind=true_false", EDITORS),
    Route("POST", f"{QUESTIONS}/new?kind=true_false", EDITORS, TRUE),
    Route("GET", f"{QUESTIONS}/{{question_id}}", EDITORS),
    Route("POST", f"{QUESTIONS}/{{question_id}}", EDITORS, {**TRUE, "mark": "{question_mark}"}),
    Route("POST", f"{QUESTIONS}/{{question_id}}/move", EDITORS, {"to": "up"}),
    Route("POST", f"{QUESTIONS}/{{question_id}}/remove", EDITORS, {"mark": "{question_mark}"}),
)

ROUTES += PEOPLE_ROUTES + LESSON_ROUTES

# Answered before Flask, by what stands in the path.
OUTSIDE_FLASK = (
    ("GET", "/static/…", "everyone: styles, scripts, fonts"),
    ("GET", "/v/…", "whoever holds an address that playback answered; asked again every 30 s"),
    ("GET", "/originals/…", "whoever holds an address that fetch answered, for 6 hours"),
    ("POST", "/progress", "whoever holds a pass that playback answered; asked again every 30 s"),
    ("PATCH", "/files/{upload_id}", "its owner: the bytes of an upload"),
)
WORDS = {"+": "yes", "-": "–", "s": "sign in"}


def document() -> str:
    """Return docs/rights.md."""
    head = [" | ".join(["| route", *PEOPLE]) + " |", "| --- " + "| :-: " * len(PEOPLE) + "|"]
    lines = [
        " | ".join(
            [
                f"| `{route.method} {route.path.partition('?')[0]}`",
                *(WORDS[c] for c in route.cells.split()),
            ]
        )
        + " |"
        for route in ROUTES
    ]
    outside = [f"- `{method} {path}`: {words}" for method, path, words in OUTSIDE_FLASK]
    return "\n".join(
        [INTRODUCTION, table_in_markdown(), ROUTES_WORDS, *head, *lines, "", *outside, ""]
    )


INTRODUCTION = f"""# Who may do what

Made by `python -m tests.web.rights_table`; tests compare it with the code and call every cell.

Roles add up: one person may teach at one school and learn at another. Each role is for one school,
the office's for all. A person who was switched off has the rights of a guest. The rules are pure
functions in `server/policy.py`; services ask them, search filters by the same audience tokens.

## Acts ({len(ACTS)})

The lesson belongs to a teacher of school A. "By its link" is a share link that was not revoked.
A session that came through a classroom (a teacher's nod, a slip, pictures, a number) has a pupil's
rights in that classroom, and of what is theirs elsewhere none; the account stays closed. Through
the pupil's home class, on a device of their own, the whole account opens.
Administrators and the office may open what is theirs to look after, but lists and search show them
only what is published to them: `school:…`, `area`, `public`, and their own.
A new password is set by a link that somebody makes, and who makes it could use it: so nobody makes
it for oneself, for who stands as high, or for who holds a role at a school that one does not lead.
"""
ROUTES_WORDS = f"""
## Routes ({len(ROUTES)})

The lesson is shown to school A, where its teacher also teaches the classroom. "sign in": guests
are led to the sign-in page, programs get 401.
"–" answers 403, or 404 where even its being there is nobody else's business. Things in a path
(uploads, originals, sign-ins) are those of the lesson's teacher. Changes need the page's
forgery token, except where no cookie speaks for anybody (a ticket or a share link instead).
"""

if __name__ == "__main__":
    print(document(), end="")  # noqa: T201
