"""What it costs that all that is acknowledged is on the disk: one machine, SQLite, a folder.

Wall times on the disk of the temporary folder (`TMPDIR` names another); nothing else is measured.
"""

import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.drills.desk import Desk, Line, a_desk
from tests.drills.people_at_work import Author, Pupil
from tests.services.product import Product
from tests.services.programs import free_ports
from tests.uploader import TUS, patch_headers

PUPILS, ANSWERS_EACH, EVERY_S = 40, 10, 2.0
SAVES, UPLOADS, FILE_BYTES = 200, 150, 100_000
ANSWER_MOST_MS = 150
Figure = dict[str, object]


def run() -> Iterator[Figure]:
    """Measure with the server alone, without workers."""
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder) / "data", free_ports()[0], arguments=("web",))
        product.prepare()
        desk = a_desk(product, pupils=PUPILS)
        product.start()
        try:
            yield from _answers(desk)
            yield from _one_by_one("lesson saved", Author(desk, 0).work, SAVES)
            yield from _one_by_one("upload finished", _Finisher(desk).work, UPLOADS)
        finally:
            product.stop()


def _answers(desk: Desk) -> Iterator[Figure]:
    """Let all pupils of a classroom answer in the same minute, one question after the other."""
    pupils = [Pupil(desk, number) for number in range(PUPILS)]
    waits_s: list[float] = []
    gate = threading.Barrier(PUPILS + 1)

    def answer(pupil: Pupil, moments: random.Random) -> None:
        pupil.work()  # connected, and all that is made at the first request is there
        gate.wait()
        for _ in range(ANSWERS_EACH):
            time.sleep(moments.uniform(0.0, 2 * EVERY_S))
            waits_s.append(_timed(pupil.work))
        pupil.line.close()

    threads = [
        threading.Thread(target=answer, args=(pupil, random.Random(number)))  # noqa: S311 (a pace)
        for number, pupil in enumerate(pupils)
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    for thread in threads:
        thread.join()
    yield _p95(f"answer, {PUPILS} pupils, each every {EVERY_S:g} s", waits_s, ANSWER_MOST_MS)
    yield from _one_by_one("answer", pupils[0].work, SAVES)


def _one_by_one(name: str, work: Callable[[], None], count: int) -> Iterator[Figure]:
    work()
    began_s = time.monotonic()
    waits_s = [_timed(work) for _ in range(count)]
    yield _rate(name, count, time.monotonic() - began_s)
    yield _p95(name, waits_s)


class _Finisher:
    """Sends small files, each in one request that also finishes it."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._line = desk, Line(desk)
        self._count = 0

    def work(self) -> None:
        self._count += 1
        asked = {"Upload-Length": str(FILE_BYTES), "X-CSRFToken": self._desk.csrf, **TUS}
        _, headers = self._line.ask("POST", "/files/", asked)
        content = self._count.to_bytes(8, "big") * (FILE_BYTES // 8)
        place = {name.replace("_", "-"): value for name, value in patch_headers(0).items()}
        status, told = self._line.ask("PATCH", headers["Location"], place, content)
        if "Upload-Original" not in told:
            raise RuntimeError(f"not finished: {status}")


def _timed(work: Callable[[], None]) -> float:
    began_s = time.monotonic()
    work()
    return time.monotonic() - began_s


def _rate(name: str, count: int, took_s: float) -> Figure:
    figure = f"{name}: acknowledged per second, wall"
    return {"figure": figure, "value": round(count / took_s, 1), "unit": "", "holds": True}


def _p95(name: str, waits_s: Sequence[float], most_ms: float | None = None) -> Figure:
    value = round(statistics.quantiles(waits_s, n=20)[-1] * 1000, 1)
    figure: Figure = {"figure": f"{name}: until acknowledged, wall p95", "value": value}
    holds = most_ms is None or value <= most_ms
    return {**figure, "unit": "ms", "bar": most_ms, "holds": holds}
