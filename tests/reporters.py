"""Thousands of devices that report what was watched: an open loop, so that a slow server shows.

Run as a program of its own, beside the server: `python -m tests.reporters PLAN.json`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.lessons import Lesson, Visibility
from server.models.people import Person
from server.models.progress import WatchProgress
from server.services.covered import Covered
from server.services.progress_passes import PassReader, ProgressPass, sign_pass
from server.wiring import utc_now
from tests.builders import a_lesson, a_person, a_ready_asset, an_original
from tests.services.product import Product
from tests.services.programs import Program

EVERY_S = 12.0
CONNECTIONS = 256
LESSON_S = 3600.0
OK = b"HTTP/1.1 204"


@dataclass(slots=True)
class Plan:
    """Who reports, how fast, for how long."""

    port: int
    passes: list[str]
    per_second: int
    seconds: float
    begin_s: int = 0  # the second of the recording from which everybody has watched


@dataclass(slots=True)
class Tally:
    """What came of it; `told_s` has, for each pass, the seconds from which reports were taken."""

    sent_count: int = 0
    refused_count: int = 0
    waits_s: list[float] = field(default_factory=list)
    told_s: dict[str, list[int]] = field(default_factory=dict)
    took_s: float = 0.0


def a_full_hall(product: Product, count: int) -> list[str]:
    """Make so many pupils who have begun lessons two hours ago; return their passes."""
    with product.session() as session:
        teacher = a_person(session)
        lessons = [_a_long_lesson(session, teacher) for _ in range(20)]
        facts = {"display_name": "ด.ช.ปิติ ตั้งใจ", "password_hash": "", "is_active": True}
        facts |= {"created_at": utc_now()}
        ids = [uuid7() for _ in range(count)]
        rows = [{"id": each, "user_name": each.hex, **facts} for each in ids]
        session.execute(insert(Person), rows)
        session.commit()
        keys, begun_at = product.settings.playback_keys, utc_now() - timedelta(hours=2)
        hall = zip(ids, cycle(lessons), strict=False)
        return [a_pass(keys, each, lesson, begun_at) for each, lesson in hall]


def _a_long_lesson(session: Session, teacher: Person) -> Lesson:
    original = an_original(session, teacher, a_ready_asset(session, duration_s=LESSON_S))
    return a_lesson(
        session, teacher, original=original, published=True, visibility=Visibility.PUBLIC
    )


def a_pass(
    keys: Mapping[str, SecretStr], person_id: UUID, lesson: Lesson, begun_at: datetime
) -> str:
    """Return what playback would have answered then."""
    assert lesson.original is not None
    opened = ProgressPass(
        person_id=person_id,
        lesson_id=lesson.id,
        asset_id=lesson.original.asset_id,
        share_link_id=None,
        begun_at=begun_at,
    )
    return sign_pass(keys, opened)


def reporting(plan: Plan, folder: Path) -> Program:
    """Start the devices as a program beside this one."""
    path = folder / "plan.json"
    for ending in (".tally", ".end"):
        path.with_suffix(ending).unlink(missing_ok=True)
    path.write_text(json.dumps(asdict(plan)))
    argv = [sys.executable, "-m", "tests.reporters", str(path)]
    return Program(argv, log_path=folder / "reporters.log")


def tally_of(program: Program, folder: Path, *, is_enough: bool = False) -> Tally:
    """Wait until the devices have sent all, or what they have by now; return what came of it."""
    if is_enough:
        (folder / "plan.end").touch()
    if program.process.wait():
        raise RuntimeError(program.log())
    return Tally(**json.loads((folder / "plan.tally").read_text()))


def lost_reports(session: Session, passes: PassReader, tally: Tally, now: datetime) -> int:
    """Return how many reports were acknowledged and are not in the rows."""
    opened = {signed: passes.read(signed, now) for signed in tally.told_s}
    rows = select(WatchProgress.person_id, WatchProgress.asset_id, WatchProgress.covered)
    kept = {(person_id, asset_id): text for person_id, asset_id, text in session.execute(rows)}
    lost = 0
    for signed, starts_s in tally.told_s.items():
        text = kept.get((opened[signed].person_id, opened[signed].asset_id), "")
        covered = Covered.from_text(text)
        told = (Covered.of([[from_s, from_s + EVERY_S]]) for from_s in starts_s)
        lost += sum(covered | one != covered for one in told)
    return lost


class Reporters:
    """Sends reports at their time, whether the earlier ones were answered or not."""

    def __init__(self, plan: Plan, end: Path) -> None:
        """Take what is to be sent; it ends early when `end` is there."""
        self._plan, self._end = plan, end
        self._tally = Tally()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._room = asyncio.Semaphore(CONNECTIONS)

    async def run(self) -> Tally:
        """Send all; return when each was answered, or its connection lost."""
        began_s = time.monotonic()
        sending = set()
        for number in range(int(self._plan.per_second * self._plan.seconds)):
            due_s = began_s + number / self._plan.per_second
            if (wait_s := due_s - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
                if self._end.exists():
                    break
            task = asyncio.create_task(self._report(number, due_s))
            sending.add(task)
            task.add_done_callback(sending.discard)
        while sending:
            await asyncio.wait(sending)
        self._tally.took_s = time.monotonic() - began_s
        return self._tally

    async def _report(self, number: int, due_s: float) -> None:
        round_number, place = divmod(number, len(self._plan.passes))
        signed = self._plan.passes[place]
        from_s = self._plan.begin_s + round_number * int(EVERY_S)
        to_s = from_s + int(EVERY_S)
        report = {"pass": signed, "ranges": [[from_s, to_s]], "position_s": to_s, "age_s": 0.01}
        body = json.dumps(report).encode()
        head = f"POST /progress HTTP/1.1\r\nHost: khlang\r\nContent-Length: {len(body)}\r\n\r\n"
        async with self._room:
            is_taken = await self._sent(head.encode() + body)
        self._tally.sent_count += 1
        if is_taken:
            self._tally.waits_s.append(time.monotonic() - due_s)
            self._tally.told_s.setdefault(signed, []).append(from_s)
        else:
            self._tally.refused_count += 1

    async def _sent(self, request: bytes) -> bool:
        try:
            reader, writer = self._idle.pop() if self._idle else await self._connected()
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            return False
        if not answer.startswith(OK):
            writer.close()
            return False
        self._idle.append((reader, writer))
        return True

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._plan.port)


def main(path: Path) -> None:
    """Read the plan, send, and write the tally beside it."""
    plan = Plan(**json.loads(path.read_text()))
    tally = asyncio.run(Reporters(plan, path.with_suffix(".end")).run())
    path.with_suffix(".tally").write_text(json.dumps(asdict(tally)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
