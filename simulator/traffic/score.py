"""What became of the payments of a world, in payments and in money."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import add, sub
from typing import Self

import numpy as np

from payments.retry_rules import retry_limits
from simulator.traffic.arrays import Flags, Ints
from simulator.traffic.attempts import Attempts
from simulator.traffic.declines import CODES
from simulator.traffic.outcomes import Outcomes
from simulator.traffic.topology import Topology

_WHOLE_BPS = 10_000.0


@dataclass(frozen=True)
class Score:
    """Sums since the world began; customers' payments only, fraudsters' do not count.

    A payment is counted once, when it has gone through or will not be tried again. Scores add and subtract,
    so that what happened between two moments is the difference of theirs.
    """

    succeeded: int = 0
    failed: int = 0
    firsts: int = 0
    """First attempts: payments that customers wished to make."""
    firsts_succeeded: int = 0
    attempts: int = 0
    """All attempts that were made, the first ones included."""
    struck_succeeded: int = 0
    struck_failed: int = 0
    """Payments whose first attempt would have been made, with nobody intervening, where the fault strikes."""
    succeeded_minor: int = 0
    """Amount of the payments that went through, in minor units."""
    struck_succeeded_minor: int = 0
    fees_minor: float = 0.0
    """Fees of the routes for what went through, in minor units."""
    retries_beyond_limits: int = 0
    """Attempts that a card scheme fines: repeats beyond what it allows after the decline that came before."""
    moved: int = 0
    """Attempts that took another route because of an action or a router."""

    @property
    def success_rate(self) -> float:
        """Share of the decided payments that went through in the end."""
        return self.succeeded / max(1, self.succeeded + self.failed)

    def __add__(self, other: "Score") -> Self:
        """Add two stretches of time up."""
        return type(self)(*map(add, vars(self).values(), vars(other).values()))

    def __sub__(self, earlier: "Score") -> Self:
        """Give what happened since an earlier score of the same world."""
        return type(self)(*map(sub, vars(self).values(), vars(earlier).values()))


def declined(attempts: Attempts) -> Score:
    """Count customers' attempts that were declined before any route had them."""
    firsts = _count(attempts.number == 1)
    return Score(failed=len(attempts), firsts=firsts, struck_failed=_count(attempts.struck))


def counted(attempts: Attempts, outcomes: Outcomes, again: Flags, topology: Topology) -> Score:
    """Count the attempts of a tick, of which some payments will be tried `again`: (attempts,)."""
    ours = ~attempts.hostile
    succeeded = ours & outcomes.succeeded
    failed = ours & ~outcomes.succeeded & ~again
    firsts = ours & (attempts.number == 1)
    amount = attempts.amount_minor
    fee_bps = topology.fee_bps[outcomes.leaf[succeeded] % len(topology.routes)]
    return Score(
        succeeded=_count(succeeded),
        failed=_count(failed),
        firsts=_count(firsts),
        firsts_succeeded=_count(firsts & succeeded),
        attempts=_count(ours),
        struck_succeeded=_count(succeeded & attempts.struck),
        struck_failed=_count(failed & attempts.struck),
        succeeded_minor=int(amount[succeeded].sum()),
        struck_succeeded_minor=int(amount[succeeded & attempts.struck].sum()),
        fees_minor=float(amount[succeeded] @ fee_bps) / _WHOLE_BPS,
        retries_beyond_limits=_beyond_limits(attempts, outcomes, again, topology),
        moved=_count(ours & outcomes.moved),
    )


def _beyond_limits(attempts: Attempts, outcomes: Outcomes, again: Flags, topology: Topology) -> int:
    most = _most_attempts(topology.config.networks, topology.config.start.date())
    made = attempts.number[again]
    network = topology.network[attempts.demand[again]]
    return _count(made >= most[network, outcomes.code[again]])


def _count(marked: Flags) -> int:
    return int(np.count_nonzero(marked))


@lru_cache(maxsize=64)
def _most_attempts(networks: tuple[str, ...], on: date) -> Ints:
    """Give how many attempts the schemes allow a payment that is declined with a code: (networks, codes)."""
    return np.array([[_most(network, code, on) for code in CODES] for network in networks])


def _most(network: str, code: str, on: date) -> int:
    limits = retry_limits(network, code, on)
    return min([cap.most + (cap.counted == "reattempts") for cap in limits], default=np.iinfo(np.int64).max)
