"""How a policy behaved: how soon, how rightly and how harmlessly it acted, and how sure it rightly was."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from bench.crew.played import NOTHING, Act, Played, Results
from bench.diagnosis.reliability import Reliability
from payments.action import ActionKind

_HOURS_A_WEEK = 168.0
_HARMLESS = ("issuer_outage", "card_testing")
"""Kinds of faults beside the traps in which little may be lost: nothing that moves payments helps."""


@dataclass(frozen=True)
class Pair:
    """An episode under a policy, and the same with nothing done."""

    played: Played
    nothing: Played

    @property
    def lost(self) -> int:
        """Payments that succeed with nothing done, less those that did; negative when some were saved."""
        return self.nothing.whole.succeeded - self.played.whole.succeeded

    @property
    def harmful(self) -> Sequence[Act]:
        """The actions without which more payments succeed; where that is only known of all, all of them."""
        return [act for act in self.played.deeds.acts if (self.lost if act.lost is None else act.lost) > 0]


def pairs(results: Results, policy: str) -> tuple[Pair, ...]:
    """Put each episode beside the same with nothing done."""
    return tuple(map(Pair, results.of(policy), results.of(NOTHING)))


def conduct(pairs: Sequence[Pair], *, acts: bool = True) -> dict[str, object]:
    """Give every figure of one policy that is no share of what could be saved.

    Of a policy that decides for each payment there are no actions (`acts` is False): nothing is counted then.
    """
    every = [pair.played for pair in pairs]
    faults = [one for one in every if not one.truth.trap]
    of_actions = _actions(pairs)
    return {
        "detection_delay_s_median": _median(one.deeds.detected_s for one in faults),
        "detected_share": _share(one.deeds.detected_s is not None for one in faults),
        "mitigation_delay_s_median": _median(mitigated_s(one) for one in faults if one.truth.has_action),
        **(of_actions if acts else dict.fromkeys(of_actions)),
        "moved_share_in_issuer_outages": _moved_share([one for one in every if one.kind == "issuer_outage"]),
        "episodes_with_losses": sum(pair.lost > 0 for pair in pairs),
        "payments_lost_in_these": sum(max(0, pair.lost) for pair in pairs),
        "escalations": sum(one.deeds.questions > 0 for one in every),
        "escalations_share": _share(one.deeds.questions > 0 for one in every),
        **_diagnoses(every),
    }


def _actions(pairs: Sequence[Pair]) -> dict[str, object]:
    every = [pair.played for pair in pairs]
    acts = [act for one in every for act in one.deeds.acts]
    harmful = [act for pair in pairs for act in pair.harmful]
    issuers = [act for one in every if one.kind == "issuer_outage" for act in one.deeds.acts]
    return {
        "actions": len(acts),
        "harmful_actions": len(harmful),
        "harmful_share": len(harmful) / len(acts) if acts else None,
        "payments_lost_by_harmful_actions": sum(_lost(pair) for pair in pairs),
        "needless_reroutes": sum(map(_is_needless_reroute, issuers)),
        "action_precision": _share(act.right for act in acts),
        "false_actions_per_week": _a_week([one for one in every if one.truth.trap]),
    }


def restraint(pairs: Sequence[Pair]) -> dict[str, object]:
    """Give what was done and lost where nothing that touches traffic helps much."""
    calm = [pair for pair in pairs if pair.played.truth.trap or pair.played.kind in _HARMLESS]
    needless = [[act for act in pair.played.deeds.acts if not act.right] for pair in calm]
    payments = sum(pair.nothing.whole.succeeded + pair.nothing.whole.failed for pair in calm)
    lost = sum(max(0, pair.lost) for pair in calm)
    return {
        "episodes": len(calm),
        "actions": sum(map(len, needless)),
        "episodes_with_actions_share": _share(bool(acts) for acts in needless),
        "payments": payments,
        "payments_lost": lost,
        "payments_lost_share": lost / payments if payments else None,
        "payments_lost_net": sum(pair.lost for pair in calm),
    }


def mitigated_s(played: Played) -> float | None:
    """Give the time from the onset to the first right action."""
    return min((act.at_s for act in played.deeds.acts if act.right), default=None)


def _is_needless_reroute(act: Act) -> bool:
    return act.kind is ActionKind.REROUTE and not act.right


def _lost(pair: Pair) -> int:
    """Give what harmful actions lost; of an episode that was only compared as a whole, its loss once."""
    apart = [act.lost for act in pair.harmful if act.lost is not None]
    return sum(apart) if apart or not pair.harmful else pair.lost


def _moved_share(played: Sequence[Played]) -> float | None:
    """Give the share of all attempts that took another route than usual."""
    attempts = sum(one.whole.attempts for one in played)
    return sum(one.whole.moved for one in played) / attempts if attempts else None


def _a_week(quiet: Sequence[Played]) -> float | None:
    hours = sum(one.hours for one in quiet)
    return sum(len(one.deeds.acts) for one in quiet) / hours * _HOURS_A_WEEK if hours else None


def _diagnoses(every: Sequence[Played]) -> dict[str, object]:
    """Compare the first diagnosis of each fault, and the confidence of all, with the truth."""
    told = [said for one in every for said in one.deeds.said]
    first = [next((said for said in one.deeds.said if said.meets), None) for one in every]
    met = [said for said in first if said is not None]
    reliability = Reliability.of([s.confidence for s in told], [s.right for s in told]) if told else None
    return {
        "diagnoses": len(told),
        "category_accuracy": _share(said.category_right for said in met),
        "culprit_accuracy": _share(said.culprit_right for said in met),
        "ece": reliability.ece if reliability else None,
        "brier": reliability.brier if reliability else None,
    }


def _median(values: Iterable[float | None]) -> float | None:
    """Give the median with what never happened as the latest; None when that is the median."""
    late = [float("inf") if value is None else value for value in values]
    middle = median(late) if late else float("inf")
    return None if middle == float("inf") else middle


def _share(right: Iterable[bool]) -> float | None:
    known = [float(one) for one in right]
    return fmean(known) if known else None
