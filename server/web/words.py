"""Words that scripts show: the keys stand in frontend/src/words.ts, braces are places they fill."""

from server.web.translate import translate as _

Words = dict[str, str]


def player_words() -> Words:
    """Return the words of the player."""
    return _player_controls() | _player_notices()


def _player_controls() -> Words:
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "mute": _("Mute"),
        "unmute": _("Unmute"),
        "volume": _("Volume"),
        "seek": _("Seek"),
        "position": _("{position} of {duration}"),
        "back": _("Back 10 seconds"),
        "forward": _("Forward 10 seconds"),
        "fullscreen": _("Full screen"),
        "leave_fullscreen": _("Leave full screen"),
        "picture_in_picture": _("Picture in picture"),
        "leave_picture_in_picture": _("Leave picture in picture"),
        "settings": _("Settings"),
        "quality": _("Quality"),
        "quality_auto": _("Automatic"),
        "quality_auto_now": _("Automatic ({height}p now)"),
        "quality_choice": _("{height}p ({mb} MB per minute)"),
        "data_saver": _("Data saver ({mb} MB per minute)"),
        "sound_only": _("Sound only ({mb} MB per minute)"),
        "speed": _("Speed"),
        "speed_normal": _("Normal"),
        "speed_choice": "{rate}×",
        "captions": _("Captions"),
        "captions_off": _("Off"),
    }


def _player_notices() -> Words:
    return {
        "loading": _("Loading"),
        "resumed": _("Going on from {time}"),
        "growing": _("The first {time} can be watched; the rest is being prepared"),
        "not_yet": _("That far is not prepared yet. Going on from {time}"),
        "waiting_for_more": _(
            "Reached what is prepared so far. Goes on by itself when there is more"
        ),
        "offline": _("The connection is gone. Playback goes on by itself when it is back"),
        "slow": _("The connection is slow. Still trying"),
        "not_allowed": _("This lesson may no longer be watched here. Open the lesson's page"),
        "unplayable": _("The video cannot be played in this browser. Try another browser"),
        "preparing": _("Nothing to watch yet. The video is being prepared {percent}%"),
        "retry": _("Try again"),
        "open_lesson": _("Open the lesson's page"),
    }


def upload_words() -> Words:
    """Return the words of the upload page."""
    return _upload_states() | _upload_troubles()


def _upload_states() -> Words:
    return {
        "drop_here": _("Drop files here, or choose them"),
        "choose": _("Choose files"),
        "reading": _("Reading the file"),
        "queued": _("Waiting for the file before it"),
        "sending": _("Sending {percent}%"),
        "sent_of": _("{sent} of {total}"),
        "time_left": _("About {time} left"),
        "seconds": _("{count} seconds"),
        "minutes": _("{count} minutes"),
        "hours": _("{hours} hours {minutes} minutes"),
        "data_used": _("Data used {size}"),
        "pause": _("Pause sending"),
        "resume": _("Go on"),
        "cancel": _("Cancel and delete what was sent"),
        "cancelled": _("Cancelled. What was sent has been deleted"),
        "paused": _("Paused at {percent}%. What was sent is kept"),
        "done": _("All sent"),
        "make_lesson": _("Make it a lesson"),
        "known_file": _("This file was being sent before: going on from {percent}%"),
        "unfinished": _("Unfinished uploads"),
        "unfinished_name": "{name} · {size}",
        "leave": _("Files are still being sent"),
    }


def _upload_troubles() -> Words:
    return {
        "offline": _("The connection is gone. {percent}% was sent and is kept; goes on by itself"),
        "server_away": _(
            "The server does not answer. {percent}% was sent and is kept; trying again by itself"
        ),
        "file_changed": _(
            "The file changed or can no longer be read, perhaps because it lies in a cloud drive. "
            "{percent}% was sent and is kept. "
            "Save the file on this device, then choose it again"
        ),
        "choose_again": _(
            "Choose the same file again; goes on from {percent}%, not from the start"
        ),
        "other_file": _(
            "This is another file than “{name}”. Both are kept; this one is sent as a new file"
        ),
        "too_large": _(
            "The file is larger ({size}) than this site takes ({limit}). Nothing was sent. "
            "Choose a smaller one"
        ),
        "empty": _("The file is empty. Choose another file"),
        "no_room": _(
            "The server has no room left. What was sent ({percent}%) is kept. "
            "Tell the administrator, then press Go on"
        ),
        "signed_out": _(
            "Signed out. What was sent is kept. Sign in again; the file goes on from there"
        ),
        "refused": _(
            "The server did not take the file. What was sent is kept. "
            "Try again, or tell the administrator"
        ),
        "retry": _("Try again"),
    }


def site_words() -> Words:
    """Return the words of small behaviours on every page."""
    return {
        "copied": _("Copied"),
        "copy_failed": _("Could not copy: select the text and copy it"),
        "state_waiting": _("Waiting in line (place {place})"),
        "state_processing": _("Preparing the video {percent}%"),
        "state_partly": _("The first {time} can be watched; the rest is being prepared"),
        "state_ready": _("Ready to watch"),
        "state_failed": _(
            "This file cannot be opened. It may not be a video, or the file is damaged. "
            "The file that was sent is kept. "
            "Try choosing another file, or tell the school's administrator."
        ),
        "state_cut_off": _(
            "The end of the file is missing. Students can watch the first {time}. "
            "The whole file can be sent instead; the same link goes on working."
        ),
        "seconds": _("{count} seconds"),
        "minutes": _("{count} minutes"),
        "minutes_seconds": _("{minutes} minutes {seconds} seconds"),
    }
