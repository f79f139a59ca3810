"""Text in the language of the request, as a plain str."""

from flask_babel import gettext


def translate(text: str, **values: object) -> str:
    """Return the text in the person's language, with `%(name)s` filled; import it as `_`."""
    return str(gettext(text, **values))
