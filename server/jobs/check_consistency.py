"""The weekly check: find what does not fit, repair it, and write down what was found."""

from server.jobs.workshop import Workshop
from server.messages import CheckConsistency
from server.models.checks import ConsistencyCheck
from server.queue import Lease
from server.services.consistency import find_faults
from server.services.repair import repair_faults

MOST_KEPT = 200


def check_consistency(_job: CheckConsistency, shop: Workshop, lease: Lease) -> None:
    """Check and repair; again after a crash begins anew."""
    began_at = shop.now()
    with shop.sessions() as session:
        faults = find_faults(session, shop.now, store=shop.store, index=shop.index)
        lease.renew(0.5)
        repairs = repair_faults(session, shop.now, store=shop.store, faults=faults)
    with shop.writing(lease) as session:
        session.add(
            ConsistencyCheck(
                began_at=began_at,
                ended_at=shop.now(),
                fault_count=len(faults),
                repaired_count=sum(each.is_repaired for each in repairs),
                faults=[
                    {
                        "text": each.fault.text,
                        "is_repaired": each.is_repaired,
                        "done": each.done.value,
                    }
                    for each in repairs[:MOST_KEPT]
                ],
            )
        )
