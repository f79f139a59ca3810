"""Several who do something at the same moment, each with a session as a request has."""

import threading
from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from server.errors import AppError
from server.request_context import RequestSession


def at_once(
    engine: Engine,
    acts: Sequence[Callable[[Session], object]],
    *,
    after: Callable[[Session], object] = lambda _session: None,
) -> list[object]:
    """Start all acts together; return what each returned, or the outcome that it raised.

    `after` is what each session has read before, as a page does, and still holds.
    """
    start = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def do(number: int) -> None:
        with RequestSession(engine, expire_on_commit=False, info={"changes": True}) as session:
            held = after(session)
            start.wait()
            try:
                results[number] = acts[number](session)
            except AppError as error:
                results[number] = error
            del held

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
