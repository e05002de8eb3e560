"""What of an episode's truth is scored, and whether an action or a diagnosis was right by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.crew.played import Act, Said, Truth
from bench.diagnosis.judging import Payments, judge
from payments.action import Action
from payments.diagnosis import Diagnosis
from payments.evidence import Evidence
from payments.finding import Finding
from payments.segment import Segment
from simulator.traffic.scenario import Fault
from simulator.traffic.topology import Topology


def truth_of(fault: Fault) -> Truth:
    """Take what is scored of a fault."""
    return Truth(
        kind=fault.kind,
        right=tuple(sorted(fault.right_actions)),
        trap=fault.trap,
        faults=len(fault.culprits),
        culprits=tuple(str(culprit) for culprit in fault.culprits),
        lasts_s=(fault.ends_at - fault.starts_at).total_seconds(),
        marks=tuple(sorted(fault.marks)),
    )


def culprits_of(diagnosis: Diagnosis) -> tuple[Segment, ...]:
    """Give all segments that a diagnosis names, the strongest first."""
    return diagnosis.culprits or (diagnosis.culprit,)


@dataclass(frozen=True)
class Judge:
    """Knows the truth of one episode."""

    fault: Fault
    topology: Topology

    def since_onset_s(self, at: datetime) -> float:
        """Give seconds from the onset to an instant."""
        return (at - self.fault.starts_at).total_seconds()

    def is_right(self, action: Action, at: datetime) -> bool:
        """Say whether an action from an instant on is of a right kind for a fault that is on, and meets it.

        Whoever acts at the start of the increment in which a fault begins acts on it.
        """
        parts = self.fault.parts or (self.fault,)
        tick = timedelta(seconds=self.topology.config.tick_s)
        return any(
            part.starts_at < at + tick
            and at < part.ends_at
            and action.kind in part.right_actions
            and self._meet(action.scope, part.culprit)
            for part in parts
        )

    def act(self, action: Action, at: datetime, lost: int | None = None) -> Act:
        """Put an action that was carried out on record."""
        right = self.is_right(action, at)
        return Act(action.kind, str(action.scope), self.since_onset_s(at), right, lost)

    def said(
        self, finding: Finding, diagnosis: Diagnosis, evidence: Evidence, earlier: Sequence[Segment]
    ) -> Said:
        """Compare a diagnosis with the truth.

        Of two faults each may have its own incident, so what `earlier` ones named counts as named.
        """
        found = Payments(finding.at, evidence.cells, evidence.attempts + evidence.expected_attempts)
        named = (*culprits_of(diagnosis), *earlier)
        right = judge(diagnosis.category, named, found, self.fault)
        return Said(
            cause=diagnosis.cause,
            at_s=self.since_onset_s(finding.at),
            confidence=diagnosis.confidence,
            category_right=right.category,
            culprit_right=right.culprit,
            meets=self.meets(finding),
        )

    def meets(self, finding: Finding) -> bool:
        """Say whether a finding is of payments that the fault strikes, after its onset."""
        if finding.at <= self.fault.starts_at:
            return False
        segments = [signal.segment for signal in finding.signals]
        return any(self._meet(one, other) for one in segments for other in self.fault.culprits)

    def _meet(self, one: Segment, other: Segment) -> bool:
        return bool((self.topology.leaves(one) & self.topology.leaves(other)).any())
