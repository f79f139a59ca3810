"""Words that the scripts of quizzes show: the keys stand in frontend/src/quiz_words.ts."""

from server.web.translate import translate as _


def quiz_words() -> dict[str, str]:
    """Return the words of forms and of questions inside a recording."""
    return {
        "sending": _("Sending the answers"),
        "kept": _(
            "Your answers are kept on this device. They are sent by themselves when there is a "
            "connection; closing this page does no harm."
        ),
        "marking": _("The answers have arrived. The result comes when there is a connection."),
        "refused": _("These answers could not be taken. Open the page again and look what counts."),
        "no_tries": _("All tries were used already. These answers do not count."),
        "unanswered": _("Questions without an answer: {count}. Send anyway?"),
        "asked": _("A question about what you have just watched"),
        "later": _("Later"),
        "go_on": _("Go on watching"),
    }
