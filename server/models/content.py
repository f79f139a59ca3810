"""What a lesson consists of: its items in order, as one document that is checked when it is read.

Drafts and versions keep it as JSON. A version never changes, so that a pupil in progress keeps what
they began. An item keeps its id over all versions: progress is written down under it.
"""

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, NonNegativeFloat, TypeAdapter

MOST_ITEMS = 60
LONGEST_TEXT = 20_000
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Text: TypeAlias = Annotated[str, Field(max_length=LONGEST_TEXT)]
Line: TypeAlias = Annotated[str, Field(max_length=300)]


class Piece(BaseModel):
    """What every part of the document is: immutable, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(Piece):
    """One step of a lesson."""

    id: UUID
    title: Line = ""
    is_required: bool = False


class FileItem(Item):
    """A recording, sound, document, image or package; `original_id` empty: the lesson's own file.

    Captions, chapters and trims belong to the lesson's own file alone. Done when `min_share` of it
    was watched, or of its pages seen.
    """

    kind: Literal["file"] = "file"
    original_id: UUID | None = None
    min_share: Share = 0.8


class TextItem(Item):
    """Something to read, in Markdown; done when it was opened."""

    kind: Literal["text"] = "text"
    markdown: Text = ""


class LinkItem(Item):
    """Another site's page, as a card: nothing is asked of it before it is pressed."""

    kind: Literal["link"] = "link"
    url: HttpUrl
    note: Line = ""


class Choice(Piece):
    """One answer to choose; `original_id` is its picture or sound."""

    id: UUID
    text: Line = ""
    original_id: UUID | None = None


class Question(Piece):
    """What all questions have. `text` is Markdown; `original_id` is its picture or sound."""

    id: UUID
    text: Annotated[str, Field(max_length=2_000)]
    original_id: UUID | None = None
    points: Annotated[float, Field(gt=0, le=100)] = 1
    when_right: Line = ""
    when_wrong: Line = ""


class ChoiceQuestion(Question):
    """One of several, or with `takes_several` all of the right ones."""

    kind: Literal["choice"] = "choice"
    choices: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=10)]
    right_ids: Annotated[frozenset[UUID], Field(min_length=1)]
    takes_several: bool = False


class TrueFalseQuestion(Question):
    """Whether something is true."""

    kind: Literal["true_false"] = "true_false"
    is_true: bool


class ShortTextQuestion(Question):
    """A few words; compared after normalising, without regard to case, spaces and Thai digits."""

    kind: Literal["short_text"] = "short_text"
    accepted: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]


class NumberQuestion(Question):
    """A number, right within `tolerance` of `value`."""

    kind: Literal["number"] = "number"
    value: float
    tolerance: NonNegativeFloat = 0


AnyQuestion: TypeAlias = Annotated[
    ChoiceQuestion | TrueFalseQuestion | ShortTextQuestion | NumberQuestion,
    Field(discriminator="kind"),
]


class QuizItem(Item):
    """Questions; with `at_s` they are asked inside the lesson's own recording, at that second.

    `tries` 0: as often as one likes. Done when `min_share` of the points was reached once.
    """

    kind: Literal["quiz"] = "quiz"
    questions: Annotated[tuple[AnyQuestion, ...], Field(max_length=50)] = ()
    tries: Annotated[int, Field(ge=0, le=20)] = 0
    is_shuffled: bool = False
    shows_answers: bool = True  # after the last try, or when all is right
    min_share: Share = 0.5
    at_s: NonNegativeFloat | None = None  # of the original


class HandInItem(Item):
    """Something that pupils hand in: a text, or files; done when it was handed in."""

    kind: Literal["hand_in"] = "hand_in"
    markdown: Text = ""
    takes_files: bool = True
    most_points: Annotated[float, Field(ge=0, le=1000)] = 10


AnyItem: TypeAlias = Annotated[
    FileItem | TextItem | LinkItem | QuizItem | HandInItem, Field(discriminator="kind")
]


class Content(Piece):
    """All items of a lesson, in order."""

    items: Annotated[tuple[AnyItem, ...], Field(max_length=MOST_ITEMS)] = ()

    @property
    def original_ids(self) -> frozenset[UUID]:
        """Return the files that it uses besides the lesson's own."""
        found = set[UUID | None]()
        for item in self.items:
            if isinstance(item, FileItem):
                found.add(item.original_id)
            elif isinstance(item, QuizItem):
                for question in item.questions:
                    found.add(question.original_id)
                    if isinstance(question, ChoiceQuestion):
                        found.update(choice.original_id for choice in question.choices)
        return frozenset(id_ for id_ in found if id_)


CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
