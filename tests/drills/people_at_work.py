"""Teachers and pupils who work while the server dies, and what of their work is missing then."""

import hashlib
import http.client
import json
import random
import threading
import time
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from server.models.lessons import Lesson
from server.models.library import Original
from server.models.quizzes import QuizAttempt
from storage.store import PART_BYTES, HasPaths, ObjectStore
from tests.drills.desk import Acknowledged, Desk, Line, Unanswered
from tests.uploader import TUS, encoded, patch_headers

UPLOADERS, MOST = 6, 4
LOST = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
TAKEN = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT, HTTPStatus.SEE_OTHER)


class Uploader:
    """Sends files in pieces, and goes on where the server says."""

    pause_s = 0.02

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk, self.line = desk, Line(desk)
        self._chance = random.Random(number)  # noqa: S311 (no secret)
        self._begin()

    def work(self) -> None:
        """Send one piece. Raises Unanswered."""
        if not self._url:
            self._create()
        elif self._is_unsure:
            self._resume()
        else:
            self._send()

    def interrupted(self) -> None:
        """Note that the server is to be asked how much it has."""
        self._is_unsure = True

    def _begin(self) -> None:
        size = self._chance.choice([300_000, 1_500_000, 3_000_000, PART_BYTES + 500_000])
        self._content = self._chance.randbytes(size)
        self._name, self._url, self._told, self._is_unsure = uuid4().hex, "", 0, False

    def _create(self) -> None:
        metadata = f"filename {encoded(self._name)},fingerprint {encoded(self._name)}"
        asked = {"Upload-Length": str(len(self._content)), "Upload-Metadata": metadata}
        asked |= {"X-CSRFToken": self._desk.csrf, **TUS}
        status, headers = self.line.ask("POST", "/files/", asked)
        assert status in TAKEN, status
        self._url = headers["Location"]

    def _send(self) -> None:
        piece = self._content[self._told :][: self._chance.randint(20_000, 400_000)]
        place = patch_headers(self._told).items()
        marked = {name.replace("_", "-"): value for name, value in place}
        status, headers = self.line.ask("PATCH", self._url, marked, piece)
        if status == HTTPStatus.CONFLICT:
            self._is_unsure = True
        elif status in LOST:
            self._lose(status)
        else:
            assert status in TAKEN, status
            self._note(headers)

    def _resume(self) -> None:
        status, headers = self.line.ask("HEAD", self._url, TUS)
        if status in LOST:
            self._lose(status)
            return
        assert status in TAKEN, status
        if int(headers["Upload-Offset"]) < self._told:
            self._desk.noted.lost.append(f"{headers['Upload-Offset']} of {self._told} bytes")
        self._desk.noted.resumed_count += 0 < int(headers["Upload-Offset"]) < len(self._content)
        self._is_unsure = False
        self._note(headers)

    @property
    def is_half_sent(self) -> bool:
        """Whether some of a file was acknowledged, and not all."""
        return 0 < self._told < len(self._content)

    def _note(self, headers: http.client.HTTPMessage) -> None:
        self._told = int(headers["Upload-Offset"])
        self._desk.noted.offset_count += 1
        if original_id := headers.get("Upload-Original"):
            sha256 = hashlib.sha256(self._content).hexdigest()
            self._desk.noted.finished[UUID(original_id)] = sha256
            self._begin()

    def _lose(self, status: int) -> None:
        self._desk.noted.lost.append(f"an upload with {self._told} bytes: {status}")
        self._begin()


class Author:
    """Saves a lesson again and again under new titles."""

    pause_s = 0.05

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk, self.line = desk, Line(desk)
        self._lesson_id, self._count = desk.lesson_ids[number], (number + 1) * 100_000

    def work(self) -> None:
        """Save once. Raises Unanswered."""
        self._count += 1
        title = f"แสง รอบ {self._count}"
        form = urlencode({"title": title, "csrf_token": self._desk.csrf}).encode()
        path = f"/studio/lessons/{self._lesson_id}"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self.line.ask("POST", path, kind, form)
        assert status in TAKEN, status
        self._desk.noted.titles[self._lesson_id] = self._count
        self._desk.noted.saved_count += 1

    def interrupted(self) -> None:
        """Save the next title instead."""


