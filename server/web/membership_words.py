"""Words about becoming and no longer being somebody of a school."""

from collections.abc import Mapping

from server.models.memberships import NewsKind
from server.web.choices import role_labels
from server.web.translate import translate as _


def membership_errors(facts: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    """Return title and text by an error's code."""
    return {
        "pupils_account": (
            _("This is a pupil's account"),
            _(
                "Nothing was changed, and the link still works for whom it is meant. Teachers use "
                "an account of their own; an administrator of the school can also confirm this one."
            ),
        ),
        "already_there": (
            _("This account is at the school already"),
            _("Nothing was changed, and nothing needs to be done."),
        ),
        "many_wait": (
            _("Many wait at this school already"),
            _(
                "Nothing was sent. %(count)s requests wait: when the school's administrator has "
                "looked through them, send yours again with the same link.",
                count=facts.get("count", ""),
            ),
        ),
        "last_administrator": (
            _("The school would have no administrator"),
            _("Nothing was changed. Invite another administrator first, or ask the area office."),
        ),
    }


def news_text(kind: NewsKind, school: str, detail: str) -> str:
    """Return what is told to the person whom it is about."""
    role = role_labels().get(detail, "")
    texts = {
        NewsKind.ACCEPTED: _("%(school)s has confirmed you: you teach there now.", school=school),
        NewsKind.DECLINED: _(
            "%(school)s has not confirmed your request. If that was a mistake, talk to the "
            "school's administrator and ask again.",
            school=school,
        ),
        NewsKind.SWITCHED_OFF: _(
            "%(school)s has ended your access. Your lessons are kept. If that was a mistake, talk "
            "to the school's administrator.",
            school=school,
        ),
        NewsKind.LET_IN: _("%(school)s has given you your access back.", school=school),
        NewsKind.ROLE_TAKEN: _(
            "You are no longer %(role)s at %(school)s. Your lessons are kept.",
            role=role,
            school=school,
        ),
        NewsKind.SIGNED_OUT: _(
            "The administrator of %(school)s signed you out on all devices. If you had not asked "
            "for that, talk to them.",
            school=school,
        ),
    }
    return texts[kind]
