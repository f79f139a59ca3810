"""What a teacher reads when a question cannot be kept: what is missing, and what to do."""

from collections.abc import Mapping

from server.web.translate import translate as _


def question_faults(facts: Mapping[str, object]) -> dict[tuple[str, str], str]:
    """Return the words by field and rule."""
    most = facts.get("most", "")
    number = _("Type a number, such as 12.5 or 1,250.")
    return {
        ("question_text", "empty"): _("Type the question."),
        ("question_text", "too_long"): _("The question is too long: 2,000 characters at most."),
        ("choices", "few"): _("Type at least two answers."),
        ("choices", "no_words"): _(
            "Type a word beside each picture: it is read aloud, and stands in the results."
        ),
        ("choices", "one_right"): _(
            "Tick the one answer that is right. If there are several, also tick that several "
            "are right."
        ),
        ("choices", "no_right"): _("Tick the answers that are right."),
        ("is_true", "empty"): _("Choose what is right."),
        ("accepted", "empty"): _("Type at least one answer that counts as right."),
        ("accepted", "too_long"): _("Type at most 20 answers of 300 characters."),
        ("value", "number"): number,
        ("tolerance", "number"): number,
        ("tolerance", "range"): _("Type a number that is not below zero."),
        ("points", "number"): number,
        ("points", "range"): _("Points are above 0, and 100 at most."),
        ("original_id", "unknown"): _("Choose one of your own files."),
        ("questions", "too_many"): _(
            "This quiz has %(most)s questions already. Make another quiz for more.", most=most
        ),
        ("at", "time"): _("Type a time such as 1:05."),
        ("at", "end"): _("The recording is shorter. Type a time before its end."),
    }
