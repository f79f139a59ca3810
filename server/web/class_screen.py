"""What every page says of the class before its screen."""

from dataclasses import dataclass

from flask import url_for

from server.request_context import class_before_screen


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScreenCard:
    """Before whom one acts."""

    classroom: str
    there_count: int
    url: str


def class_screen_card() -> ClassScreenCard | None:
    """Return the class; None without one."""
    together = class_before_screen()
    if together is None:
        return None
    return ClassScreenCard(
        classroom=together.classroom.name,
        there_count=len(together.present_ids),
        url=url_for("together.show", classroom_id=together.classroom_id),
    )
