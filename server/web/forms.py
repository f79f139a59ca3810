"""What several forms need: where to go afterwards, and values with what is wrong with them."""

from dataclasses import dataclass, field

from flask import request

from server.errors import FieldError
from server.web.error_texts import field_text


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, shown again when a value cannot be taken; never passwords."""

    values: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, default: str = "") -> str:
        """Return what was typed."""
        return self.values.get(name, default)

    @property
    def typed_texts(self) -> dict[str, str]:
        """Return what a person typed or chose, without what the page itself sends along."""
        own = {"csrf_token", "next", "action"}
        return {name: value for name, value in self.values.items() if value and name not in own}

    def fault(self, name: str) -> str:
        """Return what is wrong with it; empty if nothing."""
        return self.faults.get(name, "")


def typed(error: FieldError | None = None) -> Form:
    """Return the present form, with the fault if there is one."""
    values = {
        name: value for name, value in request.form.items() if not name.startswith("password")
    }
    faults = {error.field: field_text(error.field, error.facts)} if error else {}
    return Form(values, faults)


def text(name: str) -> str:
    """Return one field of the form; empty when it is missing."""
    return request.form.get(name, "")


def safe_next(default: str = "/") -> str:
    """Return where the form wants to go next, on this site only."""
    target = request.values.get("next", "")
    is_ours = target.startswith("/") and not target.startswith("//")
    is_plain = not any(character < " " or character == "\\" for character in target)
    return target if is_ours and is_plain else default
