"""What may be asked of a worker: ids only, so that a message is never out of date.

`priority`: lower runs first. Below FIRST_WORK the work makes something watchable for the first
time and may use the slot that every worker keeps free for it.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal
from uuid import UUID

FIRST_WORK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One job's kind and ids."""

    kind: ClassVar[str]
    priority: ClassVar[int] = 100
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
    """Encode one stretch: the lowest rendition first, the rest later in one process."""

    kind: ClassVar[str] = "encode_stretch"
    number: int
    rungs: Literal["lowest", "rest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawStills(Message):
    """Make poster and storyboard."""

    kind: ClassVar[str] = "draw_stills"
    priority: ClassVar[int] = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument(Message):
    """Make page images and text of a PDF, or sizes of an image."""

    kind: ClassVar[str] = "read_document"
    priority: ClassVar[int] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChanges(Message):
    """Drain the outbox into the search index."""

    kind: ClassVar[str] = "index_changes"
    priority: ClassVar[int] = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TidyUp(Message):
    """Remove what is past its time: uploads, deleted lessons, sessions, logs. Comes back daily."""

    kind: ClassVar[str] = "tidy_up"
    priority: ClassVar[int] = 200
