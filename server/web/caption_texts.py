"""What a teacher reads of captions: what is wrong where, what was mended, what a track is."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel import Locale, UnknownLocaleError

from media_pipeline.caption_reading import CaptionFault, Mend
from server.models.lessons import TextAside, TextTrack, TrackKind
from server.web.choices import track_labels
from server.web.dates import language
from server.web.translate import translate as _


def fault_words() -> dict[str, str]:
    """Return a sentence for every fault: what is wrong, then what to do."""
    return {
        "not_text": _("This is no text file. Use a file of type .srt or .vtt."),
        "no_cues": _("There are no times in this file. Use a file of type .srt or .vtt."),
        "too_many_cues": _("These are more than 20,000 captions. Split the file."),
        "bad_bytes": _("A letter is damaged here. Type the word again where � stands."),
        "bad_time": _("The time cannot be read. Write it as 00:01:05.500."),
        "missing_time": _("The time is missing. Fill it in, or take it from where the video is."),
        "negative_time": _("The time is before the beginning of the video. Make it 0 or later."),
        "bad_order": _("The end is not after the start. Move the end, or the start."),
        "past_end": _("This is after the end of the video. Move it, or delete it."),
        "no_times": _(
            "These words have no times. Give them times, or join them with the caption above."
        ),
    }


def mend_texts(mends: Mapping[str, Mend]) -> list[str]:
    """Return a sentence for each thing that was put right without asking."""
    words = {
        "cp874": _("Read as Thai of Windows (CP874)."),
        "utf-16": _("Read as UTF-16."),
        "arrow": _("Arrows between times were written as -->"),
        "fraction": _("Times without parts of a second were completed."),
        "comma": _("Commas in times became points."),
        "header": _("The first line WEBVTT was added."),
        "blank_line": _("Missing empty lines between captions were added."),
        "lone_number": _("Numbers without a caption were left out."),
        "empty": _("Captions without words were left out."),
        "tags": _("Colours, places and other signs of looks were left out."),
        "cut": _("Very long lines were shortened."),
        "order": _("Captions were put in order of time."),
        "overlap": _("Captions that ran into the next one by less than a second end earlier."),
        "together": _("Some captions are shown at the same time: two voices, or a wrong time."),
        "past_end": _("The last caption ends with the video."),
    }
    return [
        words[code] if mend.line < 1 else _in_place(words[code], mend)
        for code, mend in mends.items()
        if code in words
    ]


def fault_rows(faults: Sequence[CaptionFault]) -> list[dict[str, Any]]:
    """Return the faults for the editor and for the list above it."""
    words = fault_words()
    return [
        {
            "cue": fault.cue,
            "code": fault.code,
            "line": fault.line,
            "column": fault.column,
            "text": words.get(fault.code, fault.code),
        }
        for fault in faults
    ]


def kind_labels() -> dict[str, str]:
    """Return the kinds of text tracks."""
    return {
        TrackKind.CAPTIONS: _("Captions (the language that is spoken)"),
        TrackKind.SUBTITLES: _("Subtitles (a translation)"),
        TrackKind.DESCRIPTIONS: _("Descriptions of what is seen (read aloud)"),
    }


def language_label(tag: str) -> str:
    """Return a language by its own name: known ones, others as Unicode names them, else the tag."""
    known = track_labels()
    if tag in known:
        return known[tag]
    try:
        return Locale.parse(tag, sep="-").get_display_name(language()) or tag
    except (ValueError, UnknownLocaleError):
        return tag


def track_label(track: TextTrack | TextAside) -> str:
    """Return what the player's menu says; that nobody has read it yet is part of it."""
    short = {
        TrackKind.CAPTIONS: "",
        TrackKind.SUBTITLES: _("translation"),
        TrackKind.DESCRIPTIONS: _("description of the picture"),
    }
    note = _("automatic, not checked yet") if track.is_automatic else short[track.kind]
    label = language_label(track.language)
    return f"{label} ({note})" if note else label


def _in_place(sentence: str, mend: Mend) -> str:
    if mend.count == 1:
        return _("%(sentence)s (line %(line)s)", sentence=sentence, line=mend.line)
    return _(
        "%(sentence)s (%(count)s times, first in line %(line)s)",
        sentence=sentence,
        count=mend.count,
        line=mend.line,
    )
