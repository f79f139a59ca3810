"""Words that the editors of captions and chapters show; their keys stand in frontend/src."""

from server.web.translate import translate as _
from server.web.words import Words


def caption_editor_words() -> Words:
    """Return the words of the caption editor."""
    return _rows() | _acts() | _keeping()


def _rows() -> Words:
    return {
        "cue": _("Caption {number}"),
        "start": _("Start"),
        "end": _("End"),
        "words": _("Words"),
        "play": _("Play from here"),
        "start_here": _("Start = where the video is"),
        "end_here": _("End = where the video is"),
        "split": _("Split at the cursor"),
        "merge": _("Join with the next"),
        "merge_up": _("Join with the one above"),
        "add": _("Add one after this"),
        "delete": _("Delete"),
        "earlier": _("Captions before these"),
        "later": _("Captions after these"),
        "shown": _("Captions {first} to {last} of {count}"),
        "none": _("There are no captions yet. Play the video, and add the first one."),
        "bad_time": _("The time cannot be read. Write it as 1:05.5"),
        "missing_time": _("The time is missing."),
        "bad_order": _("The end is not after the start."),
        "past_end": _("This is after the end of the video."),
        "overlap": _("Shown together with the next one."),
        "too_fast": _("Too fast to read: {rate} letters a second."),
    }


def _acts() -> Words:
    return {
        "undo": _("Undo"),
        "shift": _("Move all times"),
        "shift_by": _("Seconds (minus: earlier)"),
        "shift_from": _("From the chosen caption on"),
        "shift_do": _("Move"),
        "save": _("Save and show in the lesson"),
        "saving": _("Saving"),
        "add_here": _("Add where the video is"),
        "keys": _("Keys"),
        "keys_list": _(
            "Alt+K play or stop · Alt+[ start here · Alt+] end here · Alt+Enter add after · "
            "Alt+↑ ↓ other caption · Alt+J play this caption · Ctrl+Z undo · Ctrl+S save"
        ),
        "faults_left": _("{count} places to correct"),
        "no_faults": _("Nothing to correct"),
        "done_undo": _("Undone"),
    }


def trim_words() -> Words:
    """Return the words of the page where a lesson is trimmed."""
    return {
        "first_handle": _("Where the lesson begins"),
        "last_handle": _("Where the lesson ends"),
        "start_here": _("Start here"),
        "end_here": _("End here"),
        "cut_from": _("Leave out from here"),
        "cut_to": _("… until here"),
        "back_to_start": _("From the beginning"),
        "listen": _("Play across the cut"),
        "remove": _("Take this cut away"),
        "undo": _("Undo"),
        "less_second": _("1 second earlier"),
        "more_second": _("1 second later"),
        "less_tenth": _("0.1 seconds earlier"),
        "more_tenth": _("0.1 seconds later"),
        "left": _("{shown} of {all} are left"),
        "too_many": _("More cuts than this are not possible."),
    }


def _keeping() -> Words:
    return {
        "draft_kept": _("Kept on this device at {time}; students see it after saving."),
        "draft_not_kept": _("This device cannot keep a draft. Save before closing the page."),
        "draft_found": _("What was not saved at {time} is here again."),
        "draft_drop": _("Drop it and show what is saved"),
        "saved": _("Saved at {time}. The lesson shows it now."),
        "offline": _("No connection. The text is kept on this device; save again later."),
        "signed_out": _(
            "Signed out. The text is kept on this device. Sign in again in another tab, then save."
        ),
        "not_saved": _("Not saved: some places have to be corrected first."),
        "refused": _("The server did not take it. The text is kept on this device. Try again."),
        "changed": _(
            "{name} saved these captions at {time}. Both texts are kept. Bring them together: "
            "what only one changed is taken, where both changed the same caption both are shown."
        ),
        "changed_nobody": _("Somebody"),
        "merge_texts": _("Bring both together"),
        "mine_instead": _("Save this text instead (the other can be brought back)"),
        "merged": _("Both texts are together now. Read them, then save."),
    }


def chapter_editor_words() -> Words:
    """Return the words of the chapter editor."""
    return {
        "play": _("Play from here"),
        "here": _("Time = where the video is"),
        "add": _("Add where the video is"),
        "take_all": _("Tick all proposals"),
    }
