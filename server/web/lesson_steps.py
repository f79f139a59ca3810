"""The items of a lesson as a list of steps, with how far who is signed in is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from server.models.content import AnyItem, Content, FileItem, LinkItem, TextItem
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import may_edit_lesson
from server.request_context import db, learner, viewer
from server.services.completion import States, standing_of
from server.services.erased_lessons import Learnt
from server.services.lesson_content import content_for
from server.services.lesson_drafts import read_draft
from server.web.origin import Origin, item_url
from server.web.translate import translate as _

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCard:
    """One item in the list."""

    id: UUID
    number: int
    kind: str
    kind_name: str
    title: str
    url: str
    is_required: bool
    is_begun: bool
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepList:
    """All items, and where to go on."""

    steps: Sequence[StepCard]
    go_on: StepCard  # the first that is not done, else the first
    required_count: int
    done_count: int  # of the required ones
    knows_person: bool

    @property
    def is_begun(self) -> bool:
        """Whether there is something to go on with."""
        return any(step.is_begun for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPlace:
    """What somebody has before them of a lesson."""

    lesson: Lesson
    origin: Origin
    content: Content
    states: States
    by: Person | None


def lesson_place(lesson: Lesson, origin: Origin) -> LessonPlace:
    """Return what who is asking has before them; the draft for editors who asked for it."""
    by = viewer()
    if origin.is_draft and by is not None and may_edit_lesson(by, lesson):
        content = read_draft(db(), lesson_id=lesson.id, by=by).content
        return LessonPlace(lesson=lesson, origin=origin, content=content, states={}, by=by)
    by = learner(lesson.id)
    content = content_for(db(), lesson, person_id=by.id if by else None)
    states = standing_of(db(), [by.id], [lesson])[by.id].states if by else {}
    return LessonPlace(lesson=lesson, origin=origin, content=content, states=states, by=by)


def steps_of(place: LessonPlace) -> StepList | None:
    """Return the steps; None where there is the lesson's own file alone, or nothing."""
    items = place.content.items
    if not items or (len(items) == 1 and is_own_file(items[0])):
        return None
    steps = [_step(place, number, item) for number, item in enumerate(items, start=1)]
    counted = [step for step in steps if step.is_required] or steps
    return StepList(
        steps=steps,
        go_on=next((step for step in steps if not step.is_done), steps[0]),
        required_count=len(counted),
        done_count=sum(1 for step in counted if step.is_done),
        knows_person=place.by is not None,
    )


def is_own_file(item: AnyItem) -> bool:
    """Tell whether the item is the lesson's own file."""
    return isinstance(item, FileItem) and item.original_id is None


def item_title(item: AnyItem, lesson: Learnt) -> str:
    """Return what an item is called: its title, else what is in it."""
    if item.title:
        return item.title
    match item:
        case FileItem(original_id=None):
            return lesson.title
        case LinkItem():
            return item.note or item.url.host or str(item.url)
        case TextItem():
            return _first_line(item.markdown) or kind_names()["text"]
        case _:
            return kind_names()[item.kind]


def kind_names() -> dict[str, str]:
    """Return the kinds of items as people call them."""
    return {
        "file": _("File"),
        "text": _("Text"),
        "link": _("Link"),
        "quiz": _("Quiz"),
        "hand_in": _("Hand in work"),
    }


def _step(place: LessonPlace, number: int, item: AnyItem) -> StepCard:
    state = place.states.get(item.id)
    return StepCard(
        id=item.id,
        number=number,
        kind=item.kind,
        kind_name=kind_names()[item.kind],
        title=item_title(item, place.lesson),
        url=item_url(place.lesson, place.origin, item.id),
        is_required=item.is_required,
        is_begun=state is not None,
        is_done=state is not None and state.is_done,
    )


def _first_line(markdown: str) -> str:
    lines = (line.strip("#>*-_ \t") for line in markdown.splitlines())
    first = next((line for line in lines if line), "")
    return first if len(first) <= LONGEST_NAME else f"{first[:LONGEST_NAME].rstrip()}…"
