"""Which acts ask for the password again: a table of all of administration."""

import re
from collections.abc import Iterator

from flask import Flask

from server.request_context import SAFE_METHODS

ASKED = {
    "POST /admin/schools",
    "POST /admin/schools/*/rename",
    "POST /admin/schools/*/home-classes",
    "POST /admin/schools/*/invitations",
    "POST /admin/schools/*/embed-sites",
    "POST /admin/schools/*/teacher-link",
    "POST /admin/schools/*/requests",
    "POST /admin/schools/*/asked",
    "POST /admin/schools/*/people/*/access",
    "POST /admin/first-administrators",
    "POST /admin/people",
    "POST /admin/people/*/active",
    "POST /admin/people/*/new-password",
    "POST /admin/roles/*/remove",
    "POST /admin/office/invitations",
    "POST /admin/terms",
    "POST /admin/storage/rules",
    "POST /admin/storage/schools/*",
    "POST /admin/storage/people/*",
}
ONLY_ENDS = "it only ends what lets others in, and may be urgent"
OF_WORK = "it changes when work is done, for nobody's rights"
BY_A_FILE = "about no person; a file brings it back, and a file is not sent twice"
NOT_ASKED = {
    "POST /admin/schools/*/teacher-link/end": ONLY_ENDS,
    "POST /admin/schools/*/embed-sites/*/remove": ONLY_ENDS,
    "POST /admin/invitations/*/end": ONLY_ENDS,
    "POST /admin/schools/*/people/*/sign-out": ONLY_ENDS,
    "POST /admin/office/people/*/sign-out": ONLY_ENDS,
    "POST /admin/queue/*/retry": OF_WORK,
    "POST /admin/queue/assets/*/cancel": OF_WORK,
    "POST /admin/queue/assets/*/again": OF_WORK,
    "POST /admin/queue/assets/*/rank": OF_WORK,
    "POST /admin/storage/remake": OF_WORK,
    "POST /admin/storage/remake/stop": OF_WORK,
    "POST /admin/mail/*/again": OF_WORK,
    "POST /admin/search/synonyms": "words, changed back as easily",
    "POST /admin/search/synonyms/*": "words, changed back as easily",
    "POST /admin/search/synonyms/*/remove": "words, typed again as easily",
    "POST /admin/curriculum/": BY_A_FILE,
    "POST /admin/curriculum/*/remove": BY_A_FILE,
}
ELSEWHERE: set[str] = set()  # acts that ask though they stand under another address


def changes(app: Flask) -> Iterator[tuple[str, bool]]:
    """Yield each change and whether it asks; reading never does."""
    for rule in app.url_map.iter_rules():
        asks = hasattr(app.view_functions[rule.endpoint], "asks_again")
        for method in sorted((rule.methods or set()) - SAFE_METHODS):
            yield f"{method} {re.sub(r'<[^>]+>', '*', rule.rule)}", asks


def test_every_act_of_administration_asks_or_says_why_not(app: Flask) -> None:
    of_administration = {act for act, _asks in changes(app) if " /admin/" in act}

    assert of_administration == ASKED | NOT_ASKED.keys()


def test_the_acts_that_ask_are_those_of_the_table(app: Flask) -> None:
    assert {act for act, asks in changes(app) if asks} == ASKED | ELSEWHERE


def test_nothing_that_is_only_read_asks(app: Flask) -> None:
    views = app.view_functions
    reading = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]

    assert [rule.rule for rule in reading if hasattr(views[rule.endpoint], "asks_again")] == []
