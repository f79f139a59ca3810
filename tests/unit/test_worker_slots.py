"""When a long run leaves its slot, so that something else becomes watchable meanwhile."""

import time
from concurrent.futures import Future
from uuid import UUID

import pytest

from server.messages import EncodeSound, EncodeStretch, Message, ProbeOriginal, RemuxOriginal
from server.queue import Claim, Lease
from server.wiring import Wiring
from server.worker import LEAVES_SLOT_S, Run

STRETCH = EncodeStretch(number=0, rungs="lowest")


def a_run(wiring: Wiring, message: Message, *, age_s: float) -> Run:
    claim = Claim(job_id=UUID(int=1), fence=1, message=message, priority=20, attempts=0, work_s=1.0)
    lease = Lease(wiring.sessions, wiring.clock, claim)
    return Run(lease, Future(), began_s=time.monotonic() - age_s)


@pytest.mark.parametrize("message", [EncodeSound(), RemuxOriginal()])
def test_long_light_work_goes_on_beside_the_slots(wiring: Wiring, message: Message) -> None:
    assert not a_run(wiring, message, age_s=0).leaves_slot
    assert a_run(wiring, message, age_s=LEAVES_SLOT_S + 1).leaves_slot


@pytest.mark.parametrize("message", [STRETCH, ProbeOriginal()])
def test_heavy_work_keeps_its_slot(wiring: Wiring, message: Message) -> None:
    assert not a_run(wiring, message, age_s=3600).leaves_slot
