"""Reports of what was watched: `POST /progress`, answered when they are on the disk.

Beside Flask, as there are many of them: no cookie, no thread and no transaction of its own. Who
watches what is said by the pass in the report.
"""

import asyncio
import json
import math
from collections import Counter
from typing import Any, TypeGuard

from sqlalchemy.exc import SQLAlchemyError

from server.delivery import http
from server.delivery.groups import GroupCommit, GroupFull
from server.errors import AppError
from server.request_context import Wired
from server.services.covered import Covered
from server.services.progress_passes import VALID_FOR, PassReader
from server.services.progress_reports import Report, ReportDesk

PATH = "/progress"
MOST_BYTES = 8 * 1024
MOST_RANGES = 200
MOST_S = 7 * 24 * 3600.0
MOST_AGE_S = VALID_FOR.total_seconds()  # what a wrong clock says beyond is before the playback
MOST_WAITING = 3  # of one pass: a device waits for its answer, or asks again
BODY_PAUSE_S = 30.0
_BUSY = http.Refused(http.UNAVAILABLE, "busy", (("Retry-After", "5"),))
_BAD = http.Refused(http.BAD_REQUEST, "bad_report")
_NOT_POST = http.Refused(http.NOT_ALLOWED, "method_not_allowed", (("Allow", "POST"),))
_ONLY_POST = http.problem(_NOT_POST)
_DONE = http.Answer(http.NO_CONTENT, (("Cache-Control", "no-store"),))


class ProgressPath:
    """Answers requests of the path /progress."""

    def __init__(self, wired: Wired) -> None:
        """Take what is outside."""
        self._now = wired.clock
        self._passes = PassReader(wired.settings.playback_keys)
        self._group = GroupCommit(ReportDesk(wired.engine, wired.clock).take)
        self._waiting: Counter[str] = Counter()

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        """Answer one report: 204 once it is written, else a problem, and nothing is written."""
        if scope["method"] != "POST":
            await http.respond(send, _ONLY_POST)
            return
        try:
            body = await _body(receive)
            if body is not None:
                await self._take(body)
                await http.respond(send, _DONE)
        except http.Refused as refused:
            await http.respond(send, http.problem(refused))

    async def _take(self, body: bytes) -> None:
        """Have a report written. Raises Refused."""
        sent = _parsed(body)
        signed = sent["pass"]
        try:
            report = Report(
                opened=self._passes.read(signed, self._now()),
                covered=Covered.of(sent["ranges"]),
                position_s=float(sent["position_s"]),
                age_s=float(min(sent["age_s"], MOST_AGE_S)),
            )
            if self._waiting[signed] >= MOST_WAITING:
                raise _BUSY
            self._waiting[signed] += 1
            try:
                outcome = await self._group.add(report)
            finally:
                self._waiting[signed] -= 1
                if not self._waiting[signed]:
                    del self._waiting[signed]
        except GroupFull as error:
            raise _BUSY from error
        except (AppError, SQLAlchemyError) as error:
            raise http.refusal(error) from error
        if outcome is not None:
            raise http.refusal(outcome)


async def _body(receive: http.Receive) -> bytes | None:
    """Return the body; None if it was cut. Raises Refused when it is large or stalls."""
    body, has_more = b"", True
    try:
        async with asyncio.timeout(BODY_PAUSE_S):
            while has_more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                has_more = message.get("more_body", False)
                if len(body) > MOST_BYTES:
                    raise http.Refused(http.TOO_LARGE, "too_much", (("Connection", "close"),))
    except TimeoutError as error:
        raise http.Refused(http.REQUEST_TIMEOUT, "too_slow") from error
    return body


def _parsed(body: bytes) -> dict[str, Any]:
    """Return a report whose values have the right kinds. Raises Refused."""
    try:
        sent = json.loads(body)
        is_good = (
            isinstance(sent["pass"], str)
            and _is_second(sent["position_s"])
            and _is_number(sent["age_s"])
            and isinstance(sent["ranges"], list)
            and len(sent["ranges"]) <= MOST_RANGES
            and all(_is_range(one) for one in sent["ranges"])
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _BAD from error
    if not is_good:
        raise _BAD
    return sent if isinstance(sent, dict) else {}


def _is_range(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 (from, to)
        return False
    return _is_second(value[0]) and _is_second(value[1]) and value[0] <= value[1]


def _is_second(value: object) -> TypeGuard[float]:
    return _is_number(value) and value <= MOST_S


def _is_number(value: object) -> TypeGuard[float]:
    """Tell whether it is a number that a clock may show; JSON's `true` is none, nor is NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
