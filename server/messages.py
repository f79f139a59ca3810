"""What may be asked of a worker: ids only, so that a message is never out of date.

`priority`: lower runs first. Below FIRST_WORK the work makes something watchable for the first
time and may use the slot that every worker keeps free for it.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal
from uuid import UUID

FIRST_WORK = 50
Which = Literal["lowest", "rest", "all"]  # of a stretch's renditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One job's kind and ids."""

    kind: ClassVar[str]
    priority: ClassVar[int] = 100
    is_local: ClassVar[bool] = False  # needs the server's own folders: index, arriving uploads
    needs_room: ClassVar[bool] = True  # False: frees it, or writes next to nothing
    asset_id: UUID | None = None

    def payload(self) -> dict[str, Any]:
        """Return the ids as JSON values."""
        return {
            name: str(value) if isinstance(value, UUID) else value
            for name, value in asdict(self).items()
        }

    @property
    def dedupe_key(self) -> str:
        """Equal messages are queued once."""
        return ":".join([self.kind, *(str(value) for value in self.payload().values())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One message, how urgent it is, and what is known of its work.

    Of equally urgent ones that goes first which a viewer needs first: `wanted_s` is how long after
    now who began to watch at once would come there. So a clip is not behind an hour of lecture.
    `work_s` is how long one slot of an ordinary machine works on it.
    """

    message: Message
    priority: int
    wanted_s: float = 0.0
    work_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOriginal(Message):
    """Hash, check and probe an upload, then plan the rest."""

    kind: ClassVar[str] = "probe_original"
    priority: ClassVar[int] = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RemuxOriginal(Message):
    """Repackage a fit original so that it plays at once."""

    kind: ClassVar[str] = "remux_original"
    priority: ClassVar[int] = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeSound(Message):
    """Encode the sound in one run."""

    kind: ClassVar[str] = "encode_sound"
    priority: ClassVar[int] = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeStretch(Message):
    """Encode one stretch: the lowest rendition first, the rest later in one process.

    All at once where nobody waits for the lowest.
    """

    kind: ClassVar[str] = "encode_stretch"
    number: int
    rungs: Which


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeAv1(Message):
    """Encode one stretch once more in AV1: after all else, also after files made anew."""

    kind: ClassVar[str] = "encode_av1"
    priority: ClassVar[int] = 500
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FillHole(Message):
    """Make parts of a stretch that could not be encoded, from another rendition or black."""

    kind: ClassVar[str] = "fill_hole"
    priority: ClassVar[int] = 30
    number: int
    rungs: Which


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSilence(Message):
    """Make silent sound from where the sound that could be encoded ends."""

    kind: ClassVar[str] = "fill_silence"
    priority: ClassVar[int] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCuts(Message):
    """Encode the stretches at the cuts of trimmed lessons: they play by whole segments so far."""

    kind: ClassVar[str] = "make_cuts"
    priority: ClassVar[int] = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawStills(Message):
    """Make poster and storyboard."""

    kind: ClassVar[str] = "draw_stills"
    priority: ClassVar[int] = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawWaveform(Message):
    """Make the waveform of a recording in sound."""

    kind: ClassVar[str] = "draw_waveform"
    priority: ClassVar[int] = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument(Message):
    """Make page images and text of a PDF, or sizes of an image."""

    kind: ClassVar[str] = "read_document"
    priority: ClassVar[int] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackPackage(Message):
    """Unpack an H5P, SCORM or HTML package."""

    kind: ClassVar[str] = "unpack_package"
    priority: ClassVar[int] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawCandidates(Message):
    """Draw stills to choose a poster from: somebody looks at the page and waits for them."""

    kind: ClassVar[str] = "draw_candidates"
    priority: ClassVar[int] = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSlides(Message):
    """Find where slides change, for chapters to be proposed, in the lowest rendition."""

    kind: ClassVar[str] = "find_slides"
    priority: ClassVar[int] = 190
    when_asked: ClassVar[int] = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCaptions(Message):
    """Have a local speech model write a lesson's captions; everything else goes first."""

    kind: ClassVar[str] = "write_captions"
    priority: ClassVar[int] = 250
    lesson_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChanges(Message):
    """Drain the outbox into the search index."""

    kind: ClassVar[str] = "index_changes"
    is_local: ClassVar[bool] = True
    needs_room: ClassVar[bool] = False
    priority: ClassVar[int] = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PutInPlace(Message):
    """Let lessons that wait for this asset show it, or let it follow what it was made anew of."""

    kind: ClassVar[str] = "put_in_place"
    needs_room: ClassVar[bool] = False
    priority: ClassVar[int] = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail(Message):
    """Send one mail of the outbox."""

    kind: ClassVar[str] = "send_mail"
    is_local: ClassVar[bool] = True  # workers elsewhere do not know the mail server
    priority: ClassVar[int] = 55
    mail_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckConsistency(Message):
    """Compare rows, objects and index, and repair what can be. Comes back weekly."""

    kind: ClassVar[str] = "check_consistency"
    is_local: ClassVar[bool] = True
    needs_room: ClassVar[bool] = False
    priority: ClassVar[int] = 210


@dataclass(frozen=True, slots=True, kw_only=True)
class TidyUp(Message):
    """Remove what is past its time: uploads, deleted lessons, sessions, logs. Comes back daily."""

    kind: ClassVar[str] = "tidy_up"
    is_local: ClassVar[bool] = True
    needs_room: ClassVar[bool] = False
    priority: ClassVar[int] = 200
