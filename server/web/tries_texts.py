"""What a person reads who has tried too often."""

from collections.abc import Mapping
from math import ceil

from flask_babel import ngettext

from server.web.translate import translate as _


def again_text(facts: Mapping[str, object]) -> str:
    """Return when the next try is judged."""
    wait_s = facts.get("retry_after_s")
    if not isinstance(wait_s, int):
        return _("Nothing is lost. Wait 10 minutes, then try again.")
    words = ngettext(
        "Nothing is lost. Try again in %(num)s minute.",
        "Nothing is lost. Try again in %(num)s minutes.",
        ceil(wait_s / 60),
    )
    return str(words)
