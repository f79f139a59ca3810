"""The system's calls in their order: what a person is told is kept was synced before the answer.

Needs no root: it stands in for the power cuts of test_power_cuts where no disk can be mounted.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import psutil
import pytest

from tests.drills.desk import Desk, Line, a_desk
from tests.services.product import Product
from tests.services.programs import Program, free_ports, needed_program
from tests.uploader import TUS, patch_headers

pytestmark = pytest.mark.slow
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
ANSWERS = ("write", "writev", "send", "sendto", "sendmsg")
SYNCED = re.compile(r"^(?P<pid>\d+) +(?:fsync|fdatasync)\(\d+<(?P<path>[^>]*)>(?P<end>.*)$")
RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?:fsync|fdatasync) resumed>.* = 0")
ANSWER = re.compile(r'"HTTP/1\.1 (\d+)')
NONE = b""


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path / "data", free_ports()[0], arguments=("web",))
    product.prepare()
    yield product
    product.stop()


@contextmanager
def traced(product: Product, trace: Path) -> Iterator[None]:
    """Write down the calls of the server."""
    assert product.program is not None
    pid = product.program.process.pid
    calls = ",".join(("fsync", "fdatasync", *ANSWERS))
    options = ["-f", "-y", "-s", "40", "-e", f"trace={calls}", "-o", str(trace), "-p", str(pid)]
    strace = needed_program("strace", install="sudo apt install strace")
    program = Program([strace, *options], log_path=trace.with_suffix(".log"))
    program.wait_until(lambda: _is_traced(pid))
    yield
    program.stop()


def _is_traced(pid: int) -> bool:
    """Tell whether all threads are, also those that wait."""
    tasks = [Path(f"/proc/{pid}/task/{each.id}/status") for each in psutil.Process(pid).threads()]
    return all("TracerPid:\t0\n" not in task.read_text() for task in tasks)


def synced_before_answers(trace: Path) -> list[tuple[int, list[str]]]:
    """Return of each answer its status, and the files that were synced since the one before."""
    answers, synced = [], list[str]()
    begun: dict[str, str] = {}
    for line in trace.read_text(errors="replace").splitlines():
        if found := SYNCED.match(line):
            if found["end"].endswith("= 0"):
                synced.append(found["path"])
            else:
                begun[found["pid"]] = found["path"]
        elif found := RESUMED.match(line):
            synced.append(begun.pop(found["pid"]))
        elif found := ANSWER.search(line):
            answers.append((int(found[1]), synced))
            synced = []
    return answers


def test_what_was_acknowledged_was_synced_before_the_answer_left(
    product: Product, tmp_path: Path
) -> None:
    desk = a_desk(product)
    product.start()
    people, trace = (Line(desk), Line(desk, is_guest=True)), tmp_path / "calls"

    with traced(product, trace):
        url = _begin_upload(*people, desk)
        _send_half(people[0], url, 0)
        _send_half(people[0], url, 3)
        _save_lesson(people[0], desk)
        _answer_quiz(people[1], desk)
        time.sleep(0.2)

    for line in people:
        line.close()
    begun, half, finished, saved, answered = synced_before_answers(trace)
    data, upload_id = str(product.data_path), url.rpartition("/")[2]
    wal = f"{data}/khlang.sqlite3-wal"
    assert (begun[0], begun[1][-1]) == (201, wal)
    assert f"{data}/objects/.incoming" in begun[1]
    assert half == (204, [f"{data}/spool/{upload_id}.0", *_noted(data, upload_id)])
    assert (finished[0], finished[1][-1]) == (204, wal)
    stored = [path.removeprefix(f"{data}/objects") for path in finished[1] if "/objects" in path]
    assert stored[-2:] == ["/originals", ""]  # the name; the bytes before it
    assert all(path.endswith(".multipart") for path in stored[:-2])
    assert (saved[0], wal in saved[1]) == (303, True)
    assert (answered[0], wal in answered[1]) == (200, True)


def _noted(data: str, upload_id: str) -> list[str]:
    return [f"{data}/spool/{upload_id}.0.noted", f"{data}/spool"]


def _begin_upload(line: Line, _guest: Line, desk: Desk) -> str:
    asked = {"Upload-Length": "6", "X-CSRFToken": desk.csrf, **TUS}
    status, headers = line.ask("POST", "/files/", asked)
    assert status == 201
    return str(headers["Location"])


def _send_half(line: Line, url: str, offset: int) -> None:
    headers = {name.replace("_", "-"): value for name, value in patch_headers(offset).items()}
    line.ask("PATCH", url, headers, b"abc")


def _save_lesson(line: Line, desk: Desk) -> None:
    form = urlencode({"title": "แสง", "csrf_token": desk.csrf}).encode()
    line.ask("POST", f"/studio/lessons/{desk.lesson_ids[0]}", {"Content-Type": FORM}, form)


def _answer_quiz(line: Line, desk: Desk) -> None:
    body = json.dumps({"quiz_pass": desk.quiz_passes[0], "answers": desk.answers}).encode()
    line.ask("PUT", f"/api/v1/quiz-attempts/{uuid4()}", {"Content-Type": JSON}, body)
