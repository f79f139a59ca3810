"""Words of handing in; the keys of `hand_in_words` are read by frontend/src/hand_in.ts."""

from collections.abc import Mapping

from server.web.translate import translate as _


def hand_in_words() -> dict[str, str]:
    """Return what is said while files are sent."""
    return {
        "shrinking": _("Making the picture smaller before sending"),
        "sending": _("Sending {percent}%"),
        "done": _("The file is with the server. Press “Hand in” to give it to the teacher"),
        "offline": _("The connection is gone. {percent}% was sent and is kept; goes on by itself"),
        "remove": _("Take {name} away"),
        "too_large": _("The file is too large ({size}; at most {limit}). Choose another one"),
        "too_many": _("At most {count} files"),
        "empty": _("The file is empty. Choose another file"),
        "file_changed": _("The file can no longer be read. Choose it again"),
        "no_room": _("The server has no room left. Tell the teacher"),
        "waits_for_room": _(
            "The server is full. {percent}% was sent and is kept; "
            "goes on by itself when there is room"
        ),
        "no_share": _("The school's space is full. Tell the teacher"),
        "signed_out": _("Signed out. Sign in and choose the file again; the text is kept"),
        "refused": _("The server did not take the file. Try again, or tell the teacher"),
        "wait": _("Files are still being sent. It is handed in when they are there"),
        "kept": _("This text was kept on this device; it is not handed in yet"),
    }


def hand_in_errors() -> dict[str, tuple[str, str]]:
    """Return titles and texts for what happens when two are at the same work."""
    return {
        "hand_in_closed": (
            _("The teacher has given this back already"),
            _("It is not changed any more. Ask the teacher if something is missing."),
        ),
        "hand_in_changed": (
            _("The pupil has handed in something newer"),
            _("Nothing was given back. Open the page again, read it, and decide then."),
        ),
    }


def giving_faults(facts: Mapping[str, object]) -> dict[tuple[str, str], str]:
    """Return the words for values of forms of giving and handing in that cannot be taken."""
    no_day = _("This is no day. Type it such as 21/12/2569 or 21 Dec 2026.")
    return {
        ("room", "empty"): _("Choose one classroom or several."),
        ("room", "nothing"): _("No lesson of this course can be given to these pupils."),
        ("pupil", "empty"): _("Choose at least one pupil."),
        ("due_on", "date"): no_day,
        ("opens_on", "date"): no_day,
        ("due_on", "past"): _("This day has passed. Choose a later one."),
        ("due_on", "far"): _("This is more than a year away. Look at the year again."),
        ("opens_on", "order"): _("Pupils would see it only after the last day."),
        ("text", "empty"): _("Write something or choose a file, then hand it in."),
        ("files", "unknown"): _(
            "A file was not sent for this work and is left out. Everything else is still here: "
            "choose the file once more, then hand it in."
        ),
        ("files", "too_many"): _(
            "At most %(most)s files. Take some away, then hand it in.", most=facts.get("most")
        ),
        ("mark", "range"): _("This mark is not possible here."),
    }
