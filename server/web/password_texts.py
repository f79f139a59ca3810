"""What people read about passwords: why one is not taken, what to do when one is lost."""

from collections.abc import Mapping

from server.web.translate import translate as _


def password_faults(facts: Mapping[str, object]) -> dict[tuple[str, str], str]:
    """Return the words by field and rule of server/services/password_rules.py."""
    what_to_do = _("Take three or more words that do not belong together.")
    texts = {
        "too_short": _(
            "The password is too short. Use %(least)s characters or more.",
            least=facts.get("least", 10),
        ),
        "common": _(
            "This password is guessed quickly: such words and rows of keys are tried first."
        ),
        "own_name": _(
            "This is mostly a name that others know: of a person, a school or the office."
        ),
        "number": _("This is only a number. Telephone, account and identity numbers are known."),
        "same": _("This is the first password again, which somebody else knows."),
    }
    return {("password", rule): f"{words} {what_to_do}" for rule, words in texts.items()}


def password_errors() -> dict[str, tuple[str, str]]:
    """Return title and text of outcomes, by code."""
    return {
        "wrong_password": (
            _("The user name or the password is not right"),
            _(
                "Check capital letters and the keyboard's language, then try again. Those who "
                "forgot the password ask the school's administrator for a link to set a new one."
            ),
        ),
        "new_password_needed": (
            _("Choose your own password first"),
            _("Nothing was changed. Choose a password that only you know, then go on."),
        ),
    }
