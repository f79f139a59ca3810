"""Where an item stands: what every builder of cards is given, and what every card has."""

from dataclasses import dataclass, field
from typing import Protocol

from server.models.content import AnyItem, Content
from server.models.lessons import Lesson
from server.models.people import Person
from server.services.completion import ItemState
from server.web.forms import Form
from server.web.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlace:
    """One item before one person, in one lesson; that they may see it was asked before."""

    lesson: Lesson
    origin: Origin
    content: Content  # what the person has before them
    item: AnyItem
    title: str
    by: Person | None
    state: ItemState | None
    form: Form = field(default_factory=Form)  # what was sent and could not be taken


class ItemCard(Protocol):
    """What every card has; the rest is between a builder and its template."""

    @property
    def entries(self) -> tuple[str, ...]:
        """Return the scripts that it needs, such as "src/player.ts"."""
