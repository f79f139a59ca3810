"""Words that scripts show: the keys stand in frontend/src/words.ts, braces are places they fill."""

from server.web.dates import size_text
from server.web.file_cards import UsageCard
from server.web.translate import translate as _

Words = dict[str, str]


def player_words() -> Words:
    """Return the words of the player."""
    return _player_controls() | _player_menus() | _player_notices()


def _player_controls() -> Words:
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "mute": _("Mute"),
        "unmute": _("Unmute"),
        "volume": _("Volume"),
        "seek": _("Seek"),
        "position": _("{position} of {duration}"),
        "seconds": _("{count} {count|second|seconds}"),
        "minutes_seconds": _(
            "{minutes} {minutes|minute|minutes} {seconds} {seconds|second|seconds}"
        ),
        "back": _("Back 10 seconds"),
        "forward": _("Forward 10 seconds"),
        "fullscreen": _("Full screen"),
        "leave_fullscreen": _("Leave full screen"),
        "picture_in_picture": _("Picture in picture"),
        "leave_picture_in_picture": _("Leave picture in picture"),
    }


def _player_menus() -> Words:
    return {
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
        "caption_size": _("Size of captions"),
        "caption_size_small": _("Small"),
        "caption_size_normal": _("Medium"),
        "caption_size_large": _("Large"),
        "chapters": _("Chapters"),
        "keys": _("Keyboard"),
        "key_play": _("Play or pause"),
        "key_ten_seconds": _("Back or forward 10 seconds"),
        "key_five_seconds": _("Back or forward 5 seconds"),
        "key_minute": _("Forward or back 1 minute"),
        "key_tenths": _("Go to a place in the lesson (5 is the middle)"),
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


def document_words() -> Words:
    """Return the words of the document viewer."""
    return {
        "go_on": _("Go on at page {page}"),
        "page": _("Page {page} of {count}"),
    }


def upload_words(share: UsageCard) -> Words:
    """Return the words of the upload page; `share` is what the person may use of the disk."""
    return _upload_states() | _upload_troubles() | _smaller_words() | {"no_share": _no_share(share)}


def _no_share(share: UsageCard) -> str:
    left, limit = size_text(share.left_bytes or 0), size_text(share.limit_bytes)
    return _(
        "There is not enough space for this file ({size}): %(left)s of %(limit)s are left. "
        "Nothing was sent. Remove lessons that are not needed any more for good, "
        "or ask the area office for more space",
        left=left,
        limit=limit,
    )


def _upload_states() -> Words:
    return {
        "drop_here": _("Drop files here, or choose them"),
        "choose": _("Choose files"),
        "reading": _("Reading the file"),
        "queued": _("Waiting for the file before it"),
        "sending": _("Sending {percent}%"),
        "sent_of": _("{sent} of {total}"),
        "time_left": _("About {time} left"),
        "seconds": _("{count} {count|second|seconds}"),
        "minutes": _("{count} {count|minute|minutes}"),
        "hours": _("{hours} {hours|hour|hours} {minutes} {minutes|minute|minutes}"),
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


def _smaller_words() -> Words:
    return {
        "examining": _("Looking whether the file can be made smaller"),
        "smaller_offer": _(
            "This recording is larger than needed to watch it. "
            "A smaller one is sent sooner and uses less data; students see the same quality of 720p"
        ),
        "smaller_saves": _(
            "This recording is larger than needed to watch it. A smaller one uses less data, "
            "but takes longer on this device; students see the same quality of 720p"
        ),
        "smaller_yes": _("Make it smaller first ({size}, about {time})"),
        "smaller_no": _("Send the full file ({size}, about {time})"),
        "making_smaller": _("Making it smaller {percent}%"),
        "smaller_stays": _("Closing this page does no harm: it goes on when you open it again"),
        "smaller_leaves": _("Leave this page open until it has been made smaller"),
        "smaller_stop": _("Stop, and send the full file"),
        "smaller_failed": _("It could not be made smaller. The full file is sent instead"),
        "smaller_goes_on": _("Goes on from the last time by itself"),
        "smaller_again": _(
            "It was not made smaller to the end last time, and this browser had no room to keep "
            "the recording. Choose the same file again"
        ),
        "smaller_forget": _("Do not send it"),
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
        "waits_for_room": _(
            "The server is full. {percent}% was sent and is kept; "
            "goes on by itself when there is room"
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


def preparing_words() -> Words:
    """Return what is said of a file that is being prepared, by its kind."""
    return {
        "unknown": _("Preparing the file {percent}%"),
        "video": _("Preparing the video {percent}%"),
        "audio": _("Preparing the sound {percent}%"),
        "document": _("Preparing the pages {percent}%"),
        "image": _("Preparing the picture {percent}%"),
        "package": _("Preparing the interactive lesson {percent}%"),
    }


def ready_words() -> Words:
    """Return what is said of a file that is prepared, by its kind."""
    return {
        "video": _("Ready to watch"),
        "audio": _("Ready to listen to"),
        "document": _("Ready to read"),
        "image": _("Ready to look at"),
        "package": _("Ready to play"),
    }


def site_words() -> Words:
    """Return the words of small behaviours on every page."""
    return {
        **{f"preparing_{kind}": words for kind, words in preparing_words().items()},
        **{f"ready_{kind}": words for kind, words in ready_words().items()},
        "copied": _("Copied"),
        "copy_failed": _("Could not copy: select the text and copy it"),
        "answers_refused": _(
            "Answers to a quiz that were kept on this device could not be taken: the lesson is not "
            "there any more. Tell your teacher."
        ),
        "state_waiting": _("Waiting in line (place {place})"),
        "state_partly": _("The first {time} can be watched; the rest is being prepared"),
        "state_failed": _(
            "This file cannot be opened. It may not be a video, or the file is damaged. "
            "The file that was sent is kept. "
            "Try choosing another file, or tell the school's administrator."
        ),
        "state_cut_off": _(
            "The end of the file is missing. Students can watch the first {time}. "
            "The whole file can be sent instead; the same link goes on working."
        ),
        "left_watchable": _("All of it can be watched in about {time}."),
        "left_sharper": _("Sharper pictures will be ready in about {time}."),
        "seconds": _("{count} {count|second|seconds}"),
        "minutes": _("{count} {count|minute|minutes}"),
        "minutes_seconds": _(
            "{minutes} {minutes|minute|minutes} {seconds} {seconds|second|seconds}"
        ),
    }


def suggestion_words() -> Words:
    """Return the words of the search box's suggestions."""
    return {
        "suggestions": _("Suggestions"),
        "lesson": _("Lesson"),
        "course": _("Course"),
        "some": _("{count} suggestions. Choose one with the arrow keys"),
        "none": _("No suggestions"),
    }
