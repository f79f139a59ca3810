"""Where the API's routes are kept, and what checks and describes them."""

from typing import Any

from flask import Blueprint
from pydantic import ValidationError
from spectree import SpecTree

from server.errors import FieldError

bp = Blueprint("api", __name__, url_prefix="/api/v1")


def refuse_bad_values(
    _request: object, _answer: object, error: Exception | None, _self: object, _adapter: object
) -> None:
    """Raise FieldError, so that these errors are answered where all others are."""
    if not isinstance(error, ValidationError):
        return
    faults: list[dict[str, Any]] = [
        {"field": ".".join(map(str, fault["loc"])), "message": fault["msg"]}
        for fault in error.errors()
    ]
    raise FieldError(faults[0]["field"], "cannot be taken", fields=faults) from error


spec = SpecTree("flask", title="Khlang", version="1", mode="strict", before=refuse_bad_values)