class Pupil:
    """Answers a quiz again and again."""

    pause_s = 0.2

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk, self.line = desk, Line(desk, is_guest=True)
        self._quiz_pass = desk.quiz_passes[number]
        self._attempt_id = uuid4()

    def work(self) -> None:
        """Send one try. Raises Unanswered."""
        body = json.dumps({"quiz_pass": self._quiz_pass, "answers": self._desk.answers})
        path = f"/api/v1/quiz-attempts/{self._attempt_id}"
        kind = {"Content-Type": "application/json"}
        status, _ = self.line.ask("PUT", path, kind, body.encode())
        assert status in TAKEN, status
        self._desk.noted.answers[self._attempt_id] = self._desk.answers
        self._attempt_id = uuid4()

    def interrupted(self) -> None:
        """Send the same try once more, as devices do."""


Worker = Uploader | Author | Pupil


class PeopleAtWork:
    """All of them, each in a thread; they stand still when they are asked to."""

    def __init__(self, desk: Desk) -> None:
        self.noted, self._go, self._is_over = desk.noted, threading.Event(), False
        self._uploaders = [Uploader(desk, number) for number in range(UPLOADERS)]
        self._workers: list[Worker] = [*self._uploaders]
        self._workers += [Author(desk, number) for number in range(len(desk.lesson_ids))]
        self._workers += [Pupil(desk, number) for number in range(len(desk.quiz_passes))]
        self._idle = threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._run, args=(each,)) for each in self._workers]
        self._faults: list[BaseException] = []
        for thread in self._threads:
            thread.start()
        self.pause()

    def work(self, *, at_least: int) -> None:
        """Have everybody work until so much was acknowledged, and most uploads are half sent."""
        self._go.set()
        until, end_s = self._count() + at_least, time.monotonic() + 120
        while self._count() < until or sum(one.is_half_sent for one in self._uploaders) < MOST:
            assert not self._faults, self._faults
            assert time.monotonic() < end_s, "nothing is acknowledged any more"
            time.sleep(0.002)

    def _count(self) -> int:
        return self.noted.offset_count + len(self.noted.answers)

    def pause(self) -> None:
        """Return when nobody waits for an answer. Raises what went wrong with anybody."""
        self._go.clear()
        for _ in self._threads:
            self._idle.acquire(timeout=60)
        if self._faults:
            raise self._faults[0]

    def end(self) -> None:
        """Send everybody home, and close their lines."""
        self._is_over = True
        self._go.set()
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.line.close()

    def _run(self, worker: Worker) -> None:
        while not self._is_over:
            if not self._go.is_set():
                self._idle.release()
                self._go.wait()
                continue
            try:
                worker.work()
                time.sleep(worker.pause_s)
            except Unanswered:
                worker.interrupted()
                time.sleep(0.1)
            except (AssertionError, KeyError, ValueError) as error:
                self._faults.append(error)
                self._go.wait(0.1)


def missing(session: Session, store: ObjectStore, noted: Acknowledged) -> list[str]:
    """Return what was acknowledged and is not there."""
    lost = list(noted.lost)
    lost += [f"try {each}" for each in noted.answers if not _has_try(session, each, noted)]
    for lesson_id, number in noted.titles.items():
        kept = _number_in(session.get_one(Lesson, lesson_id).title)
        lost += [f"lesson: {kept} for {number}"] if kept < number else []
    for original_id, sha256 in noted.finished.items():
        original = session.get(Original, original_id)
        if original is None:
            lost.append(f"upload {original_id}: no row")
        elif _sha256_of(store, original.asset.original_key) != sha256:
            lost.append(f"upload {original_id}: other bytes")
    session.commit()
    return lost


def _number_in(title: str) -> int:
    """Return the number of a title; 0 for the one that the lesson had before."""
    last = title.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0


def _has_try(session: Session, attempt_id: UUID, noted: Acknowledged) -> bool:
    row = session.get(QuizAttempt, attempt_id)
    return row is not None and row.answers == noted.answers[attempt_id]


def _sha256_of(store: ObjectStore, key: str) -> str:
    assert isinstance(store, HasPaths)
    path = store.path_of(key)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
