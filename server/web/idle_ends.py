"""Sessions that end when nothing is done: noted with few writes, and said when it happens."""

from functools import partial

from flask import Response, after_this_request, flash, request

from server.models.people import Person, SignIn
from server.request_context import SAFE_METHODS, after_answer, clock
from server.services.idle import end_idle, is_over, is_to_be_noted, note_seen
from server.web.translate import translate as _

OPENED = frozenset({"document", "iframe"})  # by a person; what scripts fetch by themselves is not


def is_idle_too_long(person: Person, sign_in: SignIn) -> bool:
    """Return whether this session has ended; note that somebody is here if not."""
    now, id_ = clock(), sign_in.id
    if is_over(person, sign_in, now()):
        flash(
            _("Signed out because this was not used for a while. What was saved is kept."), "info"
        )
        after_answer(partial(end_idle, now=now, sign_in_id=id_))
        if sign_in.is_shared:
            _clear_storage()
        return True
    if _is_act() and is_to_be_noted(person, sign_in, now()):
        after_answer(partial(note_seen, now=now, sign_in_id=id_))
    return False


def _is_act() -> bool:
    """Return whether a person did something: an open page that asks for news is nobody."""
    is_opened = request.headers.get("Sec-Fetch-Dest", "document") in OPENED
    return is_opened or request.method not in SAFE_METHODS


def _clear_storage() -> None:
    """Have the browser forget lessons and recordings that were kept there, as signing out does."""

    @after_this_request
    def clear(answer: Response) -> Response:
        answer.headers["Clear-Site-Data"] = '"storage"'
        return answer
