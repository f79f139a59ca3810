"""What can go wrong between a file and its parts, each with a stable code."""


class MediaRejected(Exception):
    """The file can never be shown; `code` says why.

    Codes: empty_file, not_media, no_streams, broken_file, too_many_pixels, too_long, moving_webp;
    of documents and pictures document_broken, document_locked, document_empty, document_too_heavy,
    office_missing, image_broken, image_heic, image_svg; of packages zip_unknown, zip_in_zip,
    zip_locked, zip_unsafe, zip_too_many, zip_too_large, zip_bomb, zip_broken,
    package_manifest_broken, package_no_start, h5p_no_library.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        """Keep the code for people and the detail for administrators."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class MediaFailed(Exception):
    """A run of ffmpeg did not end well; another try may. `detail` holds its last lines."""

    code = "encode_failed"

    def __init__(self, detail: str = "") -> None:
        """Keep the last lines of ffmpeg."""
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.detail = detail


class EncodeStalled(MediaFailed):
    """No progress for too long; ffmpeg was killed."""

    code = "encode_stalled"


class EncodeTooSlow(MediaFailed):
    """The wall limit or the CPU limit passed; ffmpeg was killed."""

    code = "encode_too_slow"


class ProgramCrashed(MediaFailed):
    """The program was ended by a signal that was not ours: a crash, or a limit of size or time."""


class DiskFull(MediaFailed):
    """No space is left where parts are written; it may be tried again later."""

    code = "disk_full"


class StretchEmpty(MediaFailed):
    """The original holds not one frame up to the end of this stretch: its real end is before it."""

    code = "stretch_empty"


class NothingThere(MediaFailed):
    """A track without anything in it that can be shown or heard; another try gives the same."""

    code = "nothing_there"


class RemuxUnfit(MediaFailed):
    """The original's own picture cannot be played in segments."""

    code = "remux_unfit"


class SpeechUnreadable(MediaFailed):
    """What the speech program wrote is neither WebVTT nor SRT."""

    code = "speech_unreadable"


class ToolsMissing(MediaFailed):
    """No ffmpeg or ffprobe was found, or it cannot be started."""

    code = "tools_missing"


class CaptionsRejected(ValueError):
    """A caption file that cannot be taken; `line` counts from 1."""

    def __init__(self, line: int, code: str) -> None:
        """Name the line and the reason: a code of caption_reading."""
        super().__init__(f"line {line}: {code}")
        self.line = line
        self.code = code
